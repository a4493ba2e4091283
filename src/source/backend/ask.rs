//! Asking a backend within one limit of time, and again where it is busy.

use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Builder;
use tokio::time::{sleep, timeout_at};

use crate::driver::attempt::Trace;
use crate::driver::kit::http::Origin;
use crate::driver::{Attempt, Proof, Recorder, Spec};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::{Machine, Shortage, Timeout};
use crate::net::guard::Budget;
use crate::source::error::SourceError;
use crate::source::settings::Settings;

/// How many secrets, and folders of them, a backend is asked for.
pub(in crate::source) const SECRETS: usize = 100_000;

/// How many requests are under way at once.
pub(in crate::source) const AT_ONCE: usize = 16;

/// How often a backend that is busy is asked again, and after which pauses in milliseconds.
const PAUSES: [u64; 3] = if cfg!(fuzzing) { [0; 3] } else { [200, 400, 800] };

/// What one connection to a backend may carry. What the answers hold is bounded in all by [`Client`],
/// this bounds what stands around them.
const BUDGET: Budget = Budget { read: 128 << 20, write: 128 << 20 };

/// What a backend is, for who counts the handshakes with it: no login of a definition goes there.
static BACKEND: Spec = Spec::new("backend", "HTTP", &[], Proof::explicit("an answer"));

/// The outcome of `ask`, which asks at `origin` and is given until the limit of `settings`.
pub(in crate::source) fn run<T>(
    name: &str,
    settings: &Settings,
    origin: &Origin,
    ask: impl AsyncFnOnce(Attempt) -> Result<T, Failure>,
) -> Result<T, SourceError> {
    let recorder = Arc::<Recorder>::default();
    let attempt = Attempt {
        network: Arc::new(settings.policy.network(BUDGET)),
        policy: settings.policy.clone(),
        deadline: Instant::now() + settings.limit,
        recorder: Arc::clone(&recorder),
        controls: Arc::default(),
    };
    let deadline = attempt.deadline;
    let outcome = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(async {
            let endpoint = origin.endpoint();
            let visit = settings.logins.visit(&endpoint, &BACKEND, &attempt, ask(attempt.clone()));
            timeout_at(deadline.into(), visit).await
        }),
        Err(_no_thread) => Ok(Err(Failure::of(Machine::Short(Shortage::Threads)))),
    };
    outcome.unwrap_or_else(|_elapsed| Err(late(settings))).map_err(|failure| {
        // The guard of a stream knows the time as well, but not what it was for.
        let failure = if failure.class == Class::Timeout { late(settings) } else { failure };
        let phase = failure.phase.or_else(|| recorder.look(Trace::phase));
        SourceError::Server { name: name.to_owned(), failure: Box::new(Failure { phase, ..failure }) }
    })
}

fn late(settings: &Settings) -> Failure {
    Failure::of(Timeout::Source { limit: settings.limit })
}

/// Asks, and asks again a few times, ever more slowly, while the backend says that it is busy.
pub(in crate::source) async fn patiently<T>(ask: impl AsyncFn() -> Result<T, Failure>) -> Result<T, Failure> {
    for pause in PAUSES {
        match ask().await {
            Err(failure) if failure.class == Class::Busy => sleep(std::time::Duration::from_millis(pause)).await,
            outcome => return outcome,
        }
    }
    ask().await
}
