//! HTTP: any server that answers a GET request. The login is two requests: without the credential, then with it;
//! where that proves nothing, a third one has a credential that does not exist.
//!
//! Never uses another method or another host, a proxy, a cookie, or a second try.

mod codes;
mod spec;
mod synonyms;

#[cfg(feature = "http")]
mod auth;
#[cfg(feature = "http")]
mod driver;
#[cfg(all(feature = "http", any(fuzzing, test)))]
mod fuzzing;
#[cfg(feature = "http")]
mod identity;
#[cfg(feature = "http")]
mod options;
#[cfg(feature = "http")]
mod probe;
#[cfg(all(test, feature = "http"))]
mod tests;
#[cfg(feature = "http")]
mod wire;

#[cfg(feature = "http")]
pub use self::driver::Http;
pub(super) use self::spec::SPEC;
