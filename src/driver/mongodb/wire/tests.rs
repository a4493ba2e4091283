//! Messages that are complete, truncated, or made to break a reader.

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

/// The document of the message that `bytes` begin with, or what is wrong with it; `None` if it is truncated.
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

/// A message with `word` as its 32-bit word at `at`.
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

/// Nesting on which the bson crate would overflow its stack.
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

    /// Small changes of a valid message reach deeper than random bytes.
    #[test]
    fn no_change_of_a_good_message_panics(at in 0_usize..200, value in any::<u8>(), cut in 0_usize..200) {
        let mut bytes = message(&doc! { "a": [1, { "b": "c" }], "s": "text", "n": { "m": { "l": 1.0 } }, "ok": 1 });
        let length = bytes.len();
        bytes[at % length] = value;
        let whole = first(&bytes);
        if let Ok(document) = &whole {
            // The crate reads every accepted document without a panic, though perhaps with an error.
            Document::from_reader(document.as_slice()).ok();
        }
        bytes.truncate(cut % length);
        first(&bytes).ok();
    }
}
