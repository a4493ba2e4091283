//! The meaning of scalars. Unquoted ones are read as in `PyYAML`, that is, YAML 1.1: `yes` is true, `012` is ten and
//! `1e5` is a text. If users often mean the text, it is kept beside the meaning.

use saphyr_parser::{ScalarStyle, Tag};

use crate::model::document::{Meaning, Text, Value};

/// The prefix of YAML's own tags.
const OWN: &str = "tag:yaml.org,2002:";

/// The tags with which a scalar is read as if it were unquoted and had no tag.
const IMPLICIT: [&str; 6] = ["int", "float", "bool", "null", "timestamp", "value"];

/// The value of a scalar.
pub(super) fn value(text: Text<'static>, style: ScalarStyle, tag: Option<&Tag>) -> Value<'static> {
    match tag {
        None if style == ScalarStyle::Plain => plain(text),
        None => Value::Text(text),
        // The tag `!` alone makes the scalar a text.
        Some(tag) if is_own(tag, "str") || tag.handle.is_empty() && tag.suffix == "!" => Value::Text(text),
        Some(tag) if IMPLICIT.iter().any(|name| is_own(tag, name)) => plain(text),
        Some(_) => Value::Tagged,
    }
}

/// Whether `tag` is YAML's own tag `name`, in any spelling.
pub(super) fn is_own(tag: &Tag, name: &str) -> bool {
    let (handle, suffix) = (tag.handle.as_str(), tag.suffix.as_str());
    let behind = if handle.is_empty() { suffix.strip_prefix(OWN) } else { Some(suffix).filter(|_| handle == OWN) };
    behind == Some(name)
}

fn plain(text: Text<'static>) -> Value<'static> {
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Value::Word { text, meaning: Meaning::Flag(true) },
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => Value::Word { text, meaning: Meaning::Flag(false) },
        written if is_time(written) => Value::Word { text, meaning: Meaning::Time },
        written => match integer(written).or_else(|| float(written)) {
            Some(number) if number == written => Value::Number(text),
            Some(number) => Value::Word { text, meaning: Meaning::Number(number) },
            None => Value::Text(text),
        },
    }
}

/// Parses an integer. Returns it as JSON writes it.
fn integer(written: &str) -> Option<String> {
    let unsigned = written.strip_prefix(['+', '-']).unwrap_or(written);
    if !unsigned.starts_with(|character: char| character.is_ascii_digit()) {
        return None;
    }
    let digits = unsigned.replace('_', "");
    let number = match unsigned.as_bytes() {
        [b'0', b'b', ..] => u128::from_str_radix(&digits[2..], 2).ok()?.to_string(),
        [b'0', b'x', ..] => u128::from_str_radix(&digits[2..], 16).ok()?.to_string(),
        [b'0'] => digits,
        [b'0', ..] => u128::from_str_radix(&digits, 8).ok()?.to_string(),
        _ if digits.contains(':') => sexagesimal(&digits)?,
        _ => Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?,
    };
    Some(if written.starts_with('-') { format!("-{number}") } else { number })
}

/// Parses a number in base 60: `1:30` is ninety.
fn sexagesimal(written: &str) -> Option<String> {
    let mut number = 0_u128;
    for (place, part) in written.split(':').enumerate() {
        let digit: u128 = part.parse().ok()?;
        if place > 0 && (digit > 59 || part.len() > 2) {
            return None;
        }
        number = number.checked_mul(60)?.checked_add(digit)?;
    }
    Some(number.to_string())
}

/// Parses a number with a point. Returns it as JSON writes it. Its exponent must have a sign.
fn float(written: &str) -> Option<String> {
    let unsigned = written.strip_prefix(['+', '-']).unwrap_or(written);
    let sign = if written.starts_with('-') { "-" } else { "" };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(format!("{sign}Infinity")),
        ".nan" | ".NaN" | ".NAN" if unsigned.len() == written.len() => return Some("NaN".to_owned()),
        _ => {}
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let begins = |text: &str| text.starts_with(|character: char| character.is_ascii_digit());
    let is_exponent = exponent.is_none_or(|exponent| {
        exponent
            .strip_prefix(['+', '-'])
            .is_some_and(|digits| begins(digits) && !digits.contains('_') && are_digits(digits))
    });
    // A number without a digit before the point must not have a sign.
    let is_mantissa = are_digits(whole)
        && are_digits(fraction)
        && if whole.is_empty() { begins(fraction) && unsigned.len() == written.len() } else { begins(whole) };
    if !is_mantissa || !is_exponent {
        return None;
    }
    let is_json = whole == "0" || !whole.starts_with('0');
    if is_json && !written.starts_with('+') && !mantissa.contains('_') && !whole.is_empty() && !fraction.is_empty() {
        return Some(written.to_owned());
    }
    let number: f64 = written.replace('_', "").parse().ok()?;
    Some(format!("{number:?}"))
}

/// Whether it is a date like `2024-01-01`, with or without a time of day.
fn is_time(written: &str) -> bool {
    let digits = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (date, time) = match written.split_once(['T', 't', ' ', '\t']) {
        Some((date, time)) => (date, Some(time.trim_start())),
        None => (written, None),
    };
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let (Some(year), Some(month), Some(day), None) = (year, month, day, parts.next()) else { return false };
    let shortest = if time.is_some() { 1 } else { 2 };
    let is_clock = |time: &str| {
        let mut parts = time.splitn(3, ':');
        let (hour, minute, second) = (parts.next(), parts.next(), parts.next());
        hour.is_some_and(|hour| digits(hour, 1..=2))
            && minute.is_some_and(|minute| digits(minute, 2..=2))
            && second.and_then(|second| second.get(..2)).is_some_and(|second| digits(second, 2..=2))
    };
    digits(year, 4..=4) && digits(month, shortest..=2) && digits(day, shortest..=2) && time.is_none_or(is_clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The meaning of a plain scalar, as a short word.
    fn read(written: &str) -> String {
        match plain(Text::Unescaped(zeroize::Zeroizing::new(written.to_owned()))) {
            Value::Null => "null".to_owned(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(text) => format!("number {}", &*text),
            Value::Text(text) => format!("text {}", &*text),
            Value::Word { meaning: Meaning::Flag(flag), .. } => format!("word {flag}"),
            Value::Word { meaning: Meaning::Number(number), .. } => format!("word {number}"),
            Value::Word { meaning: Meaning::Time, .. } => "date".to_owned(),
            _ => unreachable!("a scalar"),
        }
    }

    #[test]
    fn plain_scalars_are_what_pyyaml_takes_them_for() {
        for (written, expected) in [
            ("", "null"),
            ("~", "null"),
            ("NULL", "null"),
            ("nULL", "text nULL"),
            ("true", "true"),
            ("FALSE", "false"),
            ("yes", "word true"),
            ("Off", "word false"),
            ("y", "text y"),
            ("n", "text n"),
            ("5432", "number 5432"),
            ("-7", "number -7"),
            ("+7", "word 7"),
            ("0", "number 0"),
            ("012", "word 10"),
            ("0o17", "text 0o17"),
            ("08", "text 08"),
            ("0_7", "word 7"),
            ("1_000", "word 1000"),
            ("0x1F", "word 31"),
            ("-0x1F", "word -31"),
            ("0b101", "word 5"),
            ("0xZZ", "text 0xZZ"),
            ("1:30", "word 90"),
            ("12:30:45", "word 45045"),
            ("12:60", "text 12:60"),
            ("0:30", "text 0:30"),
            ("1.5", "number 1.5"),
            ("01.5", "word 1.5"),
            ("1.", "word 1.0"),
            (".5", "word 0.5"),
            ("-.5", "text -.5"),
            ("1_0.5", "word 10.5"),
            ("1e5", "text 1e5"),
            ("1.0e5", "text 1.0e5"),
            ("1.0e+5", "number 1.0e+5"),
            (".inf", "word Infinity"),
            ("-.INF", "word -Infinity"),
            (".NaN", "word NaN"),
            ("2024-01-31", "date"),
            ("2024-1-3", "text 2024-1-3"),
            ("2024-01-31 10:00:00", "date"),
            ("2024-1-3T1:00:00.5Z", "date"),
            ("2024-01-31x", "text 2024-01-31x"),
            ("10.0.0.1", "text 10.0.0.1"),
            ("=", "text ="),
            ("postgres://h", "text postgres://h"),
            ("99999999999999999999999999999999999999999999", "number 99999999999999999999999999999999999999999999"),
        ] {
            assert_eq!(read(written), expected, "{written}");
        }
    }
}
