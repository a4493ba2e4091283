//! How the driver handles definitions, and scripted servers.

mod definition;
mod definitions;
mod hostile;
mod logins;
mod looks;
mod products;
mod scripted;

pub(super) use self::definition::{connection, plan};
