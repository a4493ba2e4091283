//! Values as libpq takes them: words exactly as they are written, whole numbers, nothing trimmed or repaired. What libpq
//! refuses, the application that has the definition cannot log in with.

use crate::driver::Fields;
use crate::model::connection::Problem;
use crate::model::extra;
use crate::model::reason::Field;

/// The switches and numbers of libpq that do not change a login, and must be whole numbers all the same.
pub(super) const NUMBERS: [&str; 5] =
    ["keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"];

/// An extra that must be one of `choices`. An empty text is none of them, as in libpq.
pub(super) fn choice<T: Copy>(fields: &mut Fields<'_>, key: &str, choices: &[(&str, T)]) -> Option<T> {
    let text = extra::text(fields.value(key)?);
    let chosen = choices.iter().find(|(word, _)| text.as_deref() == Some(*word));
    if chosen.is_none() {
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let hint = match text.as_deref() {
            Some("") => "remove it, or give one of these words: libpq takes an empty text for a wrong word",
            _ => "write it exactly so: libpq knows no other spelling, no capitals and no blanks around it",
        };
        fields.problem(
            Problem::bad(Field::extra(key), format!("extra `{key}` must be one of {}", words.join(", "))).hint(hint),
        );
    }
    chosen.map(|(_, value)| *value)
}

/// An extra that must be a whole number of 32 bits.
pub(super) fn integer(fields: &mut Fields<'_>, key: &str) -> Option<i32> {
    let text = extra::text(fields.value(key)?);
    let number = text.as_deref().and_then(|text| text.trim_ascii().parse().ok());
    if number.is_none() {
        fields.problem(
            Problem::bad(Field::extra(key), format!("extra `{key}` must be a whole number"))
                .hint("libpq takes digits only: neither true or false, nor a fraction, nor an empty text"),
        );
    }
    number
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::driver::postgres::Postgres;
    use crate::driver::postgres::tests::connection;
    use crate::driver::{Driver, Refusal};

    fn plan(extra: &Value) -> Result<(), Refusal> {
        Postgres
            .plan(&connection(json!({"host": "db", "login": "etl", "password": "hunter2", "extra": extra})))
            .map(|_| ())
    }

    #[test]
    fn what_libpq_refuses_is_a_problem_of_the_definition_that_names_its_field() {
        for (key, value) in [
            ("sslmode", json!("REQUIRE")),
            ("sslmode", json!("")),
            ("sslmode", json!("require ")),
            ("sslmode", json!(true)),
            ("sslnegotiation", json!("Direct")),
            ("sslcertmode", json!("")),
            ("channel_binding", json!("Prefer")),
            ("target_session_attrs", json!("read_write")),
            ("target_session_attrs", json!("")),
            ("gssencmode", json!("Disable")),
            ("load_balance_hosts", json!("true")),
            ("keepalives", json!(true)),
            ("keepalives", json!(false)),
            ("keepalives", json!("true")),
            ("keepalives_idle", json!(2.5)),
            ("keepalives_count", json!("")),
            ("tcp_user_timeout", json!("5s")),
            ("connect_timeout", json!(5.5)),
            ("connect_timeout", json!("")),
            ("connect_timeout", json!("5s")),
            ("connect_timeout", json!(3_000_000_000_u32)),
            ("ssl_min_protocol_version", json!("1.3")),
            ("require_auth", json!("scram-sha-256, md5")),
        ] {
            let refusal = plan(&json!({key: value})).unwrap_err();
            assert_eq!(refusal.class.as_str(), "definition", "{key} {value}");
            let fields: Vec<&str> =
                refusal.problems.iter().flat_map(|problem| &problem.fields).map(Field::as_str).collect();
            assert_eq!(fields, [format!("extra.{key}")], "{key} {value}");
        }
    }

    #[test]
    fn what_libpq_takes_is_no_problem() {
        for extra in [
            json!({"sslmode": "require", "keepalives": 1, "keepalives_idle": " 5 ", "connect_timeout": "5"}),
            json!({"keepalives": "0", "tcp_user_timeout": 0, "load_balance_hosts": "random", "gssencmode": "disable"}),
            json!({"connect_timeout": -1}),
            json!({"connect_timeout": 0, "ssl_min_protocol_version": "", "require_auth": ""}),
            json!({"ssl_min_protocol_version": "tlsv1.3", "ssl_max_protocol_version": "TLSv1.3"}),
            json!({"passfile": "/home/etl/.pgpass"}),
            json!({"sslmode": null, "keepalives": null}),
        ] {
            assert!(plan(&extra).is_ok(), "{extra}");
        }
    }

    #[test]
    fn no_limit_of_its_own_leaves_that_of_the_run() {
        for (seconds, limit) in [(-1, None), (0, None), (7, Some(7))] {
            let definition = json!({"host": "db", "login": "etl", "extra": {"connect_timeout": seconds}});
            let plan = Postgres.plan(&connection(definition)).unwrap();
            assert_eq!(plan.timeout.map(|limit| limit.as_secs()), limit, "{seconds}");
        }
    }
}
