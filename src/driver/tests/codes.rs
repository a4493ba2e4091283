//! Requirements for the code tables of all drivers.

use crate::driver::Registry;
use crate::model::class::{Class, Status};
use crate::model::codes::CheckedCredential::{self, After, Before};
use crate::model::codes::refinement::{From, Said, Text};
use crate::model::codes::{CodeTable, Context};
use crate::model::failure::Failure;
use crate::model::reason::{Field, ReasonCode};

/// The tables, with the names of their drivers.
fn tables() -> impl Iterator<Item = (&'static str, &'static CodeTable)> {
    Registry::builtin().code_tables()
}

/// The table of `driver`; an empty one if there is no such driver.
fn table(driver: &str) -> &'static CodeTable {
    static NONE: CodeTable = CodeTable::new(&[]);
    tables().find(|(name, _)| *name == driver).map_or(&NONE, |(_, table)| table)
}

#[test]
fn a_code_is_known_to_its_own_driver() {
    for (driver, code, known) in [
        ("postgres", "28P01", true),
        ("postgres", "1045", false),
        ("mysql", "1045", true),
        ("mysql", "28P01", false),
        ("nobody", "28P01", false),
    ] {
        assert_eq!(table(driver).is_known(code), known, "{driver} {code}");
    }
}

#[test]
fn every_row_is_written_in_our_grammar() {
    for (driver, table) in tables() {
        for entry in table.rows {
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

/// The actions that a hint can ask of its reader.
const ACTIONS: &[&str] = &[
    "add", "ask", "call", "check", "correct", "create", "drop", "find", "free", "get", "have", "let", "look", "lower",
    "make", "move", "name", "raise", "remove", "resume", "see", "set", "sign", "stop", "store", "try", "unblock",
    "use", "wait", "write",
];

#[test]
fn every_hint_says_what_to_do_and_every_explanation_says_more() {
    for (driver, table) in tables() {
        for entry in table.rows {
            let at = format!("{driver} {}: {}", entry.code, entry.hint);
            // Fields, options and commands are in backticks.
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
        let entry = table(driver).lookup(code).unwrap();
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
    for (driver, table) in tables() {
        let mut codes: Vec<&str> = table.rows.iter().map(|entry| entry.code).collect();
        codes.sort_unstable();
        let before = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), before, "{driver}");
    }
}

#[test]
fn a_code_is_a_failure_in_our_words() {
    let context = Context {
        login: Some("etl"),
        database: Some("sales"),
        host: Some("db1.example"),
        target: Some("db1.example:5432/sales"),
    };
    let nothing = Context::default();
    for (driver, code, context, class, shown, message) in [
        ("postgres", "28P01", context, Class::Auth, "28P01", "login refused for user `etl`"),
        ("postgres", "28p01", nothing, Class::Auth, "28P01", "login refused for user `(none)`"),
        ("mysql", "1049", context, Class::NotFound, "1049", "database `sales` does not exist"),
        (
            "mssql",
            "18456/no-password",
            context,
            Class::Auth,
            "18456",
            "login refused for user `etl`: the definition has no password",
        ),
    ] {
        let failure = table(driver).failure(code, context).unwrap();
        assert_eq!((failure.class, failure.code.as_deref()), (class, Some(shown)), "{driver} {code}");
        assert_eq!(failure.status, class.status(), "{driver} {code}");
        assert_eq!(failure.message, message, "{driver} {code}");
        assert!(failure.hint.is_some(), "{driver} {code}");
    }
}

#[test]
fn a_code_belongs_to_its_driver() {
    for (driver, code) in [("postgres", "1049"), ("mysql", "28P01"), ("oracle", "28P01"), ("postgres", "99999")] {
        assert!(table(driver).lookup(code).is_none(), "{driver} {code}");
        assert_eq!(table(driver).failure(code, Context::default()), None, "{driver} {code}");
    }
}

#[test]
fn what_only_the_server_could_tell_of_a_definition_is_a_failure_of_the_target() {
    let failure = table("mongodb").failure("354", Context::default()).unwrap();
    assert_eq!((failure.class, failure.status), (Class::Definition, Status::Failed));
}

#[test]
fn what_is_no_refusal_of_the_credential_is_known_by_its_code() {
    for (driver, code, expected) in [
        ("mysql", "1049", After),
        ("mysql", "1040", Before),
        ("mysql", "1045", CheckedCredential::Unknown),
        ("postgres", "3D000", CheckedCredential::Unknown),
        ("s3", "AccessDenied", CheckedCredential::Unknown),
        ("s3", "1049", CheckedCredential::Unknown),
    ] {
        assert_eq!(table(driver).when(code), expected, "{driver} {code}");
    }
}

#[test]
fn every_row_of_a_time_has_an_entry_that_is_no_refusal_and_a_source() {
    let mut found = 0;
    for (driver, table) in tables() {
        for row in table.checked_rows() {
            let entry = table.lookup(row.code).unwrap_or_else(|| panic!("{driver} {}", row.code));
            assert_ne!(entry.class, Class::Auth, "{driver} {}", row.code);
            assert_eq!(table.source(row.code), Some(row.source), "{driver} {} stands twice", row.code);
            assert!(row.source.len() > 20, "{driver} {}", row.code);
            found += 1;
        }
    }
    assert!(found > 30, "{found}");
}

/// Extras that a hint names only for a case that may not apply: the reader has to find out first.
const PERHAPS: &[(&str, &str, &str)] = &[
    ("postgres", "57014", "options"),
    ("mssql", "17892", "appname"),
    ("mongodb", "18", "authSource"),
    ("s3", "AccessDenied/Unproved", "aws_session_token"),
    ("postgres", "", "options"),
    ("postgres", "", "application_name"),
    ("postgres", "", "max_protocol_version"),
    ("mysql", "", "ssl_mode"),
];

/// Extras that stand for a field of the form; the engine replaces them by that field.
const STAND_INS: &[&str] = &["aws_access_key_id", "aws_secret_access_key", "bucket_name"];

/// What follows `extra` in `text`.
fn named(text: &str) -> impl Iterator<Item = &str> {
    text.split("extra `").skip(1).filter_map(|rest| rest.split('`').next())
}

fn held(driver: &str, code: &str, failure: &Failure) {
    let hint = failure.hint.as_deref().unwrap_or_default();
    for extra in named(&failure.message).chain(named(hint)) {
        let perhaps = PERHAPS.contains(&(driver, code, extra)) || STAND_INS.contains(&extra);
        let at_fault =
            |field: &Field| field.as_str().strip_prefix("extra.").is_some_and(|path| path.starts_with(extra));
        assert!(perhaps || failure.fields.iter().any(at_fault), "{driver} {code}: `{extra}` is named: {hint}");
    }
}

/// The driver adds the extras that PostgreSQL's settings come from.
#[test]
fn an_extra_that_a_row_names_is_at_fault() {
    for (driver, table) in tables() {
        for row in table.rows {
            let failure = table.failure(row.code, Context::default()).unwrap();
            if (driver, row.reason.as_str()) != ("postgres", "setting_refused") {
                held(driver, row.code, &failure);
            }
        }
        for row in table.refinements().filter(|row| row.entry.reason.as_str() != "setting_refused") {
            let From::Whom(_) = row.from else { continue };
            let text = match row.text {
                Text::Starts(start) => start.to_owned(),
                Text::Has(words) => words.join(" "),
                Text::Empty | Text::Any => String::new(),
            };
            let said = Said { code: row.codes.first().copied().unwrap_or("1"), product: None, text: &text };
            held(driver, "", &table.refusal(said, None, Context::default()).unwrap());
        }
    }
}

fn said<'a>(code: &'a str, text: &'a str) -> Said<'a> {
    Said { code, product: None, text }
}

#[test]
fn a_text_is_compared_without_case_and_only_with_its_codes() {
    for (code, text, expected) in [
        ("08P01", "SASL authentication failed", Some(ReasonCode::LoginRefused)),
        ("08p01", "sasl Authentication failed\n", Some(ReasonCode::LoginRefused)),
        ("08P01", "it says: SSL required", None),
        ("57P01", "SASL authentication failed", None),
        ("08P01", "", None),
        ("XX000", "ERROR: all backend nodes are down, pgpool", Some(ReasonCode::BackendDown)),
        ("3D000", "database \"SSL required\" does not exist", None),
    ] {
        assert_eq!(table("postgres").refine(said(code, text)).map(|row| row.entry.reason), expected, "{code} {text}");
    }
    assert!(table("mysql").refine(said("08P01", "SASL authentication failed")).is_none());
    let long = "é".repeat(2048) + "all backend nodes are down";
    assert!(table("postgres").refine(said("XX000", &long)).is_none(), "a long text costs no more than a short one");
}

/// The product of the row: some rows have the class and reason of the bare code, and only their texts differ.
#[test]
fn the_row_of_a_product_is_the_one_that_counts() {
    for (driver, code, text, product, names) in [
        // https://proxysql.com/documentation/main-runtime/#mysql_users
        (
            "mysql",
            "1045",
            "ProxySQL Error: Access denied for user 'etl'@'10.0.0.7' (using password: YES)",
            "ProxySQL",
            "mysql_users",
        ),
        // https://neon.com/docs/connect/connection-errors
        (
            "postgres",
            "XX000",
            "Endpoint ID is not specified. Either please upgrade the postgres client library",
            "Neon",
            "extra `options`",
        ),
        // https://learn.microsoft.com/azure/postgresql/single-server/how-to-troubleshoot-common-connection-issues
        (
            "postgres",
            "28000",
            "Invalid Username specified. Please check the Username and retry connection. The Username should be in <username@hostname> format.",
            "Azure Database for PostgreSQL",
            "@",
        ),
    ] {
        let row = table(driver).refine(said(code, text)).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(row.product(), product, "{text}");
        assert!(row.entry.hint.contains(names), "{product}: {}", row.entry.hint);
    }
}

#[test]
fn the_text_comes_before_the_variant_and_the_variant_before_the_code() {
    let message =
        |said, variant| table("postgres").refusal(said, variant, Context::default()).map(|failure| failure.message);
    let by_code = |code: &str| table("postgres").failure(code, Context::default()).map(|failure| failure.message);
    let variant = Some("ClientAuthentication");
    assert_eq!(message(said("28000", "no"), None), by_code("28000"));
    assert_eq!(message(said("28000", "no"), variant), by_code("28000/ClientAuthentication"));
    let by_text = message(said("28000", "Cloud SQL IAM user authentication failed"), variant);
    assert!(by_text.is_some() && by_text != by_code("28000/ClientAuthentication"));
    assert_eq!(message(said("99999", "no"), None), None);
}

#[test]
fn a_refined_code_is_shown_as_the_server_gave_it() {
    let failure =
        table("postgres").refusal(said("28P01", "SASL authentication failed"), None, Context::default()).unwrap();
    assert_eq!(failure.code.as_deref(), Some("28P01"));
}

#[test]
fn every_row_is_reached_and_is_whole() {
    for (driver, table) in tables() {
        for row in table.refinements() {
            let at = format!("{driver} {} {:?}", row.product(), row.text);
            let text = match row.text {
                Text::Starts(start) => start.to_owned(),
                Text::Has(words) => words.join(" … "),
                Text::Empty | Text::Any => String::new(),
            };
            let product = match row.from {
                From::Known(product) => Some(product),
                From::Whom(_) => None,
            };
            // For some codes of a row an earlier row may match; at least one code must reach this row.
            let codes = if row.codes.is_empty() { &["any"] } else { row.codes };
            let found = codes.iter().filter_map(|code| table.refine(Said { code, product, text: &text }));
            assert!(found.into_iter().any(|found| std::ptr::eq(found, row)), "{at} is never reached");
            let entry = &row.entry;
            assert!(!entry.message.is_empty() && !entry.message.ends_with('.'), "{at}");
            assert!(!entry.hint.is_empty() && !entry.hint.ends_with('.'), "{at}");
            assert!(entry.explanation.len() > 30 && entry.explanation.ends_with('.'), "{at}");
        }
    }
}

#[test]
fn only_another_name_than_the_definitions_is_taken_from_a_text() {
    let long = "x".repeat(80);
    for (driver, text, login, database) in [
        ("postgres", "database \"other\" does not exist", None, Some("other")),
        ("postgres", "database \"app\" does not exist", None, None),
        ("postgres", "database \"APP\" does not exist", None, None),
        ("postgres", "role \"ghost\" is not permitted to log in", Some("ghost"), None),
        ("postgres", "password authentication failed for user \"ghost\"", Some("ghost"), None),
        ("postgres", "password authentication failed for user \"etl\"", None, None),
        ("postgres", "must be superuser \"ghost\"", None, None),
        (
            "postgres",
            "no pg_hba.conf entry for host \"10.0.0.7\", user \"ghost\", database \"other\", no encryption",
            Some("ghost"),
            Some("other"),
        ),
        ("postgres", "no such database\ndatabase \"other\" has one", None, None),
        ("postgres", "Datenbank »other« existiert nicht", None, None),
        ("postgres", "database \"\" does not exist", None, None),
        ("postgres", "database \"a`b\" does not exist", None, None),
        ("postgres", "database \"a\u{1}b\" does not exist", None, None),
        ("postgres", "database \"other", None, None),
        ("mysql", "Unknown database 'other'", None, Some("other")),
        ("mysql", "Access denied for user 'ghost'@'%' to database 'app'", Some("ghost"), None),
        ("mysql", "Access denied for user ''@'localhost'", None, None),
        ("mssql", "Cannot open database \"other\" requested by the login.", None, Some("other")),
        ("mssql", "Login failed for user 'ghost'.", Some("ghost"), None),
        ("mssql", "Login failed for user '<token-identified principal>'.", None, None),
        ("mssql", "The server principal \"ghost\" is not able to access the database \"app\"", Some("ghost"), None),
        ("mongodb", "user \"ghost\" of database \"other\"", None, None),
    ] {
        let spoken = table(driver).spoken(text, Some("etl"), Some("app"));
        assert_eq!((spoken.login.as_deref(), spoken.database.as_deref()), (login, database), "{driver}: {text}");
    }
    let text = format!("database \"{}\" does not exist", &long[..63]);
    assert_eq!(table("postgres").spoken(&text, None, Some(&long)).database, None, "a name that the server has cut");
    let text = format!("database \"{}\" does not exist", "x".repeat(129));
    assert_eq!(table("postgres").spoken(&text, None, Some("app")).database, None);
}
