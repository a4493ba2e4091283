//! `CheckedCredential`: whether a server sends a code before it checks the credential, or after it has accepted it.
//!
//! This matters only for accounts: no entry makes a login `ok`. A code without an entry that arrives after the
//! credential was sent counts as a refusal of it, whatever its class. PostgreSQL has no entry for an accepted
//! credential, because the server confirms that explicitly (`AuthenticationOk`), and other servers that speak its
//! protocol use its codes for anything.

/// The time at which a server sends a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckedCredential {
    /// Before it checked the credential: nothing is known about it.
    Before,
    /// After it accepted the credential.
    After,
    /// Instead of an answer to the credential: the server had an internal problem.
    Instead,
    /// The code is, or may be, the answer to the credential.
    Unknown,
}

impl CheckedCredential {
    /// A description of the time; empty if it is unknown.
    #[must_use]
    pub fn when(self) -> &'static str {
        match self {
            Self::Before => "before the credential is looked at",
            Self::After => "after the credential was accepted",
            Self::Instead => "in place of an answer to the credential",
            Self::Unknown => "",
        }
    }
}

/// A code, and the time at which its server sends it.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// The code.
    pub code: &'static str,
    /// When it is sent.
    pub when: CheckedCredential,
    /// Where this is documented, or where it was observed.
    pub source: &'static str,
}

impl Checked {
    /// `code` is sent at the time `when`, according to `source`.
    #[must_use]
    pub const fn new(code: &'static str, when: CheckedCredential, source: &'static str) -> Self {
        Self { code, when, source }
    }
}
