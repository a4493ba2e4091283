//! The server's side of SCRAM-SHA-256, for a server that has the right password.

use std::num::NonZeroU32;

use aws_lc_rs::{hmac, pbkdf2};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::CANARY;

/// What the server adds to the client's nonce.
const ADDED: &str = "serverNONCE";
const SALT: &[u8] = b"a salt of bytes.";
/// The iteration count that servers usually demand.
pub const ROUNDS: &str = "4096";

/// The challenge in answer to a client's first message, which ends with its nonce. The user name in that message is
/// added to the nonce, so that the server need not keep it.
pub fn challenge(client_first: &str, rounds: &str) -> String {
    let (before, nonce) = client_first.rsplit_once(",r=").unwrap_or_default();
    let user = before.rsplit_once("n=").map_or("", |(_, user)| user);
    format!("r={nonce}{ADDED}{user},s={},i={rounds}", STANDARD.encode(SALT))
}

/// The server's signature in answer to `client_final`. It proves that the server has the password.
pub fn proof(client_final: &str) -> String {
    let unproved = client_final.split(",p=").next().unwrap_or_default();
    let nonce = unproved.rsplit_once(",r=").map_or("", |(_, nonce)| nonce);
    let (own, user) = nonce.rsplit_once(ADDED).unwrap_or_default();
    let challenge = format!("r={nonce},s={},i={ROUNDS}", STANDARD.encode(SALT));
    let signed = format!("n={user},r={own},{challenge},{unproved}");
    let mut salted = [0; 32];
    let rounds = ROUNDS.parse::<NonZeroU32>().unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, SALT, CANARY.as_bytes(), &mut salted);
    let sign = |key: &[u8], data: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data);
    let signature = sign(sign(&salted, b"Server Key").as_ref(), signed.as_bytes());
    format!("v={}", STANDARD.encode(signature))
}
