//! Checks that the published schemas, `docs/*.schema.json`, match the serialized types. Built for tests only;
//! `UPDATE_SNAPSHOTS=1` rewrites the files.

use std::fs;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::sync;
use crate::model::result::{CheckResult, Summary};

/// What `connprobe check` writes. `--format json` is one report; each line of `--format ndjson` is a result or the summary,
/// told apart by `kind`. Within version 1 fields, classes, reasons and warning codes may be added: consumers must accept them.
#[derive(JsonSchema, Serialize)]
#[expect(dead_code, clippy::large_enum_variant, reason = "only its shape is used")]
#[serde(untagged)]
#[schemars(title = "connprobe result schema, version 1")]
enum Check {
    Report(Report),
    Line(Line),
}

/// `--format json`.
#[derive(JsonSchema, Serialize)]
struct Report {
    #[serde(flatten)]
    run: Summary,
    /// In the order of the definitions.
    results: Vec<CheckResult>,
}

/// A line of `--format ndjson`.
#[derive(JsonSchema, Serialize)]
#[expect(dead_code, clippy::large_enum_variant, reason = "only its shape is used")]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line {
    Result(CheckResult),
    Summary(Summary),
}

/// Asserts that `docs/NAME` contains `schema`.
#[track_caller]
fn hold(name: &str, schema: &Schema) {
    let path = format!("docs/{name}");
    let mut text = serde_json::to_string_pretty(schema).unwrap();
    text.push('\n');
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        return fs::write(&path, text).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == text,
        "{path} is not what is written: UPDATE_SNAPSHOTS=1 writes it anew"
    );
}

fn schema<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>()
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    hold("result.schema.json", &schema::<Check>());
    hold("import.schema.json", &schema::<sync::Shape<'_>>());
}
