//! What the parser accepts, compared with `serde_json`; what it rejects, and where; and the three extensions that
//! definitions need.

use proptest::prelude::*;
use serde_json::{Map, Value as Json};

use super::parse;
use crate::model::document::{Node, SyntaxError, Value};

/// The tree as a `serde_json` value: later values of a repeated key overwrite, `NaN` becomes a string.
fn json(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| Json::String(number.to_string())),
        Value::Text(text) => Json::String(text.to_string()),
        Value::List(nodes) => nodes.iter().map(|node| json(&node.value)).collect(),
        Value::Object(members) => {
            let mut object = Map::new();
            for member in members {
                object.insert(member.key.to_string(), json(&member.value));
            }
            Json::Object(object)
        }
        Value::Word { .. } | Value::Tagged => panic!("JSON has neither"),
    }
}

fn fault(text: &str) -> SyntaxError {
    parse(text).map(|_| ()).expect_err(text)
}

#[test]
fn malformed_text_is_refused_at_its_place() {
    for (text, line, column, what) in [
        // Values.
        ("", 1, 1, "expected a value"),
        ("  \n\t ", 2, 3, "expected a value"),
        ("CANARY", 1, 1, "expected a value"),
        ("{\"a\": CANARY}", 1, 7, "expected a value"),
        ("{\"a\": 'CANARY'}", 1, 7, "expected a value"),
        ("[True]", 1, 2, "expected a value"),
        ("[None, \"CANARY\"]", 1, 2, "expected a value"),
        ("[nul]", 1, 2, "expected a value"),
        ("[nullCANARY]", 1, 2, "expected a value"),
        ("[undefined]", 1, 2, "expected a value"),
        ("[nan]", 1, 2, "expected a value"),
        ("[inf]", 1, 2, "expected a value"),
        ("[+Infinity]", 1, 2, "expected a value"),
        ("[-NaN]", 1, 2, "a malformed number"),
        ("[\u{a0}1]", 1, 2, "expected a value"),
        ("[\u{0}]", 1, 2, "expected a value"),
        ("\u{feff}[]", 1, 1, "expected a value"),
        ("# CANARY\n[]", 1, 1, "expected a value"),
        ("// CANARY\n[]", 1, 1, "expected a value"),
        ("---\na: CANARY", 1, 1, "a malformed number"),
        ("conn_id=CANARY", 1, 1, "expected a value"),
        ("`CANARY`", 1, 1, "expected a value"),
        // Numbers.
        ("[01]", 1, 2, "a malformed number"),
        ("[-]", 1, 2, "a malformed number"),
        ("[1.]", 1, 2, "a malformed number"),
        ("[.5]", 1, 2, "expected a value"),
        ("[1e]", 1, 2, "a malformed number"),
        ("[1e+]", 1, 2, "a malformed number"),
        ("[+1]", 1, 2, "expected a value"),
        ("[0x10]", 1, 2, "a malformed number"),
        ("[1_000]", 1, 3, "expected `,` or `]`"),
        ("[5432CANARY]", 1, 2, "a malformed number"),
        ("[1-2]", 1, 2, "a malformed number"),
        ("[--1]", 1, 2, "a malformed number"),
        // Objects.
        ("{", 1, 2, "expected a key or `}`"),
        ("{\"a\"", 1, 5, "expected `:`"),
        ("{\"a\":", 1, 6, "expected a value"),
        ("{\"a\": \"CANARY\"", 1, 15, "expected `,` or `}`"),
        ("{\"a\": 1,", 1, 9, "expected a key"),
        ("{\"a\": 1,}", 1, 9, "expected a key"),
        ("{\"a\": 1,\n}", 2, 1, "expected a key"),
        ("{,}", 1, 2, "expected a key or `}`"),
        ("{\"a\" 1}", 1, 6, "expected `:`"),
        ("{\"a\": 1 \"b\": \"CANARY\"}", 1, 9, "expected `,` or `}`"),
        ("{\n  \"a\": \"CANARY\"\n  \"b\": 2\n}", 3, 3, "expected `,` or `}`"),
        ("{CANARY: 1}", 1, 2, "expected a key or `}`"),
        ("{'CANARY': 1}", 1, 2, "expected a key or `}`"),
        ("{1: 2}", 1, 2, "expected a key or `}`"),
        ("{\"a\": 1, null: \"CANARY\"}", 1, 10, "expected a key"),
        ("{\"a\":: 1}", 1, 6, "expected a value"),
        ("{\"a\": 1,, \"b\": 2}", 1, 9, "expected a key"),
        ("{\"a\": 1]", 1, 8, "expected `,` or `}`"),
        ("{\"a\": \"b\"CANARY\"}", 1, 10, "expected `,` or `}`"),
        ("{\"a\"= 1}", 1, 5, "expected `:`"),
        // Lists.
        ("[", 1, 2, "expected a value"),
        ("[1", 1, 3, "expected `,` or `]`"),
        ("[1,", 1, 4, "expected a value"),
        ("[1,]", 1, 4, "expected a value"),
        ("[,1]", 1, 2, "expected a value"),
        ("[1 2]", 1, 4, "expected `,` or `]`"),
        ("[\"CANARY\" \"CANARY\"]", 1, 11, "expected `,` or `]`"),
        ("[1}", 1, 3, "expected `,` or `]`"),
        ("]", 1, 1, "expected a value"),
        // Text after the value.
        ("[] []", 1, 4, "expected the end"),
        ("{}\n{\"password\": \"CANARY\"}", 2, 1, "expected the end"),
        ("{}}", 1, 3, "expected the end"),
        ("1 CANARY", 1, 3, "expected the end"),
        ("[]\0", 1, 3, "expected the end"),
        // Texts.
        ("\"CANARY", 1, 1, "the text that begins here has no closing `\"`"),
        ("{\"a\": \"CANARY}", 1, 7, "the text that begins here has no closing `\"`"),
        ("\"CANARY\\\"", 1, 1, "the text that begins here has no closing `\"`"),
        ("\"CANARY\\", 1, 1, "the text that begins here has no closing `\"`"),
        ("\"CANARY\n\"", 1, 8, "a control character inside a text"),
        ("[\n \"é\tCANARY\"]", 2, 4, "a control character inside a text"),
        ("\"CANARY\u{0}\"", 1, 8, "a control character inside a text"),
        ("\"CANARY\\x\"", 1, 8, "an unknown escape inside a text"),
        ("\"C:\\CANARY\"", 1, 4, "an unknown escape inside a text"),
        ("\"\\'CANARY\"", 1, 2, "an unknown escape inside a text"),
        ("\"\\\u{e9}CANARY\"", 1, 2, "an unknown escape inside a text"),
        ("\"\\\nCANARY\"", 1, 2, "an unknown escape inside a text"),
        ("\"é\\u12\"", 1, 3, "an escape without four hexadecimal digits"),
        ("\"\\u12-CANARY\"", 1, 2, "an escape without four hexadecimal digits"),
        ("\"\\u+123\"", 1, 2, "an escape without four hexadecimal digits"),
        ("\"\\u12é\"", 1, 2, "an escape without four hexadecimal digits"),
        ("\"CANARY\\ud800\"", 1, 8, "an escape that is half a character"),
        ("\"\\ud800CANARY\"", 1, 2, "an escape that is half a character"),
        ("\"\\ud800\\u0041\"", 1, 2, "an escape that is half a character"),
        ("\"\\udc00\"", 1, 2, "an escape that is half a character"),
        ("{\"CANARY\\q\": 1}", 1, 9, "an unknown escape inside a text"),
        ("{\"CANARY: 1}", 1, 2, "the text that begins here has no closing `\"`"),
    ] {
        let error = fault(text);
        assert_eq!((error.line, error.column, error.what), (line, column, what), "{text:?}");
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{text:?}: {error:?}");
    }
}

#[test]
fn usual_mistakes_are_named() {
    for (text, hint) in [
        ("{\"a\": 1,}", "the comma before it has to go"),
        ("[1, ]", "the comma before it has to go"),
        ("{\"a\": 1, // the port\n}", "JSON has no comments"),
        ("['a']", "JSON puts texts and keys in double quotes"),
        ("[True]", "JSON writes true, false and null"),
        ("{\"a\": [1", "the end is missing: the text may have been cut off"),
        ("{}\n{}", "there may be one JSON value only; several objects go into a list, `[…, …]`"),
        ("{\"a\": \"C:\\windows\"}", "a backslash is written \\\\"),
    ] {
        assert_eq!(fault(text).hint, Some(hint), "{text}");
    }
}

#[test]
fn well_formed_text_is_read_as_everywhere() {
    for text in [
        "null",
        "true",
        " false ",
        "0",
        "-0",
        "-1.5e-3",
        "1E+2",
        "123456789012345678901234567890",
        "\"\"",
        "[]",
        "{}",
        "[[], {}, [{}]]",
        "\r\n[\t1 ,2\n]\r\n",
        r#""a\"b\\c\/d\b\f\n\r\t""#,
        r#""\u00e9\u20AC\ud83d\ude00\u0000""#,
        "\"é€😀\"",
        "\"\u{7f}\u{2028}\"",
        r#"{"": {"": ""}}"#,
        r#"{"a\u0062": 1}"#,
        "9007199254740993",
        "1e308",
    ] {
        let node = parse(text).map_err(|error| format!("{text}: {error}")).unwrap();
        assert_eq!(json(&node.value), serde_json::from_str::<Json>(text).unwrap(), "{text}");
    }
}

#[test]
fn python_numbers_are_numbers() {
    let Ok(Node { value: Value::List(nodes), .. }) = parse("[NaN, Infinity, -Infinity, 1e999]") else { panic!() };
    let written: Vec<Option<&str>> = nodes.iter().map(|node| node.value.scalar()).collect();
    assert_eq!(written, [Some("NaN"), Some("Infinity"), Some("-Infinity"), Some("1e999")]);
}

#[test]
fn order_repeated_keys_and_lines_are_kept() {
    let text = "{\n\"b\": 1,\r\n\"a\":\n [2,\n\n 3],\n\"b\": 4}";
    let Ok(Node { value: Value::Object(members), line: 1 }) = parse(text) else { panic!() };
    let seen: Vec<(&str, usize)> = members.iter().map(|member| (&*member.key, member.line)).collect();
    assert_eq!(seen, [("b", 2), ("a", 3), ("b", 7)]);
    let Value::List(nodes) = &members[1].value else { panic!() };
    assert_eq!(nodes.iter().map(|node| node.line).collect::<Vec<_>>(), [4, 6]);
}

#[test]
fn nesting_ends_at_128() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: usize| format!("{}null{}", open.repeat(depth), close.repeat(depth));
        assert!(parse(&nested(128)).is_ok(), "{open}");
        assert_eq!(fault(&nested(129)).what, "nested deeper than 128 levels");
        let bomb = fault(&open.repeat(100_000));
        assert_eq!((bomb.what, bomb.line), ("nested deeper than 128 levels", 1));
    }
}

#[test]
fn a_flood_of_values_ends_early() {
    let flood = format!("[{}0]", "0,".repeat(2_000_000));
    assert_eq!(fault(&flood).what, "more values than a file of definitions can need");
}

#[test]
fn megabytes_take_linear_time() {
    let started = std::time::Instant::now();
    for part in ["\\\"", "\\u0041", "a", "\\\\"] {
        let text = format!("\"{}\"", part.repeat((2 << 20) / part.len()));
        assert!(parse(&text).is_ok());
        assert!(parse(&text[..text.len() - 1]).is_err());
    }
    assert!(parse(&" \n".repeat(1 << 20)).is_err());
    assert!(parse(&"1".repeat(2 << 20)).is_ok());
    assert!(parse(&format!("[{}]", "\"\",".repeat(400_000))).is_err());
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(|number| Json::Number(number.into())),
        any::<f64>().prop_map(|number| serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number)),
        any::<String>().prop_map(Json::String),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            proptest::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(value in any_json(), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let node = parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(json(&node.value), serde_json::from_str::<Json>(&text).unwrap());
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        prop_assert_eq!(parse(&text).is_ok(), serde_json::from_str::<Json>(&text).is_ok());
    }

    /// Tokens in random order: this parser and `serde_json` accept the same texts.
    #[test]
    fn token_soup_is_judged_as_everywhere(
        text in r#"([\[\]{},: \n]|"(\\[nu"\\]|[a0é])*"|null|true|-?[0-9.]{1,4}|1e5|\\u00e9){0,12}"#
    ) {
        match (parse(&text), serde_json::from_str::<Json>(&text)) {
            (Ok(node), Ok(expected)) => prop_assert_eq!(json(&node.value), expected),
            (Err(_), Err(_)) => {}
            // A number beyond the range of floats is kept as written.
            (Ok(_), Err(theirs)) if theirs.to_string().starts_with("number out of range") => {}
            (ours, theirs) => prop_assert!(false, "{:?}: {:?} but {:?}", text, ours.map(|_| ()), theirs),
        }
    }
}
