//! The server's first SCRAM message, validated before the crate computes with it.
//!
//! mongodb 3.9.1 accepts any number of iterations, so a hostile server can cause minutes of computation that nothing
//! can interrupt, and it slices the server's nonce by the length of its own.

use crate::driver::kit::sasl::{BadChallenge, Challenge, ROUNDS};

/// The nonce in the client's first message, `n,,n=user,r=nonce`.
pub(super) fn client_nonce(message: &[u8]) -> Option<String> {
    let (_, nonce) = std::str::from_utf8(message).ok()?.rsplit_once(",r=")?;
    Some(nonce.to_owned())
}

/// What is wrong with a `challenge` that a server sends: the kit has read it.
///
/// # Errors
///
/// A fragment, as `it asks for 3 iterations`.
pub(super) fn check(challenge: &Result<Challenge<'_>, BadChallenge>) -> Result<(), String> {
    match challenge {
        Ok(challenge) if !ROUNDS.contains(&challenge.rounds.get()) => {
            Err(format!("it asks for {} iterations", challenge.rounds))
        }
        Ok(_) => Ok(()),
        Err(bad) => Err(bad.to_string()),
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
    fn a_server_may_ask_for_a_reasonable_number_of_rounds() {
        for (rounds, wrong) in [
            ("4096", None),
            ("15000,m=ext", None),
            ("100000", None),
            ("4095", Some("it asks for 4095 iterations")),
            ("100001", Some("it asks for 100001 iterations")),
            ("4294967296", Some("it asks for 4294967295 iterations")),
            ("", Some("its iterations are not a number")),
        ] {
            let message = format!("r=abcXYZ,s=c2FsdA==,i={rounds}");
            let challenge = Challenge::read(message.as_bytes(), "abc");
            assert_eq!(check(&challenge).err().as_deref(), wrong, "{rounds}");
        }
    }
}
