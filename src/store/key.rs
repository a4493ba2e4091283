//! Keys and their files. Only the cipher and the MAC made from a key leave this module, never the key itself.
//!
//! A key file is text: a line with the format, and 32 bytes in base64. During a rotation the new key is in a second
//! file beside it, and every process reads both. The first line of the second file has the id of the key that it
//! follows, because another store's key may have the same file name.
//!
//! The format in the first line is `1` for keys from before rows had tags, and `2` for keys that never sealed a row
//! without a tag. With a key of format `2`, a row without a tag is refused.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM_SIV, RandomizedNonceKey};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::error::StoreError;
use super::header::Header;
use super::seal::Unreadable;
use super::{draft, files};
use crate::model::fingerprint::Fingerprint;

/// The beginning of the first line of a key file of any version.
const START: &str = "connprobe store key ";
/// The first line of a key file.
const HEADER: &str = "connprobe store key 2";
/// The first line of a key file of versions that sealed only values, not rows.
const FIRST_HEADER: &str = "connprobe store key 1";
/// Follows the first line if the key was made to follow another one; precedes that key's id.
const AFTER: &str = " after ";
/// The suffix of the next key's file name.
pub(super) const NEXT: &str = ".new";
/// More bytes than a key file has.
const LONGEST: u64 = 1024;

type Bytes = Zeroizing<[u8; 32]>;

/// A key, ready to encrypt and to authenticate.
pub(super) struct Key {
    id: String,
    pub(super) cipher: RandomizedNonceKey,
    /// Authenticates data that is not encrypted. Derived from the key.
    pub(super) mac: hmac::Key,
    /// Whether the key was made before rows had tags: there may be rows without one, whose secrets it opens.
    pub(super) has_untagged_rows: bool,
    /// The id of the key that this one was made to follow.
    follows: Option<String>,
}

impl Key {
    fn new(text: Text) -> Result<Self, StoreError> {
        let Text { bytes, has_untagged_rows, follows } = text;
        let id = Fingerprint::of(&[FIRST_HEADER.as_bytes(), bytes.as_slice()]).short();
        let cipher = RandomizedNonceKey::new(&AES_256_GCM_SIV, bytes.as_slice())
            .map_err(|_| StoreError::Local { reason: "the cipher AES-256-GCM-SIV".to_owned() })?;
        let derived = hmac::sign(&hmac::Key::new(HMAC_SHA256, bytes.as_slice()), b"connprobe store: rows");
        let mac = hmac::Key::new(HMAC_SHA256, derived.as_ref());
        Ok(Self { id, cipher, mac, has_untagged_rows, follows })
    }

    /// The id of the key, which reveals nothing about it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Reads the key in `file`; `None` if the file does not exist.
    fn read(file: &Path) -> Result<Option<Self>, StoreError> {
        let Some(opened) = files::open(file)? else { return Ok(None) };
        let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LONGEST).unwrap_or_default()));
        let format = || StoreError::KeyFormat { file: files::shown(file) };
        opened.take(LONGEST).read_to_string(&mut text).map_err(|_not_text| format())?;
        Self::new(parse(&text).ok_or_else(format)?).map(Some)
    }

    /// Creates a key in `file` that follows the key with the id `follows`; an existing key is kept. Returns the key
    /// that is then in the file.
    fn create(file: &Path, follows: Option<&str>) -> Result<Self, StoreError> {
        draft::sweep(file, Duration::ZERO, is_begun);
        let mut bytes = Bytes::default();
        super::random::fill(bytes.as_mut_slice())?;
        let mut text = Zeroizing::new(String::with_capacity(128));
        text.push_str(HEADER);
        text.extend(follows.into_iter().flat_map(|id| [AFTER, id]));
        text.push('\n');
        STANDARD.encode_string(bytes.as_slice(), &mut text);
        text.push('\n');
        files::create_with(file, text.as_bytes())?;
        Self::read(file)?.ok_or_else(|| StoreError::KeyMissing { file: files::shown(file) })
    }
}

/// Whether the file is a key file, or the beginning of one.
fn is_begun(path: &Path) -> bool {
    let mut start = Zeroizing::new(Vec::with_capacity(START.len()));
    let opened = files::open(path).ok().flatten();
    let read = opened.map(|file| file.take(START.len() as u64).read_to_end(&mut start));
    read.is_some_and(|read| read.is_ok()) && START.as_bytes().starts_with(&start)
}

/// The content of a key file.
struct Text {
    bytes: Bytes,
    has_untagged_rows: bool,
    follows: Option<String>,
}

fn parse(text: &str) -> Option<Text> {
    let mut bytes = Bytes::default();
    let mut decoded = Zeroizing::new([0; 48]);
    let (first, encoded) = text.split_once('\n')?;
    let first = first.trim_end();
    let (has_untagged_rows, follows) = match first.strip_prefix(HEADER) {
        Some("") => (false, None),
        Some(rest) => (false, Some(rest.strip_prefix(AFTER)?.to_owned())),
        None if first == FIRST_HEADER => (true, None),
        None => return None,
    };
    let length = STANDARD.decode_slice(encoded.trim(), decoded.as_mut_slice()).ok()?;
    bytes.copy_from_slice(decoded.get(..length)?.get(..32).filter(|_| length == 32)?);
    Some(Text { bytes, has_untagged_rows, follows })
}

/// The available keys: none, the one of the key file, or during a rotation also the next one.
pub(super) struct Keyring {
    file: Option<PathBuf>,
    keys: Vec<Key>,
    /// The id of the key if this process created it: data stored before that had no key.
    made: Option<String>,
}

impl Keyring {
    /// Reads the keys of `file`; without a file there are none.
    pub(super) fn read(file: Option<&Path>) -> Result<Self, StoreError> {
        let mut ring = Self { file: file.map(Path::to_owned), keys: Vec::new(), made: None };
        if let Some(file) = file {
            // The next key is read before the present one, because it may replace the present one between the two
            // reads.
            let next = Key::read(&files::beside(file, NEXT))?;
            let key = Key::read(file)?.ok_or_else(|| StoreError::KeyMissing { file: files::shown(file) })?;
            ring.keys.extend(next.filter(|next| next.id != key.id));
            ring.keys.insert(0, key);
        }
        Ok(ring)
    }

    /// Like [`Keyring::read`], but creates the file if it does not exist.
    pub(super) fn read_or_create(file: Option<&Path>) -> Result<Self, StoreError> {
        let made = match file {
            Some(file) if files::open(file)?.is_none() => Some(Key::create(file, None)?.id),
            _ => None,
        };
        Ok(Self { made, ..Self::read(file)? })
    }

    /// Reads the keys again: another process may have rotated them.
    pub(super) fn refresh(&mut self) -> Result<(), StoreError> {
        *self = Self { made: self.made.take(), ..Self::read(self.file.as_deref())? };
        Ok(())
    }

    /// Reads the keys again if the header has the id of a key that was not read: another process has rotated it since.
    /// To be called while no other process writes, or in the transaction that reads the data for which the keys are
    /// needed.
    pub(super) fn follow(&mut self, header: &Header) -> Result<(), StoreError> {
        match &header.key {
            Some(id) if self.find(id).is_none() && self.file.is_some() => self.refresh(),
            _ => Ok(()),
        }
    }

    /// Whether another process has replaced the present key since it was read.
    pub(super) fn is_replaced(&self) -> Result<bool, StoreError> {
        let now = Self::read(self.file.as_deref())?;
        Ok(now.present().map(Key::id) != self.present().map(Key::id))
    }

    /// Whether a store with these keys may have rows without a tag: an earlier version wrote them, or no writer had a
    /// key.
    pub(super) fn may_have_untagged_rows(&self) -> bool {
        self.keys.iter().all(|key| key.has_untagged_rows || self.made.as_ref() == Some(&key.id))
    }

    /// The key with the id `id`.
    pub(super) fn find(&self, id: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// The same, or why the key is not available.
    pub(super) fn named(&self, id: &str) -> Result<&Key, Unreadable> {
        self.find(id).ok_or_else(|| match self.present() {
            Some(_) => Unreadable::OtherKey(id.to_owned()),
            None => Unreadable::NoKey,
        })
    }

    /// The ids of the present key and of the next one, for a store with this `header`, while a rotation is not
    /// complete.
    pub(super) fn rotation(&self, header: &Header) -> Option<(&str, &str)> {
        let [present, next] = self.keys.as_slice() else { return None };
        let is_next = next.follows.as_ref() == Some(&present.id) || header.key.as_ref() == Some(&next.id);
        is_next.then_some((&present.id, &next.id))
    }

    /// The key of the key file itself.
    pub(super) fn present(&self) -> Option<&Key> {
        self.keys.first()
    }

    /// The ids of all keys, for messages.
    pub(super) fn ids(&self) -> String {
        self.keys.iter().map(Key::id).collect::<Vec<_>>().join(", ")
    }

    /// Creates the next key of a store with this `header` beside the present one. An existing file is kept, and must be
    /// the next key: it was made to follow the present key, or the header has its id, as after a rotation that an
    /// earlier version began.
    pub(super) fn make_next(&mut self, header: &Header) -> Result<(), StoreError> {
        let (Some(file), Some(present)) = (&self.file, self.keys.first()) else { return Err(StoreError::NoKey) };
        let (file, present) = (files::beside(file, NEXT), present.id().to_owned());
        if self.keys.len() < 2 {
            self.keys.push(Key::create(&file, Some(&present))?);
        }
        let is_next = |next: &Key| next.follows.as_ref() == Some(&present) || header.key.as_deref() == Some(next.id());
        if self.keys.last().is_some_and(is_next) {
            Ok(())
        } else {
            Err(StoreError::NotNextKey { file: files::shown(&file) })
        }
    }

    /// The next key if there is one, otherwise the present one.
    pub(super) fn next(&self) -> Result<&Key, StoreError> {
        self.keys.last().ok_or(StoreError::NoKey)
    }

    /// Replaces the present key with the next one, and so removes the present one, unless another process has already
    /// done this.
    pub(super) fn advance(&mut self) -> Result<(), StoreError> {
        let next = self.next()?.id().to_owned();
        self.refresh()?;
        if let (Some(file), [_, last]) = (&self.file, self.keys.as_slice())
            && last.id == next
        {
            let former = files::beside(file, NEXT);
            files::replace(&former, file)?;
            // A draft of either file that a killed process left behind may contain the removed key, or the one in use.
            for file in [file, &former] {
                draft::sweep(file, Duration::ZERO, is_begun);
            }
            self.keys.remove(0);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_file_is_made_once_and_read_again() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("keys/store.key");
        let made = Keyring::read_or_create(Some(&file)).unwrap().ids();
        assert_eq!(Keyring::read_or_create(Some(&file)).unwrap().ids(), made);
        assert_eq!(Keyring::read(Some(&file)).unwrap().ids(), made);
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("connprobe store key 2\n") && text.lines().count() == 2, "the form of {}", text.len());
        assert!(!text.contains(&made));
    }

    #[test]
    fn anything_else_is_no_key() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("key");
        let encoded = STANDARD.encode([7; 32]);
        for (text, fine) in [
            (format!("{HEADER}\n{encoded}\n"), true),
            (format!("{HEADER}\r\n{encoded}"), true),
            (format!("{FIRST_HEADER}\n{encoded}\n"), true),
            (format!("{HEADER}{AFTER}0123456789abcdef\n{encoded}\n"), true),
            (format!("{HEADER}{AFTER}0123456789abcdef"), false),
            (format!("{HEADER} before\n{encoded}\n"), false),
            (String::new(), false),
            (encoded.clone(), false),
            (format!("{HEADER}\n"), false),
            (format!("{HEADER}\n{}\n", STANDARD.encode([7; 31])), false),
            (format!("{HEADER}\n{}\n", STANDARD.encode([7; 33])), false),
            (format!("{HEADER}\n{encoded}\n{encoded}\n"), false),
            (format!("{HEADER}\n{}", "A".repeat(4096)), false),
            (format!("{HEADER}\nCANARY!{encoded}"), false),
        ] {
            fs::write(&file, &text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            match Keyring::read(Some(&file)) {
                Ok(ring) => assert!(fine && ring.keys.len() == 1, "{text}"),
                Err(error) => {
                    assert!(!fine && matches!(error, StoreError::KeyFormat { .. }), "{text}: {error}");
                    assert!(!format!("{error:?}").contains("CANARY"));
                }
            }
        }
    }

    /// The header of a store with the key `key`.
    fn header(key: Option<&str>) -> Header {
        Header { id: "s".to_owned(), key: key.map(str::to_owned), created_at: crate::clock::now(), state: None }
    }

    #[test]
    fn the_key_of_another_store_is_no_next_key() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("key");
        let other = Keyring::read_or_create(Some(&home.path().join("key.new"))).unwrap().ids();
        let mut ring = Keyring::read_or_create(Some(&file)).unwrap();
        let own = ring.present().unwrap().id().to_owned();
        for (named, fine) in [(None, false), (Some(&own), false), (Some(&other), true)] {
            let made = ring.make_next(&header(named.map(String::as_str)));
            assert_eq!(made.is_ok(), fine, "{named:?}");
            assert!(fine || matches!(made, Err(StoreError::NotNextKey { .. })), "{made:?}");
        }
        // A key that was made to follow another key than the present one.
        fs::remove_file(&file).unwrap();
        fs::remove_file(home.path().join("key.new")).unwrap();
        let mut ring = Keyring::read_or_create(Some(&file)).unwrap();
        ring.make_next(&header(None)).unwrap();
        fs::remove_file(&file).unwrap();
        let mut ring = Keyring::read_or_create(Some(&file)).unwrap();
        assert!(matches!(ring.make_next(&header(None)), Err(StoreError::NotNextKey { .. })));
    }

    #[test]
    fn the_next_key_stands_beside_the_present_one_until_it_replaces_it() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("key");
        let mut ring = Keyring::read_or_create(Some(&file)).unwrap();
        let old = ring.ids();
        ring.make_next(&header(None)).unwrap();
        let new = ring.next().unwrap().id().to_owned();
        assert_eq!(Keyring::read(Some(&file)).unwrap().ids(), format!("{old}, {new}"));
        let mut again = Keyring::read(Some(&file)).unwrap();
        again.make_next(&header(None)).unwrap();
        assert_eq!(again.next().unwrap().id(), new, "it is made once");
        ring.advance().unwrap();
        assert_eq!((ring.ids(), Keyring::read(Some(&file)).unwrap().ids()), (new.clone(), new));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_rotation_leaves_no_key_of_one_that_was_killed() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("key");
        let mut ring = Keyring::read_or_create(Some(&file)).unwrap();
        ring.make_next(&header(None)).unwrap();
        // Files left by killed processes: second names of both keys, an incomplete key, an empty file, and one whose
        // name is not a draft's.
        let next = files::beside(&file, NEXT);
        fs::hard_link(&next, files::beside(&next, ".0123456789abcdef.draft")).unwrap();
        fs::hard_link(&file, files::beside(&file, ".0123456789abcdef.draft")).unwrap();
        for (draft, text) in [(".1123456789abcdef.draft", HEADER), (".2123456789abcdef.draft", ""), (".3.draft", "")] {
            let draft = files::beside(&next, draft);
            files::create(&draft).unwrap();
            fs::write(draft, text).unwrap();
        }
        let mine = files::beside(&file, ".4123456789abcdef.draft");
        files::create(&mine).unwrap();
        fs::write(&mine, "mine").unwrap();
        ring.advance().unwrap();
        let mut left: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["key", "key.4123456789abcdef.draft", "key.new.3.draft"]);
    }
}
