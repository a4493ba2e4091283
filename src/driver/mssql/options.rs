//! Plans a definition: every field is checked, and no server is contacted.

use std::sync::Arc;

use super::account::folded;
use super::encryption::{Level, Security};
use super::flaws::MssqlFlaw;
use super::notices::MssqlNotice;
use super::probe::{Asked, MssqlProbe, Place};
use super::pymssql;
use super::server::{NoServer, Server};
use super::spec::SPEC;
use crate::driver::fields::without_server;
use crate::driver::kit::CLIENT_NAME;
use crate::driver::{Circumstances, Encryption, Fields, Plan, Refusal, Target};
use crate::model::connection::Connection;
use crate::model::fingerprint::Fingerprint;
use crate::model::reason::Field;
use crate::model::secret::Secret;
use crate::net::dial::Endpoint;

/// The port of a default instance.
const PORT: u16 = 1433;

/// The longest names and passwords of SQL Server, in UTF-16 units.
const LONGEST: usize = 128;

/// The plan for a login to `connection`.
pub(super) fn plan(connection: &Connection) -> Result<Plan, Refusal> {
    let mut fields = Fields::new(&SPEC, connection);
    let server = server(&mut fields);
    let port = server.as_ref().and_then(|server| port(&mut fields, server));
    pymssql::check(&mut fields);
    let login = login(&mut fields);
    let password = fields.password();
    let database = fields.schema().map(str::to_owned);
    for (field, text) in [("schema", database.as_deref()), ("password", password.map(Secret::expose))] {
        bound(&mut fields, field, text);
    }
    authentication(&mut fields);
    let security = Security::read(&mut fields, connection.directory.as_deref());
    let read_only = fields.choice("ApplicationIntent", &[("ReadWrite", false), ("ReadOnly", true)]);
    let read_only = read_only.or_else(|| pymssql::read_only(&mut fields)).unwrap_or_default();
    let application = ["appname", "APP"].into_iter().find_map(|key| fields.text(key));
    bound(&mut fields, "appname", application.as_deref());
    let timeout = pymssql::seconds(&mut fields, "login_timeout", true);
    let query_limit = pymssql::seconds(&mut fields, "timeout", false);
    let warnings = fields.finish()?;
    let (Some(server), Some(login)) = (server, login) else {
        unreachable!("a missing host or login is a problem, which `finish` returns")
    };

    let shown = match &server.instance {
        Some(instance) if port.is_none() => format!("{}\\{instance}", server.host),
        _ => server.host.clone(),
    };
    Ok(Plan::builder(
        Target { host: Some(shown.clone()), port, database: database.clone() },
        // Only SQL Browser knows the port of an instance.
        port.map(|port| Endpoint::Tcp { host: server.host.clone(), port }).into_iter().collect(),
        Circumstances::of(match security.level {
            Level::Off => Encryption::IfDemanded,
            Level::Request if security.demanded_by().is_none() => Encryption::IfOffered,
            Level::Request | Level::Require | Level::Strict => Encryption::Always,
        }),
    )
    .account(account(&login, &server))
    .credential(password.map(|password| Fingerprint::of(&[password.expose()])))
    .login(login.clone())
    .timeout(timeout)
    .warnings(warnings)
    .build(Arc::new(MssqlProbe {
        place: port.map_or(Place::Instance, Place::Port),
        asked: Arc::new(Asked {
            server,
            login,
            password: password.map(|password| Secret::new(password.expose().to_owned())),
            database,
            security,
            read_only,
            application: application.unwrap_or_else(|| CLIENT_NAME.to_owned()),
            query_limit,
        }),
    })))
}

/// The login as the server compares it; Azure's gateway removes the server's name.
fn account(login: &str, server: &Server) -> String {
    let folded = folded(login);
    without_server(&folded, &server.host).trim_end().to_owned()
}

fn server(fields: &mut Fields<'_>) -> Option<Server> {
    let stored = fields.connection().host.clone();
    let text = match pymssql::host(fields) {
        Some(own) => {
            if stored.is_some_and(|stored| stored != own) {
                fields.warn(MssqlNotice::HostOverridden);
            }
            own
        }
        None => fields.host()?.to_owned(),
    };
    match Server::parse(text.trim()) {
        Ok(server) => {
            pymssql::warn_of_host(fields, &text, &server);
            Some(server)
        }
        Err(NoServer::Malformed(flaw)) => {
            fields.problem(flaw);
            None
        }
        Err(NoServer::Unsupported(flaw)) => {
            fields.unsupported(flaw);
            None
        }
    }
}

/// The port, which overrides the instance; `None` if only SQL Browser knows it.
fn port(fields: &mut Fields<'_>, server: &Server) -> Option<u16> {
    let stored = fields.connection().port;
    if let (Some(stored), Some(beside)) = (stored, server.port)
        && stored != beside
    {
        fields.problem(MssqlFlaw::TwoPorts { beside, stored });
    }
    server.port.or(stored).or_else(|| server.instance.is_none().then_some(PORT))
}

fn login(fields: &mut Fields<'_>) -> Option<String> {
    let Some(login) = fields.login() else {
        fields.problem(MssqlFlaw::NoLogin);
        return None;
    };
    if login.contains('\\') {
        fields.unsupported(MssqlFlaw::WindowsLogin { login: login.to_owned() });
    }
    bound(fields, "login", Some(login));
    Some(login.to_owned())
}

fn authentication(fields: &mut Fields<'_>) {
    let Some(method) = fields.text("Authentication") else { return };
    if method.eq_ignore_ascii_case("SqlPassword") {
        return;
    }
    fields.unsupported(MssqlFlaw::OtherAuthentication { method });
}

fn bound(fields: &mut Fields<'_>, field: &str, text: Option<&str>) {
    if text.is_some_and(|text| text.encode_utf16().count() > LONGEST) {
        fields.problem(MssqlFlaw::TooLong { field: Field::at(field), most: LONGEST });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::driver::tests::definition;
    use crate::model::class::Class;
    use crate::model::warning::WarningCode;

    /// The definition with `fields` and `extra`; it always has a password.
    fn connection(fields: &Value, extra: &Value) -> Connection {
        let mut fields = fields.clone();
        fields["password"] = json!("hunter2");
        fields["extra"] = extra.clone();
        definition::connection("mssql", &fields)
    }

    #[test]
    fn host_port_and_instance_make_target_endpoint_and_account() {
        for (fields, target, dialled, account) in [
            (json!({"host": "db1", "login": "Etl", "schema": "sales"}), "db1:1433/sales", Some(("db1", 1433)), "etl"),
            (json!({"host": "db1", "login": "etl  ", "port": 1533}), "db1:1533", Some(("db1", 1533)), "etl"),
            (json!({"host": "db1,1533", "login": "ＥＴＬ", "port": 1533}), "db1:1533", Some(("db1", 1533)), "etl"),
            (json!({"host": r"db1\SALES", "login": "etl"}), r"db1\SALES", None, "etl"),
            (json!({"host": r"db1\SALES", "login": "etl", "port": 1533}), "db1:1533", Some(("db1", 1533)), "etl"),
            (json!({"host": ".", "login": "etl\u{3000}"}), "localhost:1433", Some(("localhost", 1433)), "etl"),
        ] {
            let plan = plan(&connection(&fields, &json!({}))).unwrap();
            assert_eq!(plan.target.to_string(), target, "{fields}");
            // pymssql reads neither a port in `host` nor an instance beside a port.
            let differs = fields["host"] == "db1,1533" || fields["host"] == r"db1\SALES" && fields["port"].is_u64();
            let warned: Vec<WarningCode> = plan.warnings.iter().map(|warning| warning.code).collect();
            assert_eq!(warned, if differs { vec![WarningCode::ClientDiffers] } else { vec![] }, "{fields}");
            let dialled = dialled.map(|(host, port): (&str, u16)| Endpoint::Tcp { host: host.to_owned(), port });
            assert_eq!(plan.endpoints, Vec::from_iter(dialled), "{fields}");
            assert_eq!(plan.account, account, "{fields}");
        }
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let fields = json!({"host": "db1,99999", "schema": "x".repeat(129)});
        let extra = json!({"encryption": "much", "timeout": -1, "TrustServerCertificate": "perhaps"});
        let refusal = plan(&connection(&fields, &extra)).unwrap_err();
        assert_eq!((refusal.class, refusal.problems.len()), (Class::Definition, 6), "{:?}", refusal.problems);
    }

    #[test]
    fn logins_that_we_lack_are_unsupported_and_say_why() {
        let definition = |login: &str, extra| connection(&json!({"host": "db1", "login": login}), &extra);
        for connection in [
            definition(r"CORP\etl", json!({})),
            definition("etl", json!({"Trusted_Connection": "yes"})),
            definition("", json!({"trusted_connection": true})),
            definition("etl", json!({"Authentication": "ActiveDirectoryMsi"})),
            definition("etl", json!({"azure_conn_id": "azure_default"})),
            definition("etl", json!({"DSN": "warehouse"})),
            connection(&json!({"host": r"np:\\db1\pipe\sql\query", "login": "etl"}), &json!({})),
        ] {
            let refusal = plan(&connection).unwrap_err();
            assert_eq!(refusal.class, Class::Unsupported, "{:?}", refusal.problems);
        }
        let plain = json!({"Trusted_Connection": "no", "Authentication": "SqlPassword"});
        let warnings = plan(&definition("etl", plain)).unwrap().warnings;
        assert_eq!(warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), [WarningCode::ClientDiffers]);
    }

    #[test]
    fn extras_of_the_clients_are_known_and_others_are_not() {
        let fields = json!({"host": "db1", "login": "etl"});
        let known = json!({"tds_version": "7.4", "arraysize": 5});
        assert!(plan(&connection(&fields, &known)).unwrap().warnings.is_empty());
        let codes = |extra| {
            plan(&connection(&fields, &extra))
                .unwrap()
                .warnings
                .iter()
                .map(|warning| warning.code.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(codes(json!({"Encrpyt": "yes"})), ["unknown_extra"]);
        // The CA file has an effect only where the server forces encryption.
        assert_eq!(codes(json!({"encryption": "off", "cafile": "ca.pem"})), ["client_differs", "ignored_field"]);
        assert_eq!(codes(json!({"host": "db2"})), ["extra_overrides"]);
    }
}
