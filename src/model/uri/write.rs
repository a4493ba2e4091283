//! Writes a connection as the URI that Airflow would export, and that both of its parsers read back.
//!
//! Airflow's own form loses the type of `"5"` in `extra` and the capitals of a host. Here both are preserved: such an
//! `extra` goes into `__extra__`, and the first capital of a host is escaped, because the text after an escape keeps
//! its case.

use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::model::connection::Connection;
use crate::model::secret::Secret;

/// The characters that Python's `quote(…, safe="")` escapes.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~');

/// The parameter whose value is the whole `extra` as JSON.
const WHOLE: &str = "__extra__";

/// The URI of a connection, without password and `extra` unless `with_secrets`. A URI has no description, and its type
/// is in lower case. `None` if the type cannot be written as a scheme.
#[must_use]
pub fn write(connection: &Connection, with_secrets: bool) -> Option<Secret> {
    let word = connection.conn_type.as_deref()?.to_lowercase().replace('_', "-");
    if !is_scheme(&word) {
        return None;
    }
    let mut uri = Zeroizing::new(format!("{word}://"));
    let password = connection.password().filter(|_| with_secrets);
    let view = connection.view();
    let shown = |text: &Option<String>, view: Option<&str>| {
        Zeroizing::new(if with_secrets { text.as_deref() } else { view }.unwrap_or_default().to_owned())
    };
    let login = shown(&connection.login, view.login());
    let host = shown(&connection.host, view.whole_host());
    uri.extend(quoted(&login));
    if let Some(password) = password {
        uri.push(':');
        uri.extend(quoted(password.expose()));
    }
    if !login.is_empty() || password.is_some() || host.is_empty() && connection.port.is_some() {
        uri.push('@');
    }
    push_host(&host, &mut uri);
    if let Some(port) = connection.port {
        push(format_args!(":{port}"), &mut uri);
    }
    let database = shown(&connection.schema, view.schema());
    let extra = connection.extra.object();
    let has_query = with_secrets && !extra.is_empty();
    if !database.is_empty() || has_query {
        uri.push('/');
        uri.extend(quoted(&database));
    }
    if has_query {
        uri.push('?');
        push_query(extra, &mut uri);
    }
    Some(Secret::new(std::mem::take(&mut *uri)))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|character: char| character.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte))
}

fn quoted(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

fn push(text: std::fmt::Arguments<'_>, uri: &mut String) {
    let Ok(()) = uri.write_fmt(text) else { unreachable!("writing to a string does not fail") };
}

fn push_host(host: &str, uri: &mut String) {
    let start = uri.len();
    uri.extend(quoted(host));
    let written = &uri[start..];
    let capital = written.find(|character: char| character.is_ascii_uppercase() || character == '%');
    if let Some(at) = capital.filter(|at| !written[*at..].starts_with('%')) {
        let escaped = format!("%{:02X}", written.as_bytes()[at]);
        uri.replace_range(start + at..=start + at, &escaped);
    }
}

fn push_query(extra: &Map<String, Value>, uri: &mut String) {
    let Some(parameters) = plain_texts(extra) else {
        let Ok(whole) = serde_json::to_string(extra).map(Zeroizing::new) else {
            unreachable!("an object of JSON can be written as JSON")
        };
        uri.push_str(WHOLE);
        uri.push('=');
        push_value(&whole, uri);
        return;
    };
    for (position, (name, value)) in parameters.into_iter().enumerate() {
        if position > 0 {
            uri.push('&');
        }
        push_value(name, uri);
        uri.push('=');
        push_value(value, uri);
    }
}

/// Writes the value of a query parameter, where a blank is `+`.
fn push_value(text: &str, uri: &mut String) {
    for part in quoted(text) {
        uri.push_str(if part == "%20" { "+" } else { part });
    }
}

/// The members of `extra`, if all are texts that no parser reads as something else.
fn plain_texts(extra: &Map<String, Value>) -> Option<Vec<(&str, &str)>> {
    let plain =
        |(name, value): (&'_ String, &'_ Value)| name != WHOLE && value.as_str().is_some_and(|text| !is_json(text));
    extra
        .iter()
        .all(plain)
        .then(|| extra.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect())
}

/// Whether Airflow's server, which tries to parse every value as JSON, could succeed.
fn is_json(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(['{', '[', '"'])
        || ["NaN", "Infinity", "-Infinity"].contains(&text)
        || serde_json::from_str::<Value>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::connection::Origin;
    use crate::model::extra::Extra;

    /// Type, host, login, password, schema, port, extra.
    type Parts<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, u16, Value);

    fn connection((conn_type, host, login, password, schema, port, extra): Parts<'_>) -> Connection {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let Value::Object(extra) = extra else { panic!("an object") };
        let origin = Origin { source: "c".into(), line: None, pointer: String::new(), occurrence: 0 };
        Connection {
            conn_type: text(conn_type),
            host: text(host),
            login: text(login),
            password: text(password).map(Secret::new),
            schema: text(schema),
            port: Some(port).filter(|port| *port > 0),
            extra: Extra::new(extra),
            ..Connection::new(origin)
        }
    }

    #[test]
    fn the_form_is_airflows() {
        for (parts, with, without) in [
            (
                ("postgres", "h", "u", "p@ss:w/rd%", "db", 5432, json!({"sslmode": "require"})),
                "postgres://u:p%40ss%3Aw%2Frd%25@h:5432/db?sslmode=require",
                "postgres://u@h:5432/db",
            ),
            (("my_type", "h", "", "", "", 0, json!({})), "my-type://h", "my-type://h"),
            (
                ("aws", "", "AKIA", "s", "", 0, json!({"region_name": "a b"})),
                "aws://AKIA:s@/?region_name=a+b",
                "aws://AKIA@",
            ),
            (("postgres", "", "", "p", "", 0, json!({})), "postgres://:p@", "postgres://"),
            (("postgres", "", "", "", "", 5432, json!({})), "postgres://@:5432", "postgres://@:5432"),
            (("postgres", "", "", "", "db", 0, json!({})), "postgres:///db", "postgres:///db"),
            (
                ("mongodb+srv", "h1:1,h2:2", "", "", "", 0, json!({})),
                "mongodb+srv://h1%3A1%2Ch2%3A2",
                "mongodb+srv://h1%3A1%2Ch2%3A2",
            ),
            (
                ("postgres", "::1", "", "", "a/b", 1, json!({})),
                "postgres://%3A%3A1:1/a%2Fb",
                "postgres://%3A%3A1:1/a%2Fb",
            ),
        ] {
            let shown = format!("{parts:?}");
            let connection = connection(parts);
            assert_eq!(write(&connection, true).as_ref().map(Secret::expose), Some(with), "{shown}");
            assert_eq!(write(&connection, false).as_ref().map(Secret::expose), Some(without), "{shown}");
        }
    }

    #[test]
    fn what_airflows_form_would_lose_is_kept() {
        for (parts, uri) in [
            (("x", "DB.Example", "", "", "", 0, json!({})), "x://%44B.Example"),
            (("x", "db.eXample", "", "", "", 0, json!({})), "x://db.e%58ample"),
            (("x", "é.X", "", "", "", 0, json!({})), "x://%C3%A9.X"),
            (("x", "h", "", "", "", 0, json!({"a": 5})), "x://h/?__extra__=%7B%22a%22%3A5%7D"),
            (("x", "h", "", "", "", 0, json!({"a": "5"})), "x://h/?__extra__=%7B%22a%22%3A%225%22%7D"),
            (("x", "h", "", "", "", 0, json!({"a": "NaN"})), "x://h/?__extra__=%7B%22a%22%3A%22NaN%22%7D"),
            (("x", "h", "", "", "", 0, json!({"__extra__": "a"})), "x://h/?__extra__=%7B%22__extra__%22%3A%22a%22%7D"),
            (("x", "h", "", "", "", 0, json!({"a": "0123", "b": ""})), "x://h/?a=0123&b="),
        ] {
            let shown = format!("{parts:?}");
            assert_eq!(write(&connection(parts), true).as_ref().map(Secret::expose), Some(uri), "{shown}");
        }
    }

    #[test]
    fn a_type_that_no_uri_begins_with_has_none() {
        for conn_type in ["", "my type", "3com", "é", "a/b"] {
            assert!(write(&connection((conn_type, "h", "", "", "", 0, json!({}))), true).is_none(), "{conn_type}");
        }
    }
}
