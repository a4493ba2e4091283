//! `TlsFiles`: the certificates and keys that a definition names, whatever its extras are called; `Material`: what they hold,
//! and the settings of a handshake made of it. Must not know the extras, nor when TLS is spoken.

use crate::driver::Attempt;
use crate::driver::tls_file::{Identity, TlsFile};
use crate::model::failure::Failure;
use crate::model::secret::Secret;
use crate::net::tls::{ClientIdentity, TlsSettings, Verification};

/// The certificates and keys that a definition names.
#[derive(Debug, Default)]
pub struct TlsFiles {
    /// The authorities to trust, instead of the run's or the system's.
    pub ca: Option<TlsFile>,
    /// The client's certificate.
    pub certificate: Option<TlsFile>,
    /// Its key. One file may hold both, under either name.
    pub key: Option<TlsFile>,
}

impl TlsFiles {
    /// What tells the client's certificate from others.
    pub fn identities(&self) -> impl Iterator<Item = Identity> {
        [&self.certificate, &self.key].into_iter().flatten().map(TlsFile::identity)
    }

    /// Reads the files: before anybody is connected to.
    ///
    /// # Errors
    ///
    /// `policy` for a file that cannot be read.
    pub fn read(&self) -> Result<Material, Failure> {
        let read = |file: &Option<TlsFile>| file.as_ref().map(TlsFile::read).transpose();
        Ok(Material { ca: read(&self.ca)?, certificate: read(&self.certificate)?, key: read(&self.key)? })
    }
}

/// The PEM texts of a definition.
#[derive(Default)]
pub struct Material {
    ca: Option<Secret>,
    certificate: Option<Secret>,
    key: Option<Secret>,
}

impl Material {
    /// The settings of a handshake with the server that the definition calls `server_name`.
    #[must_use]
    pub fn settings(&self, attempt: &Attempt, verification: Verification, server_name: &str) -> TlsSettings {
        let roots = attempt.roots(self.ca.as_ref().map(|pem| pem.expose().as_bytes().to_vec()));
        TlsSettings { identity: self.identity(), ..TlsSettings::new(verification, roots, server_name) }
    }

    /// Who the client is.
    fn identity(&self) -> Option<ClientIdentity> {
        let copy = |one: &Option<Secret>, other: &Option<Secret>| {
            one.as_ref().or(other.as_ref()).map(|pem| Secret::new(pem.expose().to_owned()))
        };
        let (certificates, key) = (copy(&self.certificate, &self.key)?, copy(&self.key, &self.certificate)?);
        Some(ClientIdentity { certificates, key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inline(name: &str) -> TlsFile {
        TlsFile::new("extra", format!("-----BEGIN {name}-----"), None)
    }

    #[test]
    fn one_file_may_hold_certificate_and_key() {
        for (certificate, key, expected) in [
            (Some(inline("A")), Some(inline("B")), Some(("A", "B"))),
            (Some(inline("A")), None, Some(("A", "A"))),
            (None, Some(inline("B")), Some(("B", "B"))),
            (None, None, None),
        ] {
            let files = TlsFiles { ca: None, certificate, key };
            let count = files.identities().count();
            let identity = files.read().unwrap().identity();
            let shown = identity.as_ref().map(|pair| (pair.certificates.expose(), pair.key.expose()));
            let expected = expected.map(|(one, other)| [one, other].map(|name| format!("-----BEGIN {name}-----")));
            assert_eq!(shown, expected.as_ref().map(|[one, other]| (one.as_str(), other.as_str())));
            assert_eq!(count > 0, expected.is_some());
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_before_anything_is_dialled() {
        let missing = || Some(TlsFile::new("extra", "/nonexistent/file.pem".to_owned(), None));
        for files in [
            TlsFiles { ca: missing(), ..TlsFiles::default() },
            TlsFiles { certificate: missing(), ..TlsFiles::default() },
            TlsFiles { key: missing(), ..TlsFiles::default() },
        ] {
            assert!(files.read().is_err());
        }
    }
}
