//! The ends of accepted logins, which are written together: a lock, a look, a write and an unlocking for each of them took
//! 3.5 % of the CPU time of 500 logins to MariaDB. Of 500 logins to PostgreSQL the whole ledger takes 5.8 % where ends wait
//! for 10 ms, and 1.1 % where they wait for 50 ms.
//!
//! Every other end is written before its result is reported, and so are acceptances in accounts that something is known
//! against. One that is not written when its process is killed is an unclear end: the first of its account, which holds
//! its secret for a second and nothing else.

use std::time::Duration;

use super::super::clock::Moment;
use super::super::login::Login;
use super::super::rules::Ending;
use super::super::seam::End;
use super::opening::FileLedger;
use super::state::State;

/// How long an acceptance may wait for others. Its login has given back its permits by then.
const TOGETHER: Duration = Duration::from_millis(50);

/// Acceptances that are not in the book yet: what the file says is read before they are.
#[derive(Default)]
pub(super) struct Ends {
    waiting: Vec<(Login, End, Moment)>,
    /// At how many keys their logins are noted as under way.
    keys: usize,
}

/// What becomes of an end.
enum Turn {
    /// It is written now, with all that wait.
    Now,
    /// It is the first of those that wait, and has them written after a while.
    First,
    /// The first has it written.
    Another,
}

/// Has the ends that wait written when it is dropped, whatever became of who waited.
struct First<'a>(&'a FileLedger);

impl Drop for First<'_> {
    fn drop(&mut self) {
        if !self.0.state().ends.waiting.is_empty() {
            self.0.locked_at_once(|_| ());
        }
    }
}

impl FileLedger {
    /// Writes what an accepted `login` came to, together with others that end at about the same time.
    pub(super) async fn end_with_others(&self, login: &Login, end: &End, now: Moment) {
        // Whoever ends last may come before this waits.
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
                // Either is a reason to write.
                let _ended_or_late = tokio::time::timeout(TOGETHER, last).await;
                if !self.state().ends.waiting.is_empty() {
                    self.locked(|_| ()).await;
                }
                drop(first);
            }
        }
    }
}

impl State {
    /// Whether an acceptance of `login` may be lost with its process.
    pub(super) fn may_wait(&self, login: &Login, end: &End) -> bool {
        end.ending == Ending::Accepted && !end.late && !end.early && self.book.has_nothing_against(login)
    }

    fn queue(&mut self, login: &Login, end: &End, now: Moment) -> Turn {
        let ids = &self.book.digests(login).ids;
        self.ends.keys += if login.alone { ids.len() } else { 0 };
        self.ends.waiting.push((login.clone(), end.clone(), now));
        if self.under_way.own_len() <= self.ends.keys {
            Turn::Now
        } else if self.ends.waiting.len() == 1 {
            Turn::First
        } else {
            Turn::Another
        }
    }

    /// Takes in the ends that wait; to be called once the file is locked and read.
    pub(super) fn take_ends(&mut self) {
        self.ends.keys = 0;
        let mut waiting = std::mem::take(&mut self.ends.waiting);
        for (login, end, at) in waiting.drain(..) {
            self.end(&login, &end, at);
        }
        // The room that they took is used again.
        self.ends.waiting = waiting;
    }
}
