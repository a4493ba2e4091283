//! Fernet, Airflow's encryption: parses keys and decrypts tokens. It never encrypts, and ignores the age of a token.
//!
//! A token is URL-safe base64 of version, time (8 bytes), IV, AES-128-CBC ciphertext, HMAC-SHA256.

use aws_lc_rs::cipher::{AES_128, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use zeroize::Zeroizing;

use crate::model::secret::Secret;

/// The beginning of every token of the next two thousand years: the version, and the leading zeros of the time.
const BEGINNING: &str = "gAAAAA";

/// The length of version and time, in bytes.
const HEADER: usize = 9;

/// The length of an AES block in bytes. The IV and the shortest ciphertext have this length.
const BLOCK: usize = 16;

/// The length of an HMAC-SHA256, in bytes.
const TAG: usize = 32;

/// Why a token cannot be decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The text is not a token.
    NotAToken,
    /// The token is truncated or altered.
    Damaged,
    /// No key fits. An altered token that kept its form has the same fault.
    WrongKey,
}

/// Whether `text` is a Fernet token, as far as this can be determined without a key.
pub(super) fn looks_like_token(text: &str) -> bool {
    text.trim_start().starts_with(BEGINNING) && Token::parse(text).is_ok()
}

/// A Fernet key.
pub(super) struct Key {
    signing: hmac::Key,
    encryption: PaddedBlockDecryptingKey,
}

impl Key {
    /// Parses 32 bytes in URL-safe base64; `None` if `text` is anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = decode(text)?;
        let (signing, encryption) = bytes.split_at_checked(BLOCK).filter(|_| bytes.len() == 2 * BLOCK)?;
        let encryption = UnboundCipherKey::new(&AES_128, encryption).ok()?;
        Some(Self {
            signing: hmac::Key::new(hmac::HMAC_SHA256, signing),
            encryption: PaddedBlockDecryptingKey::cbc_pkcs7(encryption).ok()?,
        })
    }
}

/// Decrypts `token` with the key among `keys` that created it.
pub(super) fn decrypt(token: &str, keys: &[Key]) -> Result<Secret, Fault> {
    let mut token = Token::parse(token)?;
    let (signed, tag) = token.0.split_at(token.0.len() - TAG);
    // The comparison takes constant time.
    let fits = |key: &&Key| hmac::verify(&key.signing, signed, tag).is_ok();
    let key = keys.iter().find(fits).ok_or(Fault::WrongKey)?;
    let (iv, ciphertext) = token.parts();
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let text = key.encryption.decrypt(ciphertext, context).map_err(|_padding| Fault::Damaged)?;
    let text = std::str::from_utf8(text).map_err(|_binary| Fault::Damaged)?;
    Ok(Secret::new(text.to_owned()))
}

/// The bytes of a token of the correct form.
struct Token(Zeroizing<Vec<u8>>);

impl Token {
    fn parse(text: &str) -> Result<Self, Fault> {
        let fault = if text.trim_start().starts_with(BEGINNING) { Fault::Damaged } else { Fault::NotAToken };
        let bytes = decode(text).ok_or(fault)?;
        let blocks = bytes.len().checked_sub(HEADER + BLOCK + TAG).ok_or(fault)?;
        if bytes[0] != 0x80 || blocks == 0 || !blocks.is_multiple_of(BLOCK) {
            return Err(fault);
        }
        Ok(Self(bytes))
    }

    /// The IV and the ciphertext.
    fn parts(&mut self) -> ([u8; BLOCK], &mut [u8]) {
        let end = self.0.len() - TAG;
        let (iv, ciphertext) = self.0[HEADER..end].split_at_mut(BLOCK);
        let mut copy = [0; BLOCK];
        copy.copy_from_slice(iv);
        (copy, ciphertext)
    }
}

/// Decodes base64 in either alphabet like Python: other characters and surplus bits are ignored, and the text ends at
/// the first complete padding. `None` if required padding is missing.
fn decode(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let (mut bits, mut digits, mut pads) = (0_u8, 0, 0);
    for character in text.bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' if digits >= 2 => {
                pads += 1;
                if digits + pads == 4 {
                    return Some(bytes);
                }
                continue;
            }
            _ => continue,
        };
        pads = 0;
        // The upper bits of `bits` are those left over from the previous digits.
        match digits {
            0 => bits = value << 2,
            1 => {
                bytes.push(bits | value >> 4);
                bits = value << 4;
            }
            2 => {
                bytes.push(bits | value >> 2);
                bits = value << 6;
            }
            _ => bytes.push(bits | value),
        }
        digits = (digits + 1) % 4;
    }
    (digits == 0).then_some(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use aws_lc_rs::cipher::{EncryptionContext, PaddedBlockEncryptingKey};
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE;
    use serde_json::Value;

    use super::*;

    pub(in super::super) const KEY: &str = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=";
    pub(in super::super) const OTHER: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    /// The token that Airflow would store for `text`.
    pub(in super::super) fn encrypt(text: &str, key: &str) -> String {
        encrypt_at(text.as_bytes(), key, 1_700_000_000, [7; BLOCK])
    }

    fn encrypt_at(text: &[u8], key: &str, time: u64, iv: [u8; BLOCK]) -> String {
        let key = URL_SAFE.decode(key).unwrap();
        let encryption =
            PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, &key[BLOCK..]).unwrap()).unwrap();
        let mut ciphertext = text.to_vec();
        let context = EncryptionContext::Iv128(FixedLength::from(iv));
        encryption.less_safe_encrypt(&mut ciphertext, context).unwrap();
        let mut token = [&[0x80], &time.to_be_bytes()[..], &iv, &ciphertext].concat();
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key[..BLOCK]), &token);
        token.extend_from_slice(tag.as_ref());
        URL_SAFE.encode(token)
    }

    pub(in super::super) fn keys(keys: &[&str]) -> Vec<Key> {
        keys.iter().map(|key| Key::parse(key).unwrap()).collect()
    }

    fn read(token: &str, with: &[&str]) -> Result<String, Fault> {
        decrypt(token, &keys(with)).map(|text| text.expose().to_owned())
    }

    fn vectors(text: &str) -> Vec<Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_the_specification_generates_is_generated() {
        for vector in vectors(include_str!("../../../fixtures/fernet/generate.json")) {
            let iv: Vec<u8> = serde_json::from_value(vector["iv"].clone()).unwrap();
            let time: jiff::Timestamp = vector["now"].as_str().unwrap().parse().unwrap();
            let token = encrypt_at(
                vector["src"].as_str().unwrap().as_bytes(),
                vector["secret"].as_str().unwrap(),
                time.as_second().try_into().unwrap(),
                iv.try_into().unwrap(),
            );
            assert_eq!(token, vector["token"]);
        }
    }

    #[test]
    fn what_the_specification_verifies_is_decrypted() {
        for vector in vectors(include_str!("../../../fixtures/fernet/verify.json")) {
            let text = read(vector["token"].as_str().unwrap(), &[vector["secret"].as_str().unwrap()]);
            assert_eq!(text.unwrap(), vector["src"]);
        }
    }

    #[test]
    fn what_the_specification_calls_invalid_is_refused_with_its_reason() {
        let vectors = vectors(include_str!("../../../fixtures/fernet/invalid.json"));
        let read: Vec<(&str, Result<String, Fault>)> = vectors
            .iter()
            .map(|vector| {
                let token = vector["token"].as_str().unwrap();
                (vector["desc"].as_str().unwrap(), read(token, &[vector["secret"].as_str().unwrap()]))
            })
            .collect();
        let expected = [
            ("incorrect mac", Err(Fault::WrongKey)),
            ("too short", Err(Fault::Damaged)),
            ("invalid base64", Err(Fault::NotAToken)),
            ("payload size not multiple of block size", Err(Fault::Damaged)),
            ("payload padding error", Err(Fault::Damaged)),
            // Airflow's tokens do not expire.
            ("far-future TS (unacceptable clock skew)", Ok(String::new())),
            ("expired TTL", Ok(String::new())),
            ("incorrect IV (causes padding error)", Err(Fault::Damaged)),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn every_length_and_script_comes_back() {
        for text in ["", "p", "fifteen bytes..", "sixteen bytes...", "pässwörd ✓", &"x".repeat(5000)] {
            assert_eq!(read(&encrypt(text, KEY), &[KEY]).unwrap(), text);
        }
    }

    #[test]
    fn any_key_of_a_list_decrypts() {
        let token = encrypt("p", KEY);
        assert_eq!(read(&token, &[OTHER, KEY]).unwrap(), "p");
        assert_eq!(read(&token, &[OTHER]), Err(Fault::WrongKey));
    }

    #[test]
    fn a_token_that_was_touched_is_never_half_read() {
        let token = encrypt("a password of some length", KEY);
        assert_eq!(read(&format!(" {token}\n"), &[KEY]).unwrap(), "a password of some length");
        for end in 0..token.len() {
            let expected = if end < BEGINNING.len() { Fault::NotAToken } else { Fault::Damaged };
            // A cut between two blocks leaves a text with the form of a token.
            let result = read(&token[..end], &[KEY]);
            assert!(matches!(result, Err(fault) if fault == expected || fault == Fault::WrongKey), "{end} {result:?}");
        }
        for at in 0..token.len() - 2 {
            let mut altered = token.clone();
            altered.replace_range(at..=at, if &token[at..=at] == "A" { "B" } else { "A" });
            assert!(read(&altered, &[KEY]).is_err(), "{at}");
        }
        let binary = encrypt_at(&[0xff, 0xfe], KEY, 0, [0; BLOCK]);
        assert_eq!(read(&binary, &[KEY]), Err(Fault::Damaged));
    }

    #[test]
    fn a_key_is_thirty_two_bytes() {
        for (text, expected) in [
            (KEY, true),
            (&KEY.replace('-', "+").replace('_', "/"), true),
            (&format!(" {KEY}\n"), true),
            (KEY.trim_end_matches('='), false),
            (&KEY[1..], false),
            (&KEY.repeat(2), true),
            (&format!("AAAA{KEY}"), false),
            ("", false),
            ("a password", false),
            ("cw_0x689RpI-jtRR7oE8hw==", false),
        ] {
            assert_eq!(Key::parse(text).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn base64_is_read_as_python_reads_it() {
        for (text, expected) in [
            ("", Some(&b""[..])),
            ("aGk=", Some(b"hi")),
            ("aGl=", Some(b"hi")),
            ("a G\nk=", Some(b"hi")),
            ("aGk=aGk=", Some(b"hi")),
            ("aA=", None),
            ("aA==", Some(b"h")),
            ("aA=x=", Some(b"h\x0c")),
            ("aGk", None),
            ("a", None),
            ("a=Gk=", Some(b"hi")),
            ("=aGk=", Some(b"hi")),
        ] {
            assert_eq!(decode(text).as_deref().map(Vec::as_slice), expected, "{text}");
        }
    }
}
