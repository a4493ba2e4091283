//! `StopHandle`: ends a run early. Each run has its own handle, which is also ended by the one that the caller passed.

use std::sync::Arc;

use tokio::sync::watch;

use crate::model::result::Ended;

/// Ends a run early: every unfinished check becomes `cancelled`, and the report is still complete.
#[derive(Clone, Default)]
pub struct StopHandle(Arc<Stop>);

#[derive(Default)]
struct Stop {
    own: watch::Sender<Option<Ended>>,
    /// The handle that ends this one too.
    above: Option<StopHandle>,
}

impl StopHandle {
    /// A handle that `self` ends too.
    pub(super) fn below(&self) -> Self {
        Self(Arc::new(Stop { own: watch::Sender::default(), above: Some(self.clone()) }))
    }

    /// Why the run ends early, if it does.
    pub(super) fn ended(&self) -> Option<Ended> {
        let own = *self.0.own.borrow();
        own.or_else(|| self.0.above.as_ref()?.ended())
    }

    /// Waits until the run is stopped early.
    pub(super) async fn stopped(&self) -> Ended {
        let above = async {
            match &self.0.above {
                Some(above) => Box::pin(above.stopped()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            ended = self.stopped_itself() => ended,
            ended = above => ended,
        }
    }

    async fn stopped_itself(&self) -> Ended {
        let mut stopped = self.0.own.subscribe();
        // The channel cannot close before: this handle owns the sender.
        let ended = stopped.wait_for(Option::is_some).await.ok().and_then(|ended| *ended);
        ended.unwrap_or(Ended::Interrupted)
    }

    /// Ends the run, once; later calls change nothing.
    pub fn stop(&self, ended: Ended) {
        self.0.own.send_if_modified(|current| {
            let first = current.is_none();
            current.get_or_insert(ended);
            first
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_stops_all_stops_each_and_who_stops_one_stops_no_other() {
        let all = StopHandle::default();
        let (one, other) = (all.below(), all.below());
        one.stop(Ended::Deadline);
        assert_eq!((one.ended(), other.ended(), all.ended()), (Some(Ended::Deadline), None, None));
        all.stop(Ended::Interrupted);
        assert_eq!((one.ended(), other.stopped().await), (Some(Ended::Deadline), Ended::Interrupted));
    }
}
