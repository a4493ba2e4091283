//! `Challenge`: the server's first SCRAM message (RFC 5802, section 7), read before anything is computed from it.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The rounds of key derivation that a server may ask for: at least what RFC 7677 demands, and at most some 40 ms of
/// computing.
pub const ROUNDS: RangeInclusive<u32> = 4_096..=100_000;

/// What the server's first message asks for.
#[derive(Debug)]
pub struct Challenge<'m> {
    pub(super) text: &'m str,
    pub(super) nonce: &'m str,
    /// The salt of the user's verifier.
    pub salt: Vec<u8>,
    /// The rounds of key derivation. A number that has no room is the largest.
    pub rounds: NonZeroU32,
    /// Extensions follow, which RFC 5802 lets a client pass over.
    pub has_extensions: bool,
}

/// What is wrong with a server's first message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadChallenge {
    /// It is not UTF-8.
    #[error("it is not text")]
    NotText,
    /// It is not `r=nonce,s=salt,i=rounds`.
    #[error("it lacks nonce, salt or iterations")]
    Incomplete,
    /// The nonce does not begin with the client's, or adds nothing to it.
    #[error("its nonce does not continue the client's")]
    ForeignNonce,
    /// The salt is empty, or not base64.
    #[error("its salt is empty or not base64")]
    BadSalt,
    /// The rounds are not a number above zero.
    #[error("its iterations are not a number")]
    BadRounds,
}

impl<'m> Challenge<'m> {
    /// Reads `message`, the answer to a client that sent `nonce`.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(message: &'m [u8], nonce: &str) -> Result<Self, BadChallenge> {
        let text = std::str::from_utf8(message).map_err(|_| BadChallenge::NotText)?;
        let mut parts = text.split(',');
        let mut part = |name| parts.next().and_then(|part| part.strip_prefix(name)).ok_or(BadChallenge::Incomplete);
        let (whole, salt, rounds) = (part("r=")?, part("s=")?, part("i=")?);
        let added = whole.strip_prefix(nonce).ok_or(BadChallenge::ForeignNonce)?;
        if added.is_empty() || !added.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadChallenge::ForeignNonce);
        }
        let salt = STANDARD.decode(salt).ok().filter(|salt| !salt.is_empty()).ok_or(BadChallenge::BadSalt)?;
        let rounds = number(rounds).ok_or(BadChallenge::BadRounds)?;
        Ok(Self { text, nonce: whole, salt, rounds, has_extensions: parts.next().is_some() })
    }

    /// The salt as the message has it.
    #[must_use]
    pub fn salt_text(&self) -> String {
        STANDARD.encode(&self.salt)
    }
}

fn number(digits: &str) -> Option<NonZeroU32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| NonZeroU32::new(digits.parse().unwrap_or(u32::MAX)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_as_written_or_not_at_all() {
        use BadChallenge::{BadRounds, BadSalt, ForeignNonce, Incomplete, NotText};
        type Read = Result<(u32, bool), BadChallenge>;
        let cases: [(&[u8], Read); 20] = [
            (b"r=abcXYZ,s=c2FsdA==,i=4096", Ok((4096, false))),
            (b"r=abcXYZ,s=c2FsdA==,i=15000,m=ext", Ok((15_000, true))),
            (b"r=abcXYZ,s=c2FsdA==,i=1", Ok((1, false))),
            (b"r=abcXYZ,s=c2FsdA==,i=4294967296", Ok((u32::MAX, false))),
            (b"r=abcXYZ,s=c2FsdA==,i=0", Err(BadRounds)),
            (b"r=abcXYZ,s=c2FsdA==,i=+1", Err(BadRounds)),
            (b"r=abcXYZ,s=c2FsdA==,i=", Err(BadRounds)),
            (b"r=ab,s=c2FsdA==,i=4096", Err(ForeignNonce)),
            (b"r=abc,s=c2FsdA==,i=4096", Err(ForeignNonce)),
            (b"r=other,s=c2FsdA==,i=4096", Err(ForeignNonce)),
            ("r=abc\u{e4},s=c2FsdA==,i=4096".as_bytes(), Err(ForeignNonce)),
            (b"r=abc XYZ,s=c2FsdA==,i=4096", Err(ForeignNonce)),
            (b"r=abcXYZ,s=,i=4096", Err(BadSalt)),
            (b"r=abcXYZ,s=%2FsdA==,i=4096", Err(BadSalt)),
            (b"s=c2FsdA==,r=abcXYZ,i=4096", Err(Incomplete)),
            (b"m=ext,r=abcXYZ,s=c2FsdA==,i=4096", Err(Incomplete)),
            (b"r=abcXYZ,s=c2FsdA==", Err(Incomplete)),
            (b"r=abcXYZ,i=4096", Err(Incomplete)),
            (b"", Err(Incomplete)),
            (b"r=abc\xff", Err(NotText)),
        ];
        for (message, expected) in cases {
            let read = Challenge::read(message, "abc");
            let read = read.map(|read| (read.rounds.get(), read.has_extensions));
            assert_eq!(read, expected, "{}", message.escape_ascii());
        }
    }

    #[test]
    fn a_salt_is_shown_as_the_message_has_it() {
        assert_eq!(Challenge::read(b"r=abcXYZ,s=c2FsdA==,i=4096", "abc").unwrap().salt_text(), "c2FsdA==");
    }
}
