//! Planning: turns connections into groups that share one probe, and into verdicts that need none.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::driver::extras::all_secrets;
use crate::driver::{Driver, Plan, Refusal, Registry, Target};
use crate::model::class::Class;
use crate::model::connection::{Connection, Problem};
use crate::model::expected::Expected;
use crate::model::failure::Failure;
use crate::model::fingerprint::Fingerprint;
use crate::model::notice::PlanNotice;
use crate::model::plain::{self, HIDDEN, View};
use crate::model::problem::PlanFlaw;
use crate::model::reason::Field;
use crate::model::redact::{Gathering, Redactor, Secrets};
use crate::model::warning::Warning;

/// The number of servers that a definition may list: all are looked up at once and share one time limit.
const ENDPOINTS: usize = 64;

/// How many other members of its group a result names. Naming all of them would be quadratic.
pub(super) const SHARED: usize = 20;

/// One connection of a run, with the parts of its result that do not depend on the probe.
pub(super) struct Member {
    pub(super) position: usize,
    /// The id of the result.
    pub(super) id: String,
    pub(super) connection: Connection,
    /// Whether its plain fields contain no secret.
    is_plain: bool,
    pub(super) driver: Option<Arc<dyn Driver>>,
    pub(super) target: Target,
    pub(super) login: Option<String>,
    pub(super) warnings: Vec<Warning>,
}

/// Connections that are equal in everything that a login depends on, and the plan of their one probe.
pub(super) struct Group {
    pub(super) members: Vec<Member>,
    pub(super) driver: Arc<dyn Driver>,
    pub(super) plan: Plan,
    /// What the server must have besides the login.
    pub(super) expected: Arc<[Expected]>,
}

/// The `secrets` and those of all connections. Empty after a `stop`, since no server is dialled any more.
pub(super) fn secrets(mut secrets: Gathering, grouped: &Grouped, stop: impl Fn() -> bool) -> Secrets {
    let refused = grouped.refused.iter().map(|(member, _)| member);
    for member in grouped.groups.iter().flat_map(|group| &group.members).chain(refused) {
        if stop() {
            return Secrets::default();
        }
        member.gather(&mut secrets);
    }
    secrets.finish()
}

/// What the servers of connections must have besides the login, by the connection's position in its job.
pub type Expectations = HashMap<usize, Vec<Expected>>;

/// The result of planning.
#[derive(Default)]
pub(super) struct Grouped {
    pub(super) groups: Vec<Group>,
    pub(super) refused: Vec<(Member, Failure)>,
}

/// Plans every connection. Groups keep the order of their first members. Connections that come after a `stop` are not
/// planned but refused with its failure. `expected` is what the servers of some must have, by position.
pub(super) fn group(
    connections: Vec<Connection>,
    mut expected: Expectations,
    registry: &Registry,
    stop: impl Fn() -> Option<Failure>,
) -> Grouped {
    let mut grouped = Grouped { groups: Vec::with_capacity(connections.len()), refused: Vec::new() };
    let mut index: HashMap<(Fingerprint, Vec<Expected>), usize> = HashMap::with_capacity(connections.len());
    for (position, connection) in connections.into_iter().enumerate() {
        if let Some(failure) = stop() {
            let driver = connection.normalized_type().and_then(|word| registry.get(&word));
            grouped.refused.push((Member::new(position, connection, driver), failure));
            continue;
        }
        let (driver, planned) = plan(&connection, registry);
        let mut member = Member::new(position, connection, driver.clone());
        member.warnings.extend(padded_type(&member.connection));
        match (driver, planned) {
            (Some(driver), Ok(plan)) => {
                member.target = plan.target.clone();
                member.login.clone_from(&plan.login);
                member.warnings.extend(plan.warnings.iter().cloned());
                let expected = expected.remove(&position).unwrap_or_default();
                match index.entry((identity(&member, driver.spec().name), expected.clone())) {
                    std::collections::hash_map::Entry::Occupied(at) => grouped.groups[*at.get()].members.push(member),
                    std::collections::hash_map::Entry::Vacant(place) => {
                        place.insert(grouped.groups.len());
                        grouped.groups.push(Group { members: vec![member], driver, plan, expected: expected.into() });
                    }
                }
            }
            (_, Err(mut refusal)) => {
                member.warnings.append(&mut refusal.warnings);
                grouped.refused.push((member, refusal.into_failure()));
            }
            (None, Ok(_)) => unreachable!("only a driver makes a plan"),
        }
    }
    grouped
}

/// Airflow compares the type as it is stored, and does not recognise one with surrounding blanks.
fn padded_type(connection: &Connection) -> Option<Warning> {
    let word = connection.conn_type.as_deref()?;
    (word.trim() != word && !word.trim().is_empty()).then(|| PlanNotice::PaddedType.into())
}

/// The login as it may be shown; if the driver is unknown, the login unchanged.
#[must_use]
pub fn shown_login(view: &View<'_>, driver: Option<&dyn Driver>) -> Option<String> {
    view.login().map(|login| match driver {
        Some(driver) if login != HIDDEN => driver.shown_login(login),
        _ => login.to_owned(),
    })
}

/// The driver for `connection` and its plan, or why there is no plan. Sends nothing.
pub fn plan(connection: &Connection, registry: &Registry) -> (Option<Arc<dyn Driver>>, Result<Plan, Refusal>) {
    let (driver, planned) = plan_openly(connection, registry);
    (driver, concealed(planned, connection))
}

/// Same as [`plan`], but the messages may quote any part of the definition, secrets included.
fn plan_openly(connection: &Connection, registry: &Registry) -> (Option<Arc<dyn Driver>>, Result<Plan, Refusal>) {
    let refuse = |class, problems| Err(Refusal { class, problems, warnings: Vec::new() });
    let conn_type = connection.normalized_type().filter(|word| !word.is_empty());
    let driver = conn_type.as_deref().and_then(|word| registry.get(word));
    match (conn_type, driver) {
        // Without a driver there is no login, whatever else is wrong.
        (Some(word), None) => (None, refuse(Class::Unsupported, vec![unknown_type(connection, &word, registry)])),
        (Some(_), Some(driver)) if !connection.is_unread() => {
            let misplaced = plain::problems(connection, &driver.spec().plain_extras());
            if misplaced.is_empty() {
                let planned = plan_with(&*driver, connection);
                return (Some(driver), planned);
            }
            let problems = [connection.problems.clone(), misplaced].concat();
            (Some(driver), refuse(Refusal::class_of(&problems), problems))
        }
        (_, driver) => {
            let mut problems = connection.problems.clone();
            if !connection.is_unread() {
                problems.extend(plain::problems(connection, &[]));
            }
            let class = Refusal::class_of(&problems);
            // For a definition that could not be read, missing fields are unknown.
            if !connection.is_unread() && class != Class::Secret {
                problems.push(PlanFlaw::Missing { field: Field::CONN_TYPE }.into());
            }
            (driver, refuse(class, problems))
        }
    }
}

/// `planned` without the secrets that stand in the wrong fields of `connection`. They are removed wherever the plan
/// shows them: a login may be the database's name too, and problems quote values.
fn concealed(mut planned: Result<Plan, Refusal>, connection: &Connection) -> Result<Plan, Refusal> {
    let view = connection.view();
    if view.is_plain() {
        return planned;
    }
    let warnings = match &mut planned {
        Ok(plan) => {
            let Target { host, database, .. } = &mut plan.target;
            for text in [host, database, &mut plan.login].into_iter().flatten() {
                if view.hides(text) {
                    HIDDEN.clone_into(text);
                }
            }
            &mut plan.warnings
        }
        Err(refusal) => {
            for problem in &mut refusal.problems {
                view.conceal_in(problem);
            }
            &mut refusal.warnings
        }
    };
    for warning in warnings {
        view.conceal(&mut warning.message);
    }
    planned
}

/// A driver that panics while planning costs its own connection a result, but does not end the run.
fn plan_with(driver: &dyn Driver, connection: &Connection) -> Result<Plan, Refusal> {
    let planned = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| driver.plan(connection)));
    let plan = planned.unwrap_or_else(|_panicked| {
        let problems = vec![PlanFlaw::DriverPanicked { driver: driver.spec().name }.into()];
        Err(Refusal { class: Class::Internal, problems, warnings: Vec::new() })
    })?;
    if plan.endpoints.len() > ENDPOINTS {
        let problems = vec![PlanFlaw::TooManyServers { count: plan.endpoints.len(), most: ENDPOINTS }.into()];
        return Err(Refusal { class: Class::Definition, problems, warnings: plan.warnings });
    }
    Ok(plan)
}

fn unknown_type(connection: &Connection, conn_type: &str, registry: &Registry) -> Problem {
    let written = connection.view().conn_type().unwrap_or(conn_type);
    let known = registry.drivers().map(|driver| driver.spec().name).collect();
    PlanFlaw::NoDriver { written: written.to_owned(), guess: registry.nearest(conn_type), known }.into()
}

/// Everything that a login depends on. The directory counts because TLS files may have relative paths.
fn identity(member: &Member, driver: &str) -> Fingerprint {
    let connection = &member.connection;
    let extra = serde_json::to_string(connection.extra.object()).unwrap_or_default();
    Fingerprint::of(&[
        driver,
        &connection.normalized_type().unwrap_or_default(),
        &place(connection.host.as_deref()),
        &place(member.target.host.as_deref()),
        &member.target.port.unwrap_or_default().to_string(),
        connection.schema.as_deref().unwrap_or_default(),
        connection.login.as_deref().unwrap_or_default(),
        connection.password().map_or("", |secret| secret.expose()),
        &extra,
        &connection.directory.as_deref().map(|path| path.to_string_lossy()).unwrap_or_default(),
    ])
}

/// `host` in the form in which hosts are compared: names and addresses ignore case, paths of URLs and sockets do not.
fn place(host: Option<&str>) -> Cow<'_, str> {
    let host = host.unwrap_or_default();
    let is_name = |letter: char| letter.is_alphanumeric() || "-_.:,[]".contains(letter);
    if host.chars().all(is_name) { Cow::Owned(host.to_lowercase()) } else { Cow::Borrowed(host) }
}

impl Group {
    /// The ids of up to [`SHARED`] members other than the one at `index`.
    pub(super) fn others(&self, index: usize) -> Arc<[String]> {
        let others = self.members.iter().enumerate().filter(|(other, _)| *other != index).take(SHARED);
        others.map(|(_, other)| other.id.clone()).collect()
    }
}

impl Member {
    fn new(position: usize, connection: Connection, driver: Option<Arc<dyn Driver>>) -> Self {
        let view = connection.view();
        Self {
            position,
            id: connection.id(),
            target: Target {
                host: view.host().map(Cow::into_owned),
                port: connection.port,
                database: view.schema().map(str::to_owned),
            },
            login: shown_login(&view, driver.as_deref()),
            is_plain: view.is_plain(),
            warnings: connection.warnings.clone(),
            connection,
            driver,
        }
    }

    /// The plain fields that may be shown.
    pub(super) fn view(&self) -> View<'_> {
        if self.is_plain { View::of_plain(&self.connection) } else { self.connection.view() }
    }

    /// The redactor that hides the run's secrets in the foreign text of this connection's result.
    pub(super) fn redactor(&self, run: &Arc<Secrets>) -> Redactor {
        let shown = self.shown();
        let shown: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
        let own = run.is_coarse().then(|| Secrets::of(self.secrets().iter().map(AsRef::as_ref), &shown));
        Redactor::of_run(Arc::clone(run), own, &shown)
    }

    /// Adds this connection's secrets to those of the run.
    pub(super) fn gather(&self, secrets: &mut Gathering) {
        let shown = self.shown();
        let shown: Vec<&str> = shown.iter().map(AsRef::as_ref).collect();
        let mut logins: Vec<&str> =
            [&self.login, &self.connection.login].into_iter().flatten().map(String::as_str).collect();
        logins.dedup();
        secrets.add_of(self.secrets().iter().map(AsRef::as_ref), &shown, &logins);
    }

    fn secrets(&self) -> Vec<Cow<'_, str>> {
        let mut secrets = match &self.driver {
            Some(driver) => driver.spec().secrets(&self.connection),
            None => all_secrets(&self.connection),
        };
        secrets.extend(self.connection.unread.iter().map(|secret| Cow::Borrowed(secret.expose())));
        secrets.extend(self.view().misplaced().map(|secret| Cow::Owned(secret.to_owned())));
        secrets
    }

    /// What the result shows in any case.
    fn shown(&self) -> Vec<Cow<'_, str>> {
        let connection = &self.connection;
        let fields =
            [self.view().name(), self.target.host.as_deref(), self.target.database.as_deref(), self.login.as_deref()];
        let fields = fields.into_iter().flatten().map(Cow::Borrowed);
        let port = self.target.port.map(|port| Cow::Owned(port.to_string()));
        let product = self.driver.as_ref().map(|driver| Cow::Borrowed(driver.spec().product));
        let origin = Cow::Owned(connection.origin.to_string());
        fields.chain(port).chain(product).chain([origin]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::connection::Origin;
    use crate::model::warning::WarningCode;

    #[test]
    fn a_type_with_blanks_around_it_is_read_and_warned_of() {
        for (conn_type, padded) in [
            ("postgres", false),
            (" postgres", true),
            ("postgres\n", true),
            ("\tPostgres ", true),
            ("nothing ", true),
            (" ", false),
        ] {
            let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
            let connection = Connection {
                conn_type: Some(conn_type.to_owned()),
                host: Some("db.example".to_owned()),
                login: Some("etl".to_owned()),
                ..Connection::new(origin)
            };
            let Grouped { groups, refused } =
                group(vec![connection], Expectations::new(), Registry::builtin(), || None);
            let refused = refused.iter().map(|(member, _)| member);
            let members: Vec<&Member> = groups.iter().flat_map(|group| &group.members).chain(refused).collect();
            let [member] = members[..] else { panic!("{conn_type:?} is one connection") };
            let warned = member.warnings.iter().filter(|warning| warning.code == WarningCode::ClientDiffers).count();
            assert_eq!(warned, usize::from(padded), "{conn_type:?}");
            let is_postgres = conn_type.trim().eq_ignore_ascii_case("postgres");
            assert_eq!(
                member.driver.as_ref().map(|driver| driver.spec().name),
                is_postgres.then_some("postgres"),
                "{conn_type:?}"
            );
        }
    }

    #[test]
    fn definitions_that_lead_elsewhere_share_no_login() {
        let connection = |conn_type: &str, host: &str| {
            let origin = Origin { source: "test".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
            let (conn_type, host) = (Some(conn_type.to_owned()), Some(host.to_owned()));
            Connection { conn_type, host, login: Some("etl".to_owned()), ..Connection::new(origin) }
        };
        for (conn_type, one, other, share) in [
            ("http", "http://web.example/", "http://web.example/denied", false),
            ("http", "http://web.example", "https://web.example", false),
            ("http", "http://web.example/A", "http://web.example/a", false),
            ("http", "web.example", "WEB.example", true),
            ("http", "http://web.example/A", "http://web.example/A", true),
            ("postgres", "/run/pg", "/run/PG", false),
            ("postgres", "db1.example", "DB1.Example", true),
            ("postgres", "db1.example,db2.example", "db1.example,DB2.example", true),
            ("postgres", "::1", "127.0.0.1", false),
        ] {
            let connections = vec![connection(conn_type, one), connection(conn_type, other)];
            let grouped = group(connections, Expectations::new(), Registry::builtin(), || None);
            let refused: Vec<_> = grouped.refused.iter().map(|(_, failure)| failure).collect();
            assert!(refused.is_empty(), "{one} {other}: {refused:?}");
            assert_eq!(grouped.groups.len() == 1, share, "{conn_type} {one} {other}");
        }
    }
}
