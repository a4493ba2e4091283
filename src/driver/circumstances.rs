//! `Circumstances`: what besides the secret could change a server's answer to it. What counts is how a login really
//! goes, not how its definition is spelled: `prefer` at a server without TLS is `disable`.

/// Whether a login is encrypted, as far as its definition decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// It makes no difference.
    Irrelevant,
    /// Never.
    Never,
    /// Always.
    Always,
    /// Where the server has it.
    IfOffered,
    /// Where the server wants nothing else.
    IfDemanded,
}

/// The circumstances of a login. Compared, never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circumstances {
    encryption: Encryption,
    /// What counts in any case, as a method.
    common: String,
    /// What counts in TLS only, as the client's certificate.
    certificate: String,
}

impl Circumstances {
    /// Those of a login that is encrypted as `encryption` says.
    #[must_use]
    pub fn of(encryption: Encryption) -> Self {
        Self { encryption, common: String::new(), certificate: String::new() }
    }

    /// The same, for which `common` counts too.
    #[must_use]
    pub fn with(self, common: String) -> Self {
        Self { common, ..self }
    }

    /// The same, which presents the client's `certificate` where it is encrypted.
    #[must_use]
    pub fn presenting(self, certificate: String) -> Self {
        Self { certificate, ..self }
    }

    /// Those that the login may meet, the likeliest first.
    #[must_use]
    pub fn possible(&self) -> Vec<String> {
        match self.encryption {
            Encryption::Irrelevant | Encryption::Never => vec![self.met(false)],
            Encryption::Always => vec![self.met(true)],
            Encryption::IfOffered => vec![self.met(true), self.met(false)],
            Encryption::IfDemanded => vec![self.met(false), self.met(true)],
        }
    }

    /// Those of a login that turned out to be `encrypted` or not.
    #[must_use]
    pub fn met(&self, encrypted: bool) -> String {
        match (self.encryption, encrypted) {
            (Encryption::Irrelevant, _) => self.common.clone(),
            (_, true) => format!("encrypted {} {}", self.common, self.certificate),
            (_, false) => format!("plain {}", self.common),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_login_may_meet_is_what_others_have_met() {
        let of = |encryption| Circumstances::of(encryption).with("method".into()).presenting("certificate".into());
        let (plain, encrypted) = (of(Encryption::Never).met(false), of(Encryption::Always).met(true));
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
        assert_eq!((either.met(true), either.possible()), (either.met(false), vec![either.met(false)]));
    }
}
