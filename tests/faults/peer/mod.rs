//! Peers: servers on loopback that follow a script, byte by byte, and note what they heard and when
//! they did what they did.

mod envelope;
pub mod framing;
mod listening;
mod place;
mod play;

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustls::ServerConfig;

use self::framing::Framing;
pub use self::listening::Listening;
pub use self::place::{BlackHole, refused};

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
    fn to(&self, heard: &[u8]) -> Vec<u8> {
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

/// What a peer saw.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How many connections there were.
    pub connections: usize,
    /// When the first came.
    pub accepted: Option<Instant>,
    /// When the peer last began to do something: the instant of the fault.
    pub acted: Option<Instant>,
    /// What it heard, up to a bound.
    pub heard: Vec<u8>,
}

/// Where it is noted what is seen.
#[derive(Clone, Default)]
pub struct Watched(Arc<Mutex<Seen>>);

impl Watched {
    /// A connection came.
    pub fn accepts(&self) {
        let mut seen = self.0.lock().unwrap();
        seen.connections += 1;
        let now = Instant::now();
        seen.accepted.get_or_insert(now);
        seen.acted = Some(now);
    }

    /// What may be the fault happens now.
    pub fn acts(&self) {
        self.0.lock().unwrap().acted = Some(Instant::now());
    }

    /// The client said something.
    fn hears(&self, bytes: &[u8]) {
        let mut seen = self.0.lock().unwrap();
        if seen.heard.len() < KEPT {
            seen.heard.extend_from_slice(bytes);
        }
    }

    /// What was seen so far.
    pub fn seen(&self) -> Seen {
        self.0.lock().unwrap().clone()
    }
}

/// As much of what a client says is kept.
const KEPT: usize = 64 << 10;

/// A peer that is up.
pub struct Peer {
    /// Where.
    pub listening: Listening,
    /// What it saw.
    pub watch: Watched,
}

impl Peer {
    /// Treats every connection to it by `script`, in a protocol of this `framing`.
    pub fn start(script: Script, framing: Framing) -> Self {
        Self::at(Ipv4Addr::LOCALHOST, script, framing)
    }

    /// The same at `address`, by which it may be many hosts.
    pub fn at(address: Ipv4Addr, script: Script, framing: Framing) -> Self {
        let watch = Watched::default();
        let notes = watch.clone();
        let listening = Listening::start(address, move |stream| {
            notes.accepts();
            let (script, notes) = (script.clone(), notes.clone());
            thread::spawn(move || play::play(stream, &script, framing, &notes));
        });
        Self { listening, watch }
    }
}
