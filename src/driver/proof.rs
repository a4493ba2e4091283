//! `Proof`: what makes a login `ok`. Each driver states it once in its [`super::Spec`], and `connprobe types TYPE`
//! prints it.

/// What proves that a server accepted the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What the server has to answer, and the warning if it asks for no credential; a fragment.
    pub rule: &'static str,
    /// Whether the driver reports each acceptance ([`super::Attempt::credential_accepted`]), so that after a credential
    /// was sent nothing else counts as one. If not, a code that the server sends after its check
    /// ([`crate::model::codes::CodeTable::when`]) counts too.
    pub explicit: bool,
}

impl Proof {
    /// Only an acceptance that the driver reports counts.
    #[must_use]
    pub const fn explicit(rule: &'static str) -> Self {
        Self { rule, explicit: true }
    }

    /// Codes count as well.
    #[must_use]
    pub const fn by_code(rule: &'static str) -> Self {
        Self { rule, explicit: false }
    }
}
