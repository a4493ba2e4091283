//! The ends of accepted logins, which are written together. One lock, read, write and unlock for each of them took 3.5
//! % of the CPU time of 500 logins to MariaDB. With 500 logins to PostgreSQL the whole ledger takes 5.8 % if ends wait
//! for 10 ms, and 1.1 % if they wait for 50 ms.
//!
//! Every other end is written before its result is reported, and so are acceptances in accounts that have something
//! recorded against them. An acceptance that is not written when its process is killed becomes an unclear end: the
//! first one of its account, which holds its secret for a second and nothing else.

use std::time::Duration;

use super::super::clock::Moment;
use super::super::login::Login;
use super::super::rules::Ending;
use super::super::seam::End;
use super::opening::FileLedger;
use super::state::State;

/// How long an acceptance may wait for others. Its login has already given back its permits.
const TOGETHER: Duration = Duration::from_millis(50);

/// Acceptances that are not in the book yet. The file is read before they are added.
#[derive(Default)]
pub(super) struct Acceptances {
    waiting: Vec<(Login, End, Moment)>,
    /// The number of keys at which their logins are noted as under way.
    keys: usize,
}

/// When an end is written.
enum Turn {
    /// Now, together with all that wait.
    Now,
    /// After a while: this end is the first that waits, and causes the write.
    First,
    /// Together with the first end that waits.
    Another,
}

/// Writes the waiting ends on drop, even if the future that waits was dropped.
struct First<'a>(&'a FileLedger);

impl Drop for First<'_> {
    fn drop(&mut self) {
        if !self.0.state().acceptances.waiting.is_empty() {
            self.0.locked_at_once(|_| ());
        }
    }
}

impl FileLedger {
    /// Writes the end of an accepted `login`, together with others that end at about the same time.
    pub(super) async fn end_with_others(&self, login: &Login, end: &End, now: Moment) {
        // Registered first, since the last login may end before this future waits.
        let last = self.last.notified();
        let turn = self.state().queue(login, end, now);
        match turn {
            Turn::Another => {}
            Turn::Now => {
                self.last.notify_waiters();
                self.locked(|_| ()).await;
            }
            Turn::First => {
                let first = First(self);
                // Both the notification and the timeout lead to the write.
                let _ended_or_late = tokio::time::timeout(TOGETHER, last).await;
                if !self.state().acceptances.waiting.is_empty() {
                    self.locked(|_| ()).await;
                }
                drop(first);
            }
        }
    }
}

impl State {
    /// Whether an acceptance of `login` may be lost if its process is killed.
    pub(super) fn may_wait(&self, login: &Login, end: &End) -> bool {
        end.ending == Ending::Accepted && !end.late && !end.early && self.book.has_nothing_against(login)
    }

    fn queue(&mut self, login: &Login, end: &End, now: Moment) -> Turn {
        let ids = &self.book.digests(login).ids;
        self.acceptances.keys += if login.alone { ids.len() } else { 0 };
        self.acceptances.waiting.push((login.clone(), end.clone(), now));
        if self.under_way.own_len() <= self.acceptances.keys {
            Turn::Now
        } else if self.acceptances.waiting.len() == 1 {
            Turn::First
        } else {
            Turn::Another
        }
    }

    /// Adds the waiting ends to the book. The file must be locked and read.
    pub(super) fn take_acceptances(&mut self) {
        self.acceptances.keys = 0;
        let mut waiting = std::mem::take(&mut self.acceptances.waiting);
        for (login, end, at) in waiting.drain(..) {
            self.end(&login, &end, at);
        }
        // Keeps the allocation.
        self.acceptances.waiting = waiting;
    }
}
