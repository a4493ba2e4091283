//! Wire messages: each is checked whole before anybody reads it.
//!
//! Servers are not trusted: bson 3.1.0 recurses without a limit, and lengths are promises. What
//! passes here can neither overflow a stack nor ask for more memory than was sent. No recursion, no
//! panic on any bytes.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest message: the byte budget of a whole probe.
const LONGEST: usize = 1 << 20;
/// The deepest nesting of documents.
const DEPTH: usize = 64;

const HEADER: usize = 16;
/// Header, flags, section kind and the empty document.
const SHORTEST: usize = HEADER + 4 + 1 + 5;

const OP_REPLY: i32 = 1;
const OP_COMPRESSED: i32 = 2012;
const OP_MSG: i32 = 2013;

const CHECKSUM_PRESENT: u32 = 1;
/// Bits in here must be understood by whoever reads the message; `moreToCome` is one of them.
const REQUIRED_FLAGS: u32 = 0xffff;

/// Why bytes are not a message of a login. The text is a fragment without the bytes themselves.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// Shorter than a message can be, or longer than a login needs.
    #[error("a message of {0} bytes")]
    Length(i32),
    /// `OP_REPLY`.
    #[error("an answer in the wire protocol of before MongoDB 3.6")]
    Obsolete,
    /// `OP_COMPRESSED`.
    #[error("a compressed message, although no compression was agreed on")]
    Compressed,
    /// Any other kind of message.
    #[error("a message of the unknown kind {0}")]
    Opcode(i32),
    /// Flags that no answer to a login has, as `moreToCome`.
    #[error("a message with the flags {0:#x}")]
    Flags(u32),
    /// Not one body section and nothing else.
    #[error("a message that is not one document")]
    Sections,
    /// Nested too deeply.
    #[error("a document nested deeper than {DEPTH} levels")]
    Depth,
    /// A BSON document that contradicts itself, and how.
    #[error("a damaged document ({0})")]
    Document(&'static str),
    /// Fields that are unreadable, repeated, or not of the type that they must have.
    #[error("a document with damaged or repeated fields")]
    Fields,
}

impl From<Malformed> for io::Error {
    fn from(malformed: Malformed) -> Self {
        Self::new(io::ErrorKind::InvalidData, malformed)
    }
}

/// One `OP_MSG`, whole and checked.
pub(super) struct Message(Vec<u8>);

impl Message {
    /// Reads the next message. What its header says is judged before anything more is awaited.
    ///
    /// # Errors
    ///
    /// The stream's own, or a [`Malformed`] inside an error of kind `InvalidData`.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut header = [0; HEADER];
        from.read_exact(&mut header[..4]).await?;
        let length = check_length(&header)?;
        from.read_exact(&mut header[4..]).await?;
        check_opcode(&header)?;
        let mut message = header.to_vec();
        // Grows with what comes, not with what was promised.
        from.take((length - HEADER) as u64).read_to_end(&mut message).await?;
        if message.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        check_document(body(&message)?)?;
        Ok(Self(message))
    }

    /// `document` as an answer to `request`, or as a request where that is `None`.
    pub(super) fn new(document: &[u8], request: Option<&Self>) -> Self {
        let length = i32::try_from(HEADER + 5 + document.len()).unwrap_or(i32::MAX);
        let response_to = request.and_then(|request| int32(&request.0, 4)).unwrap_or(0);
        let mut message = Vec::with_capacity(HEADER + 5 + document.len());
        for word in [length, 0, response_to, OP_MSG, 0] {
            message.extend_from_slice(&word.to_le_bytes());
        }
        message.push(0);
        message.extend_from_slice(document);
        Self(message)
    }

    /// The one document in it.
    pub(super) fn document(&self) -> &[u8] {
        body(&self.0).unwrap_or_default()
    }

    /// As it travels.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

fn check_length(header: &[u8]) -> Result<usize, Malformed> {
    let announced = int32(header, 0).unwrap_or_default();
    let length = usize::try_from(announced).ok().filter(|length| (SHORTEST..=LONGEST).contains(length));
    // A TLS alert would pass for a length, and nothing would follow it.
    length.filter(|_| !matches!(header, [0x15, 3, 1..=4, 0, ..])).ok_or(Malformed::Length(announced))
}

fn check_opcode(header: &[u8]) -> Result<(), Malformed> {
    match int32(header, 12).unwrap_or_default() {
        OP_MSG => Ok(()),
        OP_REPLY => Err(Malformed::Obsolete),
        OP_COMPRESSED => Err(Malformed::Compressed),
        other => Err(Malformed::Opcode(other)),
    }
}

/// The one document of a whole `OP_MSG`.
fn body(message: &[u8]) -> Result<&[u8], Malformed> {
    let flags = int32(message, HEADER).ok_or(Malformed::Sections)?.cast_unsigned();
    if flags & REQUIRED_FLAGS & !CHECKSUM_PRESENT != 0 {
        return Err(Malformed::Flags(flags));
    }
    let checksum = if flags & CHECKSUM_PRESENT == 0 { 0 } else { 4 };
    match message.get(HEADER + 4..message.len().saturating_sub(checksum)) {
        Some([0, document @ ..]) => Ok(document),
        _ => Err(Malformed::Sections),
    }
}

/// Whether `bytes` are exactly one BSON document, whose inner lengths agree, no deeper than
/// [`DEPTH`]. Values are not read: only where each ends.
fn check_document(bytes: &[u8]) -> Result<(), Malformed> {
    let mut at = 0;
    // Where each document around `at` ends, the innermost last.
    let mut ends = vec![open(bytes, &mut at, bytes.len())?];
    if ends != [bytes.len()] {
        return Err(Malformed::Document("its length is not that of the message"));
    }
    while let Some(&end) = ends.last() {
        // The terminator of every open document was seen at its end, so `at` stays below it.
        let tag = bytes[at];
        at += 1;
        if tag == 0 {
            if at != end {
                return Err(Malformed::Document("it ends before its length"));
            }
            ends.pop();
            continue;
        }
        let limit = end - 1;
        skip_name(bytes, &mut at, limit)?;
        match tag {
            0x06 | 0x0a | 0x7f | 0xff => {}
            0x08 => skip(&mut at, 1, limit)?,
            0x10 => skip(&mut at, 4, limit)?,
            0x01 | 0x09 | 0x11 | 0x12 => skip(&mut at, 8, limit)?,
            0x07 => skip(&mut at, 12, limit)?,
            0x13 => skip(&mut at, 16, limit)?,
            0x02 | 0x0d | 0x0e => skip_string(bytes, &mut at, limit)?,
            0x05 => {
                let length = length(bytes, &mut at, limit)?;
                skip(&mut at, length.checked_add(1).ok_or(LENGTH)?, limit)?;
            }
            0x0b => {
                skip_name(bytes, &mut at, limit)?;
                skip_name(bytes, &mut at, limit)?;
            }
            0x0c => {
                skip_string(bytes, &mut at, limit)?;
                skip(&mut at, 12, limit)?;
            }
            0x03 | 0x04 => push(&mut ends, open(bytes, &mut at, limit)?)?,
            0x0f => {
                let start = at;
                let total = length(bytes, &mut at, limit)?;
                skip_string(bytes, &mut at, limit)?;
                let scope = open(bytes, &mut at, limit)?;
                if start.checked_add(total) != Some(scope) {
                    return Err(Malformed::Document("code and scope do not fill their length"));
                }
                push(&mut ends, scope)?;
            }
            _ => return Err(Malformed::Document("a value of unknown type")),
        }
    }
    Ok(())
}

const LENGTH: Malformed = Malformed::Document("an inner length that does not fit");

fn push(ends: &mut Vec<usize>, end: usize) -> Result<(), Malformed> {
    if ends.len() == DEPTH {
        return Err(Malformed::Depth);
    }
    ends.push(end);
    Ok(())
}

/// Enters the document at `at`; where it ends.
fn open(bytes: &[u8], at: &mut usize, limit: usize) -> Result<usize, Malformed> {
    let start = *at;
    let length = length(bytes, at, limit)?;
    let end = start.checked_add(length).filter(|end| length >= 5 && *end <= limit).ok_or(LENGTH)?;
    if bytes[end - 1] != 0 {
        return Err(Malformed::Document("a missing terminator"));
    }
    Ok(end)
}

fn skip(at: &mut usize, count: usize, limit: usize) -> Result<(), Malformed> {
    *at = at.checked_add(count).filter(|end| *end <= limit).ok_or(LENGTH)?;
    Ok(())
}

fn skip_name(bytes: &[u8], at: &mut usize, limit: usize) -> Result<(), Malformed> {
    let length = bytes[*at..limit].iter().position(|byte| *byte == 0);
    skip(at, length.ok_or(Malformed::Document("a name without an end"))? + 1, limit)
}

fn skip_string(bytes: &[u8], at: &mut usize, limit: usize) -> Result<(), Malformed> {
    let length = length(bytes, at, limit)?;
    skip(at, length, limit)?;
    if length == 0 || bytes[*at - 1] != 0 {
        return Err(Malformed::Document("a text without an end"));
    }
    Ok(())
}

fn length(bytes: &[u8], at: &mut usize, limit: usize) -> Result<usize, Malformed> {
    let start = *at;
    skip(at, 4, limit)?;
    int32(bytes, start).and_then(|length| usize::try_from(length).ok()).ok_or(LENGTH)
}

fn int32(bytes: &[u8], at: usize) -> Option<i32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(i32::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use mongodb::bson::{Bson, Document, doc};
    use proptest::prelude::*;

    use super::*;

    fn encoded(document: &Document) -> Vec<u8> {
        document.to_vec().unwrap()
    }

    fn nested(depth: usize) -> Document {
        (1..depth).fold(doc! { "x": 1 }, |inner, _| doc! { "x": inner })
    }

    /// The document of the message that `bytes` begin with, or what is wrong with it; `None` when it is cut short.
    fn first(bytes: &[u8]) -> Result<Vec<u8>, Option<Malformed>> {
        let mut bytes = bytes;
        match Message::read(&mut bytes).now_or_never().expect("a slice never waits") {
            Ok(message) => Ok(message.document().to_vec()),
            Err(error) => Err(error.get_ref().and_then(|inner| inner.downcast_ref::<Malformed>()).cloned()),
        }
    }

    fn message(document: &Document) -> Vec<u8> {
        Message::new(&encoded(document), None).bytes().to_vec()
    }

    /// A message whose 32-bit word at `at` is `word`.
    fn with_word(at: usize, word: i32) -> Vec<u8> {
        let mut bytes = message(&doc! { "ok": 1 });
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        bytes
    }

    #[tokio::test]
    async fn messages_come_out_one_by_one() {
        let documents = [doc! { "ok": 1 }, doc! { "hello": "again", "list": [1, { "a": true }] }];
        let stream: Vec<u8> = documents.iter().flat_map(message).collect();
        let mut reader = stream.as_slice();
        for document in &documents {
            assert_eq!(Message::read(&mut reader).await.unwrap().document(), encoded(document));
        }
        assert_eq!(Message::read(&mut reader).await.map(|_| ()).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn an_answer_names_its_request() {
        let mut request = message(&doc! { "ping": 1 });
        request[4..8].copy_from_slice(&77_i32.to_le_bytes());
        let answer = Message::new(&encoded(&doc! { "ok": 1 }), Some(&Message(request)));
        assert_eq!(int32(answer.bytes(), 8), Some(77));
    }

    #[test]
    fn a_message_cut_short_is_no_message() {
        let whole = message(&doc! { "ok": 1 });
        for length in 0..whole.len() {
            assert_eq!(first(&whole[..length]), Err(None), "{length} bytes");
        }
    }

    #[test]
    fn what_is_no_answer_to_a_login_is_refused() {
        for (bytes, expected) in [
            (with_word(0, -5), Malformed::Length(-5)),
            (with_word(0, 0), Malformed::Length(0)),
            (with_word(0, 15), Malformed::Length(15)),
            (with_word(0, 48_000_000), Malformed::Length(48_000_000)),
            (with_word(0, i32::MAX), Malformed::Length(i32::MAX)),
            (b"SSH-2.0-x".to_vec(), Malformed::Length(i32::from_le_bytes(*b"SSH-"))),
            (with_word(12, 1), Malformed::Obsolete),
            (with_word(12, 2012), Malformed::Compressed),
            (with_word(12, 2004), Malformed::Opcode(2004)),
            (with_word(16, 2), Malformed::Flags(2)),
            (with_word(16, 4), Malformed::Flags(4)),
            (with_word(20, 1), Malformed::Sections),
            (Message::new(&[], None).bytes().to_vec(), Malformed::Length(21)),
        ] {
            assert_eq!(first(&bytes), Err(Some(expected)), "{bytes:?}");
        }
    }

    #[test]
    fn a_checksum_is_no_part_of_the_document() {
        let document = doc! { "ok": 1 };
        let mut bytes = message(&document);
        let length = i32::try_from(bytes.len() + 4).unwrap();
        bytes[0..4].copy_from_slice(&length.to_le_bytes());
        bytes[16] = 1;
        bytes.extend_from_slice(b"sum!");
        assert_eq!(first(&bytes), Ok(encoded(&document)));
    }

    #[test]
    fn nesting_ends_at_the_limit() {
        assert_eq!(check_document(&encoded(&nested(DEPTH))), Ok(()));
        assert_eq!(check_document(&encoded(&nested(DEPTH + 1))), Err(Malformed::Depth));
        assert_eq!(check_document(&deep(20_000)), Err(Malformed::Depth));
    }

    /// Nesting that the bson crate would overflow its stack to write.
    fn deep(depth: usize) -> Vec<u8> {
        (0..depth).fold(vec![5, 0, 0, 0, 0], |inner, _| {
            let length = i32::try_from(inner.len() + 8).unwrap();
            [&length.to_le_bytes()[..], &[3, b'x', 0], &inner, &[0]].concat()
        })
    }

    #[test]
    fn every_type_of_value_is_known() {
        use mongodb::bson::{
            Binary, DateTime, Decimal128, JavaScriptCodeWithScope, Regex, Timestamp, oid::ObjectId, spec::BinarySubtype,
        };
        let document = doc! {
            "double": 1.5, "string": "x", "document": { "a": 1 }, "array": [1, 2],
            "binary": Binary { subtype: BinarySubtype::Generic, bytes: vec![1, 2, 3] },
            "undefined": Bson::Undefined, "id": ObjectId::new(), "flag": true, "date": DateTime::now(), "null": Bson::Null,
            "regex": Regex { pattern: "a".try_into().unwrap(), options: "i".try_into().unwrap() },
            "code": Bson::JavaScriptCode("f".into()), "symbol": Bson::Symbol("s".into()),
            "scope": JavaScriptCodeWithScope { code: "f".into(), scope: doc! { "v": 1 } },
            "int32": 1, "timestamp": Timestamp { time: 1, increment: 1 }, "int64": 1_i64,
            "decimal": Decimal128::from_bytes([0; 16]), "min": Bson::MinKey, "max": Bson::MaxKey,
        };
        assert_eq!(check_document(&encoded(&document)), Ok(()));
    }

    #[test]
    fn documents_that_contradict_themselves_are_refused() {
        let string = encoded(&doc! { "s": "text" });
        let change = |at: usize, value: u8| {
            let mut bytes = string.clone();
            bytes[at] = value;
            bytes
        };
        for (what, bytes) in [
            ("longer than it is", change(0, 200)),
            ("shorter than it is", change(0, 9)),
            ("a string beyond the end", change(7, 100)),
            ("a string of length 0", change(7, 0)),
            ("a string without its terminator", change(15, b'x')),
            ("a negative length", change(10, 0x80)),
            ("an unknown type", change(4, 0x42)),
            ("no terminator", change(string.len() - 1, 1)),
            ("an early terminator", change(4, 0)),
            ("an inner document longer than the outer", {
                let mut bytes = encoded(&doc! { "d": {} });
                bytes[7] = 6;
                bytes
            }),
            ("nothing", Vec::new()),
        ] {
            assert!(matches!(check_document(&bytes), Err(Malformed::Document(_))), "{what}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            first(&bytes).ok();
            check_document(&bytes).ok();
        }

        /// Near misses reach deeper than noise does.
        #[test]
        fn no_change_of_a_good_message_panics(at in 0_usize..200, value in any::<u8>(), cut in 0_usize..200) {
            let mut bytes = message(&doc! { "a": [1, { "b": "c" }], "s": "text", "n": { "m": { "l": 1.0 } }, "ok": 1 });
            let length = bytes.len();
            bytes[at % length] = value;
            let whole = first(&bytes);
            if let Ok(document) = &whole {
                // What passes, the crate reads without complaint about its structure or with an error, not a panic.
                Document::from_reader(document.as_slice()).ok();
            }
            bytes.truncate(cut % length);
            first(&bytes).ok();
        }
    }
}
