//! Extras as pymssql reads them. Airflow's hook passes all of them to it except `sqlalchemy_scheme`. The application
//! cannot log in with a value that pymssql refuses. A value that only pymssql refuses and another client reads is a
//! warning instead.
//!
//! Source: pymssql 2.4 `src/pymssql/_pymssql.pyx` (`connect`) and `src/pymssql/_mssql.pyx` (`MSSQLConnection.__init__`,
//! `_tds_ver_str_to_constant`); Airflow
//! `providers/microsoft/mssql/src/airflow/providers/microsoft/mssql/hooks/mssql.py`. The cases of the tests were
//! checked with pymssql 2.4.6 (FreeTDS 1.5.19).

use std::time::Duration;

use serde_json::Value;

use super::encryption::Level;
use super::flaws::MssqlFlaw;
use super::notices::MssqlNotice;
use super::server::Server;
use super::spec::SPEC;
use crate::driver::Fields;
use crate::model::extra;
use crate::model::limit::Limit;
use crate::model::problem::{HostFlaw, Taken};

/// The arguments of `pymssql.connect` that an extra can set, and Airflow's own.
const ARGUMENTS: [&str; 14] = [
    "appname",
    "arraysize",
    "as_dict",
    "autocommit",
    "charset",
    "conn_properties",
    "encryption",
    "host",
    "login_timeout",
    "read_only",
    "sqlalchemy_scheme",
    "tds_version",
    "timeout",
    "use_datetime2",
];

/// Those of them that do not affect a login, and the values that they accept.
const OPTIONS: [(&str, Taken); 8] = [
    ("appname", Taken::Text),
    ("arraysize", Taken::Number),
    ("as_dict", Taken::Flag),
    ("autocommit", Taken::Flag),
    ("charset", Taken::FilledText),
    ("conn_properties", Taken::Texts),
    ("tds_version", Taken::OneOf(&["4.2", "7.0", "7.1", "7.2", "7.3", "7.4", "8.0"])),
    ("use_datetime2", Taken::Flag),
];

/// Checks the extras as pymssql does.
pub(super) fn check(fields: &mut Fields<'_>) {
    for (key, what) in OPTIONS {
        if fields.value(key).is_some_and(|value| !takes(&what, value)) {
            refuse(fields, key, what);
        }
    }
    let extras = &fields.connection().extra;
    let known = extras.keys().filter(|key| !ARGUMENTS.contains(key)).filter_map(|key| SPEC.extra(key));
    let keys: Vec<&'static str> = known.map(|known| known.name).collect();
    if !keys.is_empty() {
        fields.warn(MssqlNotice::OdbcExtras { keys });
    }
}

/// The extra `encryption`, which pymssql compares case-sensitively.
pub(super) fn encryption(fields: &mut Fields<'_>) -> Option<Level> {
    const KEY: &str = "encryption";
    let level = match fields.value(KEY)?.as_str() {
        Some("off") => Level::Off,
        Some("request") => Level::Request,
        Some("require") => Level::Require,
        // FreeTDS refuses pymssql's name for its own default.
        Some("default") => {
            fields.warn(MssqlNotice::EncryptionNotTaken { level: "default" });
            Level::Request
        }
        Some("strict") => {
            fields.warn(MssqlNotice::EncryptionNotTaken { level: "strict" });
            Level::Strict
        }
        _ => {
            refuse(fields, KEY, Taken::OneOf(&["off", "request", "require"]));
            return None;
        }
    };
    Some(level)
}

/// A number of seconds. pymssql accepts every text, and ignores one that is not a whole number.
pub(super) fn seconds(fields: &mut Fields<'_>, key: &str, may_be_negative: bool) -> Option<Duration> {
    let value = fields.value(key)?;
    let Some(text) = extra::text(value) else {
        refuse(fields, key, Taken::Seconds);
        return None;
    };
    let number = value.as_f64().map(f64::trunc).or_else(|| text.trim().parse::<i32>().ok().map(f64::from))?;
    if number < 0.0 && !may_be_negative {
        refuse(fields, key, Taken::Seconds);
    }
    Limit::from_seconds(number).map(Limit::get).filter(|limit| !limit.is_zero())
}

/// The extra `read_only`, for which pymssql takes every text but the empty one for true.
pub(super) fn read_only(fields: &mut Fields<'_>) -> Option<bool> {
    let value = fields.value("read_only")?;
    let flag = extra::flag(value);
    match value {
        Value::String(text) if text.is_empty() => Some(false),
        Value::String(_) if flag == Some(false) => {
            fields.warn(MssqlNotice::ReadOnlyText);
            Some(true)
        }
        _ => Some(flag != Some(false)),
    }
}

/// The extra `host`, which overrides the field and is not trimmed.
pub(super) fn host(fields: &mut Fields<'_>) -> Option<String> {
    let own = fields.text("host")?;
    if own.trim() != own {
        fields.problem(HostFlaw::Padded);
    }
    Some(own)
}

/// Warns of hosts that only ODBC's clients read. pymssql passes the host to FreeTDS, which supports no port after a
/// comma, no instance beside a port and no protocol before the name.
pub(super) fn warn_of_host(fields: &mut Fields<'_>, written: &str, server: &Server) {
    let behind_comma = server.port.is_some() && written.contains(',');
    let notice = if written.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("tcp:")) {
        MssqlNotice::ProtocolInHost
    } else if behind_comma {
        MssqlNotice::PortInHost
    } else if server.instance.is_some() && server.port.or(fields.connection().port).is_some() {
        MssqlNotice::InstanceBesidePort
    } else {
        return;
    };
    fields.warn(notice);
}

fn takes(what: &Taken, value: &Value) -> bool {
    let text = value.as_str();
    match what {
        Taken::Text => text.is_some(),
        Taken::FilledText => text.is_some_and(|text| !text.is_empty()),
        Taken::Texts => text.is_some() || value.is_array() || value.is_object(),
        Taken::OneOf(words) => text.is_some_and(|text| words.contains(&text)),
        Taken::Number => {
            value.is_number() || value.is_boolean() || text.is_some_and(|text| text.trim().parse::<i64>().is_ok())
        }
        _ => value.is_boolean(),
    }
}

fn refuse(fields: &mut Fields<'_>, key: &str, what: Taken) {
    fields.problem(MssqlFlaw::NotTaken { key: key.to_owned(), what });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::options::plan;
    use super::*;
    use crate::driver::{Plan, Refusal};
    use crate::model::class::Class;
    use crate::model::connection::{Connection, Origin};
    use crate::model::extra::Extra;
    use crate::model::secret::Secret;
    use crate::model::warning::WarningCode;

    fn planned(host: &str, port: Option<u16>, extra: &Value) -> Result<Plan, Refusal> {
        let origin = Origin { source: String::new(), line: None, pointer: String::new(), occurrence: 0 };
        plan(&Connection {
            conn_type: Some("mssql".to_owned()),
            host: Some(host.to_owned()),
            port,
            login: Some("etl".to_owned()),
            password: Some(Secret::new("hunter2".to_owned())),
            extra: Extra::new(extra.as_object().cloned().unwrap_or_default()),
            ..Connection::new(origin)
        })
    }

    #[test]
    fn what_pymssql_refuses_is_a_problem_of_the_definition_that_names_its_field() {
        // pymssql `_mssql.pyx` and `_pymssql.pyx`; pymssql/pymssql#882 (encryption), #645 (tds_version).
        for (key, value) in [
            ("encryption", json!("Require")),
            ("encryption", json!(" require")),
            ("encryption", json!("require\n")),
            ("encryption", json!("OFF")),
            ("encryption", json!("")),
            ("encryption", json!("yes")),
            ("encryption", json!(true)),
            ("tds_version", json!("9.9")),
            ("tds_version", json!("5.0")),
            ("tds_version", json!("")),
            ("tds_version", json!(" 7.4")),
            ("tds_version", json!("auto")),
            ("tds_version", json!(7.4)),
            ("tds_version", json!(7)),
            ("appname", json!(5)),
            ("charset", json!("")),
            ("charset", json!(5)),
            ("as_dict", json!("true")),
            ("as_dict", json!(1)),
            ("autocommit", json!("false")),
            ("use_datetime2", json!("")),
            ("arraysize", json!("x")),
            ("conn_properties", json!(5)),
            ("login_timeout", json!([])),
            ("timeout", json!(-1)),
        ] {
            let refusal = planned("db1", None, &json!({key: value})).expect_err(&format!("{key} {value}"));
            let named: Vec<String> =
                refusal.problems.iter().flat_map(|problem| &problem.fields).map(ToString::to_string).collect();
            assert_eq!((refusal.class, named), (Class::Definition, vec![format!("extra.{key}")]), "{key} {value}");
        }
        let refusal = planned("db1", None, &json!({"host": " db2"})).unwrap_err();
        assert_eq!(refusal.problems[0].fields[0].as_str(), "host");
    }

    #[test]
    fn what_pymssql_takes_is_no_problem_and_no_warning() {
        for extra in [
            json!({"encryption": "off"}),
            json!({"encryption": "request", "tds_version": "7.3", "charset": "UTF-8", "appname": ""}),
            json!({"encryption": null, "tds_version": null, "as_dict": null, "appname": null}),
            json!({"as_dict": true, "autocommit": false, "arraysize": "5", "conn_properties": ["SELECT 1"]}),
            json!({"login_timeout": "x", "timeout": ""}),
            json!({"login_timeout": -1, "timeout": 5.5}),
            json!({"read_only": true, "sqlalchemy_scheme": "mssql+pymssql"}),
        ] {
            let plan = planned("db1", Some(1533), &extra).unwrap_or_else(|refusal| panic!("{extra}: {refusal:?}"));
            assert_eq!(plan.warnings, [], "{extra}");
        }
    }

    #[test]
    fn what_only_other_clients_read_is_a_warning() {
        // Microsoft, "DSN and connection string keywords"; FreeTDS user guide, freetds.conf (`encryption = strict`).
        for extra in [
            json!({"encryption": "strict"}),
            json!({"encryption": "default"}),
            json!({"Encrypt": "yes"}),
            json!({"TrustServerCertificate": "yes"}),
            json!({"HostNameInCertificate": "db1"}),
            json!({"Encryption": "require"}),
            json!({"Driver": "ODBC Driver 18 for SQL Server", "ApplicationIntent": "ReadOnly"}),
            json!({"read_only": "false"}),
        ] {
            let codes: Vec<_> =
                planned("db1", None, &extra).unwrap().warnings.iter().map(|warning| warning.code).collect();
            assert_eq!(codes, [WarningCode::ClientDiffers], "{extra}");
        }
    }

    #[test]
    fn a_text_for_read_only_is_yes() {
        for (value, yes) in [
            (json!("false"), true),
            (json!("no"), true),
            (json!("x"), true),
            (json!(""), false),
            (json!(false), false),
            (json!(0), false),
            (json!(5), true),
        ] {
            let origin = Origin { source: String::new(), line: None, pointer: String::new(), occurrence: 0 };
            let object = [("read_only".to_owned(), value.clone())].into_iter().collect();
            let connection = Connection { extra: Extra::new(object), ..Connection::new(origin) };
            assert_eq!(read_only(&mut Fields::new(&SPEC, &connection)), Some(yes), "{value}");
        }
    }

    #[test]
    fn pymssql_reads_less_of_a_host() {
        // FreeTDS user guide, "host:port"; pymssql docs, `server`.
        for (host, port, warned) in [
            ("db1", Some(1533), false),
            ("db1:1533", Some(1533), false),
            ("db1,1533", Some(1533), true),
            ("tcp:db1", Some(1533), true),
            (r"db1\SALES", Some(1533), true),
            (r"db1\SALES", None, false),
        ] {
            let codes: Vec<_> =
                planned(host, port, &json!({})).unwrap().warnings.iter().map(|warning| warning.code).collect();
            let expected = if warned { vec![WarningCode::ClientDiffers] } else { vec![] };
            assert_eq!(codes, expected, "{host} {port:?}");
        }
    }
}
