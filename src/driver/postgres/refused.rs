//! `Refused`: a server's refusal, whether the driver crate has read it or it is given as bytes, in the form of protocol
//! 3.0 or in the one before it. Must not judge its meaning.

use tokio_postgres::error::DbError;

/// The longest error in the form of protocol 3.0; libpq's `MAX_ERRLEN` (fe-connect.c).
const LONGEST_ERROR: u32 = 30_000;
/// The shortest: a length and the fewest fields.
const SHORTEST_ERROR: u32 = 8;

/// Whether an error with this `length` has the old form, whose text begins in place of the length. PostgreSQL still
/// uses it to report that it cannot fork (`report_fork_failure_to_client`), and that it does not support a protocol.
pub(super) fn is_old_form(length: u32) -> bool {
    !(SHORTEST_ERROR..=LONGEST_ERROR).contains(&length)
}

/// A server's refusal.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Refused<'a> {
    /// The SQLSTATE; empty if there is none.
    pub(super) code: &'a str,
    /// The server's routine that refused; never translated, and not always passed on by poolers.
    pub(super) routine: Option<&'a str>,
    pub(super) said: &'a str,
    detail: Option<&'a str>,
    hint: Option<&'a str>,
}

impl<'a> From<&'a DbError> for Refused<'a> {
    fn from(error: &'a DbError) -> Self {
        Self {
            code: error.code().code(),
            routine: error.routine(),
            said: error.message(),
            detail: error.detail(),
            hint: error.hint(),
        }
    }
}

impl<'a> Refused<'a> {
    /// Reads `bytes`; `None` if they are not an error message.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first()?;
        let (length, body) = rest.split_first_chunk()?;
        match tag {
            b'E' if is_old_form(u32::from_be_bytes(*length)) => Self::old(rest),
            b'E' => Self::fields(body),
            _ => None,
        }
    }

    /// Whether it came in the form before protocol 3.0.
    pub(super) fn is_old(&self) -> bool {
        self.code.is_empty()
    }

    /// Reads the old form: text up to a NUL or the end.
    pub(super) fn old(text: &'a [u8]) -> Option<Self> {
        let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
        let said = str::from_utf8(&text[..end]).ok()?.trim();
        (!said.is_empty()).then(|| Self { said, ..Self::default() })
    }

    fn fields(mut body: &'a [u8]) -> Option<Self> {
        let mut refused = Self::default();
        while let Some((kind, rest)) = body.split_first().filter(|(kind, _)| **kind != 0) {
            let end = rest.iter().position(|byte| *byte == 0)?;
            let text = str::from_utf8(&rest[..end]).ok()?;
            match kind {
                b'C' => refused.code = text,
                b'M' => refused.said = text,
                b'R' => refused.routine = Some(text),
                b'D' => refused.detail = Some(text),
                b'H' => refused.hint = Some(text),
                _ => {}
            }
            body = &rest[end + 1..];
        }
        (!refused.said.is_empty()).then_some(refused)
    }

    /// The whole text of the server: its message, then its detail and its hint after these separators.
    pub(super) fn text(&self, detail: &str, hint: &str) -> String {
        let mut text = self.said.to_owned();
        for (separator, part) in [(detail, self.detail), (hint, self.hint)] {
            if let Some(part) = part {
                text.truncate(text.trim_end_matches(['.', ' ']).len());
                text.extend([separator, part]);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_in_both_forms() {
        for (bytes, code, message) in [
            (b"E\0\0\0\x22SFATAL\0C53300\0Mtoo many\0Rx\0\0".as_slice(), "53300", "too many"),
            (b"E\0\0\0\x22SFATAL\0Mtoo many\0\0", "", "too many"),
            (
                b"Ecould not fork new process for connection: no\n\0",
                "",
                "could not fork new process for connection: no",
            ),
            (b"EFATAL:  no\n", "", "FATAL:  no"),
        ] {
            let refused = Refused::read(bytes).unwrap();
            assert_eq!((refused.code, refused.said), (code, message), "{}", bytes.escape_ascii());
        }
        for bytes in
            [b"".as_slice(), b"E", b"E\0\0\0\x09S\0", b"E\0\0\0\x22SFATAL\0Mhalf", b"S\0\0\0\x09", b"E\xff\xff\xff\xff"]
        {
            assert!(Refused::read(bytes).is_none(), "{}", bytes.escape_ascii());
        }
    }
}
