//! `Guarded`: a stream with a byte budget and an absolute deadline. It records the peer's first bytes.
//!
//! It bounds what a server sends, and how slowly, below every driver crate.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// The number of the peer's first bytes that are kept.
const KEPT: usize = 64;

/// The maximum size of a read that is kept as the peer's latest.
const LATEST: usize = 512;

/// The timer that wakes an idle stream fires slightly after the deadline, so that the engine, which has the phase,
/// reports first.
const GRACE: Duration = Duration::from_millis(50);

/// The limits on what a probe may read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes received from the peer.
    pub read: u64,
    /// Bytes sent to the peer.
    pub write: u64,
}

impl Default for Budget {
    /// 1 MiB received and 256 KiB sent: a hundred times what a login needs.
    fn default() -> Self {
        Self { read: 1 << 20, write: 256 << 10 }
    }
}

/// Why a guard stopped its stream; the payload of the `std::io::Error` that it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// The peer sent more than the budget allows.
    #[error("the peer sent more than {0} bytes")]
    TooMuchReceived(u64),
    /// The client tried to send more than the budget allows.
    #[error("more than {0} bytes were to be sent")]
    TooMuchSent(u64),
    /// The deadline passed.
    #[error("the deadline passed")]
    Deadline,
}

impl From<GuardError> for io::Error {
    fn from(error: GuardError) -> Self {
        let kind = match error {
            GuardError::TooMuchReceived(_) | GuardError::TooMuchSent(_) => io::ErrorKind::QuotaExceeded,
            GuardError::Deadline => io::ErrorKind::TimedOut,
        };
        Self::new(kind, error)
    }
}

/// A guarded stream. Once it is stopped, every further read and write fails with the same error.
pub struct Guarded<S> {
    inner: S,
    budget: Budget,
    deadline: Instant,
    timer: Option<Pin<Box<Sleep>>>,
    tap: Tap,
}

/// The record of a stream. It outlives the stream and can be shared.
#[derive(Clone, Debug)]
pub struct Tap(Arc<Seen>);

/// Receives the first bytes of the peer as they arrive, until it returns true.
type Listener = Box<dyn FnMut(&[u8]) -> bool + Send>;

#[derive(Default)]
struct Seen {
    first: Mutex<Vec<u8>>,
    listener: Mutex<Option<Listener>>,
    latest: Mutex<Vec<u8>>,
    received: AtomicU64,
    sent: AtomicU64,
    /// Milliseconds by which the deadline is extended.
    extension: AtomicU64,
    stopped: OnceLock<GuardError>,
}

impl<S> Guarded<S> {
    /// Guards `inner`.
    #[must_use]
    pub fn new(inner: S, budget: Budget, deadline: Instant) -> (Self, Tap) {
        let tap = Tap(Arc::default());
        (Self { inner, budget, deadline, timer: None, tap: tap.clone() }, tap)
    }

    /// The underlying stream.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Fails if the stream was stopped or its deadline has passed.
    fn check(&self) -> io::Result<()> {
        if let Some(error) = self.tap.stopped() {
            return Err(error.into());
        }
        if Instant::now() >= self.end() { Err(self.stop(GuardError::Deadline)) } else { Ok(()) }
    }

    /// The deadline, including its extension.
    fn end(&self) -> Instant {
        self.deadline + Duration::from_millis(self.tap.0.extension.load(Ordering::Relaxed))
    }

    fn stop(&self, error: GuardError) -> io::Error {
        (*self.tap.0.stopped.get_or_init(|| error)).into()
    }

    /// Waits for `polled`, but no longer than until the deadline.
    fn bounded<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_pending() {
            let end: tokio::time::Instant = (self.end() + GRACE).into();
            let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
            // The deadline may have been extended since the timer was set.
            if timer.deadline() != end {
                timer.as_mut().reset(end);
            }
            ready!(timer.as_mut().poll(cx));
            return Poll::Ready(Err(self.stop(GuardError::Deadline)));
        }
        polled
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check()?;
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.inner).poll_read(cx, buf);
        ready!(this.bounded(cx, polled))?;
        if this.tap.0.receive(&buf.filled()[before..]) > this.budget.read {
            buf.set_filled(before);
            return Poll::Ready(Err(this.stop(GuardError::TooMuchReceived(this.budget.read))));
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.check()?;
        if this.tap.sent() + bytes.len() as u64 > this.budget.write {
            return Poll::Ready(Err(this.stop(GuardError::TooMuchSent(this.budget.write))));
        }
        let polled = Pin::new(&mut this.inner).poll_write(cx, bytes);
        let written = ready!(this.bounded(cx, polled))?;
        this.tap.0.sent.fetch_add(written as u64, Ordering::Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.check()?;
        let polled = Pin::new(&mut this.inner).poll_flush(cx);
        this.bounded(cx, polled)
    }

    /// Always allowed, so that a stopped stream is still closed properly.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.inner).poll_shutdown(cx);
        this.bounded(cx, polled)
    }
}

impl<S> fmt::Debug for Guarded<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("budget", &self.budget).finish_non_exhaustive()
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen").field("received", &self.received).field("sent", &self.sent).finish_non_exhaustive()
    }
}

impl Seen {
    /// Passes the `first` bytes to the listener.
    fn tell(&self, first: &[u8]) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        if !first.is_empty() && listener.as_mut().is_some_and(|listener| listener(first)) {
            *listener = None;
        }
    }

    /// Records `bytes` from the peer and returns the total number received.
    fn receive(&self, bytes: &[u8]) -> u64 {
        let before = self.received.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if before < KEPT as u64 {
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            let room = KEPT - first.len();
            first.extend_from_slice(&bytes[..bytes.len().min(room)]);
            let first = first.clone();
            self.tell(&first);
        }
        if !bytes.is_empty() {
            let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
            latest.clear();
            if bytes.len() <= LATEST {
                latest.extend_from_slice(bytes);
            }
        }
        before + bytes.len() as u64
    }
}

impl Tap {
    /// Extends the stream's deadline by `longer`.
    pub fn extend(&self, longer: Duration) {
        let longer = u64::try_from(longer.as_millis()).unwrap_or(u64::MAX);
        self.0.extension.store(longer, Ordering::Relaxed);
    }

    /// Passes the peer's first bytes to `listener` as they arrive, until it returns true.
    pub fn when_heard(&self, listener: impl FnMut(&[u8]) -> bool + Send + 'static) {
        *self.0.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
        self.0.tell(&self.first_bytes());
    }

    /// The first 64 bytes that the peer sent.
    #[must_use]
    pub fn first_bytes(&self) -> Vec<u8> {
        self.0.first.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The bytes of the latest read; empty if it exceeded 512 bytes.
    #[must_use]
    pub fn latest_bytes(&self) -> Vec<u8> {
        self.0.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The number of bytes received from the peer.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.0.received.load(Ordering::Relaxed)
    }

    /// The number of bytes sent to the peer.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// Why the guard stopped the stream, if it did. For crates that lose the error on the way.
    #[must_use]
    pub fn stopped(&self) -> Option<GuardError> {
        self.0.stopped.get().copied()
    }

    /// Whether the budget stopped the stream.
    #[must_use]
    pub fn budget_exceeded(&self) -> bool {
        matches!(self.stopped(), Some(GuardError::TooMuchReceived(_) | GuardError::TooMuchSent(_)))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::{sleep, timeout};

    use super::*;
    use crate::net::fault::find;

    const SMALL: Budget = Budget { read: 100, write: 100 };

    fn guarded(within: Duration) -> (Guarded<DuplexStream>, Tap, DuplexStream) {
        let (near, far) = duplex(1024);
        let (stream, tap) = Guarded::new(near, SMALL, Instant::now() + within);
        (stream, tap, far)
    }

    fn reason<T>(outcome: io::Result<T>) -> Option<GuardError> {
        find::<GuardError>(&outcome.err()?).copied()
    }

    #[tokio::test]
    async fn the_peer_may_send_its_budget_and_no_byte_more() {
        let (mut stream, tap, mut far) = guarded(Duration::from_secs(9));
        far.write_all(&[b'x'; 100]).await.unwrap();
        stream.read_exact(&mut [0; 100]).await.unwrap();
        assert!(!tap.budget_exceeded());
        far.write_all(b"x").await.unwrap();
        assert_eq!(reason(stream.read_u8().await), Some(GuardError::TooMuchReceived(100)));
        assert!(tap.budget_exceeded());
        assert_eq!(reason(stream.write_all(b"still there?").await), Some(GuardError::TooMuchReceived(100)));
    }

    #[tokio::test]
    async fn so_may_we() {
        let (mut stream, tap, _far) = guarded(Duration::from_secs(9));
        stream.write_all(&[b'x'; 100]).await.unwrap();
        assert_eq!(reason(stream.write_all(b"x").await), Some(GuardError::TooMuchSent(100)));
        assert_eq!(tap.sent(), 100);
    }

    /// Even if this process is scheduled late, exactly what is sent before the deadline is read.
    #[tokio::test]
    async fn a_slow_drip_does_not_outlast_the_deadline() {
        let (near, mut far) = duplex(1024);
        let deadline = Instant::now() + Duration::from_millis(300);
        let (mut stream, tap) = Guarded::new(near, SMALL, deadline);
        let drip = tokio::spawn(async move {
            let mut in_time = 0;
            while far.write_all(b"x").await.is_ok() {
                in_time += u64::from(Instant::now() < deadline);
                sleep(Duration::from_millis(10)).await;
            }
            in_time
        });
        let mut text = Vec::new();
        let read = timeout(Duration::from_secs(5), stream.read_to_end(&mut text)).await.unwrap();
        assert_eq!(reason(read), Some(GuardError::Deadline));
        assert!(Instant::now() >= deadline);
        drop(stream);
        let in_time = drip.await.unwrap();
        assert!((1..=in_time).contains(&tap.received()), "{} of {in_time}", tap.received());
    }

    #[tokio::test]
    async fn silence_ends_a_little_after_the_deadline() {
        let (mut stream, tap, _far) = guarded(Duration::from_millis(50));
        let read = timeout(Duration::from_secs(5), stream.read_u8()).await.unwrap();
        assert_eq!(read.as_ref().unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(reason(read), Some(GuardError::Deadline));
        assert_eq!(tap.stopped(), Some(GuardError::Deadline));
    }

    #[tokio::test]
    async fn a_peer_that_reads_nothing_is_silence_too() {
        let (near, _far) = duplex(1);
        let (mut stream, _) = Guarded::new(near, SMALL, Instant::now() + Duration::from_millis(50));
        let written = timeout(Duration::from_secs(5), stream.write_all(b"login")).await.unwrap();
        assert_eq!(reason(written), Some(GuardError::Deadline));
    }

    #[tokio::test]
    async fn the_first_bytes_are_kept_however_they_come() {
        let (mut stream, tap, mut far) = guarded(Duration::from_secs(9));
        let sent: Vec<u8> = (0..90).collect();
        for piece in sent.chunks(7) {
            far.write_all(piece).await.unwrap();
            stream.read_exact(&mut vec![0; piece.len()]).await.unwrap();
        }
        assert_eq!(tap.first_bytes(), sent[..KEPT]);
        assert_eq!(tap.received(), 90);
    }
}
