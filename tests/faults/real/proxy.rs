//! A proxy between the binary and a real server that disturbs the connection in one way.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::peer::{Listening, Watched};

/// How long one direction waits for bytes before it checks whether the connection was broken.
const GLANCE: Duration = Duration::from_millis(5);

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    FromServer,
    FromClient,
}

/// How a connection is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Close,
    Reset,
}

/// How the proxy disturbs the connection.
#[derive(Clone, Copy, Debug)]
pub enum Toxic {
    /// Not at all.
    None,
    /// Breaks the connection to the client after this number of bytes in one direction. If a message of the client is
    /// cut, none of it is passed on.
    Cut { way: Way, after: usize, how: How },
    /// Passes on this number of the server's bytes, and nothing more.
    Freeze { after: usize },
    /// Sends each byte in a segment of its own.
    Segments,
    /// Delays everything by this time.
    Late(Duration),
    /// Delays each of the server's bytes by this time.
    Dripping(Duration),
    /// Splits what arrives at once into two parts, with this pause in between.
    Halves(Duration),
}

/// The recorded dialogue in turns: the direction, and the bytes.
pub type Spoken = Vec<(Way, Vec<u8>)>;

/// A running proxy.
pub struct Proxy {
    pub listening: Listening,
    pub watch: Watched,
    spoken: Arc<Mutex<Spoken>>,
}

/// One connection through it.
struct Line {
    client: TcpStream,
    server: TcpStream,
    toxic: Toxic,
    broken: AtomicBool,
    watch: Watched,
    spoken: Arc<Mutex<Spoken>>,
}

impl Proxy {
    /// Starts a proxy in front of the server at port `target`.
    pub fn start(target: u16, toxic: Toxic) -> Self {
        let (watch, spoken) = (Watched::default(), Arc::<Mutex<Spoken>>::default());
        let notes = (watch.clone(), Arc::clone(&spoken));
        let listening = Listening::start(Ipv4Addr::LOCALHOST, move |client| {
            let (watch, spoken) = (notes.0.clone(), Arc::clone(&notes.1));
            watch.accepts();
            let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, target)) else { return };
            for stream in [&client, &server] {
                stream.set_nodelay(true).unwrap();
                stream.set_read_timeout(Some(GLANCE)).unwrap();
            }
            let line = Arc::new(Line { client, server, toxic, broken: AtomicBool::new(false), watch, spoken });
            let other = Arc::clone(&line);
            thread::spawn(move || other.pass(Way::FromServer));
            thread::spawn(move || line.pass(Way::FromClient));
        });
        Self { listening, watch, spoken }
    }

    /// The recorded dialogue; complete after the login.
    pub fn spoken(&self) -> Spoken {
        self.spoken.lock().unwrap().clone()
    }
}

impl Line {
    /// Passes on the bytes of one direction until one side closes or the connection is broken.
    fn pass(&self, way: Way) {
        let (mut from, mut to) = match way {
            Way::FromServer => (&self.server, &self.client),
            Way::FromClient => (&self.client, &self.server),
        };
        let mut passed = 0;
        let mut buffer = vec![0; 64 << 10];
        // A cut before the server's first byte needs no byte to wait for.
        if way == Way::FromServer && self.cut_at(way) == Some(0) {
            return self.cut();
        }
        while !self.broken.load(Ordering::Relaxed) {
            let read = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
                Err(_) => break,
            };
            let bytes = &buffer[..read];
            self.note(way, bytes);
            if let Some(after) = self
                .cut_at(way)
                .filter(|after| *after < passed + read || way == Way::FromServer && *after == passed + read)
            {
                if way == Way::FromServer {
                    drop(to.write_all(&bytes[..after - passed]));
                }
                return self.cut();
            }
            if self.say(way, to, bytes, passed).is_err() {
                break;
            }
            passed += read;
            drop(to.flush());
        }
        // A frozen proxy does not pass on that the server closed the connection.
        if !matches!((self.toxic, way), (Toxic::Freeze { .. }, Way::FromServer)) {
            drop(to.shutdown(Shutdown::Write));
        }
    }

    fn cut_at(&self, at: Way) -> Option<usize> {
        match self.toxic {
            Toxic::Cut { way, after, .. } if way == at => Some(after),
            _ => None,
        }
    }

    /// Breaks the connection to the client. The other direction notices it within [`GLANCE`].
    fn cut(&self) {
        self.watch.acts();
        if let Toxic::Cut { how: How::Reset, .. } = self.toxic {
            drop(SockRef::from(&self.client).set_linger(Some(Duration::ZERO)));
            self.broken.store(true, Ordering::Relaxed);
            return;
        }
        drop(self.client.shutdown(Shutdown::Write));
        self.broken.store(true, Ordering::Relaxed);
        // The client's remaining bytes are read; otherwise the kernel would reset the connection.
        let since = Instant::now();
        let mut rest = [0; 4096];
        while since.elapsed() < Duration::from_secs(1) && !matches!((&self.client).read(&mut rest), Ok(0)) {}
    }

    fn say(&self, way: Way, mut to: &TcpStream, bytes: &[u8], passed: usize) -> std::io::Result<()> {
        match self.toxic {
            Toxic::Freeze { after } if way == Way::FromServer => {
                let left = after.saturating_sub(passed).min(bytes.len());
                to.write_all(&bytes[..left])
            }
            Toxic::Segments => bytes.iter().try_for_each(|byte| to.write_all(&[*byte])),
            Toxic::Dripping(pause) if way == Way::FromServer => bytes.iter().try_for_each(|byte| {
                thread::sleep(pause);
                to.write_all(&[*byte])
            }),
            Toxic::Halves(pause) => {
                let (first, second) = bytes.split_at(bytes.len() / 2);
                to.write_all(first)?;
                thread::sleep(pause);
                to.write_all(second)
            }
            Toxic::Late(pause) => {
                thread::sleep(pause);
                to.write_all(bytes)
            }
            _ => to.write_all(bytes),
        }?;
        if way == Way::FromServer {
            self.watch.acts();
        }
        Ok(())
    }

    /// Records `bytes`. Consecutive bytes of one side are one turn.
    fn note(&self, way: Way, bytes: &[u8]) {
        let mut spoken = self.spoken.lock().unwrap();
        match spoken.last_mut() {
            Some((who, words)) if *who == way => words.extend_from_slice(bytes),
            _ => spoken.push((way, bytes.to_vec())),
        }
    }
}
