//! Wire messages: each is validated as a whole before it is read.
//!
//! Servers are not trusted: bson 3.1.0 recurses without a limit, and a length may be false. A validated message can
//! neither overflow a stack nor cause an allocation of more memory than was sent. No recursion, no panic on any bytes.

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
/// Flags that a reader must understand; `moreToCome` is one of them.
const REQUIRED_FLAGS: u32 = 0xffff;

/// Why bytes are not a message of a login. The text is a fragment, without the bytes themselves.
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
    /// Flags that no answer to a login has, such as `moreToCome`.
    #[error("a message with the flags {0:#x}")]
    Flags(u32),
    /// Anything but exactly one body section.
    #[error("a message that is not one document")]
    Sections,
    /// Nested too deeply.
    #[error("a document nested deeper than {DEPTH} levels")]
    Depth,
    /// An inconsistent BSON document, and how.
    #[error("a damaged document ({0})")]
    Document(&'static str),
    /// Fields that are unreadable, repeated, or of the wrong type.
    #[error("a document with damaged or repeated fields")]
    Fields,
}

impl From<Malformed> for io::Error {
    fn from(malformed: Malformed) -> Self {
        Self::new(io::ErrorKind::InvalidData, malformed)
    }
}

/// One `OP_MSG`, complete and validated.
pub(super) struct Message(Vec<u8>);

impl Message {
    /// Reads the next message. The header is validated before the rest is awaited.
    ///
    /// # Errors
    ///
    /// The stream's error, or a [`Malformed`] inside an error of kind `InvalidData`.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let mut header = [0; HEADER];
        from.read_exact(&mut header[..4]).await?;
        let length = check_length(&header)?;
        from.read_exact(&mut header[4..]).await?;
        check_opcode(&header)?;
        let mut message = header.to_vec();
        // The buffer grows with the received bytes, not with the announced length.
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

    /// The bytes on the wire.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

fn check_length(header: &[u8]) -> Result<usize, Malformed> {
    let announced = int32(header, 0).unwrap_or_default();
    let length = usize::try_from(announced).ok().filter(|length| (SHORTEST..=LONGEST).contains(length));
    // The bytes of a TLS alert would be a valid length, and nothing would follow them.
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

/// The only document of a complete `OP_MSG`.
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

/// Checks that `bytes` are exactly one BSON document, with consistent inner lengths, no deeper than [`DEPTH`]. Does not
/// read values, only where each ends.
fn check_document(bytes: &[u8]) -> Result<(), Malformed> {
    let mut at = 0;
    // The ends of the documents around `at`, the innermost last.
    let mut ends = vec![open(bytes, &mut at, bytes.len())?];
    if ends != [bytes.len()] {
        return Err(Malformed::Document("its length is not that of the message"));
    }
    while let Some(&end) = ends.last() {
        // Each open document was checked to end in its terminator, so `at` stays below it.
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

/// Enters the document at `at`, and returns where it ends.
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
mod tests;
