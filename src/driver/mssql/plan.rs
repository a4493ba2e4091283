//! Definition → plan: every field checked, nothing asked of anybody.

use super::SPEC;
use super::encryption::Security;
use super::probe::MssqlProbe;
use super::server::{NoServer, Server};
use crate::driver::{Fields, Plan, Refusal, Target};
use crate::model::connection::{Connection, Problem};
use crate::model::fingerprint::Fingerprint;
use crate::model::secret::Secret;
use crate::net::browser;
use crate::net::dial::Endpoint;

/// The port of a default instance.
const PORT: u16 = 1433;

/// How long names and passwords of SQL Server can be, in UTF-16 units.
const LONGEST: usize = 128;

/// How `connection` would be logged in to.
pub(super) fn plan(connection: &Connection) -> Result<Plan, Refusal> {
    let mut fields = Fields::new(&SPEC, connection);
    let server = server(&mut fields);
    let port = server.as_ref().and_then(|server| port(&mut fields, server));
    let login = login(&mut fields);
    let password = fields.password();
    let database = fields.schema().map(str::to_owned);
    for (field, text) in [("schema", database.as_deref()), ("password", password.map(Secret::expose))] {
        bound(&mut fields, field, text);
    }
    authentication(&mut fields);
    let security = Security::read(&mut fields, connection.directory.as_deref());
    let read_only = fields.choice("ApplicationIntent", &[("ReadWrite", false), ("ReadOnly", true)]);
    let read_only = read_only.or_else(|| fields.flag("read_only")).unwrap_or_default();
    let application = ["appname", "APP"].into_iter().find_map(|key| fields.text(key));
    bound(&mut fields, "appname", application.as_deref());
    let timeout = fields.seconds("login_timeout");
    let query_limit = fields.seconds("timeout");
    let warnings = fields.finish()?;
    let (Some(server), Some(login)) = (server, login) else {
        unreachable!("a missing host or login is a problem, which `finish` returns")
    };

    let shown = match &server.instance {
        Some(instance) if port.is_none() => format!("{}\\{instance}", server.host),
        _ => server.host.clone(),
    };
    Ok(Plan {
        target: Target { host: Some(shown.clone()), port, database: database.clone() },
        endpoints: vec![Endpoint::Tcp { host: server.host.clone(), port: port.unwrap_or(browser::PORT) }],
        // Behind one SQL Browser each instance has logins of its own.
        account: if port.is_none() { format!("{login}@{shown}").to_lowercase() } else { login.to_lowercase() },
        credential: password.map(|password| Fingerprint::of(&[password.expose()])),
        login: Some(login.clone()),
        timeout,
        warnings,
        probe: Box::new(MssqlProbe {
            server,
            port,
            login,
            password: password.map(|password| Secret::new(password.expose().to_owned())),
            database,
            security,
            read_only,
            application: application.unwrap_or_else(|| concat!("connprobe/", env!("CARGO_PKG_VERSION")).to_owned()),
            query_limit,
        }),
    })
}

fn server(fields: &mut Fields<'_>) -> Option<Server> {
    let stored = fields.connection().host.clone();
    let text = match fields.text("host") {
        Some(own) => {
            if stored.is_some_and(|stored| stored != own) {
                fields.warn("extra_overrides", "extra `host` overrides `host`");
            }
            own
        }
        None => fields.host()?.to_owned(),
    };
    match Server::parse(text.trim()) {
        Ok(server) => Some(server),
        Err(NoServer::Malformed(problem)) => {
            fields.problem(problem);
            None
        }
        Err(NoServer::Unsupported(problem)) => {
            fields.unsupported(problem);
            None
        }
    }
}

/// The port, which wins over the instance; `None` where only SQL Browser knows it.
fn port(fields: &mut Fields<'_>, server: &Server) -> Option<u16> {
    let stored = fields.connection().port;
    if let (Some(stored), Some(beside)) = (stored, server.port)
        && stored != beside
    {
        fields.problem(
            Problem::new(format!("`host` names port {beside}, and `port` is {stored}"))
                .hint("keep the port in one place"),
        );
    }
    server.port.or(stored).or_else(|| server.instance.is_none().then_some(PORT))
}

fn login(fields: &mut Fields<'_>) -> Option<String> {
    let Some(login) = fields.login() else {
        fields.problem(
            Problem::new("`login` is missing")
                .hint("connprobe needs a SQL login; it cannot log in as the Windows user of a process"),
        );
        return None;
    };
    if login.contains('\\') {
        fields.unsupported(
            Problem::new(format!("`{login}` is a Windows login, which needs NTLM or Kerberos"))
                .hint("connprobe speaks SQL logins only: let it check a SQL login of the same server"),
        );
    }
    bound(fields, "login", Some(login));
    Some(login.to_owned())
}

fn authentication(fields: &mut Fields<'_>) {
    let Some(method) = fields.text("Authentication") else { return };
    if method.eq_ignore_ascii_case("SqlPassword") {
        return;
    }
    fields.unsupported(
        Problem::new(format!("extra `Authentication` asks for `{}`", method.escape_default()))
            .hint("connprobe speaks SQL logins only (`SqlPassword`), no Microsoft Entra or Windows login"),
    );
}

fn bound(fields: &mut Fields<'_>, field: &str, text: Option<&str>) {
    if text.is_some_and(|text| text.encode_utf16().count() > LONGEST) {
        fields
            .problem(Problem::new(format!("`{field}` is longer than the {LONGEST} characters that SQL Server allows")));
    }
}
