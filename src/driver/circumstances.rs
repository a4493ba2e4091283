//! `Circumstances`: what, besides the secret, could change a server's answer to it. What counts is how a login is
//! really made, not how its definition is written: `prefer` at a server without TLS is the same as `disable`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::tls_file::Identity;

/// Whether a login is encrypted, as far as its definition determines that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// It makes no difference.
    Irrelevant,
    /// Never.
    Never,
    /// Always.
    Always,
    /// If the server offers it.
    IfOffered,
    /// Only if the server requires it.
    IfDemanded,
}

/// The circumstances that a login met, as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met<'a> {
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// The method, where the server chose it.
    pub method: Option<&'a str>,
}

/// The circumstances of a login. Compared, never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    encryption: Encryption,
    /// What always counts, as a method does: the alternatives that the server may choose from, the likeliest first.
    common: Vec<String>,
    /// What counts over TLS only: the client's certificate and its key.
    certificate: Vec<Identity>,
}

impl Circumstances {
    /// The circumstances of a login with this `encryption`.
    #[must_use]
    pub fn of(encryption: Encryption) -> Self {
        Self { encryption, common: vec![String::new()], certificate: Vec::new() }
    }

    /// Adds `common`, which always counts.
    #[must_use]
    pub fn with(self, common: String) -> Self {
        Self { common: vec![common], ..self }
    }

    /// Adds the method that the server chooses from `methods`, the likeliest first.
    #[must_use]
    pub fn with_one_of(self, methods: &[&str]) -> Self {
        Self { common: methods.iter().map(|&method| method.to_owned()).collect(), ..self }
    }

    /// Adds the client's `certificate`, which is presented where the login is encrypted.
    #[must_use]
    pub fn presenting(self, certificate: impl IntoIterator<Item = Identity>) -> Self {
        Self { certificate: certificate.into_iter().collect(), ..self }
    }

    /// The files whose content is part of the circumstances and is not known yet.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.certificate.iter().filter_map(|part| match part {
            Identity::At(path) => Some(path.as_path()),
            Identity::Content(_) => None,
        })
    }

    /// Replaces file paths by the identity of their contents.
    pub fn learn(&mut self, contents: &HashMap<PathBuf, Identity>) {
        for part in &mut self.certificate {
            if let Identity::At(path) = part
                && let Some(content) = contents.get(path)
            {
                *part = content.clone();
            }
        }
    }

    /// All circumstances that the login may meet, the likeliest first.
    #[must_use]
    pub fn possible(&self) -> Vec<String> {
        let encrypted: &[bool] = match self.encryption {
            Encryption::Irrelevant | Encryption::Never => &[false],
            Encryption::Always => &[true],
            Encryption::IfOffered => &[true, false],
            Encryption::IfDemanded => &[false, true],
        };
        encrypted.iter().flat_map(|encrypted| self.common.iter().map(|one| self.one(*encrypted, one))).collect()
    }

    /// The circumstances of a login that met `met`; `None` while its method is not known.
    #[must_use]
    pub fn met(&self, met: Met<'_>) -> Option<String> {
        match (self.common.as_slice(), met.method) {
            ([only], _) => Some(self.one(met.encrypted, only)),
            (_, Some(method)) => Some(self.one(met.encrypted, method)),
            (_, None) => None,
        }
    }

    fn one(&self, encrypted: bool, common: &str) -> String {
        match (self.encryption, encrypted) {
            (Encryption::Irrelevant, _) => common.to_owned(),
            (_, true) => {
                let certificate: Vec<String> = self.certificate.iter().map(ToString::to_string).collect();
                format!("encrypted {common} {}", certificate.join(" "))
            }
            (_, false) => format!("plain {common}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_login_may_meet_is_what_others_have_met() {
        let certificate = || [Identity::At("certificate".into())];
        let of = |encryption| Circumstances::of(encryption).with("method".into()).presenting(certificate());
        let met = |encrypted| Met { encrypted, method: None };
        let plain = of(Encryption::Never).met(met(false)).unwrap();
        let encrypted = of(Encryption::Always).met(met(true)).unwrap();
        assert_ne!(plain, encrypted);
        for (encryption, possible) in [
            (Encryption::Never, vec![&plain]),
            (Encryption::Always, vec![&encrypted]),
            (Encryption::IfOffered, vec![&encrypted, &plain]),
            (Encryption::IfDemanded, vec![&plain, &encrypted]),
        ] {
            assert_eq!(of(encryption).possible().iter().collect::<Vec<_>>(), possible);
            let without = Circumstances::of(encryption).with("method".into());
            assert_eq!(without.possible().contains(&plain), possible.contains(&&plain), "a certificate is of TLS");
            assert!(!without.possible().contains(&encrypted));
        }
        let either = of(Encryption::Irrelevant);
        assert_eq!(either.met(met(true)), either.met(met(false)));
        assert_eq!(either.possible(), [either.met(met(false)).unwrap()]);
    }

    #[test]
    fn a_method_that_the_server_chooses_is_the_one_that_a_definition_names() {
        let of = || Circumstances::of(Encryption::Always).presenting([Identity::At("certificate".into())]);
        let (either, named) = (of().with_one_of(&["new", "old"]), ["new", "old"].map(|one| of().with(one.into())));
        assert_eq!(either.possible(), named.clone().map(|one| one.possible().remove(0)));
        assert_eq!(either.met(Met { encrypted: true, method: None }), None);
        for (method, named) in ["new", "old"].into_iter().zip(named) {
            let met = |method| Met { encrypted: true, method };
            assert_eq!(either.met(met(Some(method))), named.met(met(None)));
        }
    }
}
