//! What must hold of the hints of all code tables.

use crate::driver::Registry;
use crate::model::codes::Context;
use crate::model::failure::Failure;
use crate::model::managed::sends_to_log;
use crate::model::url_parts;

/// Whether a text speaks of a log, and not of logging in.
fn speaks_of_a_log(text: &str) -> bool {
    let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
    words
        .iter()
        .enumerate()
        .any(|(at, word)| *word == "log" && !["in", "on"].contains(words.get(at + 1).unwrap_or(&"")))
}

#[test]
fn every_hint_that_sends_to_a_log_is_one_that_says_where() {
    let mut found = 0;
    for (driver, table) in Registry::builtin().code_tables() {
        for entry in table.rows.iter().chain(table.refinements().map(|row| &row.entry)) {
            if !speaks_of_a_log(entry.hint) {
                continue;
            }
            found += 1;
            let failure = Failure::made_up(entry.reason, entry.class, "");
            assert!(sends_to_log(driver, &failure), "{driver} {} {:?}", entry.code, entry.reason);
        }
    }
    assert!(found > 10, "{found}");
}

/// Sources and the store log in to these by a URL.
#[test]
fn no_hint_names_a_field_of_a_form_where_a_url_names_the_server() {
    let tables = Registry::builtin().code_tables();
    for (driver, table) in tables.filter(|(driver, _)| ["postgres", "mysql"].contains(driver)) {
        for row in table.rows {
            let failure = url_parts::named(table.failure(row.code, Context::default()).unwrap());
            for text in [failure.message, failure.hint.unwrap_or_default()] {
                let left = ["`login`", "`password`", "`schema`", "extra `"].iter().find(|field| text.contains(**field));
                assert_eq!(left, None, "{driver} {}: {text}", row.code);
            }
        }
    }
}
