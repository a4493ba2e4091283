//! `vault:MOUNT/PATH`: every connection below a path of a KV secrets engine, of version 1 or 2. The
//! server and the token are those that Vault's own variables name.

#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod kv;
mod load;
mod refusal;
mod server;

pub(super) use self::load::load;
