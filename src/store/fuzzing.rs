//! What the fuzz targets reach: rows and sealed values, as a damaged or hostile store could hold
//! them. Built for nothing else.

use std::sync::LazyLock;

use super::database::Columns;
use super::key::Keyring;
use super::row::Row;
use super::seal::{self, Field, Place, Plain};
use super::stored::RowId;
use crate::model::connection::Connection;

static KEYS: LazyLock<Keyring> = LazyLock::new(|| {
    let directory = std::env::temp_dir().join(format!("connprobe-fuzz-{}", std::process::id()));
    Keyring::read_or_create(Some(&directory.join("key"))).unwrap_or_else(|error| unreachable!("a key: {error}"))
});

/// Reads `data`, values with zeros between them, as a row.
pub fn row(data: &[u8]) {
    let value = |part: &[u8]| (!part.is_empty()).then(|| String::from_utf8_lossy(part).into_owned());
    let mut columns = Columns::of(data.split(|byte| *byte == 0).map(value).collect(), "fuzz");
    if let Ok(row) = Row::read(&mut columns) {
        drop(row.open(&KEYS, "fuzz"));
    }
}

/// Seals `plain`, changes one character, and opens it: only what was not changed may open.
pub fn sealed(plain: &[u8], position: u16, with: u8) {
    let connection = Connection::new(RowId(1).origin());
    let place = Place { store: "fuzz", row: "row", connection: &connection };
    let Some(key) = KEYS.present() else { unreachable!("a key was made") };
    let Ok(sealed) = seal::seal(key, &place, Field::Password, Plain::new(plain.to_vec())) else { return };
    let mut changed = sealed.clone().into_bytes();
    let position = usize::from(position) % changed.len();
    changed[position] = with & 0x7f;
    let Ok(changed) = String::from_utf8(changed) else { unreachable!("ASCII stays ASCII") };
    match seal::open(&KEYS, &place, Field::Password, &changed) {
        Ok(opened) => assert!(changed == sealed && opened.as_slice() == plain, "a changed value opens"),
        Err(_) => assert!(changed != sealed, "what was sealed does not open"),
    }
}
