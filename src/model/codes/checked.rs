//! `CheckedCredential`: whether a server sends a code before it has checked the credential, or after it has accepted it.
//!
//! Counts for accounts only: a code that a table has here never makes a login `ok`. A code that it lacks and that arrives
//! after the credential has left is a refusal of it, whatever its class. PostgreSQL has no row of an acceptance: it says
//! in so many words when it has accepted a credential (`AuthenticationOk`), and what speaks its protocol uses its codes
//! for anything.

/// When a server sends a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckedCredential {
    /// Before the credential was looked at: nothing is known about it.
    Before,
    /// After it was accepted.
    After,
    /// In place of an answer to it: the server had trouble of its own.
    Instead,
    /// It is, or may be, the answer to it.
    Unknown,
}

impl CheckedCredential {
    /// That time, in words; empty where nobody knows.
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

/// One code, and when its server sends it.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// The code.
    pub code: &'static str,
    /// When it is sent.
    pub when: CheckedCredential,
    /// Where that can be read, or where it was seen.
    pub source: &'static str,
}

impl Checked {
    /// `code` is sent at that time, as `source` has it.
    #[must_use]
    pub const fn new(code: &'static str, when: CheckedCredential, source: &'static str) -> Self {
        Self { code, when, source }
    }
}
