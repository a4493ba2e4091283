//! The encryption and verification that a definition asks for, in the options of pymssql or of ODBC.

use std::path::Path;

use super::flaws::MssqlFlaw;
use super::notices::MssqlNotice;
use super::pymssql;
use crate::driver::Fields;
use crate::driver::tls_file::TlsFile;
use crate::model::reason::Field;
use crate::net::tls::Verification;

/// How much is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Nothing.
    Off,
    /// The login, and everything if the server requires it; nothing if the server does not support encryption.
    Request,
    /// Everything.
    Require,
    /// Everything, with TLS before the first packet (TDS 8.0).
    Strict,
}

/// When the server's certificate is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Never.
    Never,
    /// If the whole session is encrypted, not if only the login is.
    WholeSession,
    /// Always.
    Always,
}

/// The encryption settings of a definition.
#[derive(Debug)]
pub(super) struct Security {
    /// How much is encrypted.
    pub(super) level: Level,
    /// When the certificate is verified.
    pub(super) check: Check,
    /// The trusted authorities; no others are.
    pub(super) ca: Option<TlsFile>,
    /// The name for which the certificate must be valid, if it is not the host's.
    pub(super) name: Option<String>,
}

impl Security {
    /// Reads the settings from the extras.
    pub(super) fn read(fields: &mut Fields<'_>, directory: Option<&Path>) -> Self {
        let trust = fields.flag("TrustServerCertificate");
        let ca = ["cafile", "TrustServerCertificateCA"]
            .into_iter()
            .find_map(|key| fields.text(key).map(|text| TlsFile::new(key, text, directory)));
        if trust == Some(true) && ca.is_some() {
            fields.problem(MssqlFlaw::TrustBesideAuthorities);
        }
        let (level, check) = levels(fields, trust, ca.is_some());
        if level == Level::Off && ca.is_some() {
            fields.warn(MssqlNotice::AuthorityUnused);
        }
        let name = ["HostNameInCertificate", "hostname_in_certificate"].into_iter().find_map(|key| fields.text(key));
        Self { level, check, ca, name }
    }

    /// The extra that requires a verified server even if the level alone would go on in clear with a server without
    /// encryption: the purpose of authorities is to keep the login from a server that they did not certify. FreeTDS
    /// itself goes on. Where the definition turns encryption off, TLS is not requested and the authorities have no
    /// effect, as with FreeTDS.
    pub(super) fn demanded_by(&self) -> Option<Field> {
        let ca = self.ca.as_ref().filter(|_| self.level != Level::Off && self.check == Check::Always);
        ca.map(TlsFile::field)
    }

    /// How the certificate is verified if the whole session, or only the login, is encrypted.
    pub(super) fn verification(&self, whole_session: bool) -> Verification {
        match self.check {
            Check::Always => Verification::Full,
            Check::WholeSession if whole_session => Verification::Full,
            Check::WholeSession | Check::Never => Verification::None,
        }
    }
}

/// Level and check as the client for which the definition is written reads the options: ODBC 18 if one of its options
/// is present, else pymssql, which verifies nothing by default.
fn levels(fields: &mut Fields<'_>, trust: Option<bool>, has_ca: bool) -> (Level, Check) {
    let pymssql = pymssql::encryption(fields);
    let odbc = fields.choice(
        "Encrypt",
        &[
            ("no", Level::Request),
            ("optional", Level::Request),
            ("yes", Level::Require),
            ("mandatory", Level::Require),
            ("strict", Level::Strict),
            ("false", Level::Request),
            ("0", Level::Request),
            ("true", Level::Require),
            ("1", Level::Require),
        ],
    );
    let level = match (pymssql, odbc) {
        (Some(pymssql), Some(odbc)) if pymssql != odbc => {
            fields.problem(MssqlFlaw::TwoEncryptions);
            odbc
        }
        (_, Some(odbc)) => odbc,
        (Some(pymssql), None) => pymssql,
        (None, None) if trust.is_some() => Level::Require,
        (None, None) => Level::Request,
    };
    if level == Level::Strict && trust == Some(true) {
        fields.warn(MssqlNotice::TrustIgnored);
    }
    let speaks_odbc = odbc.is_some() || trust.is_some();
    let check = if level == Level::Strict || has_ca {
        Check::Always
    } else if trust == Some(true) || !speaks_odbc {
        Check::Never
    } else if level == Level::Require {
        Check::Always
    } else {
        Check::WholeSession
    };
    (level, check)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::connection::{Connection, Origin};
    use crate::model::extra::Extra;

    fn read(extra: Value) -> Result<(Level, Check), String> {
        let Value::Object(extra) = extra else { unreachable!() };
        let mut connection =
            Connection::new(Origin { source: String::new(), line: None, pointer: String::new(), occurrence: 0 });
        connection.extra = Extra::new(extra);
        let mut fields = Fields::new(&super::super::spec::SPEC, &connection);
        let security = Security::read(&mut fields, None);
        fields.finish().map_err(|refusal| refusal.into_failure().message)?;
        Ok((security.level, security.check))
    }

    #[test]
    fn each_client_s_words_mean_what_they_mean_to_that_client() {
        for (extra, level, check) in [
            // pymssql.
            (json!({}), Level::Request, Check::Never),
            (json!({"encryption": "default"}), Level::Request, Check::Never),
            (json!({"encryption": "off"}), Level::Off, Check::Never),
            (json!({"encryption": "request"}), Level::Request, Check::Never),
            (json!({"encryption": "require"}), Level::Require, Check::Never),
            (json!({"encryption": "strict"}), Level::Strict, Check::Always),
            (json!({"encryption": "require", "cafile": "ca.pem"}), Level::Require, Check::Always),
            (json!({"cafile": "ca.pem"}), Level::Request, Check::Always),
            // ODBC 18.
            (json!({"Encrypt": "yes"}), Level::Require, Check::Always),
            (json!({"Encrypt": true}), Level::Require, Check::Always),
            (json!({"encrypt": "Mandatory"}), Level::Require, Check::Always),
            (json!({"Encrypt": "yes", "TrustServerCertificate": "yes"}), Level::Require, Check::Never),
            (json!({"Encrypt": "yes", "TrustServerCertificate": "no"}), Level::Require, Check::Always),
            (json!({"Encrypt": "no"}), Level::Request, Check::WholeSession),
            (json!({"Encrypt": "optional", "TrustServerCertificate": "no"}), Level::Request, Check::WholeSession),
            (json!({"Encrypt": "no", "TrustServerCertificate": "yes"}), Level::Request, Check::Never),
            (json!({"Encrypt": "strict"}), Level::Strict, Check::Always),
            (json!({"Encrypt": "strict", "TrustServerCertificate": "yes"}), Level::Strict, Check::Always),
            (json!({"TrustServerCertificate": "yes"}), Level::Require, Check::Never),
            (json!({"TrustServerCertificate": "no"}), Level::Require, Check::Always),
            // Both.
            (json!({"encryption": "require", "Encrypt": "yes"}), Level::Require, Check::Always),
            (json!({"encryption": "require", "TrustServerCertificate": "yes"}), Level::Require, Check::Never),
        ] {
            assert_eq!(read(extra.clone()), Ok((level, check)), "{extra}");
        }
    }

    #[test]
    fn contradictions_and_unknown_words_are_problems() {
        for extra in [
            json!({"encryption": "off", "Encrypt": "yes"}),
            json!({"encryption": "tls"}),
            json!({"Encrypt": "maybe"}),
            json!({"TrustServerCertificate": "yes", "cafile": "ca.pem"}),
        ] {
            assert!(read(extra.clone()).is_err(), "{extra}");
        }
    }
}
