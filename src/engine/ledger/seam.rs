//! `Ledger`: the trait with which the engine asks before a login and reports its end, wherever the book is kept.

use async_trait::async_trait;

use super::account::Account;
use super::clock::Moment;
use super::ending::ending;
use super::login::Login;
use super::people::{Line, ServerLine};
use super::rules::{Ending, Hold};
use crate::driver::Evidence;
use crate::driver::controls::Control;
use crate::driver::{Credential, Spec};
use crate::model::failure::Failure;

/// The ledger's answer to a login that wants to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The login may go.
    Go {
        /// Whether it was let through before its hold ended.
        early: bool,
    },
    /// The login is held.
    Held(Hold),
    /// Another process is logging in to the account.
    Taken {
        /// When that login is over at the latest.
        until: Moment,
    },
}

/// How a login ended.
#[derive(Clone, Debug)]
pub struct End {
    /// What the end proves about the credential.
    pub ending: Ending,
    /// The keys of the server that was reached; if empty, all keys of the login count.
    pub accounts: Vec<Account>,
    /// The server's code.
    pub code: Option<String>,
    /// The evidence that the server showed.
    pub evidence: Option<Evidence>,
    /// The value from [`Begin::Go`].
    pub early: bool,
    /// Whether the answer arrived after the login was recorded as an unclear end.
    pub late: bool,
}

impl End {
    /// The end of a login with this `verdict`, whose credential's progress is in `credential`.
    pub(in crate::engine) fn of(
        spec: &Spec,
        verdict: &Result<(), Failure>,
        credential: &Credential,
        accounts: Vec<Account>,
    ) -> Self {
        Self {
            ending: ending(spec, verdict, credential),
            accounts,
            code: verdict.as_ref().err().and_then(|failure| failure.code.clone()),
            evidence: credential.evidence.clone(),
            early: false,
            late: false,
        }
    }
}

/// What is known about a held account from before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Whether there is evidence to compare the server with.
    pub known: bool,
    /// Whether the current evidence shows that the password was set, or the server was restarted, since then.
    pub changed: bool,
    /// Whether the server may be looked at again, if it counts looks as interrupted handshakes.
    pub may_look: bool,
}

/// Why nothing was forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotForgotten {
    /// Several accounts are shown alike (S3's shortened key ids, users of several databases). Holds their ids.
    Several(Vec<String>),
    /// The change cannot be written.
    Unwritten(String),
}

/// The ledger of accounts.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Asks whether `login` may go. If it runs alone, the account is reserved for it until [`Ledger::end`].
    async fn begin(&self, login: &Login) -> Begin;

    /// Why `login` would be held now. Changes nothing.
    fn hold(&self, login: &Login) -> Option<Hold>;

    /// Why `login` would be held now by what earlier runs left, where the run overlooks that. Changes nothing.
    fn overlooked(&self, login: &Login) -> Option<Hold>;

    /// Called right before the credential of a login that runs alone leaves, on the thread that sends it.
    fn leaves(&self, login: &Login);

    /// A login that [`Ledger::begin`] permitted is not made after all.
    fn give_back(&self, login: &Login);

    /// Records the end of a login that [`Ledger::begin`] permitted.
    async fn end(&self, login: &Login, end: &End);

    /// Whether the secret of `login` was refused before in its circumstances. Other logins go first.
    fn was_refused(&self, login: &Login) -> bool;

    /// What is known about the server from the last refusal, compared with what it has `shown` now.
    fn past(&self, login: &Login, shown: Option<&Evidence>) -> Past;

    /// Records that the server was looked at without a credential. `counts` tells whether the server counts that as an
    /// interrupted handshake; `evidence` is what it shows now.
    async fn looked(&self, login: &Login, evidence: Option<Evidence>, counts: bool);

    /// The number of consecutive interrupted handshakes with `server`, and until when logins to it are withheld.
    fn interrupted(&self, server: &str) -> (u32, Option<Moment>);

    /// A handshake with each of `servers` was finished or interrupted.
    async fn handshake(&self, servers: &[String], interrupted: bool);

    /// Same as [`Ledger::handshake`] for one server, on the caller's thread, so that nothing comes between it and what
    /// follows.
    fn handshake_at_once(&self, server: &str, interrupted: bool);

    /// A handshake with `server` begins or is over. Handshakes that are under way when a process is killed count as
    /// interrupted.
    fn shakes_hands(&self, server: &str, begins: bool);

    /// Imports refusals that a store has counted itself, once for each `store`.
    async fn take_over(&self, store: &str, refused: &[(Login, Moment)]);

    /// The answer to `question` with made-up keys, and when it was received.
    fn control(&self, question: &str) -> Option<(Moment, Control)>;

    /// Keeps `control` as the answer to `question` with made-up keys.
    async fn keep_control(&self, question: &str, control: &Control);

    /// The time that its decisions use.
    fn now(&self) -> Moment;

    /// A line for every account with a record.
    fn lines(&self) -> Vec<Line>;

    /// Forgets an account, given by its shown form, its id or the id of a result. Returns the shown forms of what was
    /// forgotten.
    ///
    /// # Errors
    ///
    /// The accounts that it could be, or why the change cannot be written.
    async fn forget(&self, account: &str) -> Result<Vec<String>, NotForgotten>;

    /// A line for every server that has counted interrupted handshakes.
    fn servers(&self) -> Vec<ServerLine>;

    /// Forgets what `server` has counted. It is given by its form in [`Ledger::servers`] or by its id. Returns what was
    /// forgotten.
    ///
    /// # Errors
    ///
    /// Why the change cannot be written.
    async fn forget_server(&self, server: &str) -> Result<Option<String>, NotForgotten>;

    /// The command that forgets the account appended to it; `None` if nothing outlives the process.
    fn ended_by(&self) -> Option<String>;

    /// Why nothing outlives the process although it should.
    fn not_kept(&self) -> Option<String>;

    /// When earlier records were lost, while that limits an account to one refusal.
    fn lost(&self) -> Option<Moment>;
}
