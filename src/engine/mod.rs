//! Layer 3: runs many checks. Owns concurrency, the turns of accounts, deadlines, retries and redaction. Must not
//! depend on protocols, sources or reports.
//!
//! There are two runtimes, so that a deadline holds whatever a driver crate does: probes run on worker threads; the
//! clock, which decides and reports, has its own thread and never polls a probe.

mod accounts;
mod breaker;
mod check;
mod checks_under_way;
mod config;
mod convenience;
mod core;
mod events;
mod files;
mod found;
mod group;
mod handshaking;
mod held;
mod interruptions;
mod lag;
mod lane;
pub mod ledger;
mod limits;
mod login;
mod logins;
mod looks;
mod lookup;
mod networks;
#[cfg(test)]
mod next_types;
mod outbox;
mod outcome;
mod progress;
mod remembered;
mod run;
mod scan_time;
mod second_look;
mod settings;
mod steps;
mod stop;
mod ticket;
mod until_ready;
mod wait;
mod workers;

#[cfg(feature = "airflow")]
pub(crate) use self::check::timeout;
pub use self::config::EngineConfig;
pub use self::convenience::{CheckOptions, check, check_one};
pub use self::core::Engine;
pub use self::events::Events;
pub use self::group::{Expectations, plan, shown_login};
pub use self::login::login;
pub use self::logins::Logins;
pub use self::run::{Job, Run};
pub use self::settings::Settings;
pub use self::stop::StopHandle;
pub use self::wait::Waiting;
