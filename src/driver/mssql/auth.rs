//! The channel for tiberius, on which PRELOGIN and TLS are complete.
//!
//! tiberius begins every dialogue with a PRELOGIN of its own. It never reaches the server: this module consumes it and
//! answers "no encryption", so that LOGIN7 follows as the next message, over the channel that was negotiated with the
//! server. tiberius also keeps only the text of an I/O error; this module keeps the error itself.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::envelope::Envelope;
use super::wire::Packets;
use crate::driver::kit::wire::Stream;
use crate::net::tls::TlsStream;

/// A response packet with the one option ENCRYPTION, `ENCRYPT_NOT_SUP`.
const NO_ENCRYPTION: &[u8] = &[0x04, 0x01, 0, 15, 0, 0, 0, 0, 0x01, 0, 6, 0, 1, 0xff, 0x02];

/// The types of TLS records that a server may send after the handshake: an alert, and data. No TDS packet of a server
/// has such a type.
const TLS_RECORDS: [u8; 2] = [0x15, 0x17];

/// The channel for the rest of the dialogue.
pub(super) enum Channel<S> {
    /// In the clear.
    Plain(S),
    /// Encrypted.
    Tls(Box<TlsStream<Envelope<S>>>),
}

/// The state of tiberius.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It writes its PRELOGIN.
    Prelogin,
    /// It reads the answer, of which it has read this many bytes.
    Answer(usize),
    /// It writes LOGIN7: one packet, since `plan` bounds the length of every field.
    Login,
    /// LOGIN7 was sent.
    Session,
}

/// The channel, and its properties that tiberius must not see.
pub(super) struct Handover<S> {
    channel: Channel<S>,
    /// Whether TLS ends with LOGIN7.
    login_only: bool,
    stage: Stage,
    /// Whether the server has not answered the login yet.
    unanswered: bool,
    written: bool,
    packets: Packets,
    broken: Broken,
}

/// The first I/O error of a channel; outlives the channel.
#[derive(Clone, Debug, Default)]
pub(super) struct Broken(Arc<Mutex<Option<io::Error>>>);

impl Broken {
    /// The error, if there was one.
    pub(super) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps `error`, and returns another of the same kind and text for tiberius.
    fn keep(&self, error: io::Error) -> io::Error {
        let copy = io::Error::new(error.kind(), error.to_string());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        copy
    }
}

impl<S> Handover<S> {
    /// A handover of `channel`.
    pub(super) fn new(channel: Channel<S>, login_only: bool) -> Self {
        Self {
            channel,
            login_only,
            stage: Stage::Prelogin,
            unanswered: true,
            written: false,
            packets: Packets::default(),
            broken: Broken::default(),
        }
    }

    /// A handle to the first I/O error.
    pub(super) fn broken(&self) -> Broken {
        self.broken.clone()
    }
}

impl<S: Stream> Handover<S> {
    /// The stream for the bytes of this stage.
    fn stream(&mut self) -> Pin<&mut dyn Stream> {
        let tls_is_over = self.login_only && self.stage == Stage::Session;
        match &mut self.channel {
            Channel::Plain(stream) => Pin::new(stream),
            Channel::Tls(tls) => {
                if tls_is_over {
                    Pin::new(tls.get_mut().0.get_mut())
                } else {
                    Pin::new(tls.as_mut())
                }
            }
        }
    }
}

impl<S: Stream> Handover<S> {
    /// Whether the server goes on inside TLS although only the login was to be encrypted. A server that refuses the
    /// login before reading it does so (Babelfish, while it starts or stops). If so, passes `received` back to TLS.
    fn answers_inside_tls(&mut self, received: &[u8]) -> bool {
        let [kind, ..] = received else { return false };
        let first = self.stage == Stage::Session && std::mem::take(&mut self.unanswered);
        match &mut self.channel {
            Channel::Tls(tls) if first && self.login_only && TLS_RECORDS.contains(kind) => {
                tls.get_mut().0.give_back(received);
                self.login_only = false;
                true
            }
            _ => false,
        }
    }
}

impl<S: Stream> AsyncRead for Handover<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Stage::Answer(read) = this.stage {
            let rest = &NO_ENCRYPTION[read..];
            let part = rest.len().min(buf.remaining());
            buf.put_slice(&rest[..part]);
            this.stage = if part == rest.len() { Stage::Login } else { Stage::Answer(read + part) };
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let mut read = ready!(this.stream().poll_read(cx, buf));
        if read.is_ok() && this.answers_inside_tls(&buf.filled()[before..]) {
            buf.set_filled(before);
            read = ready!(this.stream().poll_read(cx, buf));
        }
        let read = read.and_then(|()| this.packets.pass(&buf.filled()[before..]));
        if read.is_ok() && buf.filled().len() == before && buf.remaining() > 0 {
            this.broken.keep(io::ErrorKind::UnexpectedEof.into());
        }
        Poll::Ready(read.map_err(|error| this.broken.keep(error)))
    }
}

impl<S: Stream> AsyncWrite for Handover<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.written = true;
        if this.stage == Stage::Prelogin {
            return Poll::Ready(Ok(buf.len()));
        }
        let written = ready!(this.stream().poll_write(cx, buf));
        Poll::Ready(written.map_err(|error| this.broken.keep(error)))
    }

    /// tiberius flushes at the end of each message.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.stage != Stage::Prelogin {
            let flushed = ready!(this.stream().poll_flush(cx));
            flushed.map_err(|error| this.broken.keep(error))?;
        }
        if std::mem::take(&mut this.written) {
            this.stage = match this.stage {
                Stage::Prelogin => Stage::Answer(0),
                Stage::Login => Stage::Session,
                stage => stage,
            };
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().stream().poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn the_first_message_is_answered_here_and_the_second_leaves() {
        let (client, mut server) = duplex(1 << 16);
        let mut handover = Handover::new(Channel::Plain(client), false);
        handover.write_all(b"prelogin").await.unwrap();
        handover.flush().await.unwrap();
        handover.flush().await.unwrap();
        let mut answer = [0; 15];
        handover.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, NO_ENCRYPTION);

        handover.write_all(b"login").await.unwrap();
        handover.flush().await.unwrap();
        let mut login = [0; 5];
        server.read_exact(&mut login).await.unwrap();
        assert_eq!(&login, b"login");
        assert_eq!(handover.stage, Stage::Session);
    }

    #[tokio::test]
    async fn the_end_of_the_stream_is_kept() {
        let (client, server) = duplex(64);
        let mut handover = Handover::new(Channel::Plain(client), false);
        handover.stage = Stage::Session;
        drop(server);
        assert_eq!(handover.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(handover.broken().take().map(|error| error.kind()), Some(io::ErrorKind::UnexpectedEof));
    }
}
