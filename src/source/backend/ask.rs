//! Asks a backend within one time limit, and asks again if it is busy.

use std::sync::Arc;

use tokio::task::LocalSet;
use tokio::time::{sleep, timeout_at};

use crate::driver::attempt::Trace;
use crate::driver::kit::http::Origin;
use crate::driver::{Attempt, Proof, Recorder, Spec};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::Timeout;
use crate::net::guard::Budget;
use crate::source::error::SourceError;
use crate::source::loading::Waiter;
use crate::source::settings::Settings;

/// The most secrets that a backend is asked for, and the most folders.
pub(in crate::source) const SECRETS: usize = 100_000;

/// The number of requests that are under way at once.
pub(in crate::source) const AT_ONCE: usize = 16;

/// The pauses, in milliseconds, before a busy backend is asked again.
const PAUSES: [u64; 3] = if cfg!(fuzzing) { [0; 3] } else { [200, 400, 800] };

/// The most bytes of one connection to a backend. [`Client`](super::Client) bounds the bodies of all answers together;
/// this also bounds everything around them.
const BUDGET: Budget = Budget { read: 128 << 20, write: 128 << 20 };

/// The spec of a backend, for counting handshakes. No definition has this type.
static BACKEND: Spec = Spec::new("backend", "HTTP", &[], Proof::explicit("an answer"));

/// Runs `ask`, which asks at `origin`, until the deadline of `waiter`, and returns its outcome.
pub(in crate::source) fn run<T>(
    name: &str,
    settings: &Settings,
    waiter: &Waiter,
    origin: &Origin,
    ask: impl AsyncFnOnce(Attempt) -> Result<T, Failure>,
) -> Result<T, SourceError> {
    let recorder = Arc::<Recorder>::default();
    let attempt = Attempt {
        network: Arc::new(settings.policy.network(BUDGET)),
        policy: settings.policy.clone(),
        deadline: waiter.deadline,
        recorder: Arc::clone(&recorder),
        controls: Arc::default(),
        expected: Arc::default(),
    };
    // The connections run on this thread too: a server that floods them holds nothing else.
    let connections = LocalSet::new();
    let outcome = waiter.runtime.block_on(connections.run_until(async {
        let endpoint = origin.endpoint();
        let visit = settings.logins.visit(&endpoint, &BACKEND, &attempt, ask(attempt.clone()));
        timeout_at(waiter.deadline.into(), visit).await.unwrap_or_else(|_elapsed| Err(late(settings)))
    }));
    // If the caller is gone, nobody reads the failure.
    outcome.unwrap_or_else(|| Err(late(settings))).map_err(|failure| {
        // The guard of a stream reports a timeout too, but does not know what it was for.
        let failure = if failure.class == Class::Timeout { late(settings) } else { failure };
        let phase = failure.phase.or_else(|| recorder.look(Trace::phase));
        SourceError::Server { name: name.to_owned(), failure: Box::new(Failure { phase, ..failure }) }
    })
}

fn late(settings: &Settings) -> Failure {
    Failure::of(Timeout::Source { limit: settings.limit })
}

/// Asks, and asks again a few times, after ever longer pauses, as long as the backend says that it is busy.
pub(in crate::source) async fn patiently<T>(ask: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
    for pause in PAUSES {
        match ask().await {
            Err(failure) if failure.class == Class::Busy => sleep(std::time::Duration::from_millis(pause)).await,
            outcome => return outcome,
        }
    }
    ask().await
}
