//! `port`: a number, or a text that holds one.

use crate::model::document::{Meaning, Value};
use crate::model::placeholder::is_placeholder;
use crate::model::problem::GivenFlaw;

/// Reads a port. A message quotes the value only if it looks like a number.
pub(in crate::source) fn read(value: &Value<'_>) -> Result<u16, GivenFlaw> {
    let written = match value {
        Value::Word { text, meaning: Meaning::Number(number) } if !is_decimal(text) => Some(number.as_str()),
        value => value.scalar(),
    };
    Err(match written.map(str::trim) {
        Some(written) if is_number(written) => match written.parse::<u16>() {
            Ok(port) if port > 0 => return Ok(port),
            _ => GivenFlaw::PortOutOfRange { written: super::name(written) },
        },
        Some(written) if is_placeholder(written) => GivenFlaw::PortPlaceholder,
        Some(_) => GivenFlaw::PortNotANumber,
        None => GivenFlaw::PortOfKind { found: value.kind() },
    })
}

/// The number that YAML reads `05432` as, if it differs from `port`, which [`read`] returned and the user probably
/// meant.
pub(super) fn octal<'a>(value: &'a Value<'_>, port: u16) -> Option<&'a str> {
    match value {
        Value::Word { meaning: Meaning::Number(number), .. } if *number != port.to_string() => Some(number),
        _ => None,
    }
}

fn is_decimal(written: &str) -> bool {
    written.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_number(written: &str) -> bool {
    written.starts_with(|character: char| character == '-' || character.is_ascii_digit())
        && written.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::document::Text;

    #[test]
    fn a_port_is_a_whole_number_in_range() {
        let text = |text: &'static str| Value::Text(Text::Plain(text));
        let number = |number: &'static str| Value::Number(Text::Plain(number));
        for value in [number("5432"), text("5432"), text(" 5432 "), text("05432")] {
            assert_eq!(read(&value), Ok(5432));
        }
        let out_of_range = |written: &str| GivenFlaw::PortOutOfRange { written: written.to_owned() };
        for (value, flaw) in [
            (number("0"), out_of_range("0")),
            (text("0"), out_of_range("0")),
            (number("65536"), out_of_range("65536")),
            (number("-1"), out_of_range("-1")),
            (number("5432.7"), out_of_range("5432.7")),
            (number("5432.0"), out_of_range("5432.0")),
            (number("1e3"), out_of_range("1e3")),
            (text("5432.7"), out_of_range("5432.7")),
            (number("NaN"), GivenFlaw::PortNotANumber),
            (text("CANARY"), GivenFlaw::PortNotANumber),
            (text("5432CANARY"), GivenFlaw::PortNotANumber),
            (text("-infinity"), out_of_range("-infinity")),
            (text("infinity"), GivenFlaw::PortNotANumber),
            (text("${DB_PORT}"), GivenFlaw::PortPlaceholder),
            (text("{{ .Values.port }}"), GivenFlaw::PortPlaceholder),
            (text("<port>"), GivenFlaw::PortPlaceholder),
            (Value::Bool(true), GivenFlaw::PortOfKind { found: "true or false" }),
            (Value::List(Vec::new()), GivenFlaw::PortOfKind { found: "a list" }),
        ] {
            assert_eq!(read(&value), Err(flaw));
        }
    }
}
