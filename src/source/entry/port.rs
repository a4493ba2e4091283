//! `port`: a number, or a text that holds one.

use crate::model::connection::Problem;
use crate::source::document::Value;

/// Reads a port that is given. Only what looks like a number is quoted.
pub(in crate::source) fn read(value: &Value<'_>) -> Result<u16, Problem> {
    let problem = match value.scalar().map(str::trim) {
        Some(written) if is_number(written) => match written.parse::<u16>() {
            Ok(port) if port > 0 => return Ok(port),
            _ => Problem::new(format!("`port` `{}` is not a whole number from 1 to 65535", super::name(written))),
        },
        Some(_) => Problem::new("`port` is not a number"),
        None => Problem::new(format!("`port` must be a number, not {}", value.kind())),
    };
    Err(problem.hint("correct it, or leave it out for the type's usual port"))
}

fn is_number(written: &str) -> bool {
    written.starts_with(|character: char| character == '-' || character.is_ascii_digit())
        && written.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::document::Text;

    #[test]
    fn a_port_is_a_whole_number_in_range() {
        let text = |text: &'static str| Value::Text(Text::Plain(text));
        for value in [Value::Number("5432"), text("5432"), text(" 5432 "), text("05432")] {
            assert_eq!(read(&value), Ok(5432));
        }
        let out_of_range = |written: &str| format!("`port` `{written}` is not a whole number from 1 to 65535");
        for (value, message) in [
            (Value::Number("0"), out_of_range("0")),
            (text("0"), out_of_range("0")),
            (Value::Number("65536"), out_of_range("65536")),
            (Value::Number("-1"), out_of_range("-1")),
            (Value::Number("5432.7"), out_of_range("5432.7")),
            (Value::Number("5432.0"), out_of_range("5432.0")),
            (Value::Number("1e3"), out_of_range("1e3")),
            (text("5432.7"), out_of_range("5432.7")),
            (Value::Number("NaN"), "`port` is not a number".to_owned()),
            (text("CANARY"), "`port` is not a number".to_owned()),
            (text("5432CANARY"), "`port` is not a number".to_owned()),
            (text("-infinity"), "`port` `-infinity` is not a whole number from 1 to 65535".to_owned()),
            (text("infinity"), "`port` is not a number".to_owned()),
            (Value::Bool(true), "`port` must be a number, not true or false".to_owned()),
            (Value::List(Vec::new()), "`port` must be a number, not a list".to_owned()),
        ] {
            assert_eq!(read(&value).unwrap_err().message, message);
        }
    }
}
