//! SCRAM from the client's side (RFC 5802, RFC 7677), with SHA-1, SHA-256 or SHA-512, bound to a TLS channel or not.
//!
//! Pure: what is sent, not when, nor whether it may be.

use aws_lc_rs::digest::{self, digest};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::challenge::{BadChallenge, Challenge};
use super::derivation::{Key, derive};
use crate::model::secret::Secret;

/// As many as libpq draws; base64 makes 24 characters of them.
const NONCE_BYTES: usize = 18;

/// The hash function of a mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The mechanism without channel binding, as servers name it.
    #[must_use]
    pub const fn mechanism(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    /// The same, bound to the TLS channel.
    #[must_use]
    pub const fn mechanism_plus(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1-PLUS",
            Self::Sha256 => "SCRAM-SHA-256-PLUS",
            Self::Sha512 => "SCRAM-SHA-512-PLUS",
        }
    }

    fn digest(self, data: &[u8]) -> digest::Digest {
        digest(
            match self {
                Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
                Self::Sha256 => &digest::SHA256,
                Self::Sha512 => &digest::SHA512,
            },
            data,
        )
    }

    fn key(self, key: &[u8]) -> hmac::Key {
        let algorithm = match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        };
        hmac::Key::new(algorithm, key)
    }

    fn sign(self, key: &[u8], data: &[u8]) -> Key {
        Zeroizing::new(hmac::sign(&self.key(key), data).as_ref().to_vec())
    }
}

/// What an exchange is bound to.
#[derive(Debug)]
pub enum Binding {
    /// The TLS channel, by the hash of the server's certificate (RFC 5929, `tls-server-end-point`).
    EndPoint(Vec<u8>),
    /// Nothing, since the server does not seem to offer it: a server that does finds out that its offer was removed.
    NotOffered,
    /// Nothing, since there is no TLS channel, or binding is not wanted.
    None,
}

impl Binding {
    fn header(&self) -> &'static str {
        match self {
            Self::EndPoint(_) => "p=tls-server-end-point,,",
            Self::NotOffered => "y,,",
            Self::None => "n,,",
        }
    }

    /// The header, with the data that the exchange is bound to.
    fn input(&self) -> Vec<u8> {
        let data: &[u8] = if let Self::EndPoint(hash) = self { hash } else { &[] };
        [self.header().as_bytes(), data].concat()
    }
}

/// An exchange, from the client's first message to the server's.
pub struct Exchange {
    hash: Hash,
    binding: Binding,
    /// Prepared and escaped.
    user: String,
    nonce: String,
}

/// What the server has to prove in return.
pub struct Awaited {
    hash: Hash,
    key: Key,
    signed: String,
}

impl Exchange {
    /// An exchange for `user`, with a random nonce. PostgreSQL takes the user of the startup message: there it is empty.
    ///
    /// # Errors
    ///
    /// When this machine has no random numbers.
    pub fn new(hash: Hash, user: &str, binding: Binding) -> Result<Self, Unspecified> {
        let mut nonce = [0; NONCE_BYTES];
        rand::fill(&mut nonce)?;
        let user = prepared(user).replace('=', "=3D").replace(',', "=2C");
        Ok(Self { hash, binding, user, nonce: STANDARD.encode(nonce) })
    }

    /// The mechanism that the server is asked for.
    #[must_use]
    pub fn mechanism(&self) -> &'static str {
        if matches!(self.binding, Binding::EndPoint(_)) { self.hash.mechanism_plus() } else { self.hash.mechanism() }
    }

    /// The client's first message.
    #[must_use]
    pub fn opening(&self) -> String {
        format!("{}{}", self.binding.header(), self.bare())
    }

    fn bare(&self) -> String {
        format!("n={},r={}", self.user, self.nonce)
    }

    /// Reads the server's first message.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn challenge<'m>(&self, message: &'m [u8]) -> Result<Challenge<'m>, BadChallenge> {
        Challenge::read(message, &self.nonce)
    }

    /// The client's proof, which is its last message, and what the server has to prove in return. It derives a key in
    /// as many rounds as `challenge` says: the caller bounds them.
    #[must_use]
    pub fn prove(&self, challenge: &Challenge<'_>, password: &Secret) -> (String, Awaited) {
        let hash = self.hash;
        let salted = derive(hash, prepared(password.expose()).as_bytes(), &challenge.salt, challenge.rounds);
        let bound = STANDARD.encode(self.binding.input());
        let unproved = format!("c={bound},r={}", challenge.nonce);
        let signed = format!("{},{},{unproved}", self.bare(), challenge.text);

        let client = hash.sign(&salted, b"Client Key");
        let signature = hash.sign(hash.digest(&client).as_ref(), signed.as_bytes());
        let proof: Vec<u8> = client.iter().zip(signature.iter()).map(|(key, signature)| key ^ signature).collect();
        let awaited = Awaited { hash, key: hash.sign(&salted, b"Server Key"), signed };
        (format!("{unproved},p={}", STANDARD.encode(proof)), awaited)
    }
}

impl Awaited {
    /// Whether the server's last message proves that it knows the password, or a key that was derived from it.
    #[must_use]
    pub fn is_met_by(&self, message: &[u8]) -> bool {
        let signature = message.strip_prefix(b"v=").and_then(|text| STANDARD.decode(text).ok());
        let key = self.hash.key(&self.key);
        signature.is_some_and(|signature| hmac::verify(&key, self.signed.as_bytes(), &signature).is_ok())
    }
}

/// A name or password by `SASLprep` (RFC 4013) where that applies, or else unchanged, as servers take it.
fn prepared(text: &str) -> Zeroizing<String> {
    let prepared = stringprep::saslprep(text).ok().filter(|prepared| !prepared.is_empty());
    Zeroizing::new(prepared.map_or_else(|| text.to_owned(), Into::into))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 5802, RFC 7677 and, made with Python's `hmac` and `hashlib`, of SHA-512.
    const EXAMPLES: [(Hash, &str, &str, &str, &str); 3] = [
        (
            Hash::Sha1,
            "fyko+d2lbbFgONRv9qkxdawL",
            "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        ),
        (
            Hash::Sha256,
            "rOprNGfwEbeRWgbNEkqO",
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        ),
        (
            Hash::Sha512,
            "rOprNGfwEbeRWgbNEkqO",
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
            "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==",
        ),
    ];

    fn exchange(hash: Hash, nonce: &str, binding: Binding) -> Exchange {
        Exchange { hash, binding, user: "user".to_owned(), nonce: nonce.to_owned() }
    }

    fn proof(binding: Binding, password: &str) -> (String, Awaited) {
        let (hash, nonce, first, ..) = EXAMPLES[1];
        let exchange = exchange(hash, nonce, binding);
        let challenge = exchange.challenge(first.as_bytes()).unwrap();
        exchange.prove(&challenge, &Secret::new(password.to_owned()))
    }

    #[test]
    fn the_examples_of_the_standards() {
        for (hash, nonce, first, last, server) in EXAMPLES {
            let exchange = exchange(hash, nonce, Binding::None);
            assert_eq!(exchange.opening(), format!("n,,n=user,r={nonce}"));
            let challenge = exchange.challenge(first.as_bytes()).unwrap();
            let (proof, awaited) = exchange.prove(&challenge, &Secret::new("pencil".to_owned()));
            assert_eq!(proof, last, "{hash:?}");
            assert!(awaited.is_met_by(server.as_bytes()), "{hash:?}");
        }
    }

    #[test]
    fn a_server_has_to_prove_this_very_exchange() {
        let (.., server) = EXAMPLES[1];
        let (_, awaited) = proof(Binding::None, "pencil");
        for message in ["", "v=", "v=AAAA", "e=invalid-proof", &server[2..], &server.replace("6r", "7r"), &server[..40]]
        {
            assert!(!awaited.is_met_by(message.as_bytes()), "{message}");
        }
        for (binding, password) in [(Binding::None, "pencils"), (Binding::NotOffered, "pencil")] {
            assert!(!proof(binding, password).1.is_met_by(server.as_bytes()), "{password}");
        }
    }

    #[test]
    fn the_binding_is_sent_and_signed() {
        for (binding, mechanism, header, sent) in [
            (
                Binding::EndPoint(b"hash".to_vec()),
                "SCRAM-SHA-256-PLUS",
                "p=tls-server-end-point,,",
                &b"p=tls-server-end-point,,hash"[..],
            ),
            (Binding::NotOffered, "SCRAM-SHA-256", "y,,", b"y,,"),
            (Binding::None, "SCRAM-SHA-256", "n,,", b"n,,"),
        ] {
            let exchange = Exchange::new(Hash::Sha256, "", binding).unwrap();
            assert_eq!(exchange.mechanism(), mechanism);
            assert_eq!(exchange.opening(), format!("{header}n=,r={}", exchange.nonce));
            let first = format!("r={}x,s=c2FsdA==,i=1", exchange.nonce);
            let challenge = exchange.challenge(first.as_bytes()).unwrap();
            let (proof, _) = exchange.prove(&challenge, &Secret::new("pencil".to_owned()));
            assert!(proof.starts_with(&format!("c={},r=", STANDARD.encode(sent))), "{proof}");
        }
    }

    #[test]
    fn every_exchange_has_a_nonce_of_its_own() {
        let nonce = || Exchange::new(Hash::Sha512, "", Binding::None).unwrap().nonce;
        assert_eq!(nonce().len(), 24);
        assert_ne!(nonce(), nonce());
    }

    #[test]
    fn a_user_is_prepared_and_escaped() {
        for (user, expected) in [("etl", "etl"), ("a=b,c", "a=3Db=2Cc"), ("\u{2168}", "IX")] {
            let opening = Exchange::new(Hash::Sha1, user, Binding::None).unwrap().opening();
            assert!(opening.starts_with(&format!("n,,n={expected},r=")), "{opening}");
        }
    }

    #[test]
    fn passwords_are_prepared_where_they_can_be() {
        for (password, expected) in [
            ("pencil", "pencil"),
            ("I\u{ad}X", "IX"),
            ("\u{2168}", "IX"),
            ("a\u{a0}b", "a b"),
            // Prohibited, of both directions, and nothing left: unchanged.
            ("a\u{7}", "a\u{7}"),
            ("\u{627}1", "\u{627}1"),
            ("\u{ad}", "\u{ad}"),
        ] {
            assert_eq!(*prepared(password), expected, "{password:?}");
        }
    }
}
