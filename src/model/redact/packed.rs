//! Bytes that are a compressed text.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// No more is unpacked: a secret alone was packed, or what stood around it.
const MOST: u64 = 4096;

/// What is packed in `bytes`, where one of the usual beginnings of zlib (RFC 1950, 2.2) or gzip (RFC 1952, 2.3) stands
/// in them.
pub(super) fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    memchr::memchr2_iter(0x78, 0x1f, bytes).find_map(|at| match &bytes[at..] {
        rest @ [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => read(ZlibDecoder::new(rest)),
        rest @ [0x1f, 0x8b, 0x08, ..] => read(MultiGzDecoder::new(rest)),
        _ => None,
    })
}

/// What all of `bytes` are as one block of deflate, which has no beginning to be known by.
pub(super) fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    // The last block, with codes of its own or the fixed ones; of stored bytes the text stands there as it is.
    let is_last = bytes.first().is_some_and(|first| matches!(first & 7, 0b011 | 0b101));
    if is_last { read(DeflateDecoder::new(bytes)) } else { None }
}

/// As much of it as can be read.
fn read(packed: impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    // A damaged end leaves what stands before it.
    let _ended = packed.take(MOST).read_to_end(&mut bytes);
    (!bytes.is_empty()).then_some(bytes)
}
