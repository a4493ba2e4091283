//! Booleans as Airflow's hook and pymongo read them: both are stricter than other clients, and differ from each other.
//! With a value that they refuse, the application of the definition cannot log in.
//!
//! Sources: pymongo `pymongo/common.py` (`validate_boolean_or_string`, `validate_boolean`), Airflow
//! `providers/mongo/src/airflow/providers/mongo/hooks/mongo.py`.

use serde_json::Value;

use super::flaws::MongodbFlaw;
use super::notices::MongodbNotice;
use crate::driver::Fields;
use crate::model::extra;

/// An option of pymongo: true, false, or one of these words as written.
pub(super) fn option(fields: &mut Fields<'_>, key: &str) -> Option<bool> {
    match fields.value(key)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text == "true" => Some(true),
        Value::String(text) if text == "false" => Some(false),
        _ => {
            fields.problem(MongodbFlaw::NotAFlag { key: key.to_owned() });
            None
        }
    }
}

/// `srv`, for which Airflow's hook takes every text and number as true unless it is empty or zero.
pub(super) fn srv(fields: &mut Fields<'_>, key: &str) -> Option<bool> {
    let flag = fields.flag(key)?;
    let texts_no = matches!(fields.value(key), Some(Value::String(text)) if !flag && !text.is_empty());
    if texts_no {
        fields.problem(MongodbFlaw::TextMeansNo { key: key.to_owned() });
    }
    Some(flag)
}

/// `allow_insecure`, for which Airflow's hook takes only the word true, in any case, as true.
pub(super) fn allow_insecure(fields: &mut Fields<'_>) -> Option<bool> {
    const KEY: &str = "allow_insecure";
    let flag = fields.flag(KEY)?;
    let taken = fields.value(KEY).and_then(extra::text).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    if flag && !taken {
        fields.warn(MongodbNotice::NotInsecure);
    }
    Some(flag && taken)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{connection, plan};
    use super::*;
    use crate::driver::mongodb::SPEC;
    use crate::model::class::Class;
    use crate::model::warning::WarningCode;

    #[test]
    fn what_pymongo_refuses_is_a_problem_of_that_extra() {
        for (key, value, fine) in [
            ("tls", json!(true), true),
            ("tls", json!("true"), true),
            ("ssl", json!("false"), true),
            ("TLS", json!(true), true),
            ("tls", json!("yes"), false),
            ("tls", json!("True"), false),
            ("tls", json!("1"), false),
            ("tls", json!(1), false),
            ("tls", json!(""), false),
            ("ssl", json!("on"), false),
            ("tlsInsecure", json!("yes"), false),
            ("tlsAllowInvalidCertificates", json!(1), false),
            ("tlsAllowInvalidHostnames", json!("t"), false),
            ("loadBalanced", json!("yes"), false),
            ("srv", json!("false"), false),
            ("srv", json!("no"), false),
            ("srv", json!(false), true),
            ("srv", json!("true"), true),
        ] {
            let made = plan(&json!({"extra": {key: value}}));
            assert_eq!(made.is_ok(), fine, "{key} {value}");
            if let Err(refusal) = made {
                let named: Vec<String> =
                    refusal.problems.iter().flat_map(|problem| &problem.fields).map(ToString::to_string).collect();
                assert_eq!((refusal.class, named), (Class::Definition, vec![format!("extra.{key}")]), "{key} {value}");
            }
        }
    }

    #[test]
    fn only_the_word_true_allows_an_unverified_server() {
        for (value, allowed, warned) in [
            (json!(true), Some(true), false),
            (json!("True"), Some(true), false),
            (json!("yes"), Some(false), true),
            (json!(1), Some(false), true),
            (json!("no"), Some(false), false),
            (json!(null), None, false),
        ] {
            let connection = connection(&json!({"extra": {"tls": true, "allow_insecure": value}}));
            let mut fields = Fields::new(&SPEC, &connection);
            assert_eq!(allow_insecure(&mut fields), allowed, "{value}");
            let warnings = fields.finish().unwrap();
            assert_eq!(warnings.iter().any(|warning| warning.code == WarningCode::ClientDiffers), warned, "{value}");
        }
    }
}
