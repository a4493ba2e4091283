//! Cuts a byte stream into wire messages, and checks each whole before anybody parses it.
//!
//! bson 3.1.0 recurses without a limit and mongodb 3.9.1 believes every length that a server sends;
//! what passes here can make neither overflow a stack nor allocate more than the budget. Pure: no
//! I/O, no recursion, no panic on any bytes.

/// The longest message: the byte budget of a whole probe.
const LONGEST: usize = 1 << 20;
/// The most messages of one direction: a login needs five.
const MESSAGES: u32 = 256;
/// The deepest nesting of documents.
const DEPTH: usize = 64;

const HEADER: usize = 16;
/// Header, flags, section kind and the empty document.
const SHORTEST: usize = HEADER + 4 + 1 + 5;

const OP_REPLY: i32 = 1;
const OP_COMPRESSED: i32 = 2012;
const OP_MSG: i32 = 2013;

const CHECKSUM_PRESENT: u32 = 1;
const MORE_TO_COME: u32 = 1 << 1;
/// Bits up to this one must be understood by whoever reads the message.
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
    /// More messages than a login needs.
    #[error("more than {MESSAGES} messages")]
    TooMany,
    /// A message out of turn.
    #[error("an answer to nothing that was asked")]
    Unasked,
}

/// The messages of one direction of one connection.
#[derive(Default)]
pub(super) struct Framer {
    buffer: Vec<u8>,
    messages: u32,
}

impl Framer {
    /// Adds bytes as they come.
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The document of the next complete message, checked; `None` until more bytes come.
    ///
    /// A bad length is an error as soon as the length is there, so nothing is ever awaited on a
    /// liar's word.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, Malformed> {
        let Some(announced) = int32(&self.buffer, 0) else { return Ok(None) };
        let length = usize::try_from(announced)
            .ok()
            .filter(|length| (SHORTEST..=LONGEST).contains(length))
            .ok_or(Malformed::Length(announced))?;
        match int32(&self.buffer, 12) {
            None | Some(OP_MSG) => {}
            Some(OP_REPLY) => return Err(Malformed::Obsolete),
            Some(OP_COMPRESSED) => return Err(Malformed::Compressed),
            Some(other) => return Err(Malformed::Opcode(other)),
        }
        if self.buffer.len() < length {
            return Ok(None);
        }
        if self.messages == MESSAGES {
            return Err(Malformed::TooMany);
        }
        self.messages += 1;
        let message: Vec<u8> = self.buffer.drain(..length).collect();
        body(&message).map(|document| Some(document.to_vec()))
    }
}

/// The one document of a whole `OP_MSG`.
fn body(message: &[u8]) -> Result<&[u8], Malformed> {
    let flags = message.get(HEADER..HEADER + 4).ok_or(Malformed::Sections)?;
    let flags = u32::from_le_bytes(flags.try_into().map_err(|_| Malformed::Sections)?);
    if flags & REQUIRED_FLAGS & !CHECKSUM_PRESENT != 0 || flags & MORE_TO_COME != 0 {
        return Err(Malformed::Flags(flags));
    }
    let end = if flags & CHECKSUM_PRESENT == 0 { message.len() } else { message.len() - 4 };
    match message.get(HEADER + 4..end) {
        Some([0, document @ ..]) => check_document(document).map(|()| document),
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

/// `document` as a whole message, for what we say ourselves.
pub(super) fn message(response_to: i32, document: &[u8]) -> Vec<u8> {
    let length = i32::try_from(HEADER + 5 + document.len()).unwrap_or(i32::MAX);
    let mut message = Vec::with_capacity(HEADER + 5 + document.len());
    for word in [length, 0, response_to, OP_MSG, 0] {
        message.extend_from_slice(&word.to_le_bytes());
    }
    message.push(0);
    message.extend_from_slice(document);
    message
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Bson, Document, doc};
    use proptest::prelude::*;

    use super::*;

    fn encoded(document: &Document) -> Vec<u8> {
        document.to_vec().unwrap()
    }

    fn nested(depth: usize) -> Document {
        (1..depth).fold(doc! { "x": 1 }, |inner, _| doc! { "x": inner })
    }

    fn first(bytes: &[u8]) -> Result<Option<Vec<u8>>, Malformed> {
        let mut framer = Framer::default();
        framer.extend(bytes);
        framer.next()
    }

    /// A message whose 32-bit word at `at` is `word`.
    fn with_word(at: usize, word: i32) -> Vec<u8> {
        let mut bytes = message(0, &encoded(&doc! { "ok": 1 }));
        bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        bytes
    }

    #[test]
    fn messages_come_out_whole_however_they_came_in() {
        let documents = [doc! { "ok": 1 }, doc! { "hello": "again", "list": [1, { "a": true }] }];
        let stream: Vec<u8> = documents.iter().flat_map(|document| message(7, &encoded(document))).collect();
        for step in [1, 3, 16, stream.len()] {
            let mut framer = Framer::default();
            let mut seen = Vec::new();
            for chunk in stream.chunks(step) {
                framer.extend(chunk);
                while let Some(document) = framer.next().unwrap() {
                    seen.push(document);
                }
            }
            assert_eq!(seen, documents.iter().map(encoded).collect::<Vec<_>>(), "in steps of {step}");
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
            (message(0, &[]), Malformed::Length(21)),
        ] {
            assert_eq!(first(&bytes), Err(expected), "{bytes:?}");
        }
    }

    #[test]
    fn a_checksum_is_no_part_of_the_document() {
        let document = encoded(&doc! { "ok": 1 });
        let mut bytes = message(0, &document);
        let length = i32::try_from(bytes.len() + 4).unwrap();
        bytes[0..4].copy_from_slice(&length.to_le_bytes());
        bytes[16] = 1;
        bytes.extend_from_slice(b"sum!");
        assert_eq!(first(&bytes), Ok(Some(document)));
    }

    #[test]
    fn messages_are_counted() {
        let one = message(0, &encoded(&doc! {}));
        let mut framer = Framer::default();
        for _ in 0..MESSAGES {
            framer.extend(&one);
            assert!(framer.next().unwrap().is_some());
        }
        framer.extend(&one);
        assert_eq!(framer.next(), Err(Malformed::TooMany));
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
        use mongodb::bson::{Binary, DateTime, Decimal128, JavaScriptCodeWithScope, Regex, Timestamp, oid::ObjectId, spec::BinarySubtype};
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
            let _ = first(&bytes);
            let _ = check_document(&bytes);
        }

        /// Near misses reach deeper than noise does.
        #[test]
        fn no_change_of_a_good_message_panics(at in 0_usize..200, value in any::<u8>(), cut in 0_usize..200) {
            let mut bytes = message(1, &encoded(&doc! { "a": [1, { "b": "c" }], "s": "text", "n": { "m": { "l": 1.0 } }, "ok": 1 }));
            let length = bytes.len();
            bytes[at % length] = value;
            let whole = first(&bytes);
            if let Ok(Some(document)) = &whole {
                // What passes, the crate reads without complaint about its structure or with an error, not a panic.
                let _ = Document::from_reader(document.as_slice());
            }
            bytes.truncate(cut % length);
            let _ = first(&bytes);
        }
    }
}
