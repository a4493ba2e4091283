//! S3 and what speaks its language. The login is one signed request: the cheapest that proves the
//! keys, and with a bucket their right to it.
//!
//! Uses stored keys only. Writes nothing, reads no object, follows no redirect.

mod answer;
mod boto3;
mod codes;
mod connector;
mod control;
mod driver;
mod echo;
mod endpoint;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod keys;
mod made_up;
mod markup;
mod options;
mod place;
mod probe;
mod product;
mod request;
mod services;
mod sharpen;
mod spec;
#[cfg(test)]
mod tests;
mod variant;
mod verdict;

pub use self::driver::S3;
