//! The server's side of SCRAM, for scripts. Nonce and signature depend on what the client sent, so a script has
//! placeholders for them. Without this no script could pass the login.

use std::num::NonZeroU32;

use aws_lc_rs::{hmac, pbkdf2};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::PASSWORD;

/// The placeholder of the client's nonce, repeated to its length, so that lengths around it stay correct.
const NONCE: u8 = b'\x01';

/// The placeholder of the signature of a server that has the password.
const SIGNATURE: u8 = b'\x02';

/// The maximum iteration count that a client must accept.
const MOST: u32 = 100_000;

/// The messages so far.
#[derive(Default)]
pub struct Scram {
    heard: Vec<u8>,
    /// `n=user,r=nonce`.
    client_first: String,
    /// `r=nonce,s=salt,i=rounds`.
    server_first: String,
}

impl Scram {
    /// Records `bytes` that the client sent.
    pub fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
    }

    /// `turn`, with its placeholders filled in.
    pub fn fit(&mut self, turn: &[u8]) -> Vec<u8> {
        let mut turn = turn.to_vec();
        let heard = std::mem::take(&mut self.heard);
        if let Some(first) = text(&heard, b"n=", ",r=") {
            self.client_first = first;
        }
        if let Some((_, nonce)) = self.client_first.rsplit_once("r=") {
            fill(&mut turn, NONCE, nonce.as_bytes());
        }
        if let Some(first) = text(&turn, b"r=", ",s=") {
            self.server_first = first;
        }
        if turn.contains(&SIGNATURE)
            && let Some(last) = text(&heard, b"c=", ",p=")
            && let Some(signature) = self.signature(&last)
        {
            fill(&mut turn, SIGNATURE, signature.as_bytes());
        }
        turn
    }

    fn signature(&self, client_final: &str) -> Option<String> {
        let (unproved, _) = client_final.split_once(",p=")?;
        let (_, salt) = self.server_first.split_once(",s=")?;
        let (salt, rounds) = salt.split_once(",i=")?;
        let rounds: NonZeroU32 =
            rounds.split(',').next()?.parse().ok().filter(|rounds: &NonZeroU32| rounds.get() <= MOST)?;
        let mut salted = [0; 32];
        let salt = STANDARD.decode(salt).ok()?;
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, &salt, PASSWORD.as_bytes(), &mut salted);
        let sign = |key: &[u8], data: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data);
        let signed = format!("{},{},{unproved}", self.client_first, self.server_first);
        Some(STANDARD.encode(sign(sign(&salted, b"Server Key").as_ref(), signed.as_bytes())))
    }
}

/// The first text in `bytes` that begins with `opening` and contains `part`, up to the first character that is not
/// printable.
fn text(bytes: &[u8], opening: &[u8], part: &str) -> Option<String> {
    let starts = bytes.windows(opening.len()).enumerate().filter(|(_, window)| *window == opening);
    let printable = |start: usize| bytes[start..].iter().take_while(|byte| byte.is_ascii_graphic()).copied().collect();
    let mut texts = starts.filter_map(|(start, _)| String::from_utf8(printable(start)).ok());
    texts.find(|text| text.contains(part))
}

/// Replaces every run of `mark` that has the length of `value` by `value`.
fn fill(bytes: &mut [u8], mark: u8, value: &[u8]) {
    let mut at = 0;
    while let Some(place) = bytes.get_mut(at..at + value.len()).filter(|_| !value.is_empty()) {
        if place.iter().all(|byte| *byte == mark) {
            place.copy_from_slice(value);
            at += value.len();
        } else {
            at += 1;
        }
    }
}
