//! What servers say: the messages of the six protocols, and a whole good login in each, turn by turn.

pub mod http;
pub mod mongodb;
pub mod mssql;
pub mod mysql;
pub mod postgres;
pub mod redis;
pub mod s3;
mod scram;
mod turn;

pub use self::turn::{CANARY, LOGIN, Role, Turn, framing, login, script};
