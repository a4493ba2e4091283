//! The protection of the channel: `sslmode` and related keys, with libpq's meaning.

use super::flaws::PostgresFlaw;
use super::libpq;
use super::notices::PostgresNotice;
use crate::driver::Fields;
use crate::driver::tls_file::TlsFile;
use crate::net::tls::{Verification, Versions, is_encrypted};

/// libpq's `sslmode`, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    pub(super) const WORDS: [(&str, Self); 6] = [
        ("disable", Self::Disable),
        ("allow", Self::Allow),
        ("prefer", Self::Prefer),
        ("require", Self::Require),
        ("verify-ca", Self::VerifyCa),
        ("verify-full", Self::VerifyFull),
    ];

    pub(super) fn as_str(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

/// The authorities that the definition trusts.
#[derive(Debug)]
pub(super) enum Root {
    /// `sslrootcert=system`.
    System,
    /// The authorities of `sslrootcert`.
    File(TlsFile),
}

impl Root {
    /// The file, where it is one.
    pub(super) fn file(&self) -> Option<&TlsFile> {
        match self {
            Self::System => None,
            Self::File(file) => Some(file),
        }
    }
}

/// The client's certificate and its key.
#[derive(Debug)]
pub(super) struct Certificate {
    /// The certificate itself, with its intermediates.
    pub(super) chain: TlsFile,
    pub(super) key: TlsFile,
    /// Whether the definition has a password for the key, which libpq needs for an encrypted one only.
    pub(super) has_password: bool,
}

/// The TLS settings of the definition.
#[derive(Debug)]
pub(super) struct TlsOptions {
    pub(super) mode: SslMode,
    /// Whether TLS starts with the first byte, without a request.
    pub(super) direct: bool,
    pub(super) root: Option<Root>,
    pub(super) identity: Option<Certificate>,
    /// Whether the server must request the client's certificate.
    pub(super) must_ask: bool,
    pub(super) versions: Versions,
    /// The extras that exclude versions which connprobe supports.
    pub(super) limits: Vec<&'static str>,
}

impl TlsOptions {
    /// How much of the server's certificate is checked. As in libpq, the chain is checked in the weaker modes too if
    /// the definition names an authority.
    pub(super) fn verification(&self) -> Verification {
        match self.mode {
            SslMode::VerifyFull => Verification::Full,
            SslMode::VerifyCa => Verification::Chain,
            _ if self.root.is_some() => Verification::Chain,
            _ => Verification::None,
        }
    }
}

pub(super) fn read(fields: &mut Fields<'_>) -> TlsOptions {
    let directory = fields.connection().directory.as_deref();
    let root = fields.text("sslrootcert").map(|text| match text.as_str() {
        "system" => Root::System,
        _ => Root::File(TlsFile::new("sslrootcert", text, directory)),
    });
    let system = matches!(root, Some(Root::System));
    let ssl = fields.flag("ssl").map(|ssl| if ssl { SslMode::Require } else { SslMode::Disable });
    let usual = if system { SslMode::VerifyFull } else { SslMode::Prefer };
    let written = libpq::choice(fields, "sslmode", &SslMode::WORDS);
    if let (Some(ssl), Some(mode)) = (ssl, written)
        && (ssl == SslMode::Disable) != (mode == SslMode::Disable)
    {
        fields.warn(PostgresNotice::SslContradicted { mode: mode.as_str() });
    }
    let mode = written.or(ssl).unwrap_or(usual);
    let direct = libpq::choice(fields, "sslnegotiation", &[("postgres", false), ("direct", true)]).unwrap_or(false);
    for (condition, key, least) in
        [(system, "sslrootcert=system", SslMode::VerifyFull), (direct, "sslnegotiation=direct", SslMode::Require)]
    {
        if condition && mode < least {
            fields.problem(PostgresFlaw::ModeTooWeak { mode: mode.as_str(), key, least: least.as_str() });
        }
    }
    let certificates = libpq::choice(fields, "sslcertmode", &CertificateMode::WORDS).unwrap_or(CertificateMode::Allow);
    let must_ask = certificates == CertificateMode::Require;
    let identity = identity(fields, certificates);
    let (versions, limits) = versions(fields);
    TlsOptions { mode, direct, root, identity, must_ask, versions, limits }
}

/// libpq's `sslcertmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CertificateMode {
    Disable,
    Allow,
    Require,
}

impl CertificateMode {
    const WORDS: [(&str, Self); 3] = [("disable", Self::Disable), ("allow", Self::Allow), ("require", Self::Require)];
}

/// The versions of TLS between the requested lowest and highest, and the extras that exclude others.
fn versions(fields: &mut Fields<'_>) -> (Versions, Vec<&'static str>) {
    let lowest = version(fields, "ssl_min_protocol_version").unwrap_or(10);
    let highest = version(fields, "ssl_max_protocol_version").unwrap_or(13);
    if lowest > highest {
        fields.problem(PostgresFlaw::VersionsCrossed);
    } else if highest < 12 {
        fields.unsupported(PostgresFlaw::VersionTooOld);
    }
    match (lowest, highest) {
        (13, _) => (Versions::Only13, vec!["ssl_min_protocol_version"]),
        (_, 12) => (Versions::Only12, vec!["ssl_max_protocol_version"]),
        _ => (Versions::Both, Vec::new()),
    }
}

fn version(fields: &mut Fields<'_>, key: &str) -> Option<u8> {
    const NAMES: [(&str, u8); 4] = [("TLSv1", 10), ("TLSv1.1", 11), ("TLSv1.2", 12), ("TLSv1.3", 13)];
    let text = fields.text(key)?;
    let version = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&text)).map(|(_, version)| *version);
    if version.is_none() {
        fields.problem(PostgresFlaw::BadVersion { key: key.to_owned() });
    }
    version
}

fn identity(fields: &mut Fields<'_>, mode: CertificateMode) -> Option<Certificate> {
    let directory = fields.connection().directory.as_deref();
    let certificate = fields.text("sslcert").map(|text| TlsFile::new("sslcert", text, directory));
    let key = fields.text("sslkey").map(|text| TlsFile::new("sslkey", text, directory));
    if mode == CertificateMode::Disable {
        return None;
    }
    if mode == CertificateMode::Require && certificate.is_none() {
        fields.problem(PostgresFlaw::NoCertificate);
    }
    let has_password = fields.text("sslpassword").is_some();
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            if matches!(&key, TlsFile::Inline { text, .. } if has_password && is_encrypted(text.expose())) {
                fields.unsupported(PostgresFlaw::EncryptedKey);
            }
            return Some(Certificate { chain: certificate, key, has_password });
        }
        (Some(_), None) => {
            fields.problem(PostgresFlaw::CertificateWithoutKey);
        }
        (None, Some(_)) => {
            fields.warn(PostgresNotice::KeyAlone);
        }
        (None, None) => {}
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::driver::postgres::spec::SPEC;
    use crate::driver::postgres::tests::{connection, problems};
    use crate::model::problem::Problem;

    fn tls(extra: &Value) -> TlsOptions {
        let connection = connection(&json!({"host": "db", "extra": extra}));
        let mut fields = Fields::new(&SPEC, &connection);
        let tls = read(&mut fields);
        fields.finish().unwrap();
        tls
    }

    #[test]
    fn modes_verify_what_libpq_verifies() {
        for (extra, mode, verification) in [
            (json!({}), SslMode::Prefer, Verification::None),
            (json!({"sslmode": "disable"}), SslMode::Disable, Verification::None),
            (json!({"sslmode": "allow"}), SslMode::Allow, Verification::None),
            (json!({"sslmode": "require"}), SslMode::Require, Verification::None),
            (json!({"sslmode": "require", "sslrootcert": "ca.pem"}), SslMode::Require, Verification::Chain),
            (json!({"sslmode": "verify-ca"}), SslMode::VerifyCa, Verification::Chain),
            (json!({"sslmode": "verify-full"}), SslMode::VerifyFull, Verification::Full),
            (json!({"sslrootcert": "system"}), SslMode::VerifyFull, Verification::Full),
            (json!({"ssl": true}), SslMode::Require, Verification::None),
            (json!({"ssl": "false"}), SslMode::Disable, Verification::None),
        ] {
            let tls = tls(&extra);
            assert_eq!((tls.mode, tls.verification()), (mode, verification), "{extra}");
        }
    }

    #[test]
    fn a_certificate_is_presented_with_its_key_and_when_wanted() {
        let pair = json!({"sslcert": "c.pem", "sslkey": "k.pem"});
        assert!(tls(&pair).identity.is_some());
        assert!(tls(&json!({"sslcert": "c.pem", "sslkey": "k.pem", "sslcertmode": "disable"})).identity.is_none());
        assert!(tls(&json!({"sslkey": "k.pem"})).identity.is_none());
    }

    #[test]
    fn contradictions_are_problems() {
        let words = || SslMode::WORDS.map(|(word, _)| word.to_owned()).into();
        for (extra, expected) in [
            (
                json!({"sslmode": "on"}),
                PostgresFlaw::NotOneOf { key: "sslmode".to_owned(), words: words(), empty: false },
            ),
            (json!({"sslcert": "c.pem"}), PostgresFlaw::CertificateWithoutKey),
            (
                json!({"sslmode": "require", "sslrootcert": "system"}),
                PostgresFlaw::ModeTooWeak { mode: "require", key: "sslrootcert=system", least: "verify-full" },
            ),
            (
                json!({"sslnegotiation": "direct"}),
                PostgresFlaw::ModeTooWeak { mode: "prefer", key: "sslnegotiation=direct", least: "require" },
            ),
        ] {
            let definition = json!({"host": "db", "login": "etl", "extra": extra});
            assert_eq!(problems(&definition), [Problem::from(expected)]);
        }
    }
}
