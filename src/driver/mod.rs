//! Layer 2: what can log in, one driver for each kind of server.
//!
//! A [`Driver`] turns a connection into a [`Plan`] without any I/O; the plan's [`Probe`] makes one login attempt
//! through the guarded wire of `net`. A driver must not depend on another driver, the engine or the reports; limits,
//! retries, deadlines and redaction belong to the engine.

mod absent;
pub mod attempt;
pub mod aws;
pub mod cell;
pub mod circumstances;
pub mod controls;
pub mod credential;
pub mod early;
pub mod extras;
pub mod fields;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod host;
pub mod kit;
pub mod plan;
mod policy;
pub mod proof;
mod recorder;
pub mod registry;
mod route;
pub mod seam;
pub mod spec;
pub mod tls_file;

mod http;
pub mod mongodb;
pub mod mssql;
pub mod mysql;
pub mod postgres;
pub mod redis;
pub mod s3;
mod synonyms;

pub use self::attempt::{Attempt, Policy, Recorder};
pub use self::cell::Cell;
pub use self::circumstances::{Circumstances, Encryption, Met};
pub use self::credential::{Answer, Credential, Evidence};
pub use self::extras::{ExtraKind, ExtraSpec};
pub use self::fields::Fields;
pub use self::plan::{Alias, Plan, PlanBuilder, Refusal, Target};
pub use self::proof::Proof;
pub use self::registry::Registry;
pub use self::seam::{Driver, Located, Probe, Shows};
pub use self::spec::Spec;

#[cfg(test)]
mod tests;
