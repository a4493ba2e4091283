//! `Spec`: a driver's name, its types and what it reads, as data.

use std::time::Duration;

use super::extras::{ExtraSpec, StandIn};
use super::proof::Proof;
use crate::model::codes::CodeTable;
use crate::model::expected::ExpectedKind;
use crate::model::managed::Service;
use crate::model::reason::ReasonCode;
use crate::net::sniff::Protocol;

/// What people write instead of an extra, and the extra of that meaning.
pub type Synonym = (&'static str, &'static str);

/// What the servers of a type do to an account after refused logins. It can make the ledger's rules stricter, never
/// laxer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lockout {
    /// How many refusals the server is asked for at most before other secrets are held back.
    pub refusals: u32,
    /// The shortest time that they are held back.
    pub hold: Duration,
}

/// The forms of the two halves of a pair of keys, by which swapped halves are recognised.
#[derive(Clone, Copy, Debug)]
pub struct KeyForms {
    /// Whether a text has the form of a key id.
    pub is_id: fn(&str) -> bool,
    /// Whether a text has the form of a secret key.
    pub is_secret: fn(&str) -> bool,
    /// The id as it may be shown.
    pub shown: fn(&str) -> String,
}

/// A driver's name, the stored types that it takes, and what it reads.
#[derive(Debug)]
#[non_exhaustive]
pub struct Spec {
    /// The driver's own name, as in results.
    pub name: &'static str,
    /// The server's product name, for messages.
    pub product: &'static str,
    /// Every conn type it takes, with the default port; the usual type first.
    pub types: &'static [(&'static str, u16)],
    /// What makes a login `ok`.
    pub proof: Proof,
    /// What `schema` means to it.
    pub schema: &'static str,
    /// The extras it knows; see [`super::ExtraKind`] for what happens with each.
    pub extras: &'static [ExtraSpec],
    /// What every other extra is, where all are accepted, as a fragment: see [`Spec::is_open`].
    pub open_extras: Option<&'static str>,
    /// The extras that take the place of a field, those that override the field first.
    pub stand_ins: &'static [StandIn],
    /// What people write instead of its extras.
    pub synonyms: &'static [Synonym],
    /// The meanings of its servers' codes.
    pub codes: &'static CodeTable,
    /// How its servers are recognised by their first bytes, if they have a protocol of their own.
    pub protocol: Option<&'static Protocol>,
    /// Reasons whose hint refers to the server's log, with this driver only; see [`crate::model::managed`].
    pub sends_to_log: &'static [ReasonCode],
    /// The managed service that a host belongs to.
    pub service_at: fn(&str) -> Option<Service>,
    /// The forms of its keys, if login and password are a pair of keys.
    pub key_forms: Option<KeyForms>,
    /// Names of what is inside a database, which are a mistake in `schema`.
    pub inside_databases: &'static [&'static str],
    /// Whether extras are compared without case (MongoDB's connection-string options).
    pub extras_ignore_case: bool,
    /// Whether its servers block a client's host after a number of interrupted handshakes in a row (MySQL's
    /// `max_connect_errors`); the engine stops well before.
    pub blocks_after_interruptions: bool,
    /// What its servers do to an account after refused logins, where the ledger's own rules are not strict enough.
    pub lockout: Option<Lockout>,
    /// How many logins to one host may be under way at once, if fewer than a run allows: its servers slow down or ban
    /// an address.
    pub logins_per_host: Option<usize>,
    /// What a wait can look for at its servers, besides the login.
    pub expects: &'static [ExpectedKind],
}

/// For drivers whose servers send no codes.
static NO_CODES: CodeTable = CodeTable::new(&[]);

impl Spec {
    /// The driver `name` for `product`, which takes `types` and calls a login `ok` by `proof`. It has no extras and no
    /// codes.
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
            expects: &[],
        }
    }

    /// Sets what a wait can look for at its servers.
    #[must_use]
    pub const fn expects(mut self, kinds: &'static [ExpectedKind]) -> Self {
        self.expects = kinds;
        self
    }

    /// Sets what `schema` means to it, as a fragment.
    #[must_use]
    pub const fn schema(mut self, meaning: &'static str) -> Self {
        self.schema = meaning;
        self
    }

    /// Sets the extras it knows.
    #[must_use]
    pub const fn extras(mut self, extras: &'static [ExtraSpec]) -> Self {
        self.extras = extras;
        self
    }

    /// Accepts every other extra as `what`, a fragment.
    #[must_use]
    pub const fn open_extras(mut self, what: &'static str) -> Self {
        self.open_extras = Some(what);
        self
    }

    /// Sets the extras that take the place of a field, those that override the field first.
    #[must_use]
    pub const fn stand_ins(mut self, stand_ins: &'static [StandIn]) -> Self {
        self.stand_ins = stand_ins;
        self
    }

    /// Sets the meanings of its servers' codes.
    #[must_use]
    pub const fn codes(mut self, codes: &'static CodeTable) -> Self {
        self.codes = codes;
        self
    }

    /// Sets what people write instead of its extras.
    #[must_use]
    pub const fn synonyms(mut self, synonyms: &'static [Synonym]) -> Self {
        self.synonyms = synonyms;
        self
    }

    /// Sets how its servers are recognised by their first bytes.
    #[must_use]
    pub const fn protocol(mut self, protocol: &'static Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Sets the reasons whose hint refers to the server's log, with this driver only.
    #[must_use]
    pub const fn sends_to_log(mut self, reasons: &'static [ReasonCode]) -> Self {
        self.sends_to_log = reasons;
        self
    }

    /// Sets how to find the managed service that a host belongs to, where its suffix alone does not tell.
    #[must_use]
    pub const fn service_at(mut self, service_at: fn(&str) -> Option<Service>) -> Self {
        self.service_at = service_at;
        self
    }

    /// Its login and password are a pair of keys of these forms.
    #[must_use]
    pub const fn key_forms(mut self, forms: KeyForms) -> Self {
        self.key_forms = Some(forms);
        self
    }

    /// Sets the names of what is inside a database, which are a mistake in `schema`.
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

    /// Its servers lock an account after `refusals`, for at least `hold`.
    #[must_use]
    pub const fn lockout(mut self, refusals: u32, hold: Duration) -> Self {
        self.lockout = Some(Lockout { refusals, hold });
        self
    }

    /// Its servers accept at most `most` logins from one host at once.
    #[must_use]
    pub const fn logins_per_host(mut self, most: usize) -> Self {
        self.logins_per_host = Some(most);
        self
    }

    /// Its servers block a host after a number of interrupted handshakes.
    #[must_use]
    pub const fn blocks_after_interruptions(mut self) -> Self {
        self.blocks_after_interruptions = true;
        self
    }
}
