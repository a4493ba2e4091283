//! The RSA key of a server, for a password over an unencrypted channel.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroizing;

/// The public key that a server sent.
pub(super) struct ServerKey(OaepPublicEncryptingKey);

impl ServerKey {
    /// Reads PEM text; `None` if it is not an RSA key of 2,048 to 8,192 bits.
    pub(super) fn from_pem(pem: &[u8]) -> Option<Self> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem).ok()?;
        let key = PublicEncryptingKey::from_der(&der).ok()?;
        OaepPublicEncryptingKey::new(key).ok().map(Self)
    }

    /// Whether it can encrypt a password of this length, with the NUL that ends it.
    pub(super) fn holds(&self, password: &[u8]) -> bool {
        password.len() < self.0.max_plaintext_size(&OAEP_SHA1_MGF1SHA1)
    }

    /// The password, masked with the nonce and encrypted.
    pub(super) fn encrypt(&self, password: &[u8], nonce: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let mut text = Zeroizing::new([password, &[0]].concat());
        text.iter_mut().zip(nonce.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        let mut encrypted = vec![0; self.0.ciphertext_size()];
        self.0.encrypt(&OAEP_SHA1_MGF1SHA1, &text, &mut encrypted, None)?;
        Ok(encrypted)
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    use aws_lc_rs::rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn a_password_is_read_with_the_private_key_and_the_nonce() {
        let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        let der: PublicKeyX509Der<'_> = private.public_key().as_der().unwrap();
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref()));
        let (password, nonce) = (b"longer than the nonce is", b"a nonce of 20 bytes.");
        let sent = ServerKey::from_pem(pem.as_bytes()).unwrap().encrypt(password, nonce).unwrap();

        let private = OaepPrivateDecryptingKey::new(private).unwrap();
        let mut text = vec![0; private.min_output_size()];
        let text = private.decrypt(&OAEP_SHA1_MGF1SHA1, &sent, &mut text, None).unwrap();
        let masked = password.iter().chain(b"\0").zip(nonce.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        assert!(masked.eq(text.iter().copied()));
    }
}
