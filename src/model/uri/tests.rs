//! The readings of Airflow 3.3.2, row by row, as observed. Where Airflow fails or loses something, the row contains the
//! warning or problem of connprobe for the same text.

use proptest::prelude::*;

use super::Uri;
use crate::model::problem::UriFlaw;
use crate::model::secret::Secret;

/// Type, host, login, password, schema, port; absent parts are empty or 0.
type Parts<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, u16);

fn parts(uri: &Uri) -> Parts<'_> {
    (
        uri.conn_type.as_deref().unwrap_or_default(),
        uri.host.as_deref().unwrap_or_default(),
        uri.login.as_deref().unwrap_or_default(),
        uri.password.as_ref().map_or("", Secret::expose),
        uri.schema.as_deref().unwrap_or_default(),
        uri.port.unwrap_or_default(),
    )
}

fn codes(uri: &Uri) -> Vec<&'static str> {
    uri.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

fn query(uri: &Uri) -> Vec<(&str, &str)> {
    uri.query.iter().map(|(name, value)| (name.as_str(), value.expose())).collect()
}

#[test]
fn reads_what_airflow_reads() {
    for (text, expected) in [
        ("postgresql://user:pass@host:5432/db", ("postgres", "host", "user", "pass", "db", 5432)),
        ("POSTGRES://User:Pass@HOST.Example:5432/Db", ("postgres", "host.example", "User", "Pass", "Db", 5432)),
        ("postgresql+psycopg2://u:p@h/db", ("postgresql+psycopg2", "h", "u", "p", "db", 0)),
        ("postgres://u:p%40ss%3Aw%2Frd%25@h:5432/db", ("postgres", "h", "u", "p@ss:w/rd%", "db", 5432)),
        ("postgres://u:p@ss@h:5432/db", ("postgres", "h", "u", "p@ss", "db", 5432)),
        ("postgres://u:p:w@h:5432/db", ("postgres", "h", "u", "p:w", "db", 5432)),
        ("postgres://u:p%w@h/db", ("postgres", "h", "u", "p%w", "db", 0)),
        ("postgres://u:p+w@h/db", ("postgres", "h", "u", "p+w", "db", 0)),
        ("postgres://u:@h", ("postgres", "h", "u", "", "", 0)),
        ("aws://AKIA123:a%2Fb%2Bc%3D@/?region_name=us-east-1", ("aws", "", "AKIA123", "a/b+c=", "", 0)),
        ("postgres://[::1]:5432/db", ("postgres", "::1", "", "", "db", 5432)),
        ("postgres://u:p@[fe80::1%25eth0]:5432/db", ("postgres", "fe80::1%eth0", "u", "p", "db", 5432)),
        ("postgres://%5B%3A%3A1%5D:5432/db", ("postgres", "[::1]", "", "", "db", 5432)),
        ("postgres://u:p@%2FVar%2FRun%2FPG/db", ("postgres", "/Var/Run/PG", "u", "p", "db", 0)),
        ("postgres://u:p@/db", ("postgres", "", "u", "p", "db", 0)),
        ("postgres:///db", ("postgres", "", "", "", "db", 0)),
        ("postgres://@:5432/db", ("postgres", "", "", "", "db", 5432)),
        ("postgres://:p@h", ("postgres", "h", "", "p", "", 0)),
        ("postgres://h:/db", ("postgres", "h", "", "", "db", 0)),
        ("postgres://h:05432/db", ("postgres", "h", "", "", "db", 5432)),
        ("postgres://h:5432/a/b%2Fc?x=1", ("postgres", "h", "", "", "a/b/c", 5432)),
        ("my-type://https://h:8443/p?x=1", ("my_type", "https://h", "", "", "p", 8443)),
        ("my-type://https://u:p@h/p", ("my_type", "https://h", "u", "p", "p", 0)),
        ("my-type://tcp://h", ("my_type", "tcp://h", "", "", "", 0)),
        ("mongo://u:p@h1%3A27017%2Ch2%3A27017/db", ("mongo", "h1:27017,h2:27017", "u", "p", "db", 0)),
        ("mongo://u:p@h1,h2:27017/db", ("mongo", "h1,h2", "u", "p", "db", 27017)),
        ("mongodb+srv://u:p@cl.ex.net/db?ssl=true", ("mongodb+srv", "cl.ex.net", "u", "p", "db", 0)),
        ("mssql://DOM%5Cuser:p@SRV%5CINST:1433/db", ("mssql", "srv\\INST", "DOM\\user", "p", "db", 1433)),
        ("mssql://u:p@h\\INST:1433/db", ("mssql", "h\\inst", "u", "p", "db", 1433)),
        ("  \n postgres://h/d\tb\n", ("postgres", "h", "", "", "db", 0)),
    ] {
        let uri = Uri::parse(text);
        assert_eq!(uri.problem, None, "{text}");
        assert_eq!(parts(&uri), expected, "{text}");
        assert_eq!(codes(&uri), if text.contains('\t') { vec!["uri_blank"] } else { vec![] }, "{text}");
    }
}

#[test]
fn reads_what_airflow_mangles_and_says_so() {
    for (text, code, expected) in [
        ("postgres://u:p/w@h/db", "uri_unescaped", ("postgres", "h", "u", "p/w", "db", 0)),
        ("postgres://u:p#w@h:5432/db", "uri_unescaped", ("postgres", "h", "u", "p#w", "db", 5432)),
        ("postgres://u:p?w@h/db", "uri_unescaped", ("postgres", "h", "u", "p?w", "db", 0)),
        ("postgres://u:p[w@h/db", "uri_unescaped", ("postgres", "h", "u", "p[w", "db", 0)),
        ("postgres://u:p/w@x@h/db", "uri_unescaped", ("postgres", "h", "u", "p/w@x", "db", 0)),
        ("postgres://u:p://x@h/db", "uri_unescaped", ("postgres", "h", "u", "p://x", "db", 0)),
        ("postgres://u://w@h/db", "uri_unescaped", ("postgres", "h", "u", "//w", "db", 0)),
        ("postgres://u:0/w@h/db", "uri_unescaped", ("postgres", "h", "u", "0/w", "db", 0)),
        ("aws://AKIA123:a/b+c=@/?region_name=x", "uri_unescaped", ("aws", "", "AKIA123", "a/b+c=", "", 0)),
        ("postgres://h/db?url=http://x/y", "uri_query_url", ("postgres", "h", "", "", "db", 0)),
        ("my-type://https://h/p?a=http://x&b=http://y", "uri_query_url", ("my_type", "https://h", "", "", "p", 0)),
        ("google_cloud_platform://h", "uri_type", ("google_cloud_platform", "h", "", "", "", 0)),
        ("mongo://u:p@H1:27017,h2:27018/db", "uri_host_list", ("mongo", "h1:27017,h2:27018", "u", "p", "db", 0)),
        ("mongo://h1:27017,h2/db", "uri_host_list", ("mongo", "h1:27017,h2", "", "", "db", 0)),
        ("postgres://[::1]:1,[::2]:2/db", "uri_host_list", ("postgres", "[::1]:1,[::2]:2", "", "", "db", 0)),
        ("postgres://h,[::2]:2/db", "uri_host_list", ("postgres", "h,[::2]:2", "", "", "db", 0)),
        ("postgres://h/db#part", "uri_fragment", ("postgres", "h", "", "", "db", 0)),
        ("postgres://h/db ", "uri_blank", ("postgres", "h", "", "", "db", 0)),
        ("postgres://u:p%FF@h/db", "uri_escape", ("postgres", "h", "u", "p\u{fffd}", "db", 0)),
    ] {
        let uri = Uri::parse(text);
        assert_eq!(uri.problem, None, "{text}");
        assert_eq!(parts(&uri), expected, "{text}");
        assert_eq!(codes(&uri), [code], "{text}");
    }
}

#[test]
fn refuses_what_cannot_be_read_and_quotes_nothing() {
    for (text, conn_type, flaw) in [
        ("postgres://h:CANARY/db", Some("postgres"), UriFlaw::PortNotANumber),
        ("postgres://u:CANARY", Some("postgres"), UriFlaw::PortNotANumber),
        ("postgres://u:p@h:${CANARY}/db", Some("postgres"), UriFlaw::PortPlaceholder),
        ("postgres://::1/CANARY", Some("postgres"), UriFlaw::PortNotANumber),
        ("postgres://CANARY:99999", Some("postgres"), UriFlaw::PortOutOfRange),
        ("postgres://CANARY:0/db", Some("postgres"), UriFlaw::PortOutOfRange),
        ("postgres://CANARY:99999999999999999999/db", Some("postgres"), UriFlaw::PortOutOfRange),
        ("postgres://u:CANARY@h:65536/db", Some("postgres"), UriFlaw::PortOutOfRange),
        ("postgres://[::1/CANARY", Some("postgres"), UriFlaw::Brackets),
        ("postgres://[::1]CANARY/db", Some("postgres"), UriFlaw::Brackets),
        ("postgres://u:p@h]CANARY/db", Some("postgres"), UriFlaw::Brackets),
        ("mongo://h1:27017,h2:CANARY/db", Some("mongo"), UriFlaw::PortNotANumber),
        ("http://u:CANARY@https://h", Some("http"), UriFlaw::HostIsUrl),
        // The password may continue after the apparent host.
        ("postgres://u:5432/CANARY@h/db", Some("postgres"), UriFlaw::Ambiguous),
        ("postgres://u:p@CANARY/w@h/db", Some("postgres"), UriFlaw::Ambiguous),
        ("postgres://u:p@CANARY?w@h/db", Some("postgres"), UriFlaw::Ambiguous),
        ("postgres://u:p@CANARY#w@h/db", Some("postgres"), UriFlaw::Ambiguous),
        ("postgres://u:CANARY/w@h/db?email=a@b", Some("postgres"), UriFlaw::Ambiguous),
        ("postgres://u:CANARY?w=x@h/db", Some("postgres"), UriFlaw::PortNotANumber),
        ("postgres://u:?=CANARY@h/db", Some("postgres"), UriFlaw::Ambiguous),
        ("postgres://u:p@h?x=1&CANARY@h/db", Some("postgres"), UriFlaw::Ambiguous),
        ("postgres://u:CANARY/w@h:x/db", Some("postgres"), UriFlaw::Ambiguous),
        ("postgres:u:CANARY@h/db", None, UriFlaw::NoType),
        ("no-scheme-CANARY", None, UriFlaw::NoType),
        ("CANARY here://h", None, UriFlaw::NoType),
        ("://u:CANARY@h", None, UriFlaw::NoType),
        ("u:CANARY@h/db?url=http://x", None, UriFlaw::NoType),
        ("", None, UriFlaw::NoType),
    ] {
        let uri = Uri::parse(text);
        assert_eq!(uri.problem, Some(flaw), "{text}");
        assert_eq!(uri.conn_type.as_deref(), conn_type, "{text}");
        assert!(!format!("{uri:?}").contains("CANARY"), "{text}: {uri:?}");
    }
}

#[test]
fn reads_a_query_as_python_does() {
    for (written, expected) in [
        ("a=1&a=2&b", vec![("a", "1"), ("a", "2"), ("b", "")]),
        ("a+b=c+d%20e%2B", vec![("a b", "c d e+")]),
        ("a=1;b=2", vec![("a", "1;b=2")]),
        ("a=b=c&&", vec![("a", "b=c")]),
        ("a=?x", vec![("a", "?x")]),
        ("x=%7B%22n%22%3A1%7D", vec![("x", r#"{"n":1}"#)]),
        ("email=me@x.example", vec![("email", "me@x.example")]),
    ] {
        let uri = Uri::parse(&format!("postgres://u:p@h/db?{written}"));
        assert_eq!(query(&uri), expected, "{written}");
        assert!(uri.warnings.is_empty(), "{written}: {:?}", uri.warnings);
    }
}

#[test]
fn debug_hides_password_and_query() {
    let shown = format!("{:?}", Uri::parse("postgres://u:CANARY@h/db?token=CANARY"));
    assert!(!shown.contains("CANARY"), "{shown}");
}

#[test]
fn a_long_uri_takes_linear_time() {
    let started = std::time::Instant::now();
    for part in ["a@", "@/", "&a=b", ",h:1", "%40"] {
        let long = part.repeat((1 << 18) / part.len());
        let _uri = Uri::parse(&format!("postgres://u:p/{long}@h/db?{long}"));
    }
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(postgres|mongodb\\+srv|x_y)?(://)?.{0,60}") {
        let _uri = Uri::parse(&text);
    }

    #[test]
    fn delimiters_in_any_order_are_read_or_refused(text in "postgres://[u:@/?#=&%\\[\\],5 ]{0,24}") {
        let uri = Uri::parse(&text);
        prop_assert!(uri.problem.is_none() || uri.host.is_none());
    }

    /// A password is read as a whole or not at all, whatever unescaped characters it contains. (`=` is excluded: the
    /// text after `?name=` is the value of a query parameter, and may contain an `@`.)
    #[test]
    fn a_password_is_never_read_in_part(password in "[a-z0-9:@/?#&%\\[\\]+]{1,12}") {
        let uri = Uri::parse(&format!("postgres://login:{password}@db.example:5432/sales"));
        if uri.problem.is_none() && uri.host.as_deref() == Some("db.example") {
            let decoded = percent_encoding::percent_decode_str(&password).decode_utf8_lossy().into_owned();
            prop_assert_eq!(uri.password.as_ref().map(Secret::expose), Some(decoded.as_str()));
        }
        prop_assert!(uri.problem.is_some() || uri.host.as_deref() == Some("db.example"), "{:?}", uri);
    }

    #[test]
    fn escaped_parts_survive(login in "[^\0]{1,12}", password in ".{1,12}", schema in ".{1,12}", port in 1..=u16::MAX) {
        use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
        let escape = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let text = format!("postgres://{}:{}@h:{port}/{}", escape(&login), escape(&password), escape(&schema));
        let uri = Uri::parse(&text);
        prop_assert_eq!(parts(&uri), ("postgres", "h", login.as_str(), password.as_str(), schema.as_str(), port));
    }
}
