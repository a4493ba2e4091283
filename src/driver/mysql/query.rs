//! A query after the login, and its answer, in the text protocol (`COM_QUERY`).
//!
//! The driver crate is dropped by then: what the server sends after the login is read here, within the bounds of
//! packets and budget, and as text only.

use zeroize::Zeroizing;

use super::auth::DialogueError;
use super::refusal::Refusal;
use super::wire::{Packets, Server, nonsense};
use crate::driver::Cell;
use crate::model::failure::Failure;
use crate::model::reason::Dialogue;

const COM_QUERY: u8 = 0x03;

/// The column definitions are not followed by an EOF packet, and the rows are followed by an OK packet that begins like
/// one.
const CLIENT_DEPRECATE_EOF: u32 = 1 << 24;

/// The byte that encodes NULL.
const NULL: u8 = 0xfb;

/// The longest EOF packet; a row that begins like it is longer.
const LONGEST_EOF: usize = 8;

/// The format of answers that client and server agreed on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answers {
    deprecate_eof: bool,
}

impl Answers {
    /// As given in the login `response` to a greeting.
    pub(super) fn agreed(response: &[u8]) -> Self {
        let capabilities = response.first_chunk().copied().map_or(0, u32::from_le_bytes);
        Self { deprecate_eof: capabilities & CLIENT_DEPRECATE_EOF != 0 }
    }

    fn is_end(self, payload: &[u8]) -> bool {
        payload.first() == Some(&0xfe) && (self.deprecate_eof || payload.len() <= LONGEST_EOF)
    }
}

/// Sends `question` to `server`, passes each row of the answer to `take` as it arrives, and returns the names of the
/// columns; none if the answer is not a table.
pub(super) async fn ask(
    server: &mut Packets<Server>,
    answers: Answers,
    question: &str,
    mut take: impl FnMut(Vec<Cell<'_>>),
) -> Result<Vec<String>, DialogueError> {
    server.begin_again();
    server.write(&[&[COM_QUERY], question.as_bytes()].concat()).await.map_err(DialogueError::Nonsense)?;
    let first = next(server).await?;
    let columns = match first.as_slice() {
        [0x00, ..] => return Ok(Vec::new()),
        [0xfb, ..] => return Err(DialogueError::Failed(asked_for_a_file())),
        mut count => match length(&mut count) {
            Some(columns) if count.is_empty() => columns,
            _ => return Err(odd("an answer without a number of columns")),
        },
    };
    let mut names = Vec::new();
    for _ in 0..columns {
        names.push(name(&next(server).await?).ok_or_else(|| odd("a column that ends too early"))?);
    }
    if !answers.deprecate_eof && !answers.is_end(&next(server).await?) {
        return Err(odd("columns without an end"));
    }
    loop {
        let payload = next(server).await?;
        if answers.is_end(&payload) {
            return Ok(names);
        }
        take(cells(&payload, columns).ok_or_else(|| odd("a row that does not fit its columns"))?);
    }
}

/// The next packet of an answer, or the server's refusal.
async fn next(server: &mut Packets<Server>) -> Result<Zeroizing<Vec<u8>>, DialogueError> {
    let payload = server.read().await.map_err(DialogueError::Nonsense)?;
    match payload.first() {
        None => Err(odd("an empty packet in an answer")),
        Some(0xff) => {
            Err(Refusal::parse(&payload).map_or_else(|| odd("an error without a code"), DialogueError::Refused))
        }
        Some(_) => Ok(payload),
    }
}

/// The name in a column definition: the fifth of its texts.
fn name(mut definition: &[u8]) -> Option<String> {
    for _ in 0..4 {
        text(&mut definition)?;
    }
    text(&mut definition).map(|name| String::from_utf8_lossy(name).into_owned())
}

/// The values of a row, all as text.
fn cells(mut row: &[u8], columns: usize) -> Option<Vec<Cell<'_>>> {
    let cells = (0..columns).map(|_| cell(&mut row)).collect::<Option<_>>()?;
    row.is_empty().then_some(cells)
}

/// Takes a value from the beginning of `rest`.
fn cell<'a>(rest: &mut &'a [u8]) -> Option<Cell<'a>> {
    match rest.strip_prefix(&[NULL]) {
        Some(after) => {
            *rest = after;
            Some(Cell::Null)
        }
        None => text(rest).map(|text| Cell::of(Some(text))),
    }
}

/// Takes a text from the beginning of `rest`.
fn text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = length(rest)?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(text)
}

/// Takes a length from the beginning of `rest`: one byte, or the bytes that follow its prefix.
fn length(rest: &mut &[u8]) -> Option<usize> {
    let (first, after) = rest.split_first()?;
    let (number, after) = match *first {
        0xfc => after.split_at_checked(2)?,
        0xfd => after.split_at_checked(3)?,
        0xfe => after.split_at_checked(8)?,
        NULL | 0xff => return None,
        _ => (&rest[..1], after),
    };
    *rest = after;
    let mut wide = [0; 8];
    wide[..number.len()].copy_from_slice(number);
    usize::try_from(u64::from_le_bytes(wide)).ok()
}

fn odd(what: &'static str) -> DialogueError {
    DialogueError::Nonsense(nonsense(what))
}

fn asked_for_a_file() -> Failure {
    Failure::of(Dialogue::FileRequested)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const MODERN: Answers = Answers { deprecate_eof: true };
    const CLASSIC: Answers = Answers { deprecate_eof: false };

    const EOF: &[u8] = b"\xfe\0\0\x02\0";
    const OK: &[u8] = b"\0\0\0\x02\0\0\0";

    fn packets(payloads: &[&[u8]]) -> Vec<u8> {
        let packet = |(number, payload): (u8, &&[u8])| {
            let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
            [&length[..3], &[number], payload].concat()
        };
        (1..).zip(payloads).flat_map(packet).collect()
    }

    fn column(name: &[u8]) -> Vec<u8> {
        let length = [u8::try_from(name.len()).unwrap()];
        [b"\x03def\0\0\0".as_slice(), &length, name, b"\0\x0c\x3f\0\x01\0\0\0\x03\x81\0\0\0\0"].concat()
    }

    /// Names and rows of a server's answer, or why there are none.
    async fn answered(answers: Answers, payloads: &[&[u8]]) -> Result<(Vec<String>, Vec<Vec<Option<String>>>), String> {
        let (near, mut far) = duplex(1 << 20);
        far.write_all(&packets(payloads)).await.unwrap();
        let mut rows = Vec::new();
        let keep = |row: Vec<Cell<'_>>| rows.push(row.into_iter().map(Cell::text).collect());
        let mut server = Packets::of_server(near);
        let asking = async {
            let asked = ask(&mut server, answers, "SELECT 1", keep).await;
            drop(server);
            asked
        };
        let mut heard = [0; 13];
        let (asked, read) = tokio::join!(asking, far.read_exact(&mut heard));
        read.unwrap();
        assert_eq!(heard, *b"\x09\0\0\0\x03SELECT 1");
        let names = asked.map_err(|error| match error {
            DialogueError::Refused(refusal) => refusal.code.to_string(),
            DialogueError::Failed(failure) => failure.message,
            DialogueError::Nonsense(error) => error.to_string(),
        })?;
        Ok((names, rows))
    }

    #[tokio::test]
    async fn rows_are_read_whichever_way_they_end() {
        let (a, b) = (column(b"a"), column("bé".as_bytes()));
        let long = "x".repeat(300);
        let row = [b"\xfc\x2c\x01", long.as_bytes(), b"\xfb"].concat();
        let rows = vec![vec![Some("1".to_owned()), Some(String::new())], vec![Some(long), None]];
        let expected = Ok((vec!["a".to_owned(), "bé".to_owned()], rows));
        assert_eq!(answered(CLASSIC, &[b"\x02", &a, &b, EOF, b"\x011\0", &row, EOF]).await, expected);
        // An OK packet with more content that begins like an EOF packet.
        let end = b"\xfe\0\0\x02\0\0\0and more";
        assert_eq!(answered(MODERN, &[b"\x02", &a, &b, b"\x011\0", &row, end]).await, expected);
    }

    #[tokio::test]
    async fn an_answer_may_be_no_table() {
        assert_eq!(answered(CLASSIC, &[OK]).await, Ok((vec![], vec![])));
        assert_eq!(answered(MODERN, &[b"\x01", &column(b"a"), EOF]).await, Ok((vec!["a".to_owned()], vec![])));
    }

    #[tokio::test]
    async fn refusals_come_at_any_time() {
        let (column, refusal) = (column(b"a"), b"\xff\x76\x04#42000no");
        let whole = [b"\x01".as_slice(), &column, EOF, b"\x011"];
        for before in 0..=whole.len() {
            let mut payloads = whole[..before].to_vec();
            payloads.push(refusal);
            assert_eq!(answered(CLASSIC, &payloads).await, Err("1142".to_owned()), "after {before}");
        }
    }

    #[tokio::test]
    async fn what_is_no_answer_is_not_taken_for_one() {
        let column = column(b"a");
        let short = &column[..8];
        let table: [(&[&[u8]], &str); 12] = [
            (&[b"\xfb/etc/passwd"], "asked for a file"),
            (&[b""], "empty"),
            (&[b"\xff\x01"], "without a code"),
            (&[b"\xfc\x01"], "number of columns"),
            (&[b"\x01more"], "number of columns"),
            (&[b"\x01", short], "column that ends too early"),
            (&[b"\x01", b"\xfb"], "column that ends too early"),
            (&[b"\x01", &column, b"\x011"], "columns without an end"),
            (&[b"\x01", &column, EOF, b"\x09short"], "does not fit"),
            (&[b"\x01", &column, EOF, b"\x011\x011"], "does not fit"),
            (&[b"\x02", &column, &column, EOF, b"\x011"], "does not fit"),
            (&[b"\x01", &column, EOF, b"\xfe\xff\xff\xff\xff\xff\xff\xff\xffx"], "does not fit"),
        ];
        for (payloads, expected) in table {
            let said = answered(CLASSIC, payloads).await.unwrap_err();
            assert!(said.contains(expected), "{payloads:?}: {said}");
        }
    }

    #[test]
    fn what_was_agreed_is_in_the_response() {
        assert!(Answers::agreed(&[0, 0, 0, 1]).deprecate_eof);
        assert!(!Answers::agreed(&[0xff, 0xff, 0xff, 0xfe]).deprecate_eof);
        assert!(!Answers::agreed(&[]).deprecate_eof);
    }
}
