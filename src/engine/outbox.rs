//! `Outbox`: collects outcomes on the clock's thread and sends them in batches.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, WeakUnboundedSender};
use tokio::time::Instant;

use super::events::Batch;
use super::group::Group;
use super::outcome::Outcome;

/// How long an outcome may wait until others are sent with it: waking the receiver costs as much as many outcomes.
const DELIVERY: Duration = Duration::from_millis(10);

/// The number of outcomes that are sent at once, before the delay is over: the thread that makes results need not wait
/// for the last.
pub(super) const MOST: usize = 64;

pub(super) struct Outbox {
    batches: UnboundedSender<Batch>,
    ready: Vec<(Arc<Group>, Box<Outcome>)>,
    due: Option<Instant>,
}

impl Outbox {
    pub(super) fn new(batches: UnboundedSender<Batch>) -> Self {
        Self { batches, ready: Vec::new(), due: None }
    }

    /// A handle to the channel of batches that does not keep it open.
    pub(super) fn batches(&self) -> WeakUnboundedSender<Batch> {
        self.batches.downgrade()
    }

    /// When the waiting outcomes are sent, if there are any.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    pub(super) fn add(&mut self, group: Arc<Group>, outcome: Box<Outcome>) {
        self.ready.push((group, outcome));
        if self.ready.len() >= MOST {
            self.deliver();
        } else {
            self.due.get_or_insert_with(|| Instant::now() + DELIVERY);
        }
    }

    pub(super) fn deliver(&mut self) {
        self.due = None;
        if !self.ready.is_empty() {
            let ready = std::mem::take(&mut self.ready);
            self.send(Batch::Groups(ready));
        }
    }

    /// Waits until the receiver is gone.
    pub(super) async fn unheard(&self) {
        self.batches.closed().await;
    }

    /// A missing receiver is ignored here: `unheard` reports it.
    pub(super) fn send(&self, batch: Batch) {
        drop(self.batches.send(batch));
    }
}

/// Waits until `at`; forever if it is `None`.
pub(super) async fn strike(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
