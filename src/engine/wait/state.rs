//! `State`: how long a check has met which failure, while its run waits.

use std::time::{Duration, Instant};

use super::super::outcome::Outcome;
use crate::model::reason::ReasonCode;
use crate::model::result::{Spent, Waited};

/// How a wait for one connection stands.
#[derive(Debug)]
pub(in crate::engine) struct State {
    since: Instant,
    /// What the last attempt met, and since when.
    now: Option<(ReasonCode, Instant)>,
    spent: Vec<Spent>,
    /// The outcome of the last attempt that ended.
    pub(in crate::engine) last: Option<Box<Outcome>>,
}

impl State {
    /// A wait that begins at `since`.
    pub(in crate::engine) fn since(since: Instant) -> Self {
        Self { since, now: None, spent: Vec::new(), last: None }
    }

    /// An attempt has met `reason` at `now`; `None` if the login was accepted. Returns whether that is news. The time
    /// before the first answer counts to what it says.
    pub(in crate::engine) fn meets(&mut self, reason: Option<ReasonCode>, now: Instant) -> bool {
        let before = self.now;
        let since = before.map_or(self.since, |(_, since)| since);
        if let Some(counted) = before.map(|(reason, _)| reason).or(reason) {
            self.spend(counted, now.saturating_duration_since(since));
        }
        self.now = reason.map(|reason| (reason, now));
        before.map(|(reason, _)| reason) != reason
    }

    fn spend(&mut self, reason: ReasonCode, time: Duration) {
        match self.spent.iter_mut().find(|spent| spent.reason == reason) {
            Some(spent) => spent.elapsed += time,
            None => self.spent.push(Spent { reason, elapsed: time }),
        }
    }

    /// The wait as it stands at `now`.
    pub(in crate::engine) fn waited(&self, is_ready: bool, now: Instant) -> Waited {
        let mut spent = self.spent.clone();
        if let Some((reason, since)) = self.now
            && let Some(last) = spent.iter_mut().find(|spent| spent.reason == reason)
        {
            last.elapsed += now.saturating_duration_since(since);
        }
        let ready = is_ready.then(|| now.saturating_duration_since(self.since));
        Waited { ready, spent }
    }
}
