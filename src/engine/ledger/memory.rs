//! `MemoryLedger`: a book that lives as long as the process. The next process starts without it, so an account sees
//! only one refusal.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::book::{Book, Changed};
use super::clock::{Clock, Moment};
use super::digest::{KEY_LENGTH, Key};
use super::login::Login;
use super::people::{Line, ServerLine};
use super::rules::{Hold, REFUSALS_IN_MEMORY};
use super::seam::{Begin, End, Ledger, NotForgotten, Past};
use crate::driver::Evidence;
use crate::driver::controls::Control;

/// The book in memory.
pub struct MemoryLedger {
    book: Mutex<Book>,
    clock: Clock,
    /// Why the book is not in a file.
    instead: Option<String>,
}

impl MemoryLedger {
    /// An empty book.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        // Without randomness the digests are unkeyed: they never leave the process.
        let key = Key::of(&Key::random().unwrap_or([0; KEY_LENGTH]));
        Self { book: Mutex::new(Book::new(key, REFUSALS_IN_MEMORY)), clock, instead: None }
    }

    /// An empty book that replaces a file which cannot be opened because of `reason`.
    #[must_use]
    pub fn instead_of_file(reason: String) -> Self {
        Self { instead: Some(reason), ..Self::new(Clock::default()) }
    }

    /// From now on, only what logins record from now on decides, not what a store has counted itself.
    #[must_use]
    pub fn overlooking_earlier_runs(self) -> Self {
        self.book().overlook();
        self
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn begin(&self, login: &Login) -> Begin {
        self.book().decide(login, self.clock.now(), &mut Changed::default())
    }

    fn hold(&self, login: &Login) -> Option<Hold> {
        self.book().hold(login, self.clock.now())
    }

    fn overlooked(&self, login: &Login) -> Option<Hold> {
        self.book().overlooked(login, self.clock.now())
    }

    fn leaves(&self, _login: &Login) {}

    fn give_back(&self, _login: &Login) {}

    async fn end(&self, login: &Login, end: &End) {
        self.book().record(login, end, self.clock.now());
    }

    fn was_refused(&self, login: &Login) -> bool {
        self.book().was_refused(login)
    }

    fn past(&self, login: &Login, shown: Option<&Evidence>) -> Past {
        self.book().past(login, shown, self.clock.now())
    }

    async fn looked(&self, login: &Login, evidence: Option<Evidence>, counts: bool) {
        self.book().looked(login, evidence, counts, self.clock.now());
    }

    fn interrupted(&self, server: &str) -> (u32, Option<Moment>) {
        let (mut book, now) = (self.book(), self.clock.now());
        book.bring_server_back(server, now);
        book.interrupted(server, now)
    }

    async fn handshake(&self, servers: &[String], interrupted: bool) {
        self.book().handshake(servers, interrupted, self.clock.now());
    }

    fn handshake_at_once(&self, server: &str, interrupted: bool) {
        self.book().handshake(&[server.to_owned()], interrupted, self.clock.now());
    }

    fn shakes_hands(&self, _server: &str, _begins: bool) {}

    async fn take_over(&self, store: &str, refused: &[(Login, Moment)]) {
        self.book().take_over(store, refused);
    }

    fn control(&self, endpoint: &str) -> Option<(Moment, Control)> {
        let book = self.book();
        book.controls.get(&book.endpoint(endpoint)).cloned()
    }

    async fn keep_control(&self, endpoint: &str, control: &Control) {
        let mut book = self.book();
        let id = book.endpoint(endpoint);
        book.controls.insert(id, (self.clock.now(), control.clone()));
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn lines(&self) -> Vec<Line> {
        self.book().lines(self.clock.now())
    }

    async fn forget(&self, account: &str) -> Result<Vec<String>, NotForgotten> {
        let mut book = self.book();
        let forgotten = book.forget(account).map_err(NotForgotten::Several)?;
        Ok(forgotten.into_iter().map(|(_, shown)| shown).collect())
    }

    fn servers(&self) -> Vec<ServerLine> {
        self.book().server_lines(self.clock.now())
    }

    async fn forget_server(&self, server: &str) -> Result<Option<String>, NotForgotten> {
        Ok(self.book().forget_server(server).map(|(_, shown)| shown))
    }

    fn ended_by(&self) -> Option<String> {
        None
    }

    fn not_kept(&self) -> Option<String> {
        self.instead.clone()
    }

    fn lost(&self) -> Option<Moment> {
        None
    }
}
