//! Environment files as Airflow writes them, and as people write them.

use connprobe::model::notice::{Notice, Repeated, SourceNotice, VariableNotice};
use connprobe::model::problem::{BadLine, EntryFlaw, Problem, UriFlaw};
use connprobe::model::reason::unusable::{Entries, UnreadLine};
use connprobe::model::reason::{ReasonCode, Source, Unusable};
use connprobe::source::SourceError;

use crate::airflow::unusable;
use crate::sources::{CANARY, codes, load_file, password, read_file};

/// Name, host, origin, warnings, problems.
type Row<'a> = (&'a str, &'a str, String, Vec<&'a str>, Vec<Problem>);

fn rows(connections: &[connprobe::model::connection::Connection]) -> Vec<Row<'_>> {
    assert!(!format!("{connections:?}").contains(CANARY));
    connections
        .iter()
        .map(|connection| {
            (
                connection.conn_id.as_deref().unwrap_or("-"),
                connection.host.as_deref().unwrap_or("-"),
                connection.origin.to_string(),
                codes(connection),
                connection.problems.clone(),
            )
        })
        .collect()
}

#[test]
fn lines_of_conn_ids_as_airflow_exports_them() {
    let text = "warehouse=postgres://etl:CANARY@h1:5432/sales?sslmode=require\n\n# why\n\
                a/b:c=mysql://h2\r\nShop.X-1=aws://AKIA:CANARY%2F%3D@/?region_name=us-east-1\n";
    let connections = read_file("c.env", text);
    assert_eq!(
        rows(&connections),
        [
            ("warehouse", "h1", "c.env:1#/warehouse".to_owned(), vec![], vec![]),
            ("a/b:c", "h2", "c.env:4#/a~1b:c".to_owned(), vec![], vec![]),
            ("Shop.X-1", "-", "c.env:5#/Shop.X-1".to_owned(), vec![], vec![]),
        ]
    );
    assert_eq!((password(&connections[0]), password(&connections[2])), ("CANARY", "CANARY/="));
    assert!(connections.iter().all(|connection| connection.directory.is_some()));
}

#[test]
fn what_airflow_reads_otherwise_is_read_as_meant_and_told() {
    // Whether the line has an `export`, quotes, blanks, a comment.
    for (line, [export, quotes, blanks, comment]) in [
        ("a='postgres://u:CANARY@h'", [false, true, false, false]),
        ("export a=postgres://u:CANARY@h", [true, false, false, false]),
        ("a = postgres://u:CANARY@h", [false, false, true, false]),
        ("a=postgres://u:CANARY@h # production", [false, false, false, true]),
        (" export a=\"postgres://u:CANARY@h\" # production", [true, true, true, false]),
    ] {
        let connections = read_file("c.env", line);
        assert_eq!(rows(&connections), [("a", "h", "c.env:1#/a".to_owned(), vec!["env_syntax"], vec![])], "{line}");
        assert_eq!(password(&connections[0]), CANARY);
        let syntax = VariableNotice::Syntax { export, quotes, blanks, comment };
        assert_eq!(connections[0].warnings, [syntax.warning()], "{line}");
    }
    for line in [
        r#"a={"conn_type": "postgres", "host": "h", "password": "CANARY", "description": "x # y"}"#,
        r#"a={"conn_type": "postgres", "host": "h", "password": "CANARY", "uri": null, "extra": "{\"a\": \"b\"}"}"#,
    ] {
        let connections = read_file("c.env", line);
        assert_eq!(rows(&connections), [("a", "h", "c.env:1#/a".to_owned(), vec!["json_text"], vec![])], "{line}");
    }
}

#[test]
fn variables_are_read_as_shells_and_compose_read_them() {
    let text = "set -a\nPATH=/bin:CANARY\nexport AIRFLOW_CONN_WAREHOUSE='postgres://u:CANARY@h1'\nunset X\n\
                AIRFLOW_CONN_SHOP=\"{\n  \\\"conn_type\\\": \\\"mysql\\\",\n  \\\"host\\\": \\\"h2\\\"\n}\"  # why\n\
                AIRFLOW__CORE__FERNET_KEY=CANARY\nTEXT='\nAIRFLOW_CONN_NOT=x\n'\nAIRFLOW_CONN_UNSET=\n\
                AIRFLOW_CONN_lower=mysql://h3\nAIRFLOW_CONN_B = postgres://u:p$CANARY@h4\nAIRFLOW_CONN_C='postgres://u:p$CANARY@h5'\n";
    let connections = read_file("c.env", text);
    assert_eq!(
        rows(&connections),
        [
            ("warehouse", "h1", "c.env:3#/AIRFLOW_CONN_WAREHOUSE".to_owned(), vec![], vec![]),
            ("shop", "h2", "c.env:5#/AIRFLOW_CONN_SHOP".to_owned(), vec![], vec![]),
            ("lower", "h3", "c.env:14#/AIRFLOW_CONN_lower".to_owned(), vec!["env_case"], vec![]),
            ("b", "h4", "c.env:15#/AIRFLOW_CONN_B".to_owned(), vec!["env_expansion"], vec![]),
            ("c", "h5", "c.env:16#/AIRFLOW_CONN_C".to_owned(), vec![], vec![]),
        ]
    );
}

#[test]
fn a_bad_line_is_an_entry_and_hides_no_other() {
    let bad = |line| Problem::from(EntryFlaw::Line(line));
    for (line, name, flaw) in [
        ("CANARY", "-", bad(BadLine::NoSign)),
        ("postgres://u:CANARY@h/db?a=b", "-", bad(BadLine::NoName)),
        ("a b=CANARY", "-", bad(BadLine::NoName)),
        ("a=", "-", bad(BadLine::NoValue)),
        ("CANARYQUJD==", "-", bad(BadLine::NoValue)),
        ("a='CANARY", "a", bad(BadLine::Unclosed)),
        ("a='CANARY'x", "a", bad(BadLine::Behind)),
        ("a=CANARY", "a", UriFlaw::NoType.into()),
        ("a=postgres://h:CANARY/db", "a", UriFlaw::PortNotANumber.into()),
    ] {
        let connections = read_file("c.env", &format!("{line}\nfine=postgres://h"));
        let pointer = if name == "-" { "c.env:1".to_owned() } else { format!("c.env:1#/{name}") };
        let found = rows(&connections);
        assert_eq!((found[0].0, &found[0].2, &found[0].4), (name, &pointer, &vec![flaw]), "{line}");
        assert_eq!(found[1], ("fine", "h", "c.env:2#/fine".to_owned(), vec![], vec![]), "{line}");
        assert!(connections[0].problems[0].hint.is_some(), "{line}");
    }
    let cut_off = read_file("c.env", "a={\"password\": \"CANARY\"\nfine=postgres://h");
    let reasons: Vec<ReasonCode> = cut_off[0].problems.iter().map(|problem| problem.reason).collect();
    assert_eq!((reasons, rows(&cut_off)[1].0), (vec![ReasonCode::BadEntry], "fine"));
}

#[test]
fn names_that_stand_twice_are_both_kept() {
    let connections = read_file("c.env", "a=postgres://h1\nb=postgres://h\na=postgres://h2\n\n=x\n=y");
    let ids: std::collections::BTreeSet<String> =
        connections.iter().map(connprobe::model::connection::Connection::id).collect();
    assert_eq!(ids.len(), 5, "every entry has an id of its own");
    assert_eq!(codes(&connections[0]), ["duplicate_key"]);
    let twice = |rule| [SourceNotice::NameTwice { count: 2, rule }.warning()];
    assert_eq!(connections[2].warnings, twice(Repeated::Refused));
    assert_eq!((codes(&connections[1]), codes(&connections[3])), (vec![], vec![]));
    let connections = read_file("c.env", "AIRFLOW_CONN_A=postgres://h1\nAIRFLOW_CONN_A=postgres://h2");
    assert_eq!(connections[0].warnings, twice(Repeated::LastCounts));
}

/// The connections read, by line, and the numbers of the lines that look like a connection but are not read.
fn read_and_unread(text: &str) -> (Vec<String>, Vec<usize>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.env");
    std::fs::write(&path, text).unwrap();
    let loaded = crate::sources::load(path.to_str().unwrap()).unwrap();
    assert!(!format!("{loaded:?}").contains(CANARY));
    let read = loaded.connections.iter().map(|one| one.conn_id.clone().unwrap_or_default()).collect();
    let number = |message: &str| message.split_whitespace().nth(1).unwrap().parse().unwrap();
    let unread = loaded.warnings.iter().map(|warning| {
        assert_eq!(warning.code.as_str(), "line_not_read");
        number(&warning.message)
    });
    (read, unread.collect())
}

#[test]
fn a_line_that_looks_like_a_connection_is_read_or_told() {
    for (line, reads, tells) in [
        // compose-go, dotenv/parser.go: a name ends at `=` or `:`
        ("AIRFLOW_CONN_B: postgres://u:CANARY@h", Some("b"), false),
        ("AIRFLOW_CONN_B: \"postgres://u:CANARY@h\" # why", Some("b"), false),
        ("export AIRFLOW_CONN_B: 'postgres://u:CANARY@h'", Some("b"), false),
        // https://docs.docker.com/reference/dockerfile: ENV; a compose file's list; docker run -e
        ("ENV AIRFLOW_CONN_B=postgres://u:CANARY@h", None, true),
        ("ENV AIRFLOW_CONN_B postgres://u:CANARY@h", None, true),
        ("- AIRFLOW_CONN_B=postgres://u:CANARY@h", None, true),
        ("-e AIRFLOW_CONN_B=postgres://u:CANARY@h", None, true),
        // Shells: bash's `export -p`, csh, fish, Windows, PowerShell
        ("declare -x AIRFLOW_CONN_B=\"postgres://u:CANARY@h\"", None, true),
        ("setenv AIRFLOW_CONN_B postgres://u:CANARY@h", None, true),
        ("set -x AIRFLOW_CONN_B postgres://u:CANARY@h", None, true),
        ("set AIRFLOW_CONN_B=postgres://u:CANARY@h", None, true),
        ("$env:AIRFLOW_CONN_B = 'postgres://u:CANARY@h'", None, true),
        // systemd.exec(5), JSON, a space for `=`
        ("Environment=\"AIRFLOW_CONN_B=postgres://u:CANARY@h\"", None, true),
        ("\"AIRFLOW_CONN_B\": \"postgres://u:CANARY@h\",", None, true),
        ("AIRFLOW_CONN_B postgres://u:CANARY@h", None, true),
        ("a=postgres://u:CANARY@h", None, true),
        ("DATABASE_URL=mysql+pymysql://u:CANARY@h/d", None, true),
        ("WAREHOUSE={\"conn_type\": \"postgres\", \"password\": \"CANARY\"}", None, true),
        ("AIRFLOW_CONN_B=", None, true),
        ("airflow_conn_b=postgres://u:CANARY@h", Some("b"), false),
        ("# AIRFLOW_CONN_B=postgres://u:CANARY@h", None, false),
        ("unset AIRFLOW_CONN_B", None, false),
        ("export AIRFLOW_CONN_B", None, false),
        ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=postgresql+psycopg2://u:CANARY@h/d", None, false),
        ("HTTPS_PROXY=http://u:CANARY@proxy:3128", None, false),
        ("API=https://u:CANARY@api.example", None, false),
        ("PASSWORD=CANARY", None, false),
    ] {
        let text = format!("AIRFLOW_CONN_A=postgres://h\n{line}\nAIRFLOW_CONN_Z=postgres://h\n");
        let expected: Vec<String> = [Some("a"), reads, Some("z")].into_iter().flatten().map(str::to_owned).collect();
        assert_eq!(read_and_unread(&text), (expected, if tells { vec![2] } else { vec![] }), "{line}");
    }
}

#[test]
fn lines_without_end_are_counted_not_listed() {
    let text = format!("AIRFLOW_CONN_A=postgres://h\n{}", "a=postgres://h\n".repeat(100_000));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.env");
    std::fs::write(&path, text).unwrap();
    assert_eq!(crate::sources::load(path.to_str().unwrap()).unwrap().warnings.len(), 51);
}

#[test]
fn a_file_without_definitions_says_so() {
    for text in ["# nothing\n\n", "AIRFLOW__CORE__FERNET_KEY=CANARY\nAIRFLOW_HOME=/x"] {
        let error = load_file("c.env", text).unwrap_err();
        assert_eq!(unusable(&error), &Unusable::from(Entries::NoLine { unread: vec![], why: None }));
    }
    let error = load_file("c.env", "AIRFLOW_URL=postgres://u:CANARY@h\n").unwrap_err();
    let unread = Entries::NoLine { unread: vec![1], why: Some(UnreadLine::OtherName) };
    assert_eq!(unusable(&error), &Unusable::from(unread));
    assert!(!format!("{error} {error:?}").contains(CANARY), "{error}");
    let lines = "a=postgres://h\n".repeat(100_001);
    let error = load_file("c.env", &lines).unwrap_err();
    assert!(matches!(error, SourceError::Own(Source::TooMany { most: 100_000, .. })), "{error}");
}
