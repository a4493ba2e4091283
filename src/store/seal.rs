//! Converts a secret value to and from its stored text: `v2:KEY:NONCE+CIPHERTEXT+TAG`, AES-256-GCM-SIV.
//!
//! A sealed value is bound to its place: the store, the row, the field, and the server that the row sends it to. A
//! value that was moved to another place does not open. `v1` is the same format in rows without a tag (`super::tag`);
//! it opens only where such a row is allowed.

use aws_lc_rs::aead::{Aad, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::error::StoreError;
use super::key::{Key, Keyring};

/// The format of sealed values.
const FORMAT: &str = "v2";
/// The format in rows without a tag.
const UNTAGGED: &str = "v1";
/// The size of a nonce in bytes.
const NONCE: usize = 12;
/// The number of bytes that sealing adds.
const OVERHEAD: usize = 16;

/// Plaintext, wiped on drop.
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
    /// Type, host and port of the server that the value is sent to.
    pub(super) destination: [Option<&'a str>; 3],
}

/// Whether values of rows without a tag may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Accept {
    /// Only values of rows with a tag.
    Tagged,
    /// Only values from before rows had tags, with a key of that time.
    Untagged,
}

impl Place<'_> {
    fn bytes(&self, format: &str, field: Field) -> Vec<u8> {
        let [conn_type, host, port] = self.destination.map(Option::unwrap_or_default);
        framed([format, self.store, self.row, field.as_str(), conn_type, host, port])
    }
}

/// Every part with its length before it, so that different lists of parts give different bytes.
pub(super) fn framed<const N: usize>(parts: [&str; N]) -> Vec<u8> {
    parts.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes(), part.as_bytes()].concat()).collect()
}

/// Why a value does not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// There is no key at all.
    NoKey,
    /// It was sealed with the key with this id, which is not available.
    OtherKey(String),
    /// The value was changed or moved after it was sealed.
    Damaged,
}

/// Seals `plain` for `place`.
pub(super) fn seal(key: &Key, place: &Place<'_>, field: Field, plain: Plain) -> Result<String, StoreError> {
    let value = encrypt(key, &place.bytes(FORMAT, field), plain)?;
    Ok(format!("{}{value}", prefix(key.id())))
}

/// The beginning of every value that was sealed with the key with this id.
pub(super) fn prefix(key: &str) -> String {
    format!("{FORMAT}:{key}:")
}

/// Whether `sealed` has the format of a row without a tag.
pub(super) fn is_untagged(sealed: &str) -> bool {
    sealed.split(':').next() == Some(UNTAGGED)
}

/// Opens a value that was sealed for `place`.
pub(super) fn open(
    keys: &Keyring,
    place: &Place<'_>,
    field: Field,
    sealed: &str,
    accept: Accept,
) -> Result<Plain, Unreadable> {
    let mut parts = sealed.splitn(3, ':');
    let (Some(format), Some(id), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Unreadable::Damaged);
    };
    let key = keys.named(id)?;
    match format {
        FORMAT => {}
        UNTAGGED if accept == Accept::Untagged && key.has_untagged_rows => {}
        _ => return Err(Unreadable::Damaged),
    }
    decrypt(key, &place.bytes(format, field), value)
}

/// Encrypts `plain`, bound to `place`. Returns nonce, ciphertext and tag in base64.
pub(super) fn encrypt(key: &Key, place: &[u8], mut plain: Plain) -> Result<String, StoreError> {
    // The full capacity is reserved, because the memory that a growing buffer leaves behind would not be wiped.
    let mut sealed = Zeroizing::new(Vec::with_capacity(plain.len() + OVERHEAD));
    sealed.append(&mut plain);
    let nonce = key
        .cipher
        .seal_in_place_append_tag(Aad::from(place), &mut *sealed)
        .map_err(|_| StoreError::Local { reason: "random numbers".to_owned() })?;
    Ok(STANDARD_NO_PAD.encode([nonce.as_ref().as_slice(), &sealed].concat()))
}

/// Decrypts a value that [`encrypt`] returned.
pub(super) fn decrypt(key: &Key, place: &[u8], value: &str) -> Result<Plain, Unreadable> {
    let mut value = Zeroizing::new(STANDARD_NO_PAD.decode(value).map_err(|_| Unreadable::Damaged)?);
    let (nonce, rest) = value.split_at_mut_checked(NONCE).ok_or(Unreadable::Damaged)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Unreadable::Damaged)?;
    let length = match key.cipher.open_in_place(nonce, Aad::from(place), rest) {
        Ok(plain) => plain.len(),
        Err(_) => return Err(Unreadable::Damaged),
    };
    Ok(Zeroizing::new(value[NONCE..NONCE + length].to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> (Keyring, tempfile::TempDir) {
        let home = tempfile::tempdir().unwrap();
        (Keyring::read_or_create(Some(&home.path().join("key"))).unwrap(), home)
    }

    const DB: Place<'_> = Place { store: "s", row: "r", destination: [Some("postgres"), Some("db"), Some("1")] };

    #[test]
    fn what_is_sealed_opens_in_its_place_and_in_no_other() {
        let (keys, _home) = keyring();
        let plain = || Plain::new(b"hunter2".to_vec());
        let sealed = seal(keys.present().unwrap(), &DB, Field::Password, plain()).unwrap();
        assert!(sealed.starts_with(&prefix(keys.present().unwrap().id())), "{sealed}");
        let open_at = |place: &Place<'_>, field| open(&keys, place, field, &sealed, Accept::Untagged);
        assert_eq!(open_at(&DB, Field::Password).unwrap().as_slice(), b"hunter2");
        for (place, field) in [
            (DB, Field::Extra),
            (Place { store: "t", ..DB }, Field::Password),
            (Place { row: "q", ..DB }, Field::Password),
            (Place { store: "sr", row: "", ..DB }, Field::Password),
            (Place { destination: [Some("postgres"), Some("evil"), Some("1")], ..DB }, Field::Password),
            (Place { destination: [Some("postgres"), Some("db"), Some("2")], ..DB }, Field::Password),
        ] {
            assert_eq!(open_at(&place, field), Err(Unreadable::Damaged));
        }
        let again = seal(keys.present().unwrap(), &DB, Field::Password, plain()).unwrap();
        assert_ne!(sealed, again, "equal secrets do not show");
    }

    #[test]
    fn a_changed_value_is_told_from_a_wrong_key_and_from_none() {
        let ((keys, _home), (others, _other_home)) = (keyring(), keyring());
        let key = keys.present().unwrap();
        let sealed = seal(key, &DB, Field::Extra, Plain::new(b"{}".to_vec())).unwrap();
        let open_with =
            |keys: &Keyring, sealed: &str| open(keys, &DB, Field::Extra, sealed, Accept::Tagged).unwrap_err();
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

    #[test]
    fn what_has_no_tag_opens_only_under_a_key_of_its_time_and_where_it_may_be() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("key");
        let read = || Keyring::read_or_create(Some(&file)).unwrap();
        let sealed = {
            let keys = read();
            let key = keys.present().unwrap();
            let value = encrypt(key, &DB.bytes(UNTAGGED, Field::Password), Plain::new(b"old".to_vec())).unwrap();
            format!("{UNTAGGED}:{}:{value}", key.id())
        };
        let open_as = |accept| open(&read(), &DB, Field::Password, &sealed, accept).map(|plain| plain.to_vec());
        assert_eq!(open_as(Accept::Untagged), Err(Unreadable::Damaged), "the key is a later one");
        let text = std::fs::read_to_string(&file).unwrap().replace("key 2", "key 1");
        std::fs::write(&file, text).unwrap();
        assert_eq!(open_as(Accept::Tagged), Err(Unreadable::Damaged));
        assert_eq!(open_as(Accept::Untagged), Ok(b"old".to_vec()));
    }
}
