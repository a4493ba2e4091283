//! What the fuzz target `fernet` reaches. Built for fuzzing and tests alone.

#![expect(clippy::missing_panics_doc, reason = "to panic over what is wrong is what a target is for")]

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;

use super::fernet::{Fault, Key, decrypt, looks_like_token};

/// 32 bytes of seven: the first half signs.
const KEY: [u8; 32] = [7; 32];

/// Decrypts a token: the input itself, and a good signature over the input, without which nothing gets
/// beyond the first check.
#[must_use]
pub fn fernet(input: &[u8]) -> &'static str {
    let Some(key) = Key::parse(&URL_SAFE.encode(KEY)) else { unreachable!("a good key") };
    let keys = [key];
    if let Ok(token) = std::str::from_utf8(input) {
        let _likely = looks_like_token(token);
        let read = decrypt(token, &keys);
        assert!(read.is_err(), "nobody but us knows the key");
        if matches!(read, Err(Fault::WrongKey)) {
            return "wrong-key";
        }
    }
    let signed = [&[0x80], input].concat();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &KEY[..16]), &signed);
    match decrypt(&URL_SAFE.encode([&signed, tag.as_ref()].concat()), &keys) {
        Ok(_) => "decrypted",
        // The form and the signature are right, so that it is the padding, or no text.
        Err(Fault::Damaged) if input.len() > 24 && (input.len() - 24).is_multiple_of(16) => "damaged",
        Err(_) => "no-token",
    }
}
