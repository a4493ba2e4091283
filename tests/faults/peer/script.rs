//! What a peer does and says, step by step.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;

/// What a peer does next. At the end of its script it closes the connection.
#[derive(Clone)]
pub enum Step {
    /// Waits for one whole message of the client's.
    Hear,
    /// Waits for anything, whole or not.
    Listen,
    /// Says something, in some way.
    Say(Words, Manner),
    /// Says these bytes for as long as anybody reads them.
    Flood(Vec<u8>),
    /// Waits.
    Pause(Duration),
    /// From here on TLS, as the server.
    Tls(Arc<ServerConfig>),
    /// The same, with the handshake in TDS packets.
    WrappedTls(Arc<ServerConfig>),
    /// Reads, and never says another word.
    Hold,
    /// Neither reads nor says anything.
    Freeze,
    /// Says that it has nothing more to say, then reads.
    HalfClose,
    /// Breaks the connection off with a reset.
    Reset,
}

/// What a peer says.
#[derive(Clone)]
pub enum Words {
    /// Always the same.
    These(Vec<u8>),
    /// What fits the message that was heard last.
    Fitting(Arc<Fit>),
}

/// From the message heard last to the words that fit it.
type Fit = dyn Fn(&[u8]) -> Vec<u8> + Send + Sync;

/// How a peer says it.
#[derive(Clone, Copy, Debug)]
pub enum Manner {
    /// All at once.
    Whole,
    /// The first half, and nothing more.
    Half,
    /// A byte at a time, each in a segment of its own.
    Bytewise,
    /// A byte at a time, with so much time between.
    Dripping(Duration),
}

/// A script.
pub type Script = Vec<Step>;

/// Says `bytes`.
pub fn say(bytes: impl AsRef<[u8]>) -> Step {
    Step::Say(Words::These(bytes.as_ref().to_vec()), Manner::Whole)
}

/// Says what `fitting` makes of the message heard last.
pub fn reply(fitting: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Step {
    Step::Say(Words::Fitting(Arc::new(fitting)), Manner::Whole)
}

impl Words {
    pub(super) fn to(&self, heard: &[u8]) -> Vec<u8> {
        match self {
            Self::These(bytes) => bytes.clone(),
            Self::Fitting(fitting) => fitting(heard),
        }
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::These(bytes) => write!(f, "{}", bytes.escape_ascii()),
            Self::Fitting(_) => f.write_str("…"),
        }
    }
}
