//! Plays the script on one connection.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

use super::envelope::Envelope;
use super::framing::Framing;
use super::{Manner, Script, Step, Watched, Words};

/// How long a frozen peer stays, unless the test ends earlier.
const FOR_EVER: Duration = Duration::from_mins(5);

trait Wire: Read + Write + Send {}
impl<T: Read + Write + Send> Wire for T {}

/// The state of one connection.
struct Player<'a> {
    wire: Box<dyn Wire>,
    socket: TcpStream,
    framing: Framing,
    watch: &'a Watched,
    heard: Vec<u8>,
    first: bool,
}

/// Follows `script`, until its end or until the client breaks the connection.
pub(super) fn play(stream: TcpStream, script: &Script, framing: Framing, watch: &Watched) {
    stream.set_nodelay(true).unwrap();
    let Ok(socket) = stream.try_clone() else { return };
    let mut player = Player { wire: Box::new(stream), socket, framing, watch, heard: Vec::new(), first: true };
    for step in script {
        if player.take(step).is_err() {
            return;
        }
    }
    player.acts();
    drop(player.socket.shutdown(Shutdown::Both));
}

impl Player<'_> {
    /// Records the current time as the time of the fault.
    fn acts(&self) {
        self.watch.acts();
    }

    fn take(&mut self, step: &Step) -> io::Result<()> {
        match step {
            Step::Hear => {
                self.heard = (self.framing)(&mut self.wire, self.first)?;
                self.first = false;
                self.keep();
            }
            Step::Listen => {
                let mut buffer = [0; 16 << 10];
                match self.wire.read(&mut buffer)? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    read => self.heard = buffer[..read].to_vec(),
                }
                self.keep();
            }
            Step::Say(words, manner) => self.say(words, *manner)?,
            Step::Flood(unit) => {
                self.acts();
                let block = unit.repeat((64 << 10) / unit.len());
                loop {
                    self.wire.write_all(&block)?;
                }
            }
            Step::Pause(time) => thread::sleep(*time),
            Step::Tls(config) => self.encrypt(config, false)?,
            Step::WrappedTls(config) => self.encrypt(config, true)?,
            Step::Hold => self.hold()?,
            Step::Freeze => thread::sleep(FOR_EVER),
            Step::HalfClose => {
                self.acts();
                self.socket.shutdown(Shutdown::Write)?;
                self.hold()?;
            }
            Step::Reset => {
                self.acts();
                SockRef::from(&self.socket).set_linger(Some(Duration::ZERO))?;
                // The kernel sends the reset only when both handles are closed.
                return Err(io::ErrorKind::ConnectionReset.into());
            }
        }
        Ok(())
    }

    fn say(&mut self, words: &Words, manner: Manner) -> io::Result<()> {
        let bytes = words.to(&self.heard);
        self.acts();
        match manner {
            Manner::Whole => self.wire.write_all(&bytes)?,
            Manner::Half => self.wire.write_all(&bytes[..bytes.len() / 2])?,
            Manner::Bytewise => self.byte_by_byte(&bytes, Duration::ZERO)?,
            Manner::Dripping(pause) => self.byte_by_byte(&bytes, pause)?,
        }
        self.wire.flush()
    }

    fn byte_by_byte(&mut self, bytes: &[u8], pause: Duration) -> io::Result<()> {
        for byte in bytes {
            self.wire.write_all(&[*byte])?;
            self.wire.flush()?;
            thread::sleep(pause);
            self.acts();
        }
        Ok(())
    }

    fn encrypt(&mut self, config: &Arc<ServerConfig>, wrapped: bool) -> io::Result<()> {
        self.acts();
        let mut connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        let mut envelope = Envelope::around(self.socket.try_clone()?, wrapped);
        while connection.is_handshaking() {
            if let Err(error) = connection.complete_io(&mut envelope) {
                // An alert gives the reason, as real servers do. The client's bytes are read to the end; otherwise the
                // kernel would send a reset, and the client would lose the alert.
                drop(connection.write_tls(&mut envelope));
                drop(self.socket.shutdown(Shutdown::Write));
                drop(io::copy(&mut self.socket, &mut io::sink()));
                return Err(error);
            }
        }
        self.acts();
        envelope.open();
        self.wire = Box::new(StreamOwned::new(connection, envelope));
        Ok(())
    }

    /// Reads until the client closes the connection.
    fn hold(&mut self) -> io::Result<()> {
        let mut buffer = [0; 4096];
        loop {
            match self.wire.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => {
                    self.heard = buffer[..read].to_vec();
                    self.keep();
                }
            }
        }
    }

    fn keep(&self) {
        self.watch.hears(&self.heard);
    }
}
