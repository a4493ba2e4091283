//! The TLS settings of a definition: `ssl_mode` and `ssl`, as MySQL's own client library reads them. Pure, except for
//! reading the files that they name.

use serde_json::{Map, Value};

use super::flaws::MysqlFlaw;
use super::notices::MysqlNotice;
use super::options::is_connector;
use crate::driver::Fields;
use crate::driver::kit::tls_options::{Material, TlsFiles};
use crate::driver::tls_file::{self, Identity, TlsFile};
use crate::model::extra;
use crate::model::failure::Failure;
use crate::model::reason::{Field, ReasonCode};
use crate::net::tls::Verification;

/// When TLS is used, and how much is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SslMode {
    Disabled,
    /// If the server offers it, unverified.
    #[default]
    Preferred,
    /// Always, unverified.
    Required,
    VerifyCa,
    VerifyIdentity,
}

const MODES: &[(&str, SslMode)] = &[
    ("DISABLED", SslMode::Disabled),
    ("PREFERRED", SslMode::Preferred),
    ("REQUIRED", SslMode::Required),
    ("VERIFY_CA", SslMode::VerifyCa),
    ("VERIFY_IDENTITY", SslMode::VerifyIdentity),
];

impl SslMode {
    pub(super) fn verification(self) -> Verification {
        match self {
            Self::Disabled | Self::Preferred | Self::Required => Verification::None,
            Self::VerifyCa => Verification::Chain,
            Self::VerifyIdentity => Verification::Full,
        }
    }
}

/// The TLS settings of a definition.
#[derive(Debug, Default)]
pub(super) struct Tls {
    pub(super) mode: SslMode,
    files: TlsFiles,
}

impl Tls {
    /// The identities of the client's certificate and key; never shown.
    pub(super) fn certificate(&self) -> impl Iterator<Item = Identity> {
        self.files.identities()
    }

    /// Adds to the `failure` of a handshake the file at fault.
    pub(super) fn blame(&self, failure: Failure) -> Failure {
        let ca = self.files.ca.as_ref().filter(|_| self.mode.verification() > Verification::None);
        let TlsFiles { certificate, key, .. } = &self.files;
        let (chain, key) = (certificate.as_ref().or(key.as_ref()), key.as_ref());
        let mut failure = tls_file::blame(failure, ca, chain, key);
        if failure.reason == ReasonCode::BadCertificate && failure.fields.is_empty() {
            failure.point_at([Field::extra("ssl.key")]);
            return failure.hint("name the certificate's key as `key` in extra `ssl`, or put it into the same file");
        }
        failure
    }

    /// Reads the files. Call it before connecting.
    pub(super) fn material(&self) -> Result<Material, Failure> {
        let unread = TlsFiles::default();
        let files = if self.mode == SslMode::Disabled { &unread } else { &self.files };
        files.read(self.mode.verification())
    }
}

/// Reads `ssl_mode` and `ssl`. A `ca` without a mode means `VERIFY_CA`.
pub(super) fn read_tls(fields: &mut Fields<'_>) -> Tls {
    let ssl = ssl_object(fields);
    let connector = is_connector(fields);
    if !connector {
        warn_of_ignored(fields);
    }
    for key in ssl.keys().filter(|key| !["ca", "cert", "key", "capath"].contains(&key.as_str())) {
        fields.warn(MysqlNotice::SslKey { key: key.clone() });
    }
    let directory = fields.connection().directory.clone();
    let mut file = |key: &'static str, extra: &'static str| {
        let path = match key {
            "ca" => "ssl.ca",
            "cert" => "ssl.cert",
            _ => "ssl.key",
        };
        let text = ssl.get(key).and_then(extra::text).filter(|text| !text.is_empty()).map(|text| (path, text));
        let text = text.or_else(|| connector.then(|| fields.text(extra)).flatten().map(|text| (extra, text)));
        text.map(|(field, text)| TlsFile::new(field, text, directory.as_deref()))
    };
    let files =
        TlsFiles { ca: file("ca", "ssl_ca"), certificate: file("cert", "ssl_cert"), key: file("key", "ssl_key") };
    if files.ca.is_none() && ssl.get("capath").and_then(extra::text).is_some_and(|path| !path.is_empty()) {
        fields.unsupported(MysqlFlaw::AuthorityDirectory);
    }
    require_capitals(fields);
    let asked = fields.choice("ssl_mode", MODES).or_else(|| connector.then(|| connector_mode(fields)).flatten());
    let mode = asked.unwrap_or(match fields.value("ssl") {
        _ if files.ca.is_some() => SslMode::VerifyCa,
        Some(Value::Bool(true)) => SslMode::Required,
        _ => SslMode::default(),
    });
    if mode.verification() > Verification::None && files.ca.is_none() {
        fields.warn(MysqlNotice::SystemRoots);
    }
    if mode.verification() == Verification::None && files.ca.is_some() {
        let mode = MODES.iter().find(|(_, value)| *value == mode).map_or("", |(word, _)| word);
        fields.warn(MysqlNotice::AuthorityUnused { mode });
    }
    Tls { mode, files }
}

/// Refuses a mode in lower case or with blanks: mysqlclient accepts upper case only.
fn require_capitals(fields: &mut Fields<'_>) {
    let Some(Value::String(written)) = fields.value("ssl_mode") else { return };
    let known = MODES.iter().find(|(word, _)| word.eq_ignore_ascii_case(written.trim()));
    if let Some((word, _)) = known.filter(|(word, _)| word != written) {
        let is_capital = *word == written.trim();
        let flaw = if is_capital { MysqlFlaw::ModeWithBlank { word } } else { MysqlFlaw::ModeNotInCapitals { word } };
        fields.problem(flaw);
    }
}

/// Warns of extras that people write instead of `ssl`, and that Airflow ignores without a warning.
fn warn_of_ignored(fields: &mut Fields<'_>) {
    for (key, instead) in [
        ("ssl_ca", "`ca` in extra `ssl`"),
        ("ssl_cert", "`cert` in extra `ssl`"),
        ("ssl_key", "`key` in extra `ssl`"),
        ("ssl_disabled", "extra `ssl_mode` `DISABLED`"),
        ("ssl_verify_cert", "extra `ssl_mode` `VERIFY_CA`"),
        ("ssl_verify_identity", "extra `ssl_mode` `VERIFY_IDENTITY`"),
        ("ssl-mode", "extra `ssl_mode`"),
        ("sslmode", "extra `ssl_mode`"),
    ] {
        if fields.value(key).is_some() {
            fields.warn(MysqlNotice::Ignored { key, instead });
        }
    }
}

/// The mode in the options of the client `mysql-connector-python`.
fn connector_mode(fields: &mut Fields<'_>) -> Option<SslMode> {
    let words = [
        ("ssl_disabled", SslMode::Disabled),
        ("ssl_verify_identity", SslMode::VerifyIdentity),
        ("ssl_verify_cert", SslMode::VerifyCa),
    ];
    words.into_iter().find(|(key, _)| fields.flag(key) == Some(true)).map(|(_, mode)| mode)
}

/// `ssl` as an object, or as text that holds one.
fn ssl_object(fields: &mut Fields<'_>) -> Map<String, Value> {
    let object = match fields.value("ssl") {
        None | Some(Value::Bool(_)) => return Map::new(),
        Some(Value::Object(object)) => Some(object.clone()),
        Some(Value::String(text)) if text.trim().is_empty() => return Map::new(),
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(_) => None,
    };
    object.unwrap_or_else(|| {
        fields.problem(MysqlFlaw::SslNotObject);
        Map::new()
    })
}

#[cfg(test)]
impl Tls {
    pub(super) fn for_tests(mode: SslMode) -> Self {
        Self { mode, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::spec::SPEC;
    use super::*;
    use crate::model::class::Class;
    use crate::model::connection::{Connection, Origin};
    use crate::model::extra::Extra;

    fn read(extra: Value) -> (Tls, Vec<&'static str>) {
        let Value::Object(extra) = extra else { unreachable!() };
        let origin = Origin { source: "test".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
        let mut connection = Connection::new(origin);
        connection.extra = Extra::new(extra);
        let mut fields = Fields::new(&SPEC, &connection);
        let tls = read_tls(&mut fields);
        (tls, fields.finish().unwrap().iter().map(|warning| warning.code.as_str()).collect())
    }

    #[test]
    fn modes_are_what_the_client_library_makes_of_them() {
        for (extra, mode, warnings) in [
            (json!({}), SslMode::Preferred, vec![]),
            (json!({"ssl_mode": "DISABLED"}), SslMode::Disabled, vec![]),
            (json!({"ssl_mode": "REQUIRED"}), SslMode::Required, vec![]),
            (json!({"ssl_mode": "VERIFY_CA", "ssl": {"ca": "ca.pem"}}), SslMode::VerifyCa, vec![]),
            (json!({"ssl_mode": "VERIFY_IDENTITY"}), SslMode::VerifyIdentity, vec!["system_roots"]),
            (json!({"ssl": {"ca": "ca.pem"}}), SslMode::VerifyCa, vec![]),
            (json!({"ssl": "{\"ca\": \"ca.pem\"}"}), SslMode::VerifyCa, vec![]),
            (json!({"ssl": {"cert": "c.pem", "key": "c.key"}}), SslMode::Preferred, vec![]),
            (json!({"ssl": {}}), SslMode::Preferred, vec![]),
            (json!({"ssl": ""}), SslMode::Preferred, vec![]),
            (json!({"ssl": true}), SslMode::Required, vec![]),
            (json!({"ssl": false}), SslMode::Preferred, vec![]),
            (json!({"ssl_mode": "REQUIRED", "ssl": {"ca": "ca.pem"}}), SslMode::Required, vec!["ignored_field"]),
            (json!({"ssl": {"cipher": "AES256-SHA"}}), SslMode::Preferred, vec!["ignored_field"]),
            (json!({"ssl_ca": "ca.pem"}), SslMode::Preferred, vec!["ignored_field"]),
        ] {
            let (tls, warned) = read(extra.clone());
            assert_eq!((tls.mode, warned), (mode, warnings), "{extra}");
        }
    }

    #[test]
    fn a_mode_that_the_client_library_refuses_is_a_problem_of_the_definition() {
        // mysqlclient `src/MySQLdb/_mysql.c` (`ssl_mode`): one of its words, in upper case.
        for written in ["required", "Required", " REQUIRED", "maybe"] {
            let mut connection = Connection::new(Origin {
                source: "test".to_owned(),
                line: None,
                pointer: String::new(),
                occurrence: 0,
            });
            let Value::Object(extra) = json!({"ssl_mode": written}) else { unreachable!() };
            connection.extra = Extra::new(extra);
            let mut fields = Fields::new(&SPEC, &connection);
            read_tls(&mut fields);
            assert_eq!(fields.finish().unwrap_err().class, Class::Definition, "{written}");
        }
    }

    #[test]
    fn the_other_client_of_airflow_has_words_of_its_own() {
        let client = "mysql-connector-python";
        for (extra, mode) in [
            (json!({"client": client, "ssl_ca": "ca.pem"}), SslMode::VerifyCa),
            (json!({"client": client, "ssl_ca": "ca.pem", "ssl_verify_identity": true}), SslMode::VerifyIdentity),
            (json!({"client": client, "ssl_disabled": "true"}), SslMode::Disabled),
        ] {
            let (tls, warned) = read(extra.clone());
            assert_eq!((tls.mode, warned), (mode, vec![]), "{extra}");
        }
    }

    #[test]
    fn files_are_not_read_where_tls_is_off() {
        let missing = json!({"ca": "/nonexistent/ca.pem"});
        let (tls, _) = read(json!({"ssl": missing, "ssl_mode": "DISABLED"}));
        assert!(tls.material().is_ok());
        let (tls, _) = read(json!({"ssl": missing}));
        assert!(tls.material().is_err());
    }
}
