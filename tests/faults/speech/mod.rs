//! What servers send: a description of each driver's protocol, and a whole good login, turn by turn. The messages
//! themselves are in the drivers' folders.

mod description;
pub mod scram;
mod turn;
mod web;

pub use self::description::{Description, Driver, Said, Tls, Wire, no_password};
pub use self::turn::{CANARY, LOGIN, Role, Turn, script};
pub use self::web::{BAD_REQUEST, address};
