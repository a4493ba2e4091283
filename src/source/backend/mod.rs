//! Reads secrets backends over HTTPS: the variables that name a backend, a client with one limit of time and bytes, and
//! secrets as connections.
//!
//! An answer is judged by its status and code, and never quoted.

mod ask;
mod client;
mod refusal;
mod secret;
mod variables;

pub(super) use self::ask::{AT_ONCE, SECRETS, patiently, run};
pub(super) use self::client::{Answer, Client};
pub(super) use self::refusal::foreign;
pub(super) use self::secret::{connection, read_value, unreadable, warn_unread};
pub(super) use self::variables::{Variables, file, roots, switch, url};
