//! One secret value ↔ the text that is stored for it: `v1:KEY:NONCE+CIPHERTEXT+TAG`, AES-256-GCM-SIV.
//!
//! What is sealed is bound to its place: the store, the row, the field, and where the row sends it.
//! A value that was moved to another place, or whose row was pointed at another host behind our
//! back, does not open.

use aws_lc_rs::aead::{Aad, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::error::StoreError;
use super::key::{Key, Keyring};
use crate::model::connection::Connection;

/// How what is sealed is written.
const FORMAT: &str = "v1";
/// Bytes of a nonce.
const NONCE: usize = 12;
/// Bytes that sealing adds.
const OVERHEAD: usize = 16;

/// Plaintext, wiped when it is dropped.
pub(super) type Plain = Zeroizing<Vec<u8>>;

/// A field that is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Password,
    Extra,
}

impl Field {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Extra => "extra",
        }
    }
}

/// The row that a value is bound to.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The store's own id.
    pub(super) store: &'a str,
    /// The row's own id.
    pub(super) row: &'a str,
    /// The definition, for its destination.
    pub(super) connection: &'a Connection,
}

impl Place<'_> {
    /// Every part with its length before it, so that no two places read the same.
    fn bytes(&self, field: Field) -> Vec<u8> {
        let Connection { conn_type, host, port, .. } = self.connection;
        let port = port.map(|port| port.to_string());
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let parts = [FORMAT, self.store, self.row, field.as_str(), &text(conn_type), &text(host), &text(&port)];
        parts.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes(), part.as_bytes()].concat()).collect()
    }
}

/// Why a value does not open.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// There is no key at all.
    NoKey,
    /// It was sealed with the key of this id, which is not at hand.
    OtherKey(String),
    /// It is not what was sealed, or not where it was sealed.
    Damaged,
}

/// Seals `plain` for `place`.
pub(super) fn seal(key: &Key, place: &Place<'_>, field: Field, mut plain: Plain) -> Result<String, StoreError> {
    // What a growing buffer leaves behind would not be wiped.
    let mut sealed = Zeroizing::new(Vec::with_capacity(plain.len() + OVERHEAD));
    sealed.append(&mut plain);
    let nonce = key
        .cipher
        .seal_in_place_append_tag(Aad::from(place.bytes(field)), &mut *sealed)
        .map_err(|_| StoreError::Local { reason: "random numbers".to_owned() })?;
    let value = STANDARD_NO_PAD.encode([nonce.as_ref().as_slice(), &sealed].concat());
    Ok(format!("{}{value}", prefix(key.id())))
}

/// What every value begins with that was sealed with the key of this id.
pub(super) fn prefix(key: &str) -> String {
    format!("{FORMAT}:{key}:")
}

/// Opens what was sealed for `place`.
pub(super) fn open(keys: &Keyring, place: &Place<'_>, field: Field, sealed: &str) -> Result<Plain, Unreadable> {
    let mut parts = sealed.splitn(3, ':');
    let (Some(FORMAT), Some(id), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Unreadable::Damaged);
    };
    let key = keys.find(id).ok_or_else(|| match keys.present() {
        Some(_) => Unreadable::OtherKey(id.to_owned()),
        None => Unreadable::NoKey,
    })?;
    let mut value = Zeroizing::new(STANDARD_NO_PAD.decode(value).map_err(|_| Unreadable::Damaged)?);
    let (nonce, rest) = value.split_at_mut_checked(NONCE).ok_or(Unreadable::Damaged)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unreadable::Damaged)?;
    let length = match key.cipher.open_in_place(nonce, Aad::from(place.bytes(field)), rest) {
        Ok(plain) => plain.len(),
        Err(_) => return Err(Unreadable::Damaged),
    };
    Ok(Zeroizing::new(value[NONCE..NONCE + length].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::stored::RowId;

    fn keyring() -> (Keyring, tempfile::TempDir) {
        let home = tempfile::tempdir().unwrap();
        (Keyring::read_or_create(Some(&home.path().join("key"))).unwrap(), home)
    }

    fn definition(host: &str, port: u16) -> Connection {
        Connection {
            conn_type: Some("postgres".to_owned()),
            host: Some(host.to_owned()),
            port: Some(port),
            ..Connection::new(RowId(1).origin())
        }
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_and_in_no_other() {
        let (keys, _home) = keyring();
        let (db, elsewhere, other_port) = (definition("db", 1), definition("evil", 1), definition("db", 2));
        let place = Place { store: "s", row: "r", connection: &db };
        let plain = || Plain::new(b"hunter2".to_vec());
        let sealed = seal(keys.present().unwrap(), &place, Field::Password, plain()).unwrap();
        assert!(sealed.starts_with(&prefix(keys.present().unwrap().id())), "{sealed}");
        assert_eq!(open(&keys, &place, Field::Password, &sealed).unwrap().as_slice(), b"hunter2");
        for (place, field) in [
            (place, Field::Extra),
            (Place { store: "t", ..place }, Field::Password),
            (Place { row: "q", ..place }, Field::Password),
            (Place { store: "sr", row: "", ..place }, Field::Password),
            (Place { connection: &elsewhere, ..place }, Field::Password),
            (Place { connection: &other_port, ..place }, Field::Password),
        ] {
            assert_eq!(open(&keys, &place, field, &sealed), Err(Unreadable::Damaged));
        }
        let again = seal(keys.present().unwrap(), &place, Field::Password, plain()).unwrap();
        assert_ne!(sealed, again, "equal secrets do not show");
    }

    #[test]
    fn a_changed_value_is_told_from_a_wrong_key_and_from_none() {
        let ((keys, _home), (others, _other_home)) = (keyring(), keyring());
        let db = definition("db", 1);
        let place = Place { store: "s", row: "r", connection: &db };
        let key = keys.present().unwrap();
        let sealed = seal(key, &place, Field::Extra, Plain::new(b"{}".to_vec())).unwrap();
        let open_with = |keys: &Keyring, sealed: &str| open(keys, &place, Field::Extra, sealed).unwrap_err();
        assert_eq!(open_with(&others, &sealed), Unreadable::OtherKey(key.id().to_owned()));
        assert_eq!(open_with(&Keyring::read(None).unwrap(), &sealed), Unreadable::NoKey);
        for position in prefix(key.id()).len()..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(open_with(&keys, &changed), Unreadable::Damaged, "{changed}");
            assert_eq!(open_with(&keys, &sealed[..position]), Unreadable::Damaged);
        }
        for text in ["", "hunter2", "v1", "v2:x:y", "v1:::"] {
            assert!(matches!(open_with(&keys, text), Unreadable::Damaged | Unreadable::OtherKey(_)), "{text}");
        }
    }
}
