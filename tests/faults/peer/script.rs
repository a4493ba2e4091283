//! What a peer does and sends, step by step.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;

/// One step of a peer. At the end of its script the peer closes the connection.
#[derive(Clone)]
pub enum Step {
    /// Waits for one complete message of the client.
    Hear,
    /// Waits for any bytes of the client.
    Listen,
    /// Sends a message in the given manner.
    Say(Words, Manner),
    /// Sends these bytes again and again, as long as the client reads them.
    Flood(Vec<u8>),
    /// Waits.
    Pause(Duration),
    /// Continues with TLS, as the server.
    Tls(Arc<ServerConfig>),
    /// The same, with the handshake in TDS packets.
    WrappedTls(Arc<ServerConfig>),
    /// Reads, and sends nothing more.
    Hold,
    /// Neither reads nor sends.
    Freeze,
    /// Closes its sending side, then reads.
    HalfClose,
    /// Resets the connection.
    Reset,
}

/// The bytes that a peer sends.
#[derive(Clone)]
pub enum Words {
    /// Always the same bytes.
    These(Vec<u8>),
    /// Bytes that are made from the client's last message.
    Fitting(Arc<Fit>),
}

/// Makes the answer from the client's last message.
type Fit = dyn Fn(&[u8]) -> Vec<u8> + Send + Sync;

/// How a peer sends bytes.
#[derive(Clone, Copy, Debug)]
pub enum Manner {
    /// All at once.
    Whole,
    /// The first half, and nothing more.
    Half,
    /// One byte at a time, each in a segment of its own.
    Bytewise,
    /// One byte at a time, with this pause in between.
    Dripping(Duration),
}

pub type Script = Vec<Step>;

/// A step that sends `bytes`.
pub fn say(bytes: impl AsRef<[u8]>) -> Step {
    Step::Say(Words::These(bytes.as_ref().to_vec()), Manner::Whole)
}

/// A step that sends what `fitting` makes from the client's last message.
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
