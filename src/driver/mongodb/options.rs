//! The parameters of a definition, read field by field. Pure.

use std::time::Duration;

use percent_encoding::percent_decode_str;

use super::flaws::MongodbFlaw;
use super::notices::MongodbNotice;
use super::{flags, pymongo};
use crate::driver::kit::hosts::parse;
use crate::driver::kit::tls_options::{TlsFiles, TlsOptions};
use crate::driver::{Circumstances, Fields};
use crate::model::reason::Field;
use crate::model::secret::Secret;
use crate::net::dial::Endpoint;
use crate::net::tls::Verification;

/// The authentication database of X.509 and LDAP users, who are managed outside of the server.
const EXTERNAL: &str = "$external";
/// MongoDB's limit for the name of a database.
const LONGEST_NAME: usize = 63;

/// The parameters of a definition.
pub(super) struct Options {
    pub(super) seeds: Seeds,
    /// The login; `None` if the definition has none.
    pub(super) login: Option<Login>,
    pub(super) replica_set: Option<String>,
    pub(super) load_balanced: Option<bool>,
    pub(super) tls: Option<TlsOptions>,
    /// `schema`.
    pub(super) database: Option<String>,
    /// The definition's own limit.
    pub(super) timeout: Option<Duration>,
}

impl Options {
    /// TLS or not, the client's certificate, and the method.
    pub(super) fn circumstances(&self) -> Circumstances {
        let methods = self.login.as_ref().map_or(&[""][..], |login| login.mechanism.possible());
        TlsOptions::circumstances(self.tls.as_ref()).with_one_of(methods)
    }
}

/// How the servers are found.
pub(super) enum Seeds {
    /// As listed.
    Hosts(Vec<Endpoint>),
    /// In the SRV record of a name.
    Srv { name: String, service: String, most: Option<usize> },
}

impl Login {
    /// Whether SCRAM-SHA-256 cannot carry the password (SASLprep, RFC 4013).
    pub(super) fn is_unprepared(&self) -> bool {
        self.password.as_ref().is_some_and(|password| stringprep::saslprep(password.expose()).is_err())
    }
}

/// The login, and its mechanism.
pub(super) struct Login {
    /// Absent only for X.509, where the certificate identifies the user.
    pub(super) user: Option<String>,
    /// Absent only for X.509.
    pub(super) password: Option<Secret>,
    pub(super) mechanism: Mechanism,
    pub(super) source: AuthSource,
}

/// The authentication mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mechanism {
    /// The best SCRAM that the server has for the user.
    Negotiated,
    ScramSha1,
    ScramSha256,
    Plain,
    X509,
}

impl Mechanism {
    /// The mechanisms that the login may use, by their names on the wire, the likeliest first.
    fn possible(self) -> &'static [&'static str] {
        match self {
            Self::Negotiated => &["SCRAM-SHA-256", "SCRAM-SHA-1"],
            Self::ScramSha1 => &["SCRAM-SHA-1"],
            Self::ScramSha256 => &["SCRAM-SHA-256"],
            Self::Plain => &["PLAIN"],
            Self::X509 => &["MONGODB-X509"],
        }
    }
}

/// The authentication database: the first of these that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct AuthSource {
    /// The one that the definition names, or that the mechanism requires.
    pub(super) named: Option<String>,
    /// `schema`, the fallback.
    pub(super) schema: Option<String>,
}

impl AuthSource {
    /// The database, if the TXT record of an SRV name sets `record`.
    pub(super) fn database<'a>(&'a self, record: Option<&'a str>) -> &'a str {
        self.named.as_deref().or(record).or(self.schema.as_deref()).unwrap_or("admin")
    }

    /// Whether `schema` is used because no authentication database is named.
    pub(super) fn is_schema(&self, record: Option<&str>) -> bool {
        self.named.is_none() && record.is_none() && self.schema.is_some()
    }
}

/// Reads all fields, and adds problems to `fields`. `None` only if there is no host.
pub(super) fn read(fields: &mut Fields<'_>) -> Option<Options> {
    let srv = asks_for_srv(fields);
    pymongo::check(fields, srv);
    let Schema { database, auth_source } = schema(fields);
    check_database(fields, Field::SCHEMA, database.as_deref());
    let tls = tls(fields, srv);
    let has_identity = tls.as_ref().is_some_and(|tls| tls.files.certificate.is_some());
    let login = login(fields, database.clone(), auth_source, has_identity);
    let (replica_set, load_balanced) = (fields.text("replicaSet"), flags::option(fields, "loadBalanced"));
    if replica_set.is_some() && load_balanced == Some(true) {
        fields.problem(MongodbFlaw::SetBehindBalancer);
    }
    let timeout = ["timeoutMS", "serverSelectionTimeoutMS", "connectTimeoutMS", "socketTimeoutMS"]
        .into_iter()
        .filter_map(|key| fields.milliseconds(key))
        .min();
    let seeds = if srv { srv_seeds(fields) } else { listed_seeds(fields) }?;
    Some(Options { seeds, login, replica_set, load_balanced, tls, database, timeout })
}

fn asks_for_srv(fields: &mut Fields<'_>) -> bool {
    let by_type = fields.connection().normalized_type().as_deref() == Some("mongodb+srv");
    let (srv, misnamed) = (flags::srv(fields, "srv"), flags::srv(fields, "use_srv"));
    if misnamed.is_some() {
        fields.warn(MongodbNotice::SrvMisnamed);
    }
    by_type || srv.or(misnamed).unwrap_or(false)
}

fn listed_seeds(fields: &mut Fields<'_>) -> Option<Seeds> {
    let host = fields.host()?;
    match parse(host, fields.port(27017)) {
        Ok(hosts) => Some(Seeds::Hosts(hosts)),
        Err(why) => {
            fields.problem(MongodbFlaw::Hosts(why));
            None
        }
    }
}

fn srv_seeds(fields: &mut Fields<'_>) -> Option<Seeds> {
    if fields.connection().port.is_some() {
        fields.problem(MongodbFlaw::PortBesideSrv);
    }
    let service = fields.text("srvServiceName").unwrap_or_else(|| "mongodb".to_owned());
    if !service.chars().all(|character| character.is_ascii_alphanumeric() || character == '-') {
        fields.problem(MongodbFlaw::BadService);
    }
    let most = fields.text("srvMaxHosts").and_then(|text| {
        let most = text.parse::<usize>().ok();
        if most.is_none() {
            fields.problem(MongodbFlaw::BadMost);
        }
        most.filter(|most| *most > 0)
    });
    let host = fields.host()?;
    let is_name = host.parse::<std::net::IpAddr>().is_err()
        && host.chars().all(|character| character.is_alphanumeric() || matches!(character, '.' | '-' | '_'));
    if !is_name {
        fields.problem(MongodbFlaw::NotOneName);
        return None;
    }
    Some(Seeds::Srv { name: host.trim_end_matches('.').to_owned(), service, most })
}

/// The content of `schema`.
struct Schema {
    database: Option<String>,
    auth_source: Option<String>,
}

/// Reads `schema`. Airflow's hook appends it to a URI after the `/` without escaping it, so a `?` in it begins the
/// options of that URI: Airflow's manual has `mongo://…/%3FauthSource%3Dadmin`.
fn schema(fields: &mut Fields<'_>) -> Schema {
    let Some((database, query)) = fields.schema().and_then(|schema| schema.split_once('?')) else {
        return Schema { database: fields.schema().map(str::to_owned), auth_source: None };
    };
    let mut auth_source = None;
    for option in query.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("authSource") => {
                fields.warn(MongodbNotice::SourceInSchema);
                auth_source = Some(percent_decode_str(value).decode_utf8_lossy().into_owned());
            }
            _ => fields.unsupported(MongodbFlaw::OptionsInSchema),
        }
    }
    let database = Some(database).filter(|database| !database.is_empty()).map(str::to_owned);
    Schema { database, auth_source }
}

fn login(
    fields: &mut Fields<'_>,
    schema: Option<String>,
    in_schema: Option<String>,
    has_identity: bool,
) -> Option<Login> {
    let mechanism = mechanism(fields);
    let (user, password) = (user(fields), password(fields));
    let named = fields.text("authSource").or(in_schema);
    check_database(fields, Field::named("extra.authSource"), named.as_deref());
    match mechanism {
        Some(Mechanism::X509) => {
            if !has_identity {
                fields.problem(MongodbFlaw::NoCertificate);
            }
            if password.is_some() {
                fields.warn(MongodbNotice::PasswordUnused);
            }
            if named.as_deref().is_some_and(|named| named != EXTERNAL) {
                fields.warn(MongodbNotice::SourceIgnored);
            }
            let source = AuthSource { named: Some(EXTERNAL.to_owned()), schema: None };
            return Some(Login { user, password: None, mechanism: Mechanism::X509, source });
        }
        Some(Mechanism::Negotiated | Mechanism::ScramSha1 | Mechanism::ScramSha256)
            if user.as_deref().is_some_and(|user| user.contains([',', '='])) =>
        {
            fields.unsupported(MongodbFlaw::LoginNotEscaped);
        }
        _ => {}
    }
    let mechanism = mechanism?;
    match (user, password) {
        (Some(user), Some(password)) => {
            let source = match (mechanism, named) {
                (Mechanism::Plain, named) => {
                    AuthSource { named: named.or_else(|| Some(EXTERNAL.to_owned())), schema: None }
                }
                (_, named) => AuthSource { named, schema },
            };
            let login = Login { user: Some(user), password: Some(password), mechanism, source };
            // If the server chooses, it may choose a mechanism that carries the password.
            if mechanism == Mechanism::ScramSha256 && login.is_unprepared() {
                fields.problem(MongodbFlaw::PasswordUnprepared);
            }
            Some(login)
        }
        (Some(_), None) => {
            fields.problem(MongodbFlaw::LoginAlone);
            None
        }
        (None, Some(_)) => {
            fields.problem(MongodbFlaw::PasswordAlone);
            None
        }
        (None, None) => {
            if mechanism != Mechanism::Negotiated {
                fields.problem(MongodbFlaw::MechanismAlone);
            }
            None
        }
    }
}

/// The mechanism; `None` if it is unknown or unsupported, which is added to `fields`.
fn mechanism(fields: &mut Fields<'_>) -> Option<Mechanism> {
    let Some(name) = fields.text("authMechanism") else { return Some(Mechanism::Negotiated) };
    // pymongo accepts no other spelling (`validate_auth_mechanism`).
    match name.as_str() {
        "DEFAULT" => Some(Mechanism::Negotiated),
        "SCRAM-SHA-1" => Some(Mechanism::ScramSha1),
        "SCRAM-SHA-256" => Some(Mechanism::ScramSha256),
        "PLAIN" => Some(Mechanism::Plain),
        "MONGODB-X509" => Some(Mechanism::X509),
        known @ ("GSSAPI" | "MONGODB-AWS" | "MONGODB-OIDC" | "MONGODB-CR") => {
            fields.unsupported(MongodbFlaw::MechanismLacking { mechanism: known.to_owned() });
            None
        }
        _ => {
            fields.problem(MongodbFlaw::BadMechanism);
            None
        }
    }
}

fn user(fields: &mut Fields<'_>) -> Option<String> {
    let own = fields.text("username");
    if own.is_some() && fields.login().is_some_and(|login| own.as_deref() != Some(login)) {
        fields.warn(MongodbNotice::LoginOverridden);
    }
    own.or_else(|| fields.login().map(str::to_owned))
}

fn password(fields: &mut Fields<'_>) -> Option<Secret> {
    let own = fields.text("password").map(Secret::new);
    if own.is_some() && fields.password().is_some() {
        fields.warn(MongodbNotice::PasswordOverridden);
    }
    own.or_else(|| fields.password().map(|password| Secret::new(password.expose().to_owned())))
}

fn check_database(fields: &mut Fields<'_>, field: Field, name: Option<&str>) {
    let Some(name) = name.filter(|name| *name != EXTERNAL) else { return };
    if name.len() > LONGEST_NAME || name.contains(['/', '\\', '.', ' ', '"', '$', '\0']) {
        fields.problem(MongodbFlaw::BadDatabase { field, name: name.to_owned() });
    }
}

/// Options that relax verification. If one of them is false, pymongo turns TLS on, as a file does, where the definition
/// does not set TLS (`pymongo/client_options.py`, `_parse_ssl_options`).
const LAXITIES: [&str; 4] =
    ["tlsInsecure", "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames", "tlsDisableOCSPEndpointCheck"];

fn tls(fields: &mut Fields<'_>, srv: bool) -> Option<TlsOptions> {
    let (tls, ssl) = (flags::option(fields, "tls"), flags::option(fields, "ssl"));
    if tls.zip(ssl).is_some_and(|(tls, ssl)| tls != ssl) {
        fields.problem(MongodbFlaw::TlsTwice);
    }
    let ca = TlsFiles::named(fields, "tlsCAFile");
    let certificate = TlsFiles::named(fields, "tlsCertificateKeyFile");
    let lax = LAXITIES.map(|key| flags::option(fields, key));
    let strict = LAXITIES.iter().zip(lax).find(|(_, flag)| *flag == Some(false)).map(|(key, _)| *key);
    let files = [ca.as_ref().map(|_| "tlsCAFile"), certificate.as_ref().map(|_| "tlsCertificateKeyFile")];
    let implied = files.into_iter().flatten().next().or(strict);
    let wanted = tls.or(ssl);
    if let (Some(key), Some(false)) = (implied, wanted) {
        let off = if tls.is_some() { "tls" } else { "ssl" };
        fields.problem(MongodbFlaw::ImpliedWithoutTls { key, off });
    }
    let [insecure, any_certificate, any_name, _no_ocsp] = lax.map(|flag| flag == Some(true));
    let anything = flags::allow_insecure(fields).unwrap_or(false) || insecure || any_certificate;
    if !wanted.unwrap_or(srv || implied.is_some()) {
        return None;
    }
    let verification = match (anything, any_name) {
        (true, _) => Verification::None,
        (false, true) => Verification::Chain,
        (false, false) => Verification::Full,
    };
    Some(TlsOptions { verification, files: TlsFiles { ca, certificate, key: None } })
}
