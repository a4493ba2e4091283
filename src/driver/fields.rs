//! `Fields`: reads a connection field by field and collects every problem on the way, so that all of them are reported
//! at once.

use std::time::Duration;

use serde_json::Value;

use super::Spec;
use super::extras::{ExtraKind, meant};
use super::host;
use super::plan::Refusal;
use super::route::is_route;
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::extra;
use crate::model::limit::Limit;
use crate::model::notice::{ExtraNotice, Notice};
use crate::model::problem::{Flaw, HostFlaw, OptionFlaw, PlanFlaw, Problem};
use crate::model::reason::{Field, ReasonCode};
use crate::model::secret::Secret;
use crate::model::several;
use crate::model::warning::Warning;

/// How many unknown extras a warning names, and how many characters of each name.
const UNKNOWN: usize = 10;
const SHOWN: usize = 64;

/// One pass over one connection. Ends with [`Fields::finish`].
pub struct Fields<'a> {
    connection: &'a Connection,
    spec: &'static Spec,
    problems: Vec<Problem>,
    unsupported: Vec<Problem>,
    warnings: Vec<Warning>,
}

impl<'a> Fields<'a> {
    /// Starts with the problems that were found at loading, and judges every key of `extra`.
    #[must_use]
    pub fn new(spec: &'static Spec, connection: &'a Connection) -> Self {
        let mut fields = Self {
            connection,
            spec,
            problems: connection.problems.clone(),
            unsupported: Vec::new(),
            warnings: Vec::new(),
        };
        let mut unknown = Vec::new();
        for key in connection.extra.keys() {
            match spec.extra(key) {
                Some(known) if known.kind == ExtraKind::Unsupported => {
                    if fields.value(key).is_some_and(asks_for_something) {
                        fields.unsupported(OptionFlaw::Lacking { key: key.to_owned(), what: known.doc });
                    }
                }
                Some(_) => {}
                None if spec.is_open(key) => {}
                None if is_route(key) => fields.route(key, fields.value(key)),
                None => {
                    unknown.push(key);
                }
            }
        }
        let named = several::named(unknown.len(), UNKNOWN);
        if named > 0 {
            let view = connection.view();
            for key in &unknown[..named] {
                fields.warn_unknown(view.key(key), key);
            }
        }
        if unknown.len() > named {
            fields.warn(ExtraNotice::MoreUnknown { count: unknown.len() - named });
        }
        fields
    }

    /// Notes a tunnel or a proxy, if the definition asks for one.
    pub(super) fn route(&mut self, key: &str, value: Option<&Value>) {
        if value.is_some_and(asks_for_something) {
            self.unsupported(OptionFlaw::Route { key: key.to_owned() });
        }
    }

    /// Warns that `key` is unknown. The warning shows `shown` of it.
    fn warn_unknown(&mut self, shown: &str, key: &str) {
        let guess = meant(self.spec, key);
        let key = match shown.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &shown[..end]),
            None => shown.to_owned(),
        };
        self.warn(ExtraNotice::Unknown { key, product: self.spec.product, guess });
    }

    /// Whether the driver accepts the extra `key` besides those in its spec.
    #[must_use]
    pub fn is_open(&self, key: &str) -> bool {
        self.spec.is_open(key)
    }

    /// The connection being read.
    #[must_use]
    pub fn connection(&self) -> &'a Connection {
        self.connection
    }

    /// The host; a problem if it is missing, or holds anything but a host or a list of hosts.
    pub fn host(&mut self) -> Option<&'a str> {
        let stored = self.connection.host.as_deref().unwrap_or_default();
        let host = stored.trim();
        if host.is_empty() {
            self.problem(PlanFlaw::Missing { field: Field::HOST });
            return None;
        }
        if host.len() < stored.len() {
            self.problem(HostFlaw::StoredPadded);
        }
        self.is_host(host).then_some(host)
    }

    /// The host; a problem if it is not the name or address of one machine, without a port or a path.
    pub fn single_host(&mut self) -> Option<&'a str> {
        let host = self.host()?;
        let stored = host.to_owned();
        self.problem(match host.matches(':').count() {
            _ if host.contains('/') => HostFlaw::Path { host: stored },
            1 => HostFlaw::Port { host: stored },
            _ => return Some(host),
        });
        None
    }

    /// Whether `host`, from the field or from an extra that overrides it, holds only a host; if not, that is a problem.
    pub fn is_host(&mut self, host: &str) -> bool {
        let wrong = host::wrong(host);
        let is_host = wrong.is_none();
        self.problems.extend(wrong.map(Problem::from));
        is_host
    }

    /// The port, or `default`.
    #[must_use]
    pub fn port(&self, default: u16) -> u16 {
        self.connection.port.unwrap_or(default)
    }

    /// The login; `None` if it is empty.
    #[must_use]
    pub fn login(&self) -> Option<&'a str> {
        self.connection.login.as_deref().filter(|login| !login.is_empty())
    }

    /// The password; `None` if it is empty.
    #[must_use]
    pub fn password(&self) -> Option<&'a Secret> {
        self.connection.password()
    }

    /// `schema`; `None` if it is empty.
    #[must_use]
    pub fn schema(&self) -> Option<&'a str> {
        self.connection.schema.as_deref().filter(|schema| !schema.is_empty())
    }

    /// The raw value of an extra.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&'a Value> {
        let extra = &self.connection.extra;
        if self.spec.extras_ignore_case { extra.get_ignoring_case(key) } else { extra.get(key) }
    }

    /// Whether an extra is stored as `null`, which elsewhere counts as absent.
    #[must_use]
    pub fn is_null(&self, key: &str) -> bool {
        self.connection.extra.object().get(key).is_some_and(Value::is_null)
    }

    /// An extra as text. An array or an object is a problem; an empty text counts as absent.
    pub fn text(&mut self, key: &str) -> Option<String> {
        let value = self.value(key)?;
        let text = extra::text(value);
        if text.is_none() {
            self.problem(OptionFlaw::NotText { key: key.to_owned() });
        }
        text.filter(|text| !text.is_empty())
    }

    /// Whether an extra is a number rather than text.
    pub fn is_number(&mut self, key: &str) -> bool {
        self.value(key).is_some_and(Value::is_number)
    }

    /// An extra as a boolean.
    pub fn flag(&mut self, key: &str) -> Option<bool> {
        let value = self.value(key)?;
        let flag = extra::flag(value);
        if flag.is_none() {
            self.problem(OptionFlaw::NotAFlag { key: key.to_owned() });
        }
        flag
    }

    /// An extra as a boolean, where the Python client takes every text for true. A text that means false is read as
    /// false, with a warning; an empty text counts as absent.
    pub fn flag_unlike_python(&mut self, key: &'static str) -> Option<bool> {
        self.text(key)?;
        let flag = self.flag(key)?;
        if !flag && self.value(key).is_some_and(Value::is_string) {
            self.warn(ExtraNotice::TextMeansNo { key });
        }
        Some(flag)
    }

    /// An extra as a positive number of seconds; `0` means that the definition sets no limit.
    pub fn seconds(&mut self, key: &str) -> Option<Duration> {
        self.duration(key, 1.0)
    }

    /// An extra as a positive number of milliseconds; `0` means that the definition sets no limit.
    pub fn milliseconds(&mut self, key: &str) -> Option<Duration> {
        self.duration(key, 0.001)
    }

    fn duration(&mut self, key: &str, unit: f64) -> Option<Duration> {
        let value = self.value(key)?;
        let number = extra::text(value).and_then(|text| text.trim().parse::<f64>().ok());
        let duration = number.and_then(|number| Limit::from_seconds(number * unit)).map(Limit::get);
        if duration.is_none() {
            self.problem(OptionFlaw::NotADuration { key: key.to_owned() });
        }
        duration.filter(|duration| !duration.is_zero())
    }

    /// An extra that must be one of `choices`, compared without case.
    pub fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let chosen = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
        if chosen.is_none() {
            let words = choices.iter().map(|(word, _)| (*word).to_owned()).collect();
            self.problem(OptionFlaw::NotOneOf { key: key.to_owned(), words });
        }
        chosen.map(|(_, value)| *value)
    }

    /// Adds a problem that makes the definition unusable. A missing field is not added where loading has already
    /// reported what is wrong with it.
    pub fn problem(&mut self, flaw: impl Flaw) {
        let problem = Problem::from(flaw);
        let found = |field: &Field| self.connection.problems.iter().any(|problem| problem.fields.contains(field));
        if problem.reason != ReasonCode::MissingField || !problem.fields.iter().any(found) {
            self.problems.push(problem);
        }
    }

    /// Notes that the definition asks for a way to log in that connprobe does not support.
    pub fn unsupported(&mut self, flaw: impl Flaw) {
        self.unsupported.push(Problem::from(flaw));
    }

    /// Adds a warning about a definition that is odd, but usable.
    #[expect(clippy::needless_pass_by_value, reason = "callers make it where they hand it over")]
    pub fn warn(&mut self, notice: impl Notice) {
        self.warnings.push(notice.warning());
    }

    /// The value that `read` makes of `connection`, with the warnings. `read` must add a problem wherever it returns
    /// `None`.
    ///
    /// # Errors
    ///
    /// See [`Fields::finish`].
    pub fn read<T>(
        spec: &'static Spec,
        connection: &'a Connection,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<(T, Vec<Warning>), Refusal> {
        let mut fields = Self::new(spec, connection);
        let read = read(&mut fields);
        let warnings = fields.finish()?;
        let Some(read) = read else { unreachable!("what could not be read was noted as a problem") };
        Ok((read, warnings))
    }

    /// Ends the pass: the warnings, or why there can be no plan.
    ///
    /// # Errors
    ///
    /// `unsupported` takes precedence over `definition`: what looks incomplete may be complete for the login that
    /// connprobe lacks. Where a secret cannot be read, its values are missing for that reason, so only the problems of
    /// reading are given.
    pub fn finish(self) -> Result<Vec<Warning>, Refusal> {
        let Self { connection, mut problems, unsupported, warnings, .. } = self;
        if !unsupported.is_empty() {
            return Err(Refusal { class: Class::Unsupported, problems: unsupported, warnings });
        }
        if !problems.is_empty() {
            let class = Refusal::class_of(&problems);
            if class == Class::Secret {
                problems.truncate(connection.problems.len());
            }
            return Err(Refusal { class, problems, warnings });
        }
        Ok(warnings)
    }
}

/// Whether an extra asks for anything: `iam: false` and `service: ""` do not.
fn asks_for_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::String(text) => !text.is_empty() && extra::flag(value) != Some(false),
        Value::Array(values) => !values.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Number(_) => extra::flag(value) != Some(false),
    }
}

/// The domains of Azure's databases, whose gateways accept a login as `user@server`.
const AZURE: [&str; 4] =
    [".database.azure.com", ".database.windows.net", ".database.chinacloudapi.cn", ".database.usgovcloudapi.net"];

/// `login` without the `@server` that Azure's gateways for `host` remove.
pub(super) fn without_server<'a>(login: &'a str, host: &str) -> &'a str {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let at_azure = AZURE.iter().any(|domain| host.ends_with(domain));
    match login.rsplit_once('@') {
        Some((user, server)) if at_azure => {
            let own = host.split('.').next().unwrap_or_default();
            let named = server.split('.').next().unwrap_or_default();
            if named.eq_ignore_ascii_case(own) { user } else { login }
        }
        _ => login,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::driver::Proof;
    use crate::driver::mongodb::MongodbFlaw;
    use crate::model::connection::Origin;
    use crate::model::extra::Extra;
    use crate::model::problem::{GivenFlaw, RowFlaw};

    #[test]
    fn a_gateway_of_azure_takes_its_server_off_a_login() {
        for (login, host, account) in [
            ("etl@db1", "db1.postgres.database.azure.com", "etl"),
            ("etl@DB1", "db1.mysql.database.azure.com.", "etl"),
            ("etl@db1.database.windows.net", "DB1.database.windows.net", "etl"),
            ("etl@db1", "db1.database.chinacloudapi.cn", "etl"),
            ("e@mail@db1", "db1.database.usgovcloudapi.net", "e@mail"),
            ("etl", "db1.database.windows.net", "etl"),
            // Another server's name is part of the login, and so is any suffix outside Azure.
            ("etl@db2", "db1.database.windows.net", "etl@db2"),
            ("etl@db1", "db1.example.com", "etl@db1"),
            ("etl@db1", "db1.database.windows.net.example.com", "etl@db1"),
        ] {
            assert_eq!(without_server(login, host), account, "{login} at {host}");
        }
    }

    static SPEC: Spec =
        Spec::new("scripted", "Scripted", &[("scripted", 1)], Proof::by_code("nothing")).schema("nothing");

    #[test]
    fn of_many_unknown_extras_ten_are_named_and_no_name_is_long() {
        let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
        let keys = (0..100_000).map(|n| (format!("{n:0>100}"), json!(1))).collect();
        let connection = Connection { extra: Extra::new(keys), ..Connection::new(origin) };
        let warnings = Fields::new(&SPEC, &connection).finish().unwrap();
        assert_eq!(warnings.len(), UNKNOWN + 1);
        assert_eq!(warnings[UNKNOWN], ExtraNotice::MoreUnknown { count: 99_990 }.into());
        assert!(warnings.iter().all(|warning| warning.message.len() < 200), "{warnings:?}");
    }

    #[test]
    fn a_field_that_could_not_be_read_is_not_missing_as_well() {
        let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
        let problems =
            vec![GivenFlaw::NotText { written: "host".to_owned(), field: Some(Field::HOST), found: "a number" }.into()];
        let connection = Connection { problems, ..Connection::new(origin) };
        let mut fields = Fields::new(&SPEC, &connection);
        for field in ["host", "login"] {
            fields.problem(PlanFlaw::Missing { field: Field::at(field) });
        }
        let failure = fields.finish().unwrap_err().into_failure();
        assert_eq!(
            (failure.reason, &failure.fields[..]),
            (ReasonCode::SeveralProblems, &[Field::HOST, Field::LOGIN][..])
        );
    }

    #[test]
    fn what_an_unread_secret_may_have_given_is_not_missed() {
        let origin = Origin { source: "airflow".into(), line: None, pointer: "1".into(), occurrence: 0 };
        let problems = vec![GivenFlaw::PortNotANumber.into(), RowFlaw::SecretNoKey { field: "password" }.into()];
        let connection = Connection { problems: problems.clone(), ..Connection::new(origin) };
        let mut fields = Fields::new(&SPEC, &connection);
        fields.problem(MongodbFlaw::LoginAlone);
        let refusal = fields.finish().unwrap_err();
        assert_eq!((refusal.class, refusal.problems), (Class::Secret, problems));
    }
}
