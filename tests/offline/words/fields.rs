//! The fields that a text names are in its `fields`, since a form shows a problem beside them. If the definition is at
//! fault, a hint that directs the user to a field requires one in `fields` as well.

use connprobe::driver::Registry;
use connprobe::model::class::Class;
use connprobe::model::codes::{CodeEntry, Context};
use connprobe::model::reason::{Field, Reason, Words};

use super::samples;

/// The fields of the form, as texts name them. `extra` as a whole only names the place of an option; it is never at
/// fault alone.
const FORM: [&str; 8] = ["conn_id", "conn_type", "description", "host", "port", "login", "password", "schema"];

/// Messages that name a field which is not at fault, with that field and the reason.
const NOT_AT_FAULT: &[(&str, &str, &str)] = &[
    ("`host` holds a login (`…@…`)", "login", "what stands in `host` belongs there"),
    ("`host` holds a login (`…@…`)", "password", "the same"),
    ("its table `connection` lacks", "conn_id", "a column of Airflow's table, not a field of the form"),
    ("its table `connection` lacks", "conn_type", "the same"),
];

/// A reason whose fields the driver adds, since it can tell which of its settings the server means. `codes/extras` and
/// `codes/refined` have the fields of the others, and PostgreSQL's driver has tests of its own (`refused.rs`).
const OF_THE_DRIVER: &str = "setting_refused";

/// The fields that `text` names: each in backticks, and an extra after the word `extra`.
fn named(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut parts = text.split('`');
    let mut before = parts.next().unwrap_or_default();
    while let (Some(name), Some(after)) = (parts.next(), parts.next()) {
        let extra = before.trim_end().ends_with("extra") || before.trim_end().ends_with("extras");
        if extra {
            found.push(format!("extra.{name}"));
        } else if FORM.contains(&name) {
            found.push(name.to_owned());
        }
        before = after;
    }
    found
}

/// Whether `field` is `path`, a part of it, or contains it.
fn is_at(field: &Field, path: &str) -> bool {
    let field = field.as_str();
    let below =
        |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    below(field, path) || below(path, field)
}

/// The fields that `words` names, but does not list in `fields`.
fn lacking(words: &Words) -> Vec<String> {
    let excepted =
        |path: &str| NOT_AT_FAULT.iter().any(|(part, field, _)| *field == path && words.message.contains(part));
    let marked = |path: &String| words.fields.iter().any(|field| is_at(field, path)) || excepted(path);
    let mut lacking: Vec<String> = named(&words.message).into_iter().filter(|path| !marked(path)).collect();
    // In other classes, a hint may name a field that helps in another case.
    if words.fields.is_empty() && matches!(words.class, Class::Definition | Class::Unsupported) {
        lacking.extend(named(words.hint.as_deref().unwrap_or_default()));
    }
    lacking.retain(|path| !excepted(path));
    lacking
}

#[track_caller]
fn hold(all: impl IntoIterator<Item = Words>) {
    let mut seen = 0;
    let mut found = Vec::new();
    for words in all {
        seen += usize::from(!named(&words.message).is_empty());
        for path in lacking(&words) {
            found.push(format!("{} {:?}: {path}: {}", words.code.as_str(), words.fields, words.message));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    assert!(seen > 0, "no words name a field, so nothing is tested");
}

#[test]
fn a_flaw_marks_what_its_words_name() {
    hold(samples::flaws());
}

#[test]
fn a_reason_marks_what_its_words_name() {
    hold(samples::reasons().iter().map(Reason::words));
}

#[test]
fn a_code_of_a_server_marks_what_its_words_name() {
    let context =
        || Context { login: Some("etl"), database: Some("sales"), host: Some("db"), target: Some("db:1/sales") };
    let mut all = Vec::new();
    for (_, table) in Registry::builtin().code_tables() {
        let words = |entry: &CodeEntry, more: Vec<Field>| {
            let mut words = entry.words(&context().into());
            words.fields.extend(more);
            words
        };
        for entry in table.rows.iter().filter(|entry| entry.reason.as_str() != OF_THE_DRIVER) {
            let failure = table.failure(entry.code, context()).expect("a row of the table");
            all.push(words(entry, failure.fields.into_vec()));
        }
        for refined in table.refinements().filter(|refined| refined.entry.reason.as_str() != OF_THE_DRIVER) {
            all.push(words(&refined.entry, refined.fields.iter().map(|path| Field::named(path)).collect()));
        }
    }
    hold(all);
}

/// Tests the check itself: what it must report, and what it must not.
#[test]
fn what_is_named_and_not_marked_is_found() {
    for (text, expected) in [
        ("`host` is missing", &["host"][..]),
        ("extra `sslmode` `x` is too weak", &["extra.sslmode"]),
        ("extras `encryption` and `Encrypt` contradict each other", &["extra.encryption"]),
        ("user `login` of `etl`", &["login"]),
        ("put it into `extra`", &[]),
        ("`etl` is refused", &[]),
    ] {
        assert_eq!(named(text), expected, "{text}");
    }
    for (field, path, is) in [
        ("host", "host", true),
        ("extra.a.b", "extra.a", true),
        ("extra.a", "extra.a.b", true),
        ("extra.ab", "extra.a", false),
        ("port", "host", false),
    ] {
        assert_eq!(is_at(&Field::at(field), path), is, "{field} {path}");
    }
}
