//! The tag of a row: authenticates all of its values, including absent ones and those in clear, for its store and its
//! number. Its form is `t1:KEY:HMAC-SHA-256`.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::key::{Key, Keyring};
use super::seal::Unreadable;
use super::transaction::Value;

/// The format of a tag.
const FORMAT: &str = "t1";

/// The tag of a row of `store`, over the store's own data about the row and its `values`.
pub(super) fn of(key: &Key, store: &str, known: &[&str], values: &[Value]) -> String {
    let tag = hmac::sign(&key.mac, &bytes(store, known, values));
    format!("{}{}", prefix(key.id()), STANDARD_NO_PAD.encode(tag))
}

/// The beginning of every tag that was made with the key with this id.
pub(super) fn prefix(key: &str) -> String {
    format!("{FORMAT}:{key}:")
}

/// Verifies that `tag` is the one that [`of`] computes.
pub(super) fn verify(
    keys: &Keyring,
    store: &str,
    known: &[&str],
    values: &[Value],
    tag: &str,
) -> Result<(), Unreadable> {
    let mut parts = tag.splitn(3, ':');
    let (Some(FORMAT), Some(id), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Unreadable::Damaged);
    };
    let key = keys.named(id)?;
    let value = STANDARD_NO_PAD.decode(value).map_err(|_| Unreadable::Damaged)?;
    hmac::verify(&key.mac, &bytes(store, known, values), &value).map_err(|_| Unreadable::Damaged)
}

/// All values, each with a byte for whether it is present and its length before it, so that different rows give
/// different bytes.
fn bytes(store: &str, known: &[&str], values: &[Value]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 << 10);
    let head = [FORMAT, store].into_iter().chain(known.iter().copied()).map(Some);
    for value in head.chain(values.iter().map(Option::as_deref)) {
        bytes.push(u8::from(value.is_some()));
        let text = value.unwrap_or_default();
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> (Keyring, tempfile::TempDir) {
        let home = tempfile::tempdir().unwrap();
        (Keyring::read_or_create(Some(&home.path().join("key"))).unwrap(), home)
    }

    /// Values of the words in `text`; `-` stands for an absent one.
    fn values(text: &str) -> Vec<Value> {
        text.split(' ').map(|word| (word != "-").then(|| word.to_owned())).collect()
    }

    #[test]
    fn a_tag_is_of_these_values_in_this_order_and_of_no_others() {
        let (keys, _home) = keyring();
        let row = "a - bc ";
        let tag = of(keys.present().unwrap(), "s", &["1", "2"], &values(row));
        let verify = |store, known: &[&str], row| verify(&keys, store, known, &values(row), &tag);
        assert_eq!(verify("s", &["1", "2"], row), Ok(()));
        for (store, known, row) in [
            ("t", ["1", "2"], row),
            ("s", ["1", "3"], row),
            ("s", ["12", ""], row),
            ("s", ["1", "2"], "a  bc "),
            ("s", ["1", "2"], "a - bc -"),
            ("s", ["1", "2"], "a - bc"),
            ("s", ["1", "2"], "a - b c"),
            ("s", ["1", "2"], "- a bc "),
            ("s", ["1", "2"], "a - bc  -"),
        ] {
            assert_eq!(verify(store, &known, row), Err(Unreadable::Damaged), "{store} {known:?} {row}");
        }
    }

    #[test]
    fn a_changed_tag_is_told_from_one_of_another_key() {
        let ((keys, _home), (others, _other_home)) = (keyring(), keyring());
        let tag = of(keys.present().unwrap(), "s", &[], &values("a"));
        let verify = |keys: &Keyring, tag: &str| verify(keys, "s", &[], &values("a"), tag).unwrap_err();
        assert!(matches!(verify(&others, &tag), Unreadable::OtherKey(_)));
        assert_eq!(verify(&Keyring::read(None).unwrap(), &tag), Unreadable::NoKey);
        for position in prefix(keys.present().unwrap().id()).len()..tag.len() {
            let mut changed = tag.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            assert_eq!(verify(&keys, &String::from_utf8(changed).unwrap()), Unreadable::Damaged);
        }
        for text in ["", "t1", "t2:x:y", &tag[..tag.len() - 1]] {
            assert_eq!(verify(&keys, text), Unreadable::Damaged, "{text}");
        }
    }
}
