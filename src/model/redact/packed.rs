//! Decompresses bytes that may contain compressed text.

use std::io::Read;
use std::ops::ControlFlow;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// The limit of decompressed bytes. A compressed text contains the secret alone, or the secret with its surroundings.
const MOST: u64 = 4096;

/// The maximum number of nested compressions.
const LAYERS: usize = 3;

/// Decompresses `bytes` from a zlib (RFC 1950, 2.2) or gzip (RFC 1952, 2.3) header on, and the result again if it is
/// compressed too. Breaks if the data exceeds the limit.
pub(super) fn unpacked(bytes: &[u8]) -> ControlFlow<(), Option<Vec<u8>>> {
    let Some(mut last) = layer(bytes)? else { return ControlFlow::Continue(None) };
    let mut plain = last.clone();
    for _ in 0..LAYERS {
        let Some(inner) = layer(&last)? else { return ControlFlow::Continue(Some(plain)) };
        plain.extend_from_slice(&inner);
        last = inner;
    }
    ControlFlow::Break(())
}

fn layer(bytes: &[u8]) -> ControlFlow<(), Option<Vec<u8>>> {
    for at in 0..bytes.len() {
        let found = match &bytes[at..] {
            rest @ [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => read(ZlibDecoder::new(rest))?,
            rest @ [method, flags, ..] if begins_zlib(*method, *flags) => whole(ZlibDecoder::new(rest)),
            rest @ [0x1f, 0x8b, 0x08, ..] => read(MultiGzDecoder::new(rest))?,
            _ => None,
        };
        if found.is_some() {
            return ControlFlow::Continue(found);
        }
    }
    ControlFlow::Continue(None)
}

/// Whether these bytes are a valid zlib header: deflate with a window of up to 32 KiB, without a dictionary.
fn begins_zlib(method: u8, flags: u8) -> bool {
    method & 0x8f == 8 && flags & 0x20 == 0 && (u16::from(method) << 8 | u16::from(flags)).is_multiple_of(31)
}

/// Decompresses all of `bytes` as one block of raw deflate, which has no header. Breaks if the data exceeds the limit.
pub(super) fn inflated(bytes: &[u8]) -> ControlFlow<(), Option<Vec<u8>>> {
    // Only a last block with dynamic or fixed codes; a stored block contains the text unencoded.
    let is_last = bytes.first().is_some_and(|first| matches!(first & 7, 0b011 | 0b101));
    if is_last { read(DeflateDecoder::new(bytes)) } else { ControlFlow::Continue(None) }
}

/// The decompressed data, if its checksum is right: random bytes contain such a header in every KiB.
fn whole(packed: impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = packed.take(MOST).read_to_end(&mut bytes);
    read.ok().filter(|length| *length > 0).map(|_length| bytes)
}

/// The decompressed data up to the first error.
fn read(packed: impl Read) -> ControlFlow<(), Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    // A damaged end does not invalidate the data before it.
    let _ended = packed.take(MOST + 1).read_to_end(&mut bytes);
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MOST) {
        return ControlFlow::Break(());
    }
    ControlFlow::Continue((!bytes.is_empty()).then_some(bytes))
}
