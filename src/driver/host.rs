//! What cannot stand in a host: parts of other fields, and what was pasted along with it. The clients hand it all on to
//! the resolver, which finds nothing. Pure.

use crate::model::connection::Problem;
use crate::model::reason::Field;
use crate::model::redact::is_hazard;

const QUOTES: [char; 7] = ['"', '\'', '`', '“', '”', '‘', '’'];

/// What is wrong with `host`, of the field or of an extra that overrides it, if it is not a host, or a list of hosts, and
/// nothing else.
pub(super) fn wrong(host: &str) -> Option<Problem> {
    let bad = |message: String, hint: &str| Some(Problem::bad(Field::HOST, message).hint(hint.to_owned()));
    let shown = host.escape_default();
    if let Some((scheme, _)) = host.split_once("://") {
        return bad(
            format!("`host` holds a URL (`{scheme}://…`), not a host name"),
            "put only the name into `host`; the type, port and database have fields of their own",
        );
    }
    // An abstract socket begins with one; what stands before any other may be a password.
    if host.trim_start_matches('@').contains('@') {
        return bad(
            "`host` has a login in it".to_owned(),
            "put only the name into `host`, and the rest into `login` and `password`",
        );
    }
    if host.trim() != host {
        return bad(
            "`host` begins or ends with a blank or a line end".to_owned(),
            "store it without: the clients of applications look for a name that has it",
        );
    }
    if host.split(',').any(|one| one.trim().starts_with('-')) {
        return bad(
            format!("`host` `{shown}` begins with `-`, as no name does"),
            "store the name alone, without the option of a command line (`-h`, `--host`) before it",
        );
    }
    if host.contains(QUOTES) {
        return bad(
            format!("`host` `{shown}` has a quote in it"),
            "store the name without quotes: those of a shell, YAML or JSON do not belong to it",
        );
    }
    if host.contains(|letter: char| !letter.is_control() && is_hazard(letter)) {
        return bad(
            format!("`host` `{shown}` has a character in it that is not seen"),
            "type the name instead of pasting it",
        );
    }
    if host.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return bad(
            format!("`host` `{shown}` has a blank or control character in it"),
            "store the name alone: a list has commas between its names and no blanks",
        );
    }
    if host.contains('?') {
        return bad(
            "`host` has the options of a URI behind a `?` in it".to_owned(),
            "put the name alone into `host`, and each option into `extra`, under its own name",
        );
    }
    if host.contains('#') {
        return bad(
            "`host` has a `#` in it".to_owned(),
            "remove the `#` and what follows it; if it comes from a password in a URI, write it there as `%23`",
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_host_is_a_problem_of_that_field_and_says_what_to_do() {
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
            let problem = wrong(host).unwrap_or_else(|| panic!("{}", host.escape_debug()));
            assert_eq!(problem.fields, [Field::HOST]);
            assert!(problem.hint.is_some(), "{}", host.escape_debug());
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
}
