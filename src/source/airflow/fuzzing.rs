//! The decryption that the fuzz target `fernet` runs. Built for fuzzing and tests alone.

#![expect(clippy::missing_panics_doc, reason = "to panic over what is wrong is what a target is for")]

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;

use super::fernet::{Fault, Key, decrypt, looks_like_token};

/// 32 bytes with the value 7. The first half is the signing key.
const KEY: [u8; 32] = [7; 32];

/// Decrypts the input as a token, and a token that consists of the input and its correct signature. Without that
/// signature no input passes the first check.
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
        // Form and signature are correct, so the padding is wrong or the plaintext is not UTF-8.
        Err(Fault::Damaged) if input.len() > 24 && (input.len() - 24).is_multiple_of(16) => "damaged",
        Err(_) => "no-token",
    }
}
