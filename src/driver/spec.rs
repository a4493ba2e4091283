//! `Spec`: what a driver is called, which types it takes and what it reads, as data.

use std::time::Duration;

use super::extras::{ExtraSpec, StandIn};
use super::proof::Proof;
use crate::model::codes::CodeTable;
use crate::model::managed::Service;
use crate::model::reason::ReasonCode;
use crate::net::sniff::Protocol;

/// What people write, and the extra of that meaning.
pub type Synonym = (&'static str, &'static str);

/// What the servers of a type do to an account after refused logins. It makes the rules of the ledger stricter, never laxer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// So many refusals they are asked for at the most, before other secrets are held.
    pub refusals: u32,
    /// How long that hold lasts at least.
    pub hold: Duration,
}

/// What the two halves of a pair of keys look like, by which they are known where they stand in each other's place.
#[derive(Clone, Copy, Debug)]
pub struct KeyForms {
    /// Whether a text is the id of a key.
    pub is_id: fn(&str) -> bool,
    /// Whether a text is a secret key.
    pub is_secret: fn(&str) -> bool,
    /// An id as it may be shown.
    pub shown: fn(&str) -> String,
}

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
    /// What people write for its extras.
    pub synonyms: &'static [Synonym],
    /// What its servers' codes mean.
    pub codes: &'static CodeTable,
    /// How its servers are known by their first bytes, where they speak a protocol of their own.
    pub protocol: Option<&'static Protocol>,
    /// Reasons whose hint sends people to the server's log with this driver alone; see [`crate::model::managed`].
    pub sends_to_log: &'static [ReasonCode],
    /// The managed service that a host belongs to.
    pub service_at: fn(&str) -> Option<Service>,
    /// Its login and password are a pair of keys with forms of their own.
    pub key_forms: Option<KeyForms>,
    /// What is inside a database, so that in `schema` it is a mistake.
    pub inside_databases: &'static [&'static str],
    /// Extras are compared without case (MongoDB's connection-string options).
    pub extras_ignore_case: bool,
    /// After so many interrupted handshakes in a row a server of this kind blocks our host
    /// (MySQL's `max_connect_errors`); the engine stops well before.
    pub blocks_after_interruptions: bool,
    /// What its servers do to an account after refused logins, where the ledger's own rules do not suffice.
    pub lockout: Option<Lockout>,
    /// So many logins to one host go at once, where that is fewer than a run allows: its servers slow or ban an address.
    pub logins_per_host: Option<usize>,
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
            synonyms: &[],
            codes: &NO_CODES,
            protocol: None,
            sends_to_log: &[],
            service_at: Service::at,
            key_forms: None,
            inside_databases: &[],
            extras_ignore_case: false,
            blocks_after_interruptions: false,
            lockout: None,
            logins_per_host: None,
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

    /// What people write for its extras.
    #[must_use]
    pub const fn synonyms(mut self, synonyms: &'static [Synonym]) -> Self {
        self.synonyms = synonyms;
        self
    }

    /// How its servers are known by their first bytes.
    #[must_use]
    pub const fn protocol(mut self, protocol: &'static Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Reasons whose hint sends people to the server's log with this driver alone.
    #[must_use]
    pub const fn sends_to_log(mut self, reasons: &'static [ReasonCode]) -> Self {
        self.sends_to_log = reasons;
        self
    }

    /// The managed service that a host belongs to, where that is not known by its suffix alone.
    #[must_use]
    pub const fn service_at(mut self, service_at: fn(&str) -> Option<Service>) -> Self {
        self.service_at = service_at;
        self
    }

    /// Its login and password are a pair of keys with forms of their own.
    #[must_use]
    pub const fn key_forms(mut self, forms: KeyForms) -> Self {
        self.key_forms = Some(forms);
        self
    }

    /// What is inside a database, so that in `schema` it is a mistake.
    #[must_use]
    pub const fn inside_databases(mut self, names: &'static [&'static str]) -> Self {
        self.inside_databases = names;
        self
    }

    /// Extras are compared without case.
    #[must_use]
    pub const fn extras_ignore_case(mut self) -> Self {
        self.extras_ignore_case = true;
        self
    }

    /// After `refusals` its servers lock an account, for `hold` and longer.
    #[must_use]
    pub const fn lockout(mut self, refusals: u32, hold: Duration) -> Self {
        self.lockout = Some(Lockout { refusals, hold });
        self
    }

    /// Its servers take so many logins from one host at once.
    #[must_use]
    pub const fn logins_per_host(mut self, most: usize) -> Self {
        self.logins_per_host = Some(most);
        self
    }

    /// Its servers block a host after interrupted handshakes.
    #[must_use]
    pub const fn blocks_after_interruptions(mut self) -> Self {
        self.blocks_after_interruptions = true;
        self
    }
}
