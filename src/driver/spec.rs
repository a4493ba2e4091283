//! `Spec`: what a driver is called, which types it takes and what it reads, as data.

use super::extras::{ExtraSpec, StandIn};
use super::proof::Proof;
use crate::model::codes::CodeTable;

/// What a driver is called, which stored types it takes, and what it reads.
#[derive(Debug)]
#[non_exhaustive]
pub struct Spec {
    /// The driver's own name, as in results.
    pub name: &'static str,
    /// The server's product name, for messages.
    pub product: &'static str,
    /// Every conn type it takes with the port used when none is stored, the usual one first.
    pub types: &'static [(&'static str, u16)],
    /// What makes `ok` of a login.
    pub proof: Proof,
    /// What `schema` means to it.
    pub schema: &'static str,
    /// The extras it knows; see [`super::ExtraKind`] for what happens with each.
    pub extras: &'static [ExtraSpec],
    /// What every other extra is, where there are no unknown ones, as a fragment: see [`Spec::is_open`].
    pub open_extras: Option<&'static str>,
    /// The extras that stand for another field, those first that win over others.
    pub stand_ins: &'static [StandIn],
    /// What its servers' codes mean.
    pub codes: &'static CodeTable,
    /// Extras are compared without case (MongoDB's connection-string options).
    pub extras_ignore_case: bool,
    /// After so many interrupted handshakes in a row a server of this kind blocks our host
    /// (MySQL's `max_connect_errors`); the engine stops well before.
    pub blocks_after_interruptions: bool,
}

/// For drivers whose servers have no codes.
static NO_CODES: CodeTable = CodeTable::new(&[]);

impl Spec {
    /// The driver `name` for `product`, which takes `types`, and calls a login `ok` by `proof`. It knows no extra, and no code.
    #[must_use]
    pub const fn new(
        name: &'static str,
        product: &'static str,
        types: &'static [(&'static str, u16)],
        proof: Proof,
    ) -> Self {
        Self {
            name,
            product,
            types,
            proof,
            schema: "not used",
            extras: &[],
            open_extras: None,
            stand_ins: &[],
            codes: &NO_CODES,
            extras_ignore_case: false,
            blocks_after_interruptions: false,
        }
    }

    /// What `schema` means to it, as a fragment.
    #[must_use]
    pub const fn schema(mut self, meaning: &'static str) -> Self {
        self.schema = meaning;
        self
    }

    /// The extras it knows.
    #[must_use]
    pub const fn extras(mut self, extras: &'static [ExtraSpec]) -> Self {
        self.extras = extras;
        self
    }

    /// Every extra that it does not know is `what`, as a fragment.
    #[must_use]
    pub const fn open_extras(mut self, what: &'static str) -> Self {
        self.open_extras = Some(what);
        self
    }

    /// The extras that stand for another field, those first that win over others.
    #[must_use]
    pub const fn stand_ins(mut self, stand_ins: &'static [StandIn]) -> Self {
        self.stand_ins = stand_ins;
        self
    }

    /// What its servers' codes mean.
    #[must_use]
    pub const fn codes(mut self, codes: &'static CodeTable) -> Self {
        self.codes = codes;
        self
    }

    /// Extras are compared without case.
    #[must_use]
    pub const fn extras_ignore_case(mut self) -> Self {
        self.extras_ignore_case = true;
        self
    }

    /// Its servers block a host after interrupted handshakes.
    #[must_use]
    pub const fn blocks_after_interruptions(mut self) -> Self {
        self.blocks_after_interruptions = true;
        self
    }
}
