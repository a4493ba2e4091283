//! Tests the special features of YAML, and that none of them can exhaust memory or time.

use serde_json::{Value as Json, json};

use super::parse;
use crate::model::document::{Member, Value};

/// The document as JSON: a word as its text, a tagged value as `!`.
fn plain(value: &Value<'_>) -> Json {
    let members = |members: &[Member<'_>]| {
        members.iter().map(|member| (member.key.to_string(), plain(&member.value))).collect::<serde_json::Map<_, _>>()
    };
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Number(text) => serde_json::from_str(text).unwrap(),
        Value::Text(text) | Value::Word { text, .. } => json!(**text),
        Value::Tagged => json!("!"),
        Value::List(nodes) => nodes.iter().map(|node| plain(&node.value)).collect(),
        Value::Object(object) => Json::Object(members(object)),
    }
}

fn read(text: &str) -> Json {
    plain(&parse(text).map_err(|error| format!("{text}: {error}")).unwrap().unwrap().value)
}

#[test]
fn devices_of_yaml_come_to_plain_values() {
    for (text, expected) in [
        ("a: 1\nb: [x, 'y', \"z\"]\nc: {d: e}", json!({"a": 1, "b": ["x", "y", "z"], "c": {"d": "e"}})),
        ("- a\n-\n  - b\n- ", json!(["a", ["b"], null])),
        ("a: |\n  1\n   2\nb: >-\n  1\n  2\n", json!({"a": "1\n 2\n", "b": "1 2"})),
        ("a: 'it''s'\nb: \"\\x41\\u00e9\\U0001F600\\n\"", json!({"a": "it's", "b": "Aé😀\n"})),
        ("a: 'two\n  lines'\nb: two\n  lines", json!({"a": "two lines", "b": "two lines"})),
        ("%YAML 1.1\n---\na: b # why\n...\n", json!({"a": "b"})),
        ("a: &x {b: 1}\nc: *x\nd: [*x, *x]", json!({"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}, {"b": 1}]})),
        ("&k a: b\nc: *k\n*k : d", json!({"a": "d", "c": "a"})),
        ("a: &x 1\nb: &x 2\nc: *x", json!({"a": 1, "b": 2, "c": 2})),
        (
            "a: !!str 012\nb: !!int '7'\nc: ! 1\nd: !<tag:yaml.org,2002:str> 1\ne: !!map {f: g}",
            json!({"a": "012", "b": 7, "c": "1", "d": "1", "e": {"f": "g"}}),
        ),
        (
            "a: !vault x\nb: !!binary eA==\nc: !!python/object:x {d: e}\nd: !x [1]",
            json!({"a": "!", "b": "!", "c": "!", "d": "!"}),
        ),
        ("{\"a\": \"\\ud83d\\ude00\"}", json!({"a": "😀"})),
        ("{a: b, 'c': [d,],}", json!({"a": "b", "c": ["d"]})),
        ("? a\n: b", json!({"a": "b"})),
        // Merge keys.
        ("d: &d {a: 1, b: 1}\ne: {<<: *d, b: 2, c: 2}", json!({"d": {"a": 1, "b": 1}, "e": {"a": 1, "b": 2, "c": 2}})),
        (
            "d: &d {a: 1}\nf: &f {a: 2, b: 2}\ne: {b: 3, <<: [*d, *f]}",
            json!({"d": {"a": 1}, "f": {"a": 2, "b": 2}, "e": {"a": 1, "b": 3}}),
        ),
        ("d: {a: 1, '<<': 2}", json!({"d": {"a": 1, "<<": 2}})),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    assert!(parse("# nothing\n\n").unwrap().is_none());
}

#[test]
fn keys_that_stand_twice_and_lines_are_kept() {
    let Value::Object(members) = parse("a: 1\n\nb:\n  - x\n  -\n    y: z\n'a': 2\n").unwrap().unwrap().value else {
        panic!()
    };
    let found: Vec<_> = members.iter().map(|member| (&*member.key, member.line)).collect();
    assert_eq!(found, [("a", 1), ("b", 3), ("a", 7)]);
    let Value::List(nodes) = &members[1].value else { panic!() };
    assert_eq!([nodes[0].line, nodes[1].line], [4, 6]);
}

#[test]
fn keys_that_are_no_texts_are_taken_as_written() {
    let text = "1: a\nno: a\n2024-01-01: a\ntrue: a\n~: a\n'1': a\nx: a\n012: a";
    let Value::Object(members) = parse(text).unwrap().unwrap().value else { panic!() };
    let found: Vec<_> = members.iter().map(|member| (&*member.key, member.key_kind)).collect();
    let (flag, number) = (Some("true or false"), Some("a number"));
    assert_eq!(
        found,
        [
            ("1", number),
            ("no", flag),
            ("2024-01-01", Some("a date")),
            ("true", flag),
            ("", Some("null")),
            ("1", None),
            ("x", None),
            ("012", number)
        ]
    );
}

#[test]
fn faults_are_placed_and_quote_nothing() {
    let mut wrong = Vec::new();
    for (text, line, column, what) in [
        ("a: CANARY: b", 1, 10, "a second `: ` on one line, or a wrong indentation"),
        ("a: @CANARY", 1, 4, "a character that no unquoted text begins with"),
        ("a: 1\nb: *CANARY", 2, 4, "an alias of something that is not there"),
        ("a: 'CANARY", 1, 4, "a text whose closing quote is missing"),
        ("a: 'it's CANARY'", 1, 8, "something behind a closing quote"),
        ("a: \"\\CANARY\"", 1, 4, "an unknown escape in a text"),
        ("a: \"\\xZCANARY\"", 1, 4, "an escape without its hexadecimal digits"),
        ("a: {b: CANARY", 2, 1, "expected `,` or `}`"),
        ("a: [CANARY", 2, 1, "expected `,` or `]`"),
        ("a: CANARY]\nb: ]", 2, 4, "a closing bracket without an opening one"),
        ("a:\n  b: CANARY\n c: d", 3, 2, "expected a key"),
        ("a: b\nCANARY\n", 3, 1, "expected `:` behind a key"),
        ("a:\n\t- CANARY", 2, 2, "a tab in an indentation"),
        ("a: 1\n--- \nCANARY: 1", 2, 1, "a second document"),
        ("a: &x [CANARY, *x]", 1, 16, "an alias of what it is a part of"),
        ("[CANARY]: a", 1, 1, "a key that is not a text"),
        ("? {CANARY: b}\n: a", 1, 3, "a key that is not a text"),
        ("!x CANARY: a", 1, 1, "a key that is not a text"),
        ("a: {<<: CANARY}", 1, 9, "`<<` with something else than an object, or a list of objects"),
        ("a: {<<: [{b: c}, CANARY]}", 1, 24, "`<<` with something else than an object, or a list of objects"),
        ("a: !h!CANARY b", 1, 4, "a tag whose handle is not declared"),
        ("a: x\0CANARY", 1, 5, "a control character"),
    ] {
        let Err(error) = parse(text) else { panic!("{text} was read") };
        if (error.line, error.column, error.what) != (line, column, what) {
            wrong.push((text, error.line, error.column, error.what));
        }
        assert!(error.hint.is_some() && !format!("{error} {error:?}").contains("CANARY"), "{text}: {error:?}");
    }
    assert_eq!(wrong, []);
}

#[test]
fn bombs_are_refused() {
    let levels = |count: i32, line: fn(i32) -> String| (1..count).map(line).collect::<Vec<String>>().concat();
    let laughs =
        levels(12, |level| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(", ")));
    let doubling = levels(40, |level| format!("a{level}: &a{level} [[[[*a{}]]]]\n", level - 1));
    let merging = levels(40, |level| format!("a{level}: &a{level} {{<<: *a{0}, b{level}: *a{0}}}\n", level - 1));
    let wide = format!("a: &a \"{}\"\nb: [{}*a]", "x".repeat(200_000), "*a, ".repeat(1000));
    let too_many = "more values than a file of definitions can need, aliases counted for what they stand for";
    for (text, what) in [
        (format!("a0: &a0 x\n{laughs}"), too_many),
        (format!("a0: &a0 x\n{doubling}"), "nested deeper than 128 levels"),
        (format!("a0: &a0 {{x: y}}\n{merging}"), too_many),
        (wide, too_many),
        ("- [x]\n- &a [".repeat(50_000), "a `- ` inside `[…]` or `{…}`"),
        (format!("a: {}", "[".repeat(100_000)), "nested too deep"),
        (format!("a: {}", "[".repeat(140)), "nested deeper than 128 levels"),
        ("- ".repeat(200_000), "nested deeper than 128 levels"),
        ("{a: ".repeat(100_000), "nested too deep"),
        (format!("[{}]: x", "[],".repeat(1 << 18)), "a text, `{…}` or `[…]` of more than 262144 characters from here"),
        (format!("a: {}", "x".repeat(1 << 19)), "a text, `{…}` or `[…]` of more than 262144 characters from here"),
        ("- []\n".repeat(2_000_001), too_many),
    ] {
        let started = std::time::Instant::now();
        let Err(error) = parse(&text) else { panic!("{} was read", &text[..40]) };
        assert_eq!(error.what, what, "{}", &text[..40]);
        assert!(started.elapsed().as_secs() < 60, "{}: {:?}", &text[..40], started.elapsed());
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "([a-c:'\"\\-?!&*{}\\[\\],#|>%@~<\\\\ \\n\\t0-9]|\\PC|: |\n  |- ){0,60}") {
        drop(parse(&text));
    }
}
