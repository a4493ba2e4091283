//! HTTP/1.1 over the guarded wire: one origin, no proxy, no redirect, and no second try. Owns what
//! every such dialogue has in common; what is said in it belongs to whoever holds it.

mod connector;
mod exchange;
mod origin;

pub use self::connector::{Connector, NetworkConnector};
pub use self::exchange::{AGENT, broken, handshake};
pub use self::origin::{Origin, ServiceUrl};
