//! The layout of JSON: numbers and strings that every parser accepts, indented as `serde_json` does. The types of
//! `model` determine the content of a report.

use std::io;

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, Serializer};

use crate::model::redact::is_hazard;

/// Writes `value` as one line.
pub(super) fn write_line(out: &mut impl io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Plain(CompactFormatter)))?;
    out.write_all(b"\n")
}

/// Writes `value` indented.
pub(super) fn write_indented(out: &mut impl io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Plain(Indented::default())))?;
    out.write_all(b"\n")
}

/// Writes `value` as an item of a list in the document that [`write_indented`] writes.
pub(super) fn write_entry(out: &mut impl io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Plain(Indented { depth: 2, has_value: false })))?;
    Ok(())
}

/// The layout of `serde_json`'s own pretty formatter, which writes each blank separately.
#[derive(Default)]
struct Indented {
    depth: usize,
    has_value: bool,
}

/// A line end and the indentation of the next line.
const LINES: &[u8; 34] = b",\n                                ";

impl Indented {
    fn line<W: ?Sized + io::Write>(&self, out: &mut W, comma: bool) -> io::Result<()> {
        let deeper = (2 + 2 * self.depth).saturating_sub(LINES.len());
        out.write_all(&LINES[usize::from(!comma)..LINES.len().min(2 + 2 * self.depth)])?;
        if deeper == 0 { Ok(()) } else { write!(out, "{:deeper$}", "") }
    }

    fn begin<W: ?Sized + io::Write>(&mut self, out: &mut W, bracket: u8) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        out.write_all(&[bracket])
    }

    fn end<W: ?Sized + io::Write>(&mut self, out: &mut W, bracket: u8) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.has_value {
            self.line(out, false)?;
        }
        out.write_all(&[bracket])
    }
}

impl Formatter for Indented {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b'[')
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b']')
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.line(writer, !first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b'{')
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b'}')
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.line(writer, !first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

const DELETE: u8 = 0x7f;

/// A formatter that writes floats with at most six decimals and never with an exponent, since many JSON parsers in
/// shell scripts cannot read `1e-6`, and that escapes strings where they would control a terminal.
struct Plain<F>(F);

impl<F: Formatter> Formatter for Plain<F> {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        if value == 0.0 {
            return writer.write_all(b"0.0");
        }
        let digits = format!("{value:.6}");
        let digits = digits.trim_end_matches('0');
        writer.write_all(digits.as_bytes())?;
        if digits.ends_with('.') { writer.write_all(b"0") } else { Ok(()) }
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly all strings. Other ASCII control characters do not occur in a fragment.
        if fragment.is_ascii() && !fragment.as_bytes().contains(&DELETE) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut shown = 0;
        for (at, hazard) in fragment.char_indices().filter(|(_, character)| is_hazard(*character)) {
            writer.write_all(&fragment.as_bytes()[shown..at])?;
            for unit in hazard.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            shown = at + hazard.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[shown..])
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::written::seconds;

    #[test]
    fn seconds_have_no_exponent_and_six_decimals_at_the_most() {
        for (duration, text) in [
            (Duration::ZERO, "0.0\n"),
            (Duration::from_nanos(1_400), "0.000001\n"),
            (Duration::from_millis(21), "0.021\n"),
            (Duration::from_secs(12), "12.0\n"),
        ] {
            let mut out = Vec::new();
            write_line(&mut out, &seconds(duration)).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
