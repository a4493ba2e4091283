//! How the channel is to be protected: `sslmode` and the keys that go with it, with libpq's meaning.

use crate::driver::Fields;
use crate::driver::tls_file::TlsFile;
use crate::model::connection::Problem;
use crate::model::reason::Field;
use crate::model::warning::WarningCode;
use crate::net::tls::Verification;

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
    const WORDS: [(&str, Self); 6] = [
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

/// Whom the definition trusts.
#[derive(Debug)]
pub(super) enum Root {
    /// `sslrootcert=system`.
    System,
    /// The authorities of `sslrootcert`.
    File(TlsFile),
}

/// The client's certificate and its key.
#[derive(Debug)]
pub(super) struct Certificate {
    pub(super) certificate: TlsFile,
    pub(super) key: TlsFile,
}

/// What the definition says about TLS.
#[derive(Debug)]
pub(super) struct TlsOptions {
    pub(super) mode: SslMode,
    /// TLS from the first byte, without asking.
    pub(super) direct: bool,
    pub(super) root: Option<Root>,
    pub(super) identity: Option<Certificate>,
}

impl TlsOptions {
    /// How much of the server's certificate is checked: as in libpq, naming an authority has the
    /// chain checked in the weaker modes too.
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
    let mode = fields.choice("sslmode", &SslMode::WORDS).or(ssl).unwrap_or(usual);
    let direct = fields.choice("sslnegotiation", &[("postgres", false), ("direct", true)]).unwrap_or(false);
    for (condition, key, least) in
        [(system, "sslrootcert=system", SslMode::VerifyFull), (direct, "sslnegotiation=direct", SslMode::Require)]
    {
        if condition && mode < least {
            fields.problem(
                Problem::bad(
                    Field::named("extra.sslmode"),
                    format!("extra `sslmode` `{}` is too weak for `{key}`", mode.as_str()),
                )
                .hint(format!("set `sslmode` to `{}`", least.as_str())),
            );
        }
    }
    TlsOptions { mode, direct, root, identity: identity(fields) }
}

fn identity(fields: &mut Fields<'_>) -> Option<Certificate> {
    const MODES: [(&str, bool); 3] = [("disable", false), ("allow", true), ("require", true)];
    let directory = fields.connection().directory.as_deref();
    let certificate = fields.text("sslcert").map(|text| TlsFile::new("sslcert", text, directory));
    let key = fields.text("sslkey").map(|text| TlsFile::new("sslkey", text, directory));
    if !fields.choice("sslcertmode", &MODES).unwrap_or(true) {
        return None;
    }
    match (certificate, key) {
        (Some(certificate), Some(key)) => return Some(Certificate { certificate, key }),
        (Some(_), None) => {
            fields.problem(
                Problem::bad(Field::named("extra.sslcert"), "extra `sslcert` has no `sslkey`")
                    .hint("add `sslkey`; the default files in the user's home are not read"),
            );
        }
        (None, Some(_)) => {
            fields.warn(WarningCode::IgnoredField, "extra `sslkey` was ignored, because there is no `sslcert`");
        }
        (None, None) => {}
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::driver::postgres::SPEC;
    use crate::driver::postgres::tests::{connection, problems};

    fn tls(extra: &Value) -> TlsOptions {
        let connection = connection(json!({"host": "db", "extra": extra}));
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
        for (extra, expected) in [
            (
                json!({"sslmode": "on"}),
                "extra `sslmode` must be one of disable, allow, prefer, require, verify-ca, verify-full",
            ),
            (json!({"sslcert": "c.pem"}), "extra `sslcert` has no `sslkey`"),
            (
                json!({"sslmode": "require", "sslrootcert": "system"}),
                "extra `sslmode` `require` is too weak for `sslrootcert=system`",
            ),
            (json!({"sslnegotiation": "direct"}), "extra `sslmode` `prefer` is too weak for `sslnegotiation=direct`"),
        ] {
            let definition = json!({"host": "db", "login": "etl", "extra": extra});
            assert_eq!(problems(definition), [expected]);
        }
    }
}
