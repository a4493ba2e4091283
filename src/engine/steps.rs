//! `Steps`: sends the steps of one check to whoever follows the run.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc::WeakUnboundedSender;

use super::events::Batch;
use super::group::Group;
use crate::model::step::{Step, StepKind};

/// Where the steps of one check go. It does not keep the run's events open.
#[derive(Clone)]
pub(super) struct Steps {
    batches: WeakUnboundedSender<Batch>,
    first: Arc<Step>,
    since: Instant,
    /// Whether all steps are followed, not only the changes of a wait.
    pub(super) has_all: bool,
}

impl Steps {
    /// Those of a login for `group`, whose check begins now.
    pub(super) fn of(group: &Group, batches: &WeakUnboundedSender<Batch>, has_all: bool) -> Option<Self> {
        let member = group.members.first()?;
        let name = member.view().name().map(str::to_owned);
        let first = Step::new(member.id.clone(), name, member.target.to_string(), group.members.len());
        Some(Self { batches: batches.clone(), first: Arc::new(first), since: Instant::now(), has_all })
    }

    /// Sends `kind`, unless the run is over.
    pub(super) fn send(&self, kind: StepKind) {
        if let Some(batches) = self.batches.upgrade() {
            let step = Step { kind, elapsed: self.since.elapsed(), ..Step::clone(&self.first) };
            drop(batches.send(Batch::Step(Box::new(step))));
        }
    }
}
