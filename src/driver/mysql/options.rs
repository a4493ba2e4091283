//! The parameters of a login to MySQL, from the definition. Pure.

use std::path::PathBuf;

use super::account::folded;
use super::flaws::MysqlFlaw;
use super::notices::MysqlNotice;
use super::spec::SPEC;
use super::tls::{SslMode, Tls, read_tls};
use crate::driver::fields::without_server;
use crate::driver::{Alias, Circumstances, Encryption, Fields, Refusal, Target};
use crate::model::connection::Connection;
use crate::model::secret::Secret;
use crate::model::warning::Warning;
use crate::net::dial::Endpoint;

/// The parameters of a login.
pub struct Options {
    pub(super) endpoint: Endpoint,
    /// The port that the server has besides its socket, if the definition uses the socket.
    pub(super) port: u16,
    pub(super) login: String,
    pub(super) password: Option<Secret>,
    pub(super) database: Option<String>,
    pub(super) charset: Option<String>,
    /// Whether the password may be encrypted with any key that the server sends, if TLS is not used.
    pub(super) server_key: bool,
    pub(super) tls: Tls,
}

impl Options {
    /// Reads every field of `connection`. The warnings are about what is odd, but usable.
    ///
    /// # Errors
    ///
    /// All problems at once.
    pub fn of(connection: &Connection) -> Result<(Self, Vec<Warning>), Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let endpoint = endpoint(&mut fields);
        let port = fields.port(default_port(connection));
        let login = login(&mut fields);
        let password = fields.password().map(|secret| Secret::new(secret.expose().to_owned()));
        if password.as_ref().is_some_and(|secret| secret.expose().contains('\0')) {
            fields.problem(MysqlFlaw::NulInPassword);
        }
        let database = fields.schema().map(str::to_owned);
        if database.as_ref().is_some_and(|name| name.contains('\0')) {
            fields.problem(MysqlFlaw::NulInSchema);
        }
        let charset = charset(&mut fields);
        let server_key = fields.flag("get_server_public_key").unwrap_or(false);
        let tls = read_tls(&mut fields);
        let warnings = fields.finish()?;
        let (Some(endpoint), Some(login)) = (endpoint, login) else {
            unreachable!("a missing endpoint or login is a problem");
        };
        Ok((Self { endpoint, port, login, password, database, charset, server_key, tls }, warnings))
    }

    /// Whether the server is reached over a unix socket of this machine.
    pub(super) fn is_socket(&self) -> bool {
        matches!(self.endpoint, Endpoint::Unix(_))
    }

    /// The name for which the server's certificate must be valid.
    pub(super) fn server_name(&self) -> &str {
        match &self.endpoint {
            Endpoint::Tcp { host, .. } => host,
            Endpoint::Unix(_) => "localhost",
        }
    }

    /// The login as the server counts it: Azure's gateway removes the server's name.
    pub(super) fn account(&self) -> String {
        folded(match &self.endpoint {
            Endpoint::Tcp { host, .. } => without_server(&self.login, host),
            Endpoint::Unix(_) => &self.login,
        })
    }

    /// A server with a socket on this machine usually also listens on a port, and both have the same accounts. The port
    /// is the definition's, else the default.
    pub(super) fn aliases(&self) -> Vec<Alias> {
        let name = Endpoint::Tcp { host: "localhost".to_owned(), port: self.port };
        let socket = self.is_socket().then(|| self.endpoint.clone());
        socket.map(|of| Alias { of, name }).into_iter().collect()
    }

    pub(super) fn is_never_encrypted(&self) -> bool {
        self.tls.mode == SslMode::Disabled
    }

    /// TLS or not, and the client's certificate.
    pub(super) fn circumstances(&self) -> Circumstances {
        let encryption = match self.tls.mode {
            SslMode::Disabled => Encryption::Never,
            SslMode::Preferred if self.is_socket() => Encryption::Never,
            SslMode::Preferred => Encryption::IfOffered,
            SslMode::Required | SslMode::VerifyCa | SslMode::VerifyIdentity => Encryption::Always,
        };
        Circumstances::of(encryption).presenting(self.tls.certificate())
    }

    pub(super) fn target(&self) -> Target {
        let (host, port) = match &self.endpoint {
            Endpoint::Tcp { host, port } => (host.clone(), Some(*port)),
            Endpoint::Unix(path) => (path.display().to_string(), None),
        };
        Target { host: Some(host), port, database: self.database.clone() }
    }
}

/// Like the usual clients, uses `unix_socket` only for this machine.
fn endpoint(fields: &mut Fields<'_>) -> Option<Endpoint> {
    let host = fields.connection().host.as_deref().map(str::trim).filter(|host| !host.is_empty());
    let socket = fields.text("unix_socket");
    match (host, socket) {
        (None | Some("localhost"), Some(socket)) => absolute(fields, false, &socket),
        (Some(host), socket) => {
            if socket.is_some() {
                fields.warn(MysqlNotice::SocketIgnored { host: host.to_owned() });
            }
            if host.starts_with('/') {
                return absolute(fields, true, host);
            }
            let host = fields.single_host()?.to_owned();
            if host == "localhost" && !is_connector(fields) {
                fields.warn(MysqlNotice::Localhost);
            }
            Some(Endpoint::Tcp { host, port: fields.port(default_port(fields.connection())) })
        }
        (None, None) => {
            fields.problem(MysqlFlaw::NoHost);
            None
        }
    }
}

/// Whether the definition is for mysql-connector-python, not for mysqlclient.
pub(super) fn is_connector(fields: &mut Fields<'_>) -> bool {
    fields.text("client").as_deref() == Some("mysql-connector-python")
}

fn absolute(fields: &mut Fields<'_>, in_host: bool, path: &str) -> Option<Endpoint> {
    if !path.starts_with('/') || path.contains('\0') {
        fields.problem(MysqlFlaw::SocketNotAbsolute { in_host });
        return None;
    }
    Some(Endpoint::Unix(PathBuf::from(path)))
}

fn default_port(connection: &Connection) -> u16 {
    let conn_type = connection.normalized_type();
    let known = SPEC.types.iter().find(|(name, _)| Some(*name) == conn_type.as_deref());
    known.map_or(3306, |(_, port)| *port)
}

/// The user, which must be given: a client without one sends the operating system's user, which is not part of the
/// definition.
fn login(fields: &mut Fields<'_>) -> Option<String> {
    match fields.login() {
        None => fields.problem(MysqlFlaw::NoLogin),
        Some(login) if login.contains('\0') => {
            fields.problem(MysqlFlaw::NulInLogin);
        }
        Some(login) => return Some(login.to_owned()),
    }
    None
}

/// The character set, which must be a word since it becomes part of a statement.
fn charset(fields: &mut Fields<'_>) -> Option<String> {
    let charset = fields.text("charset")?;
    let word = |name: &str| name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match charset.as_str() {
        "utf-8" | "UTF-8" => Some("utf8".to_owned()),
        name if word(name) => Some(charset),
        _ => {
            fields.problem(MysqlFlaw::BadCharset);
            None
        }
    }
}

#[cfg(any(fuzzing, test))]
impl Options {
    /// A login as `etl` with a password, to the database `sales`.
    pub(super) fn for_tests() -> Self {
        Self {
            endpoint: Endpoint::Tcp { host: "db1.example".to_owned(), port: 3306 },
            port: 3306,
            login: "etl".to_owned(),
            password: Some(Secret::new("canary-password".to_owned())),
            database: Some("sales".to_owned()),
            charset: None,
            server_key: true,
            tls: Tls::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::driver::tests::definition;
    use crate::model::class::Class;
    use crate::model::problem::{HostFlaw, Problem};
    use crate::model::reason::Field;

    fn connection(fields: &Value) -> Connection {
        definition::connection("mysql", fields)
    }

    fn read(definition: &Value) -> (Options, Vec<Warning>) {
        Options::of(&connection(definition)).unwrap_or_else(|refusal| panic!("{definition}: {refusal:?}"))
    }

    fn refused(definition: &Value) -> Refusal {
        let Err(refusal) = Options::of(&connection(definition)) else { panic!("{definition} was accepted") };
        refusal
    }

    #[test]
    fn the_endpoint_is_what_the_usual_clients_would_use() {
        for (definition, target) in [
            (json!({"host": "db1"}), "db1:3306"),
            (json!({"host": "db1", "conn_type": "tidb"}), "db1:4000"),
            (json!({"host": "db1", "conn_type": "Aurora-MySQL", "port": 3307}), "db1:3307"),
            (json!({"host": "localhost"}), "localhost:3306"),
            (json!({"host": "/run/mysqld.sock"}), "/run/mysqld.sock"),
            (json!({"extra": {"unix_socket": "/run/mysqld.sock"}}), "/run/mysqld.sock"),
            (json!({"host": "localhost", "extra": {"unix_socket": "/run/mysqld.sock"}}), "/run/mysqld.sock"),
            (json!({"host": "db1", "schema": "sales"}), "db1:3306/sales"),
        ] {
            let mut definition = definition;
            definition["login"] = json!("etl");
            let (settings, warnings) = read(&definition);
            assert_eq!(settings.target().to_string(), target, "{definition}");
            // mysqlclient uses the socket for this name.
            let differs = target == "localhost:3306";
            let codes: Vec<&str> = warnings.iter().map(|warning| warning.code.as_str()).collect();
            assert_eq!(codes, if differs { vec!["client_differs"] } else { vec![] }, "{definition}");
        }
        let (settings, warnings) = read(&json!({"host": "db1", "login": "etl", "extra": {"unix_socket": "/s"}}));
        assert_eq!(settings.target().to_string(), "db1:3306");
        assert_eq!(warnings[0].code.as_str(), "ignored_field");
    }

    #[test]
    fn a_host_is_the_name_of_one_machine_and_nothing_else() {
        for (host, flaw) in [
            ("db:3306", HostFlaw::Port { host: "db:3306".to_owned() }),
            ("db/sales", HostFlaw::Path { host: "db/sales".to_owned() }),
            ("etl:hunter2@db", HostFlaw::Login),
        ] {
            assert_eq!(refused(&json!({"host": host, "login": "etl"})).problems, [Problem::from(flaw)]);
        }
    }

    #[test]
    fn all_problems_are_found_at_once() {
        let refusal = refused(&json!({
            "password": "a\0b", "schema": "a\0b", "extra": {"charset": "x'; drop", "ssl_mode": "maybe", "ssl": "{"},
        }));
        assert_eq!(refusal.class, Class::Definition);
        let mut fields: Vec<&str> =
            refusal.problems.iter().flat_map(|problem| &problem.fields).map(Field::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["extra.charset", "extra.ssl", "extra.ssl_mode", "host", "login", "password", "schema"]);
        let problems = |definition: Value| refused(&definition).problems;
        assert_eq!(problems(json!({"login": "a\0b", "host": "db1"})), [Problem::from(MysqlFlaw::NulInLogin)]);
        assert_eq!(
            problems(json!({"login": "etl", "extra": {"unix_socket": "mysqld.sock"}})),
            [Problem::from(MysqlFlaw::SocketNotAbsolute { in_host: false })]
        );
    }

    #[test]
    fn a_login_that_is_lacking_is_unsupported() {
        let iam = json!({"host": "db1", "login": "etl", "extra": {"iam": true, "aws_conn_id": "aws"}});
        assert_eq!(refused(&iam).class, Class::Unsupported);
        read(
            &json!({"host": "db1", "login": "etl", "extra": {"iam": "false", "aws_conn_id": "aws", "cursor": "dictcursor"}}),
        );
    }

    #[test]
    fn charsets_are_words() {
        for (written, meant) in [("utf8mb4", "utf8mb4"), ("UTF-8", "utf8"), ("utf-8", "utf8")] {
            let (settings, _) = read(&json!({"host": "db1", "login": "etl", "extra": {"charset": written}}));
            assert_eq!(settings.charset.as_deref(), Some(meant));
        }
    }
}
