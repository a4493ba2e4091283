//! S3.

use super::{Role, Turn};
use crate::peer::say;

/// A whole answer with a status, more header lines, and a body.
pub fn answer(status: &str, lines: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{lines}\r\n{body}", body.len())
        .into_bytes()
}

/// An error, as S3 reports it.
pub fn error(status: &str, lines: &str, code: &str, text: &str) -> Vec<u8> {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{text}</Message></Error>");
    answer(status, lines, &body)
}

/// The list of a bucket with nothing in it.
pub const LISTING: &str = "<?xml version=\"1.0\"?>\n<ListBucketResult><Name>lake</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>1</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>";

/// The head of an answer whose body has so many bytes.
pub fn head(length: usize) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
        .into_bytes()
}

pub(super) fn login() -> Vec<Turn> {
    vec![
        Turn::new(Role::First, "auth", say(head(LISTING.len()))),
        Turn { hears: false, ..Turn::new(Role::Answer, "query", say(LISTING)) },
    ]
}
