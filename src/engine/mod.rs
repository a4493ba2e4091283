//! Layer 3: runs many checks. Owns concurrency, the turns of accounts, deadlines, retries and
//! redaction; knows nothing of protocols, sources or reports.
//!
//! Two runtimes, so that a deadline holds whatever a driver crate does: probes run on worker
//! threads; the clock, which decides and reports, lives on a thread of its own and never polls a probe.

mod accounts;
mod backoff;
mod breaker;
mod check;
mod events;
mod group;
mod interruptions;
mod lag;
mod limits;
mod lookup;
mod outcome;
mod run;
mod settings;
mod suspicion;
mod workers;

pub use self::backoff::{Past, withheld};
pub(crate) use self::check::timeout;
pub use self::events::Events;
pub use self::group::{plan, shown_login};
pub use self::run::{Job, Run, StopHandle, run};
pub use self::settings::Settings;
