//! `Outbox`: where outcomes wait on the clock's thread until some go out together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, WeakUnboundedSender};
use tokio::time::Instant;

use super::events::Batch;
use super::group::Group;
use super::outcome::Outcome;

/// How long an outcome may lie until others go out with it: to wake who listens costs as much as many of them.
const DELIVERY: Duration = Duration::from_millis(10);

/// So many go out at once, however soon they came: the thread that makes results of them need not wait for the last.
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

    /// Where everything goes, without keeping it open.
    pub(super) fn batches(&self) -> WeakUnboundedSender<Batch> {
        self.batches.downgrade()
    }

    /// When what lies here goes out, if anything does.
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

    /// Waits until nobody listens any more.
    pub(super) async fn unheard(&self) {
        self.batches.closed().await;
    }

    /// Nobody listening any more is noticed elsewhere.
    pub(super) fn send(&self, batch: Batch) {
        drop(self.batches.send(batch));
    }
}

/// Waits until `at`, for ever without one.
pub(super) async fn strike(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
