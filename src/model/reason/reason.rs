//! `Reason`: what happened, with its data.

use std::borrow::Cow;

use super::{
    Aws, Connect, Definition, Deployment, Dialogue, Expectation, Field, Http, Login, Machine, Policy, ReasonCode,
    Resolve, Run, Source, Timeout, Tls, Vault, Words,
};
use crate::model::class::Class;
use crate::model::codes::{CodeEntry, Named};

/// Why a check is not ok.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// The definition cannot be used, or requires what connprobe lacks.
    Definition(Definition),
    /// connprobe refused.
    Policy(Policy),
    /// The name could not be resolved.
    Resolve(Resolve),
    /// The connection failed.
    Connect(Connect),
    /// Something took too long.
    Timeout(Timeout),
    /// The encrypted channel failed.
    Tls(Tls),
    /// The peer did not follow the protocol, or ended the dialogue.
    Dialogue(Dialogue),
    /// The login works, but something expected is missing.
    Expectation(Expectation),
    /// The login failed, and no code of the server explains it.
    Login(Login),
    /// The server is not of the required kind.
    Deployment(Deployment),
    /// Something other than the service answered over HTTP.
    Http(Http),
    /// The server's own code, and the values for its message.
    ServerCode(&'static CodeEntry, Named),
    /// This machine or connprobe itself failed.
    Machine(Machine),
    /// The check was not made, or not finished.
    Run(Run),
    /// A source returned no definitions.
    Source(Source),
    /// AWS returned no definitions.
    Aws(Aws),
    /// Vault returned no definitions.
    Vault(Vault),
}

impl Reason {
    /// The description: the only place where it is made.
    #[must_use]
    pub fn words(&self) -> Words {
        match self {
            Self::Definition(reason) => reason.words(),
            Self::Policy(reason) => reason.words(),
            Self::Resolve(reason) => reason.words(),
            Self::Connect(reason) => reason.words(),
            Self::Timeout(reason) => reason.words(),
            Self::Tls(reason) => reason.words(),
            Self::Dialogue(reason) => reason.words(),
            Self::Expectation(reason) => reason.words(),
            Self::Login(reason) => reason.words(),
            Self::Deployment(reason) => reason.words(),
            Self::Http(reason) => reason.words(),
            Self::ServerCode(entry, named) => entry.words(named),
            Self::Machine(reason) => reason.words(),
            Self::Run(reason) => reason.words(),
            Self::Source(reason) => reason.words(),
            Self::Aws(reason) => reason.words(),
            Self::Vault(reason) => reason.words(),
        }
    }

    /// The stable identifier.
    #[must_use]
    pub fn code(&self) -> ReasonCode {
        self.words().code
    }

    /// Who or what is at fault.
    #[must_use]
    pub fn class(&self) -> Class {
        self.words().class
    }

    /// A lower-case fragment with the value at fault in backticks.
    #[must_use]
    pub fn message(&self) -> String {
        self.words().message
    }

    /// One sentence on what to do.
    #[must_use]
    pub fn hint(&self) -> Option<Cow<'static, str>> {
        self.words().hint
    }

    /// The form fields at fault.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        self.words().fields
    }
}

macro_rules! areas {
    ($($area:ident),*) => {
        $(impl From<$area> for Reason {
            fn from(reason: $area) -> Self {
                Self::$area(reason)
            }
        })*
    };
}

areas!(
    Definition,
    Policy,
    Resolve,
    Connect,
    Timeout,
    Tls,
    Dialogue,
    Expectation,
    Login,
    Deployment,
    Http,
    Machine,
    Run,
    Source,
    Aws,
    Vault
);
