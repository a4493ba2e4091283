//! The server's first SCRAM message, validated before the crate computes with it.
//!
//! mongodb 3.9.1 accepts any number of iterations, so a hostile server can cause minutes of computation that nothing
//! can interrupt, and it slices the server's nonce by the length of its own.

use std::ops::RangeInclusive;

/// The accepted iterations: the standard's minimum, up to some 40 ms of computation.
const ITERATIONS: RangeInclusive<u32> = 4_096..=100_000;

/// The client's nonce in its first message, `n,,n=user,r=nonce`.
pub(super) fn client_nonce(message: &[u8]) -> Option<String> {
    let (_, nonce) = std::str::from_utf8(message).ok()?.rsplit_once(",r=")?;
    Some(nonce.to_owned())
}

/// The salt of the user's verifier in the server's first message.
pub(super) fn salt(message: &[u8]) -> Option<String> {
    let mut parts = std::str::from_utf8(message).ok()?.split(',');
    parts.find_map(|part| part.strip_prefix("s=")).map(str::to_owned)
}

/// Validates the server's first message, `r=nonce,s=salt,i=iterations`.
///
/// # Errors
///
/// What is wrong with it, as a fragment such as `it asks for 3 iterations`.
pub(super) fn check_server_first(message: &[u8], client_nonce: &str) -> Result<(), String> {
    let text = std::str::from_utf8(message).map_err(|_| "it is not text".to_owned())?;
    let mut parts = text.split(',');
    let mut part = |name: &str| parts.next().and_then(|part| part.strip_prefix(name));
    let (Some(nonce), Some(salt), Some(iterations)) = (part("r="), part("s="), part("i=")) else {
        return Err("it lacks nonce, salt or iterations".to_owned());
    };
    if !nonce.starts_with(client_nonce) || nonce.len() == client_nonce.len() {
        return Err("its nonce does not continue ours".to_owned());
    }
    if salt.is_empty() {
        return Err("its salt is empty".to_owned());
    }
    match iterations.parse::<u32>() {
        Ok(count) if ITERATIONS.contains(&count) => Ok(()),
        Ok(count) => Err(format!("it asks for {count} iterations")),
        Err(_) => Err("its iterations are not a number".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_nonce_is_what_follows_the_last_r() {
        for (message, nonce) in [
            (&b"n,,n=user,r=fyko+d2"[..], Some("fyko+d2")),
            (b"n,,n=a,r=b,r=c", Some("c")),
            (b"n,,n=user", None),
            (b"\xff,r=x", None),
        ] {
            assert_eq!(client_nonce(message).as_deref(), nonce);
        }
    }

    #[test]
    fn a_server_may_ask_for_a_reasonable_proof_and_nothing_else() {
        for (message, wrong) in [
            ("r=abcXYZ,s=c2FsdA==,i=4096", None),
            ("r=abcXYZ,s=c2FsdA==,i=15000,m=ext", None),
            ("r=abcXYZ,s=c2FsdA==,i=100000", None),
            ("r=abcXYZ,s=c2FsdA==,i=4095", Some("it asks for 4095 iterations")),
            ("r=abcXYZ,s=c2FsdA==,i=100001", Some("it asks for 100001 iterations")),
            ("r=abcXYZ,s=c2FsdA==,i=2147483647", Some("it asks for 2147483647 iterations")),
            ("r=abcXYZ,s=c2FsdA==,i=4294967296", Some("its iterations are not a number")),
            ("r=abcXYZ,s=c2FsdA==,i=", Some("its iterations are not a number")),
            ("r=ab,s=c2FsdA==,i=4096", Some("its nonce does not continue ours")),
            ("r=abc,s=c2FsdA==,i=4096", Some("its nonce does not continue ours")),
            ("r=abcXYZ,s=,i=4096", Some("its salt is empty")),
            ("s=c2FsdA==,r=abcXYZ,i=4096", Some("it lacks nonce, salt or iterations")),
            ("r=abcXYZ,s=c2FsdA==", Some("it lacks nonce, salt or iterations")),
            ("", Some("it lacks nonce, salt or iterations")),
        ] {
            assert_eq!(check_server_first(message.as_bytes(), "abc").err().as_deref(), wrong, "{message}");
        }
        assert!(check_server_first(b"r=abc\xff", "abc").is_err());
    }
}
