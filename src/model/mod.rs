//! Layer 0: the vocabulary of the project as plain data.
//!
//! This layer must not do I/O, read a clock or the environment, or depend on a driver crate.

pub mod builder;
pub mod cause;
pub mod class;
pub mod codes;
pub mod connection;
pub mod document;
pub mod event;
pub mod expected;
pub mod extra;
pub(crate) mod extra_text;
pub mod facts;
pub mod failure;
pub mod fingerprint;
pub(crate) mod json;
pub mod limit;
pub mod managed;
pub mod notice;
pub mod os_error;
pub mod phase;
pub mod placeholder;
pub mod plain;
pub mod problem;
pub mod reason;
pub mod redact;
pub mod result;
#[cfg(test)]
pub(crate) mod schema;
pub mod secret;
pub mod select;
pub mod several;
pub mod shell;
pub mod step;
pub mod uri;
pub mod url_parts;
pub mod warning;
pub mod written;
