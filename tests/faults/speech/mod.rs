//! What servers say: a description of each driver's protocol, and a whole good login in it, turn by turn. The words
//! themselves are in the drivers' folders.

mod description;
pub mod scram;
mod turn;
mod web;

pub use self::description::{Description, Driver, Said, Tls, Wire, no_password};
pub use self::turn::{CANARY, LOGIN, Role, Turn, script};
pub use self::web::{BAD_REQUEST, address};
