//! What cannot be part of a host: parts of other fields, and characters pasted along with it. The clients pass all of
//! it to the resolver, which then fails. Pure.

use crate::model::problem::HostFlaw;
use crate::model::redact::is_hazard;

const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];

/// Why `host`, from the field or from an extra that overrides it, is not just a host or a list of hosts; `None` if it
/// is.
pub(super) fn wrong(host: &str) -> Option<HostFlaw> {
    let stored = || host.to_owned();
    Some(if let Some((scheme, _)) = host.split_once("://") {
        HostFlaw::Url { scheme: scheme.to_owned() }
    } else if host.trim_start_matches('@').contains('@') {
        // The name of an abstract socket begins with `@`; text before any other `@` may contain a password.
        HostFlaw::Login
    } else if host.trim() != host {
        HostFlaw::Padded
    } else if host.split(',').any(|one| one.trim().starts_with('-')) {
        HostFlaw::Option { host: stored() }
    } else if host.contains(QUOTES) {
        HostFlaw::Quote { host: stored() }
    } else if host.contains(|letter: char| !letter.is_control() && is_hazard(letter)) {
        HostFlaw::Unseen { host: stored() }
    } else if host.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        HostFlaw::Blank { host: stored() }
    } else if host.contains('?') {
        HostFlaw::UriOptions
    } else if host.contains('#') {
        HostFlaw::Fragment
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Registry;
    use crate::model::class::Class;
    use crate::model::connection::{Connection, Origin};
    use crate::model::problem::Problem;
    use crate::model::reason::Field;
    use crate::model::secret::Secret;

    #[test]
    fn what_is_no_host_is_a_problem_of_that_field() {
        for host in [
            "postgres://db",
            "etl:x@db",
            " db",
            "db\n",
            "two words",
            "\"db.example\"",
            "'db.example'",
            "“db.example”",
            "`db`",
            "db.example\"",
            "db\u{200b}.example",
            "\u{feff}db.example",
            "db.exa\u{ad}mple",
            "db\u{202e}.example",
            "db.example?sslmode=require",
            "db.example#1",
            "-h db.example",
            "-hdb.example",
            "--host=db.example",
            "a,-b",
        ] {
            let flaw = wrong(host).unwrap_or_else(|| panic!("{}", host.escape_debug()));
            let problem = Problem::from(flaw);
            assert_eq!(problem.fields, [Field::HOST]);
            assert!(!problem.message.contains(is_hazard), "{}", problem.message);
        }
    }

    #[test]
    fn what_is_one_is_none() {
        for host in [
            "db",
            "db-1.example",
            "db_1",
            "10.0.0.7",
            "::1",
            "[::1]:5432",
            "fe80::1%eth0",
            "a,b:5432",
            "/run/postgresql",
            "@abstract",
            "bücher.example",
            "np:\\\\db\\pipe",
            "tcp:db,1433",
            "(local)",
            "db\\SQLEXPRESS",
        ] {
            assert_eq!(wrong(host), None, "{host}");
        }
    }

    #[test]
    fn no_driver_takes_a_blank_off_a_host() {
        for driver in Registry::builtin().drivers() {
            let (conn_type, _) = driver.spec().types[0];
            for host in [" db1.example", "db1.example ", "db1.example\n", "\tdb1.example"] {
                let origin = Origin { source: String::new(), line: None, pointer: String::new(), occurrence: 0 };
                let refusal = driver.plan(&Connection {
                    conn_type: Some(conn_type.to_owned()),
                    host: Some(host.to_owned()),
                    login: Some("etl".to_owned()),
                    password: Some(Secret::new("hunter2".to_owned())),
                    ..Connection::new(origin)
                });
                let refusal = refusal.err().unwrap_or_else(|| panic!("{conn_type} takes {host:?}"));
                assert_eq!(refusal.class, Class::Definition, "{conn_type} {host:?}");
                assert!(refusal.problems.iter().all(|problem| problem.fields == [Field::HOST]), "{conn_type} {host:?}");
            }
        }
    }
}
