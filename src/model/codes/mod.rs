//! The normative table: a server's code → class, message, hint and explanation, one file a driver.
//!
//! Owns the words of every refusal that a server can express by a code. Codes that need more than
//! the code to be classed (PostgreSQL's 28000) are told apart by their driver and stand here under
//! `CODE/routine`.

mod mongodb;
mod mssql;
mod mysql;
mod postgres;
mod s3;

use super::class::{Class, Status};
use super::failure::Failure;

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct CodeEntry {
    /// The server's own code.
    pub code: &'static str,
    /// The server's name for it, or what the manual calls it.
    pub name: &'static str,
    /// Who or what is at fault.
    pub class: Class,
    /// Our words: a lower-case fragment; `{login}`, `{database}`, `{host}` and `{target}` are filled in.
    pub message: &'static str,
    /// One sentence on what to do, naming the field.
    pub hint: &'static str,
    /// The longer text of `connprobe explain`.
    pub explanation: &'static str,
}

/// What fills the placeholders of a message or hint.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The user.
    pub login: Option<&'a str>,
    /// The database or bucket.
    pub database: Option<&'a str>,
    /// The host as stored.
    pub host: Option<&'a str>,
    /// Host, port and database together.
    pub target: Option<&'a str>,
}

/// The drivers that have a table, with their rows.
pub const TABLES: &[(&str, &[CodeEntry])] = &[
    ("postgres", postgres::CODES),
    ("mysql", mysql::CODES),
    ("mssql", mssql::CODES),
    ("mongodb", mongodb::CODES),
    ("s3", s3::CODES),
];

/// The row of `driver` for `code`.
#[must_use]
pub fn lookup(driver: &str, code: &str) -> Option<&'static CodeEntry> {
    let (_, entries) = TABLES.iter().find(|(name, _)| *name == driver)?;
    entries.iter().find(|entry| entry.code.eq_ignore_ascii_case(code))
}

/// Whether the table of `driver` has `code`, as it is shown.
#[must_use]
pub fn is_known(driver: &str, code: &str) -> bool {
    let tables = TABLES.iter().filter(|(name, _)| *name == driver);
    tables.flat_map(|(_, entries)| *entries).any(|entry| shown(entry) == code)
}

/// A row's code without what tells several rows of one code apart.
fn shown(entry: &CodeEntry) -> &'static str {
    entry.code.split_once('/').map_or(entry.code, |(code, _)| code)
}

/// The failure that `code` stands for, in our words; `None` for a code that the table lacks.
#[must_use]
pub fn failure(driver: &str, code: &str, context: Context<'_>) -> Option<Failure> {
    let entry = lookup(driver, code)?;
    let failure =
        Failure::new(entry.class, fill(entry.message, context)).code(shown(entry)).hint(fill(entry.hint, context));
    // Only the server could tell, so the target's definition is wrong on its word: `failed`.
    Some(if entry.class == Class::Definition { failure.status(Status::Failed) } else { failure })
}

fn fill(template: &str, context: Context<'_>) -> String {
    let mut text = template.to_owned();
    for (placeholder, value) in [
        ("{login}", context.login),
        ("{database}", context.database),
        ("{host}", context.host),
        ("{target}", context.target),
    ] {
        if text.contains(placeholder) {
            text = text.replace(placeholder, value.unwrap_or("(none)"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_written_in_our_grammar() {
        for (driver, entries) in TABLES {
            for entry in *entries {
                let at = format!("{driver} {}", entry.code);
                assert!(!entry.message.ends_with('.'), "{at}: a message is a fragment");
                assert!(
                    !entry.message.starts_with(char::is_uppercase) || entry.message.starts_with("TLS"),
                    "{at}: lower case"
                );
                assert!(!entry.hint.is_empty() && !entry.explanation.is_empty(), "{at}: hint and explanation");
            }
        }
    }

    /// What somebody can do who reads a hint.
    const ACTIONS: &[&str] = &[
        "add", "ask", "call", "check", "correct", "create", "drop", "find", "free", "get", "have", "let", "look",
        "lower", "make", "move", "name", "raise", "remove", "resume", "see", "set", "sign", "stop", "store", "try",
        "unblock", "use", "wait", "write",
    ];

    #[test]
    fn every_hint_says_what_to_do_and_every_explanation_says_more() {
        for (driver, entries) in TABLES {
            for entry in *entries {
                let at = format!("{driver} {}: {}", entry.code, entry.hint);
                // A field, an option or a command stands in backticks.
                let acts = entry.hint.split([';', ':', ',']).any(|clause| {
                    let clause = clause.trim();
                    let first = clause.split(' ').next().unwrap_or_default();
                    ACTIONS.contains(&first) || clause.starts_with("an administrator")
                });
                assert!(entry.hint.contains('`') || acts, "{at}");
                assert!(entry.explanation.len() > entry.hint.len(), "{at}");
                assert!(!entry.hint.starts_with(char::is_uppercase) || entry.hint.starts_with("TLS"), "{at}");
                assert!(!entry.hint.ends_with('.') && entry.explanation.ends_with('.'), "{at}");
            }
        }
    }

    #[test]
    fn what_a_server_does_not_tell_apart_is_said_so() {
        for (driver, code) in
            [("postgres", "28P01"), ("mysql", "1045"), ("mssql", "18456"), ("mssql", "4060"), ("mongodb", "18")]
        {
            let entry = lookup(driver, code).unwrap();
            let said = format!("{} {} {}", entry.message, entry.hint, entry.explanation);
            assert!(
                [
                    "does not tell",
                    "tells a wrong password from",
                    "look alike",
                    "cannot be told",
                    "without telling them apart"
                ]
                .iter()
                .any(|words| said.contains(words)),
                "{driver} {code}: {said}"
            );
        }
    }

    #[test]
    fn no_code_stands_twice() {
        for (driver, entries) in TABLES {
            let mut codes: Vec<&str> = entries.iter().map(|entry| entry.code).collect();
            codes.sort_unstable();
            let before = codes.len();
            codes.dedup();
            assert_eq!(codes.len(), before, "{driver}");
        }
    }
}
