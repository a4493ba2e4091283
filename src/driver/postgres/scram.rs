//! The client's side of SCRAM-SHA-256 and -PLUS (RFC 5802, RFC 7677) as PostgreSQL uses it: the name of the user stays
//! empty, since the startup message gave it.
//!
//! Pure: the messages, not when they are sent, nor whether they may be.

use std::num::NonZeroU32;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::derivation::{Key, derive};
use crate::model::secret::Secret;

pub(super) const SCRAM: &str = "SCRAM-SHA-256";
/// The same, with channel binding.
pub(super) const PLUS: &str = "SCRAM-SHA-256-PLUS";

/// As in libpq; base64 turns them into 24 characters.
const NONCE_BYTES: usize = 18;

/// The channel binding of an exchange.
#[derive(Debug)]
pub(super) enum Binding {
    /// The TLS channel, by the hash of the server's certificate.
    EndPoint(Vec<u8>),
    /// Not bound, as the server seems not to offer it: the server detects if an attacker in between removed the offer.
    NotOffered,
    /// Not bound, as there is no TLS channel, or the definition turns it off.
    None,
}

impl Binding {
    pub(super) fn mechanism(&self) -> &'static str {
        if matches!(self, Self::EndPoint(_)) { PLUS } else { SCRAM }
    }

    fn header(&self) -> &'static str {
        match self {
            Self::EndPoint(_) => "p=tls-server-end-point,,",
            Self::NotOffered => "y,,",
            Self::None => "n,,",
        }
    }

    /// The header and the binding data.
    fn input(&self) -> Vec<u8> {
        let data: &[u8] = if let Self::EndPoint(hash) = self { hash } else { &[] };
        [self.header().as_bytes(), data].concat()
    }
}

/// An exchange, from the client's first message to the server's first.
pub(super) struct Exchange {
    binding: Binding,
    user: &'static str,
    nonce: String,
}

/// The server's first message.
#[derive(Debug)]
pub(super) struct Challenge<'m> {
    text: &'m str,
    nonce: &'m str,
    pub(super) salt: Vec<u8>,
    /// The rounds of key derivation; a number that does not fit becomes the largest.
    pub(super) rounds: NonZeroU32,
}

/// The proof that the server owes in return.
pub(super) struct Awaited {
    key: Key,
    signed: String,
}

impl Exchange {
    /// Starts an exchange with a new nonce.
    pub(super) fn new(binding: Binding) -> Result<Self, Unspecified> {
        let mut nonce = [0; NONCE_BYTES];
        rand::fill(&mut nonce)?;
        Ok(Self { binding, user: "", nonce: STANDARD.encode(nonce) })
    }

    /// The client's first message.
    pub(super) fn opening(&self) -> String {
        format!("{}{}", self.binding.header(), self.bare())
    }

    fn bare(&self) -> String {
        format!("n={},r={}", self.user, self.nonce)
    }

    /// Reads the server's first message; `None` if it is malformed, or does not continue this client's nonce.
    pub(super) fn challenge<'m>(&self, message: &'m [u8]) -> Option<Challenge<'m>> {
        let text = std::str::from_utf8(message).ok()?;
        let mut parts = text.split(',');
        let mut part = |name| parts.next()?.strip_prefix(name);
        let (nonce, salt, rounds) = (part("r=")?, part("s=")?, part("i=")?);
        let added = nonce.strip_prefix(&self.nonce)?;
        let printable = added.bytes().all(|byte| byte.is_ascii_graphic());
        if added.is_empty() || !printable || parts.next().is_some() {
            return None;
        }
        Some(Challenge { text, nonce, salt: STANDARD.decode(salt).ok()?, rounds: number(rounds)? })
    }

    /// The client's proof, which is its last message, and the proof that the server owes in return.
    pub(super) fn prove(&self, challenge: &Challenge<'_>, password: &Secret) -> (String, Awaited) {
        let salted = derive(prepared(password).as_bytes(), &challenge.salt, challenge.rounds);
        let bound = STANDARD.encode(self.binding.input());
        let unproved = format!("c={bound},r={}", challenge.nonce);
        let signed = format!("{},{},{unproved}", self.bare(), challenge.text);

        let client = sign(&*salted, b"Client Key");
        let signature = sign(digest(&SHA256, &*client).as_ref(), signed.as_bytes());
        let proof: Vec<u8> = client.iter().zip(signature.iter()).map(|(key, signature)| key ^ signature).collect();
        let awaited = Awaited { key: sign(&*salted, b"Server Key"), signed };
        (format!("{unproved},p={}", STANDARD.encode(proof)), awaited)
    }
}

impl Awaited {
    /// Whether the server's last message proves that it knows the password, or what was derived from it.
    pub(super) fn is_met_by(&self, message: &[u8]) -> bool {
        let key = hmac::Key::new(HMAC_SHA256, &*self.key);
        let signature = message.strip_prefix(b"v=").and_then(|text| STANDARD.decode(text).ok());
        signature.is_some_and(|signature| hmac::verify(&key, self.signed.as_bytes(), &signature).is_ok())
    }
}

fn sign(key: &[u8], data: &[u8]) -> Key {
    let mut signature = Key::default();
    signature.copy_from_slice(hmac::sign(&hmac::Key::new(HMAC_SHA256, key), data).as_ref());
    signature
}

/// The text from which the server derives the key: the password by `SASLprep` if that applies, else as it is.
fn prepared(password: &Secret) -> Zeroizing<String> {
    let prepared = stringprep::saslprep(password.expose()).ok().filter(|prepared| !prepared.is_empty());
    Zeroizing::new(prepared.map_or_else(|| password.expose().to_owned(), Into::into))
}

fn number(digits: &str) -> Option<NonZeroU32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| NonZeroU32::new(digits.parse().unwrap_or(u32::MAX)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of RFC 7677.
    const FIRST: &str = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    const FINAL: &str = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    fn exchange(binding: Binding) -> Exchange {
        Exchange { binding, user: "user", nonce: "rOprNGfwEbeRWgbNEkqO".to_owned() }
    }

    fn proof(binding: Binding, password: &str) -> (String, Awaited) {
        let exchange = exchange(binding);
        let challenge = exchange.challenge(FIRST.as_bytes()).unwrap();
        exchange.prove(&challenge, &Secret::new(password.to_owned()))
    }

    #[test]
    fn the_example_of_the_rfc() {
        assert_eq!(exchange(Binding::None).opening(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let (proof, awaited) = proof(Binding::None, "pencil");
        let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        assert_eq!(proof, format!("c=biws,r={nonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
        assert!(awaited.is_met_by(FINAL.as_bytes()));
    }

    #[test]
    fn a_server_has_to_prove_this_very_exchange() {
        let (_, awaited) = proof(Binding::None, "pencil");
        for message in ["", "v=", "v=AAAA", "e=invalid-proof", &FINAL[2..], &FINAL.replace("6r", "7r"), &FINAL[..40]] {
            assert!(!awaited.is_met_by(message.as_bytes()), "{message}");
        }
        for (binding, password) in [(Binding::None, "pencils"), (Binding::NotOffered, "pencil")] {
            assert!(!proof(binding, password).1.is_met_by(FINAL.as_bytes()), "{password}");
        }
    }

    #[test]
    fn the_binding_is_said_and_signed() {
        for (binding, mechanism, header, said) in [
            (
                Binding::EndPoint(b"hash".to_vec()),
                PLUS,
                "p=tls-server-end-point,,",
                &b"p=tls-server-end-point,,hash"[..],
            ),
            (Binding::NotOffered, SCRAM, "y,,", b"y,,"),
            (Binding::None, SCRAM, "n,,", b"n,,"),
        ] {
            assert_eq!(binding.mechanism(), mechanism);
            let exchange = Exchange::new(binding).unwrap();
            assert_eq!(exchange.opening(), format!("{header}n=,r={}", exchange.nonce));
            let first = format!("r={}x,s=c2FsdA==,i=1", exchange.nonce);
            let challenge = exchange.challenge(first.as_bytes()).unwrap();
            let (proof, _) = exchange.prove(&challenge, &Secret::new("pencil".to_owned()));
            assert!(proof.starts_with(&format!("c={},r=", STANDARD.encode(said))), "{proof}");
        }
    }

    #[test]
    fn every_exchange_has_a_nonce_of_its_own() {
        let nonce = || Exchange::new(Binding::None).unwrap().nonce;
        assert_eq!(nonce().len(), 24);
        assert_ne!(nonce(), nonce());
    }

    #[test]
    fn a_challenge_is_read_as_written_or_not_at_all() {
        let rounds = |first: &str| exchange(Binding::None).challenge(first.as_bytes()).map(|read| read.rounds.get());
        for (find, replacement, expected) in [
            ("", "", Some(4096)),
            ("i=4096", "i=4294967296", Some(u32::MAX)),
            ("i=4096", "i=0", None),
            ("i=4096", "i=+1", None),
            ("i=4096", "i=", None),
            (",i=4096", "", None),
            ("i=4096", "i=4096,x=y", None),
            ("r=rOpr", "m=ext,r=rOpr", None),
            ("r=rOpr", "r=other", None),
            ("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "", None),
            ("%hv", "\u{e4}", None),
            ("s=W22Z", "s=%22Z", None),
            ("s=W22ZaJ0SNY7soEsUEjb6gQ==,", "", None),
        ] {
            assert_eq!(rounds(&FIRST.replacen(find, replacement, 1)), expected, "{find} -> {replacement}");
        }
        assert!(exchange(Binding::None).challenge(b"\xff").is_none());
    }

    #[test]
    fn passwords_are_prepared_where_they_can_be() {
        for (password, expected) in [
            ("pencil", "pencil"),
            ("I\u{ad}X", "IX"),
            ("\u{2168}", "IX"),
            ("a\u{a0}b", "a b"),
            // A prohibited character, text in both directions, and text of which nothing is left: unchanged.
            ("a\u{7}", "a\u{7}"),
            ("\u{627}1", "\u{627}1"),
            ("\u{ad}", "\u{ad}"),
        ] {
            assert_eq!(*prepared(&Secret::new(password.to_owned())), expected, "{password:?}");
        }
    }
}
