//! HTTP: any server that a GET request reaches. The login is two of them: without the credential, then with it.
//!
//! Never another method, never another host, no proxy, no cookie, no second try.

mod auth;
mod codes;
mod options;
mod probe;
mod spec;
#[cfg(test)]
mod tests;
mod wire;

pub use self::spec::Http;
