//! The implementation of `Ledger` over the file.

use std::borrow::Cow;

use async_trait::async_trait;

use super::super::clock::Moment;
use super::super::journal::Record;
use super::super::login::Login;
use super::super::people::{Line, ServerLine};
use super::super::rules::Hold;
use super::super::seam::{Begin, End, Ledger, NotForgotten, Past};
use super::opening::FileLedger;
use super::state::State;
use crate::driver::Evidence;
use crate::driver::controls::Control;

#[async_trait]
impl Ledger for FileLedger {
    async fn begin(&self, login: &Login) -> Begin {
        self.locked(|state| state.begin(login, self.clock.now())).await
    }

    fn hold(&self, login: &Login) -> Option<Hold> {
        self.state().book.hold(login, self.clock.now())
    }

    fn overlooked(&self, login: &Login) -> Option<Hold> {
        if !self.overlooks {
            return None;
        }
        self.state().book.overlooked(login, self.clock.now())
    }

    fn leaves(&self, login: &Login) {
        let now = self.clock.now();
        if !self.state().note_left(login, now) {
            self.locked_at_once(|state| state.leaves(login, now));
        }
    }

    fn give_back(&self, login: &Login) {
        self.locked_at_once(|state| state.over(login));
    }

    async fn end(&self, login: &Login, end: &End) {
        let now = self.clock.now();
        if !login.alone && self.state().book.knows(login, end, now) {
            return;
        }
        if self.state().may_wait(login, end) {
            self.end_with_others(login, end, now).await;
        } else {
            self.locked(|state| state.end(login, end, now)).await;
        }
    }

    fn was_refused(&self, login: &Login) -> bool {
        self.state().book.was_refused(login)
    }

    fn past(&self, login: &Login, shown: Option<&Evidence>) -> Past {
        self.state().book.past(login, shown, self.clock.now())
    }

    async fn looked(&self, login: &Login, evidence: Option<Evidence>, counts: bool) {
        let now = self.clock.now();
        self.locked(|state| {
            let changed = state.book.looked(login, evidence.clone(), counts, now);
            state.keep_accounts(&changed.accounts);
            state.keep_servers(&changed.servers);
        })
        .await;
    }

    fn interrupted(&self, server: &str) -> (u32, Option<Moment>) {
        let now = self.clock.now();
        if self.state().book.is_ahead(server, now) {
            self.locked_at_once(|state| {
                let changed = state.book.bring_server_back(server, now);
                state.keep_servers(&changed);
            });
        }
        self.state().book.interrupted(server, now)
    }

    async fn handshake(&self, servers: &[String], interrupted: bool) {
        let now = self.clock.now();
        if !interrupted && self.state().book.are_clear(servers) {
            return;
        }
        self.locked(|state| {
            let changed = state.book.handshake(servers, interrupted, now);
            state.keep_servers(&changed);
        })
        .await;
    }

    fn handshake_at_once(&self, server: &str, interrupted: bool) {
        let (now, servers) = (self.clock.now(), [server.to_owned()]);
        if !interrupted && self.state().book.are_clear(&servers) {
            return;
        }
        self.locked_at_once(|state| {
            let changed = state.book.handshake(&servers, interrupted, now);
            state.keep_servers(&changed);
        });
    }

    fn shakes_hands(&self, server: &str, begins: bool) {
        self.state().shakes_hands(server, begins);
    }

    async fn take_over(&self, store: &str, refused: &[(Login, Moment)]) {
        self.locked(|state| {
            let Some(changed) = state.book.take_over(store, refused) else { return };
            state.keep_accounts(&changed);
            state.unwritten.add(&Record::Imported(state.book.store(store)));
        })
        .await;
    }

    fn control(&self, endpoint: &str) -> Option<(Moment, Control)> {
        let state = self.state();
        state.book.controls.get(&state.book.endpoint(endpoint)).cloned()
    }

    async fn keep_control(&self, endpoint: &str, control: &Control) {
        let now = self.clock.now();
        self.locked(|state| {
            let id = state.book.endpoint(endpoint);
            state.unwritten.add(&Record::Control(id, Some(Cow::Owned((now, control.clone())))));
            state.book.controls.insert(id, (now, control.clone()));
        })
        .await;
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn lines(&self) -> Vec<Line> {
        self.state().book.lines(self.clock.now())
    }

    async fn forget(&self, account: &str) -> Result<Vec<String>, NotForgotten> {
        let forget = |state: &mut State| {
            let forgotten = state.book.forget(account)?;
            state.keep_accounts(&forgotten.iter().map(|(id, _)| *id).collect());
            for (id, _) in &forgotten {
                state.keep_pending(*id, None);
            }
            Ok(forgotten.into_iter().map(|(_, shown)| shown).collect())
        };
        let forgotten = self.locked(forget).await.map_err(NotForgotten::Several)?;
        match &self.state().broken {
            Some(reason) => Err(NotForgotten::Unwritten(reason.clone())),
            None => Ok(forgotten),
        }
    }

    fn servers(&self) -> Vec<ServerLine> {
        self.state().book.server_lines(self.clock.now())
    }

    async fn forget_server(&self, server: &str) -> Result<Option<String>, NotForgotten> {
        let forget = |state: &mut State| {
            let (id, shown) = state.book.forget_server(server)?;
            state.keep_servers(&[id].into());
            Some(shown)
        };
        let forgotten = self.locked(forget).await;
        match &self.state().broken {
            Some(reason) => Err(NotForgotten::Unwritten(reason.clone())),
            None => Ok(forgotten),
        }
    }

    fn ended_by(&self) -> Option<String> {
        self.state().broken.is_none().then(|| self.command.clone())
    }

    fn not_kept(&self) -> Option<String> {
        self.state().broken.clone()
    }

    fn lost(&self) -> Option<Moment> {
        self.state().lost()
    }
}
