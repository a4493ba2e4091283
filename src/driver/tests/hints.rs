//! Requirements for the hints of all code tables.

use crate::driver::{Driver, Registry};
use crate::model::class::Class;
use crate::model::codes::Context;
use crate::model::failure::Failure;
use crate::model::managed::{Service, say_where_the_log_is, sends_to_log};
use crate::model::reason::ReasonCode;
use crate::model::url_parts;

/// Whether a text refers to a log, and not to logging in.
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
    for spec in Registry::builtin().drivers().map(Driver::spec) {
        let (driver, table) = (spec.name, spec.codes);
        for entry in table.rows.iter().chain(table.refinements().map(|row| &row.entry)) {
            if !speaks_of_a_log(entry.hint) {
                continue;
            }
            found += 1;
            let failure = Failure::made_up(entry.reason, entry.class, "");
            assert!(sends_to_log(spec.sends_to_log, &failure), "{driver} {} {:?}", entry.code, entry.reason);
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

#[test]
fn the_log_is_told_of_where_the_hint_sends_people_to_it() {
    for (driver, reason, class, host, service) in [
        ("mssql", ReasonCode::LoginRefused, Class::Auth, "db1.database.windows.net", Some(Service::AzureSql)),
        ("postgres", ReasonCode::ServerError, Class::Server, "a.b.rds.amazonaws.com", Some(Service::Rds)),
        (
            "postgres",
            ReasonCode::ServerShort,
            Class::Busy,
            "x.postgres.database.azure.com",
            Some(Service::AzurePostgres),
        ),
        (
            "mysql",
            ReasonCode::ClosedDuringLogin,
            Class::Closed,
            "x.mysql.database.azure.com",
            Some(Service::AzureMysql),
        ),
        ("s3", ReasonCode::ServerError, Class::Server, "s3.eu-west-1.amazonaws.com", Some(Service::AwsS3)),
        ("s3", ReasonCode::ServerError, Class::Server, "minio.example", None),
        (
            "redis",
            ReasonCode::ServerError,
            Class::Server,
            "master.c.ab1cd.euw1.cache.amazonaws.com",
            Some(Service::ElastiCache),
        ),
        ("redis", ReasonCode::ClosedDuringTls, Class::Closed, "x.upstash.io", Some(Service::Upstash)),
        ("postgres", ReasonCode::ServerError, Class::Server, "db1.example.com", None),
        ("mysql", ReasonCode::LoginRefused, Class::Auth, "a.b.rds.amazonaws.com", None),
        ("postgres", ReasonCode::TooManyConnections, Class::Busy, "a.b.rds.amazonaws.com", None),
    ] {
        let mut failure = Failure::made_up(reason, class, "failed").hint("usual");
        let spec = Registry::builtin().drivers().map(Driver::spec).find(|spec| spec.name == driver).unwrap();
        if let Some(found) = (spec.service_at)(host) {
            say_where_the_log_is(&mut failure, spec.sends_to_log, found);
        }
        let expected = service.map_or_else(|| "usual".to_owned(), |service| format!("usual; {}", service.log()));
        assert_eq!(failure.hint, Some(expected), "{driver} {host}");
    }
}
