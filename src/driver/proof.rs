//! `Proof`: what makes `ok` of a login, said once for each driver in its [`super::Spec`] and printed by `connprobe
//! types TYPE`.

/// What proves that a server took the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What the server has to say, and what is warned of where it asks for no credential; a fragment.
    pub rule: &'static str,
    /// The driver reports each acceptance ([`super::Attempt::credential_accepted`]), so that after a credential has left
    /// nothing else counts as one. Without it a code that the server sends after its check
    /// ([`crate::model::codes::CodeTable::when`]) counts too.
    pub explicit: bool,
}

impl Proof {
    /// Only what the driver reports is an acceptance.
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
