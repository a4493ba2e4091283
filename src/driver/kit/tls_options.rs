//! `TlsOptions`: the TLS settings of a definition, whatever its extras are called; `TlsFiles`: the certificates and
//! keys that it names; `Material`: their contents, from which the settings of a handshake are made. Must not depend on
//! the names of extras, nor on when a protocol starts TLS.

use crate::driver::tls_file::{self, Identity, TlsFile};
use crate::driver::{Attempt, Circumstances, Encryption, Fields};
use crate::model::failure::Failure;
use crate::model::secret::Secret;
use crate::net::tls::{ClientIdentity, TlsSettings, Verification};

/// The TLS settings of a definition.
pub struct TlsOptions {
    /// How much of the server's certificate is checked.
    pub verification: Verification,
    /// The certificates and keys that it names.
    pub files: TlsFiles,
}

impl TlsOptions {
    /// Reads the files. Call it before connecting.
    ///
    /// # Errors
    ///
    /// `policy` for a file that cannot be read.
    pub fn read(&self) -> Result<Material, Failure> {
        self.files.read(self.verification)
    }

    /// Adds to the `failure` of a handshake the file at fault, or the extra that would name one.
    #[must_use]
    pub fn blame(&self, failure: Failure) -> Failure {
        let TlsFiles { ca, certificate, key } = &self.files;
        let ca = ca.as_ref().filter(|_| self.verification > Verification::None);
        // One file may hold both.
        tls_file::blame(failure, ca, certificate.as_ref().or(key.as_ref()), key.as_ref().or(certificate.as_ref()))
    }

    /// The circumstances of a login that is always encrypted, or never if `tls` is `None`.
    #[must_use]
    pub fn circumstances(tls: Option<&Self>) -> Circumstances {
        let encryption = if tls.is_some() { Encryption::Always } else { Encryption::Never };
        Circumstances::of(encryption).presenting(tls.iter().flat_map(|tls| tls.files.identities()))
    }
}

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
    /// The file or text that the extra `key` gives.
    pub fn named(fields: &mut Fields<'_>, key: &'static str) -> Option<TlsFile> {
        let directory = fields.connection().directory.as_deref();
        fields.text(key).map(|text| TlsFile::new(key, text, directory))
    }

    /// The identities of the client's certificate and key.
    pub fn identities(&self) -> impl Iterator<Item = Identity> {
        [&self.certificate, &self.key].into_iter().flatten().map(TlsFile::identity)
    }

    /// Reads the files for a handshake that checks as much as `verification`. Call it before connecting.
    ///
    /// # Errors
    ///
    /// `policy` for a file that cannot be read.
    pub fn read(&self, verification: Verification) -> Result<Material, Failure> {
        let read = |file: &Option<TlsFile>| file.as_ref().map(TlsFile::read).transpose();
        let (ca, certificate, key) = (read(&self.ca)?, read(&self.certificate)?, read(&self.key)?);
        Ok(Material { verification, ca, certificate, key })
    }
}

/// How much is checked, and the PEM texts of a definition.
pub struct Material {
    verification: Verification,
    ca: Option<Secret>,
    certificate: Option<Secret>,
    key: Option<Secret>,
}

impl Material {
    /// The settings of a handshake with the server that the definition calls `server_name`.
    #[must_use]
    pub fn settings(&self, attempt: &Attempt, server_name: &str) -> TlsSettings {
        let roots = attempt.roots(self.ca.as_ref().map(|pem| pem.expose().as_bytes().to_vec()));
        TlsSettings { identity: self.identity(), ..TlsSettings::new(self.verification, roots, server_name) }
    }

    /// The client's certificate and key, if there are any.
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
            let identity = files.read(Verification::None).unwrap().identity();
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
            assert!(files.read(Verification::Full).is_err());
        }
    }
}
