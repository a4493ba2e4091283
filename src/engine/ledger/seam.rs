//! `Ledger`: how the engine asks before a login and says what came of it, wherever the book is kept.

use async_trait::async_trait;

use super::account::Account;
use super::clock::Moment;
use super::login::Login;
use super::people::{Line, ServerLine};
use super::rules::{Ending, Hold};
use crate::driver::Evidence;
use crate::driver::controls::Control;
use crate::driver::{Credential, Spec};
use crate::engine::ending::ending;
use crate::model::failure::Failure;

/// What the ledger says to a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// It may go; `early` when it was let through before its hold ended.
    Go {
        /// Whether it was let through.
        early: bool,
    },
    /// It is held.
    Held(Hold),
    /// Another process logs in to the account at this moment.
    Taken {
        /// When that login is over at the latest.
        until: Moment,
    },
}

/// How a login ended.
#[derive(Clone, Debug)]
pub struct End {
    /// What it came to.
    pub ending: Ending,
    /// The keys of the server that was reached; all of the login's where none was.
    pub accounts: Vec<Account>,
    /// The server's code.
    pub code: Option<String>,
    /// What the server showed of itself.
    pub evidence: Option<Evidence>,
    /// What [`Begin::Go`] said.
    pub early: bool,
    /// The answer came after the login was given up, and was an unclear end before.
    pub late: bool,
}

impl End {
    /// The end of a login whose server answered `verdict`, its credential having come as far as `credential` says.
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

/// What is known of a held account from before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Something is known that the server can be compared with.
    pub known: bool,
    /// What it shows now says that the password was set, or the server made, anew since.
    pub changed: bool,
    /// Whether it may be looked at again, where looking is an interrupted handshake there.
    pub may_look: bool,
}

/// Why nothing was forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotForgotten {
    /// Several accounts are shown alike (S3's shortened key ids, users of several databases): their ids.
    Several(Vec<String>),
    /// It cannot be written.
    Unwritten(String),
}

/// The book of accounts.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Asks whether `login` may go; when it goes alone it is the account's only one until [`Ledger::end`].
    async fn begin(&self, login: &Login) -> Begin;

    /// Why `login` would be held now. Changes nothing.
    fn hold(&self, login: &Login) -> Option<Hold>;

    /// Why `login` would be held now by what earlier runs left, where the run overlooks that. Changes nothing.
    fn overlooked(&self, login: &Login) -> Option<Hold>;

    /// Right before the credential of a login that goes alone leaves. Called where it leaves from.
    fn leaves(&self, login: &Login);

    /// A login that [`Ledger::begin`] let go is not made after all.
    fn give_back(&self, login: &Login);

    /// What came of a login that [`Ledger::begin`] let go.
    async fn end(&self, login: &Login, end: &End);

    /// Whether the secret of `login` was refused before in its circumstances: others go first.
    fn was_refused(&self, login: &Login) -> bool;

    /// What is known of the server from the last refusal, beside what it has `shown` now.
    fn past(&self, login: &Login, shown: Option<&Evidence>) -> Past;

    /// The server was looked at without a credential, which it `counts` as an interrupted handshake or not; it shows
    /// `evidence` now.
    async fn looked(&self, login: &Login, evidence: Option<Evidence>, counts: bool);

    /// Until when a server that counts interrupted handshakes is left alone, and how many there were in a row.
    fn interrupted(&self, server: &str) -> (u32, Option<Moment>);

    /// A handshake with each of `servers` was finished, or interrupted.
    async fn handshake(&self, servers: &[String], interrupted: bool);

    /// The same for one server, on the caller's thread: nothing comes between it and what follows.
    fn handshake_at_once(&self, server: &str, interrupted: bool);

    /// A handshake with `server` begins, or is over: what a process was in the middle of that is killed is interrupted.
    fn shakes_hands(&self, server: &str, begins: bool);

    /// Takes over refusals that a store has counted itself, once for each `store`.
    async fn take_over(&self, store: &str, refused: &[(Login, Moment)]);

    /// What the answer to `question` with made-up keys is, and since when that is known.
    fn control(&self, question: &str) -> Option<(Moment, Control)>;

    /// The answer to `question` with made-up keys is `control`.
    async fn keep_control(&self, question: &str, control: &Control);

    /// The time by which it decides.
    fn now(&self) -> Moment;

    /// Every account that something is known of.
    fn lines(&self) -> Vec<Line>;

    /// Forgets an account, by what results show, by its own id or by that of a result: what was forgotten.
    ///
    /// # Errors
    ///
    /// Which accounts that could be, or why it cannot be written.
    async fn forget(&self, account: &str) -> Result<Vec<String>, NotForgotten>;

    /// Every server that has counted interrupted handshakes.
    fn servers(&self) -> Vec<ServerLine>;

    /// Forgets what `server` has counted, by what [`Ledger::servers`] shows of it or its id: what was forgotten.
    ///
    /// # Errors
    ///
    /// Why it cannot be written.
    async fn forget_server(&self, server: &str) -> Result<Option<String>, NotForgotten>;

    /// The command that forgets an account, to which it is appended; `None` where nothing outlives the process.
    fn ended_by(&self) -> Option<String>;

    /// Why nothing outlives the process although it should.
    fn not_kept(&self) -> Option<String>;

    /// When what was remembered before was lost, while an account sees one refusal only because of that.
    fn lost(&self) -> Option<Moment>;
}
