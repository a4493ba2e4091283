//! The published schemas of reports, `docs/*.schema.json`, generated from the serialized types. Built for tests only,
//! which compare the files with the types; `UPDATE_SNAPSHOTS=1` rewrites the files.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::class::Class;
use super::reason::{Field, ReasonCode};
use super::result::SchemaVersion;
use super::warning::WarningCode;

/// The description of identifiers that may be added to.
const OPEN: &str = "The known ones are the examples; consumers must accept others.";

/// A moment, as [`super::written::timestamp`] writes it.
pub(crate) struct Moment;

/// A duration, as [`super::written::seconds`] writes it.
pub(crate) struct Seconds;

macro_rules! schemas {
    ($($type:ty, $name:literal, $inline:literal, $schema:expr;)*) => {
        $(impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn inline_schema() -> bool {
                $inline
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        })*
    };
}

schemas! {
    Moment, "Moment", true, json_schema!({
        "type": "string",
        "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
    });
    Seconds, "Seconds", true, json_schema!({"type": "number", "minimum": 0});
    SchemaVersion, "SchemaVersion", true, json_schema!({"const": 1});
    Field, "Field", true, json_schema!({"type": "string"});
    ReasonCode, "reason", false, json_schema!({
        "type": "string",
        "description": format!("Why it is not ok, as a stable word: finer than the class. {OPEN}"),
        "examples": ReasonCode::ALL,
    });
    WarningCode, "warning", false, json_schema!({
        "type": "string",
        "description": format!("A stable word. {OPEN}"),
        "examples": WarningCode::ALL,
    });
    Class, "class", false, json_schema!({
        "description": "Who or what is at fault.",
        "enum": Class::ALL,
    });
}

/// The fields of a failure in a result depend on the status.
pub(crate) fn of_status() -> Value {
    const OF_FAILURES: [&str; 9] =
        ["class", "reason", "fields", "phase", "code", "message", "hint", "detail", "detail_from"];
    let present: Vec<Value> = OF_FAILURES.iter().map(|field| json!({"required": [field]})).collect();
    json!([{
        "if": {"properties": {"status": {"const": "ok"}}},
        "then": {"not": {"anyOf": present}},
        "else": {"required": ["class", "reason", "fields", "message"]},
    }])
}

/// The fields of an entry of an import depend on the outcome.
pub(crate) fn of_outcome() -> Value {
    let has = |outcome: &str, fields: &[&str]| json!({"if": {"properties": {"outcome": {"const": outcome}}}, "then": {"required": fields}});
    json!([has("skipped", &["message"]), has("failed", &["check"]), has("removed", &["row", "message"])])
}
