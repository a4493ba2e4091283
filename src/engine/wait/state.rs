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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_told_by_what_was_met() {
        use ReasonCode::{ConnectionRefused, StartingUp};
        let begin = Instant::now();
        let at = |seconds: u64| begin + Duration::from_secs(seconds);
        let mut state = State::since(begin);
        let news: Vec<bool> = [
            (Some(ConnectionRefused), 1),
            (Some(ConnectionRefused), 2),
            (Some(StartingUp), 4),
            (Some(ConnectionRefused), 7),
            (None, 9),
        ]
        .map(|(reason, second)| state.meets(reason, at(second)))
        .to_vec();
        assert_eq!(news, [true, false, true, true, true]);
        let spent = [(ConnectionRefused, 6), (StartingUp, 3)];
        let expected = spent.map(|(reason, seconds)| Spent::new(reason, Duration::from_secs(seconds))).to_vec();
        assert_eq!(state.waited(true, at(9)), Waited::new(Some(Duration::from_secs(9)), expected.clone()));
        assert_eq!(state.waited(false, at(20)), Waited::new(None, expected));
    }

    #[test]
    fn what_lasts_is_counted_up_to_now() {
        let begin = Instant::now();
        let mut state = State::since(begin);
        assert!(state.meets(Some(ReasonCode::ConnectionRefused), begin + Duration::from_secs(1)));
        let spent = vec![Spent::new(ReasonCode::ConnectionRefused, Duration::from_secs(5))];
        assert_eq!(state.waited(false, begin + Duration::from_secs(5)), Waited::new(None, spent));
    }
}
