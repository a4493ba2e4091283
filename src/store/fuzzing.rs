//! The parsers that the fuzz targets of the store run: rows and sealed values, as a damaged or hostile store may
//! contain them. Built for fuzzing and tests alone.
//!
//! Every function returns a word for how far an input came.

#![expect(clippy::missing_panics_doc, reason = "to panic over what is wrong is what a target is for")]

use std::sync::LazyLock;

use super::integrity::Integrity;
use super::key::Keyring;
use super::row::{self, Meta, Row};
use super::seal::{self, Accept, Field, Place, Plain};
use super::stored::RowId;
use super::transaction::Columns;
use crate::model::secret::Secret;

/// When a row was added, and when it was changed.
const THEN: &str = "2026-11-29T10:00:00.000000Z";
const NOW: &str = "2026-11-29T11:00:00.000000Z";

static KEYS: LazyLock<Keyring> = LazyLock::new(|| {
    let directory = std::env::temp_dir().join(format!("connprobe-fuzz-{}", std::process::id()));
    let keys = Keyring::read_or_create(Some(&directory.join("key")));
    let _only_left_over = std::fs::remove_dir_all(directory);
    keys.unwrap_or_else(|error| unreachable!("a key: {error}"))
});

/// Reads a row, whose values are separated by zero bytes. If it is valid, writes its definition and reads it again, and
/// asserts that its secrets can be opened.
#[must_use]
pub fn store_row(data: &[u8]) -> &'static str {
    let value = |part: &[u8]| (!part.is_empty()).then(|| String::from_utf8_lossy(part).into_owned());
    let mut columns = Columns::of(data.split(|byte| *byte == 0).map(value).collect(), "fuzz");
    let Ok(row) = Row::read(&mut columns) else { return "damaged" };
    let mut connection = row.open(&KEYS, "fuzz", &Integrity::Unsealed { key: true });
    let sealed = connection.problems.is_empty();
    connection.problems.clear();
    connection.password = Some(Secret::new(String::from_utf8_lossy(data).into_owned()));
    let Ok(values) = row::values(&connection, "row", "fuzz", KEYS.present()) else { return "unsealed" };
    let Some(key) = KEYS.present() else { unreachable!("a key was made") };
    let [uid, created_at, updated_at] = ["row", THEN, NOW].map(str::to_owned);
    let meta = Meta { uid, version: 1, failing: false, created_at, updated_at };
    let tag = meta.tag(key, "fuzz", RowId(1), &values);
    let known = ["1", "row", "1", "0", THEN, NOW].map(|text| Some(text.to_owned()));
    let line = known.into_iter().chain(values).chain([Some(tag)]).collect();
    let Ok(again) = Row::read(&mut Columns::of(line, "fuzz")) else { unreachable!("a row of our own") };
    let again = again.open(&KEYS, "fuzz", &Integrity::Whole(0));
    assert_eq!(again.problems, [], "what was sealed opens");
    assert!(again.password().map(Secret::expose) == connection.password().map(Secret::expose), "the same secret");
    assert_eq!((&again.host, &again.conn_type, again.port), (&connection.host, &connection.conn_type, connection.port));
    if sealed { "row" } else { "unopened" }
}

/// Seals a text, changes one character of the result, and opens it: only an unchanged value may open. The input
/// consists of the position to change (two bytes), the new character, and the text.
#[must_use]
pub fn store_secret(data: &[u8]) -> &'static str {
    let Some(([high, low, with], plain)) = data.split_first_chunk::<3>() else { return "short" };
    let place = Place { store: "fuzz", row: "row", destination: [None; 3] };
    let Some(key) = KEYS.present() else { unreachable!("a key was made") };
    let Ok(sealed) = seal::seal(key, &place, Field::Password, Plain::new(plain.to_vec())) else { return "unsealed" };
    let mut changed = sealed.clone().into_bytes();
    let position = usize::from(u16::from_be_bytes([*high, *low])) % changed.len();
    changed[position] = with & 0x7f;
    let Ok(changed) = String::from_utf8(changed) else { unreachable!("ASCII stays ASCII") };
    if let Ok(opened) = seal::open(&KEYS, &place, Field::Password, &changed, Accept::Untagged) {
        assert!(changed == sealed && opened.as_slice() == plain, "a changed value opens");
        "opened"
    } else {
        assert!(changed != sealed, "what was sealed does not open");
        "refused"
    }
}
