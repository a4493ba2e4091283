//! `Guarded`: a stream under a byte budget and an absolute deadline, whose first bytes are kept.
//!
//! Whatever a server sends, and however slowly, is bounded here, beneath every driver crate.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// How many of the peer's first bytes are kept.
const KEPT: usize = 64;

/// How long what the peer sent last may be, to be kept.
const LATEST: usize = 512;

/// The timer that wakes a stream on which nothing moves strikes a little after the deadline, so
/// that the engine, which knows the phase, speaks first.
const GRACE: Duration = Duration::from_millis(50);

/// How much a probe may read and write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes from the peer.
    pub read: u64,
    /// Bytes to the peer.
    pub write: u64,
}

impl Default for Budget {
    /// 1 MiB in, 256 KiB out: a hundred times what any of the logins needs.
    fn default() -> Self {
        Self { read: 1 << 20, write: 256 << 10 }
    }
}

/// Why a guard stopped its stream; the payload of the `std::io::Error` that it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// The peer sent more than the budget.
    #[error("the peer sent more than {0} bytes")]
    TooMuchReceived(u64),
    /// More than the budget was to be sent.
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

/// A guarded stream. Once it was stopped, every further read and write fails the same way.
pub struct Guarded<S> {
    inner: S,
    budget: Budget,
    deadline: Instant,
    timer: Option<Pin<Box<Sleep>>>,
    tap: Tap,
}

/// What was seen on a stream; outlives it, and may be shared.
#[derive(Clone, Debug)]
pub struct Tap(Arc<Seen>);

/// Told the first bytes of a peer as they come in, until it has heard enough.
type Listener = Box<dyn FnMut(&[u8]) -> bool + Send>;

#[derive(Default)]
struct Seen {
    first: Mutex<Vec<u8>>,
    listener: Mutex<Option<Listener>>,
    latest: Mutex<Vec<u8>>,
    received: AtomicU64,
    sent: AtomicU64,
    /// Milliseconds beyond the deadline that it may go on.
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

    /// The stream itself, to look at.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Fails when the stream was stopped before or the deadline has passed.
    fn check(&self) -> io::Result<()> {
        if let Some(error) = self.tap.stopped() {
            return Err(error.into());
        }
        if Instant::now() >= self.end() { Err(self.stop(GuardError::Deadline)) } else { Ok(()) }
    }

    /// When it is over.
    fn end(&self) -> Instant {
        self.deadline + Duration::from_millis(self.tap.0.extension.load(Ordering::Relaxed))
    }

    fn stop(&self, error: GuardError) -> io::Error {
        (*self.tap.0.stopped.get_or_init(|| error)).into()
    }

    /// Waits for `polled`, but not beyond the deadline.
    fn bounded<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_pending() {
            let end: tokio::time::Instant = (self.end() + GRACE).into();
            let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
            // It may have been extended since the timer was set.
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

    /// Allowed at any time: a stream that was stopped is still closed properly.
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
    /// Tells who listens what the `first` bytes are.
    fn tell(&self, first: &[u8]) {
        let mut listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        if !first.is_empty() && listener.as_mut().is_some_and(|listener| listener(first)) {
            *listener = None;
        }
    }

    /// Notes `bytes` from the peer and returns how many there were in all.
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
    /// Lets the stream go on for `longer` beyond its deadline.
    pub fn extend(&self, longer: Duration) {
        let longer = u64::try_from(longer.as_millis()).unwrap_or(u64::MAX);
        self.0.extension.store(longer, Ordering::Relaxed);
    }

    /// Tells `listener` the peer's first bytes as they come in, until it says that it has heard enough.
    pub fn when_heard(&self, listener: impl FnMut(&[u8]) -> bool + Send + 'static) {
        *self.0.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
        self.0.tell(&self.first_bytes());
    }

    /// The first 64 bytes that the peer sent.
    #[must_use]
    pub fn first_bytes(&self) -> Vec<u8> {
        self.0.first.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the peer sent last, in one piece; empty where that was long.
    #[must_use]
    pub fn latest_bytes(&self) -> Vec<u8> {
        self.0.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many bytes the peer sent.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.0.received.load(Ordering::Relaxed)
    }

    /// How many bytes were sent to the peer.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.0.sent.load(Ordering::Relaxed)
    }

    /// Why the guard stopped the stream, if it did: for crates that lose the error on the way.
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

    /// However late this process gets the processor: what is said before the deadline is read, and not more.
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
