//! Peers: servers on loopback that follow a script byte by byte. They record what they receive, and when they act.

mod envelope;
pub mod framing;
mod listening;
#[expect(clippy::module_inception, reason = "the struct that gives the module its name has a file of its own")]
mod peer;
mod place;
mod play;
mod script;
mod watched;

pub use self::envelope::in_packet;
pub use self::listening::Listening;
pub use self::peer::Peer;
pub use self::place::{BlackHole, refused};
pub use self::script::{Manner, Script, Step, Words, reply, say};
pub use self::watched::Watched;
