//! `Checks`: all checks of a run that are under way on the clock's thread, and how they end together when the run is
//! stopped.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::{AbortHandle, JoinError, JoinHandle, JoinSet};
use tokio::time::Instant;

use super::accounts::First;
use super::check::{Shared, check};
use super::group::Group;
use super::handshaking::Handshaking;
use super::outbox::{Outbox, strike};
use super::outcome::Outcome;
use super::progress::Progress;
use super::steps::Steps;
use super::stop::StopHandle;
use super::until_ready::until_ready;
use crate::model::result::Ended;

/// The number of checks that are started before the clock looks at the time again.
const SLICE: usize = 128;

/// How long the end of a run waits until the handshakes that it breaks off are written to the ledger. If another
/// process keeps the ledger locked for longer, they are written after the report.
const WRITTEN: Duration = Duration::from_millis(20);

/// The remains of checks that were cut short. Dropping a hundred thousand of them takes time that the report needs, so
/// they are kept until the end of the run has been reported.
#[derive(Default)]
pub(super) struct Left {
    /// Tasks that are no longer polled.
    pub(super) tasks: Tasks,
    /// The groups that the tasks checked.
    pub(super) groups: Vec<Arc<Group>>,
}

/// Each task returns the index of its check and the outcome.
type Tasks = JoinSet<(usize, Box<Outcome>)>;

/// Checks `groups`, with one outcome for each, until the run is stopped, its `deadline` passes or the listener is gone.
pub(super) async fn probe_all(
    groups: impl Iterator<Item = (Group, Option<First>)>,
    shared: &Arc<Shared>,
    deadline: Option<Instant>,
    stop: &StopHandle,
    outbox: &mut Outbox,
) -> Left {
    let mut groups = groups.fuse();
    let mut checks = Checks::default();
    while stop.ended().is_none()
        && let Some((group, first)) = groups.next()
    {
        checks.begin(group, first, shared);
        if checks.all.len().is_multiple_of(SLICE) {
            tokio::task::yield_now().await;
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                stop.stop(Ended::Deadline);
            }
        }
    }
    let mut stopped = Box::pin(stop.stopped());
    let ended = loop {
        tokio::select! {
            biased;
            ended = &mut stopped => break ended,
            () = outbox.unheard() => break Ended::Interrupted,
            done = checks.tasks.join_next() => match done {
                Some(done) => checks.end(done, outbox),
                None => return Left::default(),
            },
            () = strike(outbox.due()) => outbox.deliver(),
            () = strike(deadline) => stop.stop(Ended::Deadline),
        }
    };
    let noted = checks.note_interruptions(shared);
    let left = checks.cut_short(ended, shared, outbox);
    for (group, first) in groups {
        let outcome = Progress::new(first.is_some(), &shared.clock, None).cancelled(ended, &group);
        outbox.add(Arc::new(group), outcome);
    }
    if let Some(noted) = noted {
        outbox.deliver();
        drop(tokio::time::timeout(WRITTEN, noted).await);
    }
    left
}

#[derive(Default)]
struct Checks {
    /// In the order in which they began; `None` where a check has ended.
    all: Vec<Option<Running>>,
    tasks: Tasks,
}

struct Running {
    group: Arc<Group>,
    progress: Arc<Progress>,
    task: AbortHandle,
}

impl Checks {
    fn begin(&mut self, group: Group, first: Option<First>, shared: &Arc<Shared>) {
        let steps = shared.steps.as_ref().and_then(|batches| Steps::of(&group, batches, shared.settings.steps));
        let (group, progress) = (Arc::new(group), Arc::new(Progress::new(first.is_some(), &shared.clock, steps)));
        let (checked, with, progressed) = (Arc::clone(&group), Arc::clone(shared), Arc::clone(&progress));
        let place = self.all.len();
        let task = self.tasks.spawn(async move {
            let id = checked.members.first().map(|member| member.id.as_str()).unwrap_or_default();
            let outcome = match &with.settings.waiting {
                None => check(&checked, id, &with, &progressed).await,
                Some(waiting) => until_ready(waiting, &checked, id, &with, &progressed).await,
            };
            drop(first);
            (place, outcome)
        });
        self.all.push(Some(Running { group, progress, task }));
    }

    /// Takes the outcome of the check that is `done`. If its task panicked, the run panics too.
    fn end(&mut self, done: Result<(usize, Box<Outcome>), JoinError>, outbox: &mut Outbox) {
        match done {
            Ok((place, outcome)) => {
                if let Some(Running { group, .. }) = self.all.get_mut(place).and_then(Option::take) {
                    outbox.add(group, outcome);
                }
            }
            Err(broken) => {
                outbox.deliver();
                std::panic::resume_unwind(broken.into_panic())
            }
        }
    }

    /// Records in the ledger the handshakes that are about to be broken off, where the server counts them and blocks
    /// this host.
    fn note_interruptions(&self, shared: &Shared) -> Option<JoinHandle<()>> {
        let handshaking = self.all.iter().flatten().filter_map(|running| running.progress.handshaking());
        let (handshakes, servers): (Vec<Arc<Handshaking>>, Vec<Vec<String>>) = handshaking
            .map(|one| (Arc::clone(&one), one.broken_off()))
            .filter(|(_, servers)| !servers.is_empty())
            .unzip();
        if handshakes.is_empty() {
            return None;
        }
        let accounts = Arc::clone(&shared.accounts);
        // The clock's thread runs this task first.
        Some(shared.tasks.spawn(async move {
            accounts.ledger().handshake(&servers.concat(), true).await;
            for one in handshakes {
                one.is_over();
            }
        }))
    }

    /// Ends all checks where they stand. No task is woken for that, since a hundred thousand may be waiting. A login
    /// whose credential has left goes on, but its result is not waited for.
    fn cut_short(mut self, ended: Ended, shared: &Shared, outbox: &mut Outbox) -> Left {
        while let Some(done) = self.tasks.try_join_next() {
            self.end(done, outbox);
        }
        let (mut waiting, mut groups) = (Vec::new(), Vec::new());
        let mut is_awaited = !shared.tasks.is_empty();
        for Running { group, progress, task } in self.all.into_iter().flatten() {
            // This comes before the probe is aborted, since aborting it changes the trace.
            let (awaits_answer, outcome) = (progress.awaits_answer(), progress.cancelled(ended, &group));
            groups.push(Arc::clone(&group));
            outbox.add(group, outcome);
            if awaits_answer {
                is_awaited = true;
            } else {
                // The check may be dropped much later; its probe must not log in meanwhile.
                progress.abort();
                waiting.push(task);
            }
        }
        if !is_awaited {
            return Left { tasks: self.tasks, groups };
        }
        // The clock goes on running, and no waiting check may begin.
        waiting.iter().for_each(AbortHandle::abort);
        let mut left = self.tasks;
        shared.tasks.spawn(async move { while left.join_next().await.is_some() {} });
        Left { tasks: Tasks::default(), groups }
    }
}
