//! `vault:MOUNT/PATH`: every connection below a path of a KV secrets engine, version 1 or 2. The server and the token
//! come from Vault's own environment variables.

#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod kv;
mod load;
mod refusal;
mod server;

pub(super) use self::load::load;
