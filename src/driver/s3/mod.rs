//! S3 and other servers with its API. The login is one signed request: the cheapest that proves the keys, and with a
//! bucket their permission for it.
//!
//! Uses stored keys only. Writes nothing, reads no object, follows no redirect.

mod codes;
mod spec;
mod synonyms;

#[cfg(feature = "s3")]
mod answer;
#[cfg(feature = "s3")]
mod auth;
#[cfg(feature = "s3")]
mod boto3;
#[cfg(feature = "s3")]
mod control;
#[cfg(feature = "s3")]
mod driver;
#[cfg(feature = "s3")]
mod echo;
#[cfg(feature = "s3")]
mod endpoint;
#[cfg(feature = "s3")]
mod expected;
#[cfg(feature = "s3")]
mod flaws;
#[cfg(all(feature = "s3", any(fuzzing, test)))]
mod fuzzing;
#[cfg(feature = "s3")]
mod made_up;
#[cfg(feature = "s3")]
mod markup;
#[cfg(feature = "s3")]
mod notices;
#[cfg(feature = "s3")]
mod options;
#[cfg(feature = "s3")]
mod place;
#[cfg(feature = "s3")]
mod probe;
#[cfg(feature = "s3")]
mod product;
#[cfg(feature = "s3")]
mod refine;
#[cfg(feature = "s3")]
mod request;
#[cfg(feature = "s3")]
mod services;
#[cfg(all(test, feature = "s3"))]
mod tests;
#[cfg(feature = "s3")]
mod variant;
#[cfg(feature = "s3")]
mod verdict;
#[cfg(feature = "s3")]
mod wire;

#[cfg(feature = "s3")]
pub use self::driver::S3;
#[cfg(feature = "s3")]
pub use self::flaws::S3Flaw;
#[cfg(feature = "s3")]
pub use self::notices::S3Notice;
pub(super) use self::spec::SPEC;
