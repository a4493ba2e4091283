//! Why a check is not ok, as types: what happened (`Reason`, with its data), the stable identifier (`ReasonCode`), and
//! the form fields at fault (`Field`).
//!
//! This is the only module that makes message, hint, class and fields of a reason, and nothing may parse a message to
//! recover them. Each file other than `code`, `field`, `reason` and `words` owns one area: an enum, and its messages and hints.

mod aws;
mod calendar;
mod code;
mod connect;
mod definition;
mod deployment;
mod dialogue;
mod expectation;
mod field;
mod http;
mod login;
mod machine;
mod observation;
mod policy;
#[expect(clippy::module_inception, reason = "the enum that gives the module its name has a file of its own")]
mod reason;
mod resolve;
mod run;
mod source;
mod timeout;
mod tls;
pub mod unusable;
mod vault;
mod words;

pub use self::aws::{Aws, AwsSays};
pub use self::code::ReasonCode;
pub use self::connect::Connect;
pub use self::definition::Definition;
pub use self::deployment::{Deployment, ServerRole};
pub use self::dialogue::Dialogue;
pub use self::expectation::Expectation;
pub use self::field::Field;
pub use self::http::Http;
pub use self::login::Login;
pub use self::machine::{Machine, Shortage};
pub use self::observation::{Observation, Oddity};
pub use self::policy::{EgressRule, Policy};
pub use self::reason::Reason;
pub use self::resolve::Resolve;
pub use self::run::{HeldBecause, Run};
pub use self::source::Source;
pub use self::timeout::Timeout;
pub use self::tls::{Tls, Weakness};
pub use self::unusable::Unusable;
pub use self::vault::Vault;
pub use self::words::Words;
