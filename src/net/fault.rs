//! Converts I/O and TLS errors, as the driver crates wrap them, to failures.

use std::error::Error;
use std::io::ErrorKind;

use super::guard::{GuardError, Tap};
use super::sniff::{Protocol, TLS};
use super::tls::HandshakeEnded;
pub use super::tls::tls_failure;
use crate::model::failure::Failure;
use crate::model::reason::{Dialogue, ReasonCode, Timeout};

/// The first `E` in the chain of `error`. Looks inside `io::Error`s too, whose payload the usual walk skips.
#[must_use]
pub fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|error| error.downcast_ref::<E>())
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().map(|payload| payload as &(dyn Error + 'static)),
        None => error.source(),
    })
}

/// The failure for an error that ended the dialogue: a TLS error, an exhausted budget, another protocol's first bytes,
/// a reset or closed connection, or malformed data. Not for refusals that the server sent.
#[must_use]
pub fn classify(error: &(dyn Error + 'static), tap: &Tap, spoken: &Protocol) -> Failure {
    if let Some(stopped) = find::<GuardError>(error).copied().or_else(|| tap.stopped()) {
        return guard_failure(stopped, tap, spoken);
    }
    let answering = other(&tap.first_bytes(), spoken);
    if let Some(tls) = find::<rustls::Error>(error) {
        return match (tls, answering) {
            (rustls::Error::InvalidMessage(_), Some(other)) => mismatch(other, spoken),
            _ => tls_failure(tls),
        };
    }
    if let Some(other) = answering {
        return mismatch(other, spoken);
    }
    if find::<HandshakeEnded>(error).is_some() {
        return handshake_ended(tap);
    }
    chain(error)
        .filter_map(|error| error.downcast_ref::<std::io::Error>())
        .find_map(|error| io_failure(error.kind(), tap, spoken))
        .unwrap_or_else(|| nonsense(spoken).remark(words(error)))
}

/// The crate's message for the error, including its causes.
fn words(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = chain(error).map(ToString::to_string).collect();
    words.dedup();
    words.join(": ")
}

/// The failure for an I/O error of `kind` in a dialogue. Equivalent to `classify`, for crates that keep only the kind.
/// `None` if the kind reveals nothing about the peer.
#[must_use]
pub fn io_failure(kind: ErrorKind, tap: &Tap, spoken: &Protocol) -> Option<Failure> {
    if let Some(stopped) = tap.stopped() {
        return Some(guard_failure(stopped, tap, spoken));
    }
    match kind {
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected
        | ErrorKind::WriteZero => Some(hung_up(tap, spoken)),
        ErrorKind::TimedOut => Some(guard_failure(GuardError::Deadline, tap, spoken)),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            Some(Failure::of(Dialogue::NetworkLost))
        }
        _ => None,
    }
}

/// The failure for a peer that closed or reset the connection. For crates that report this without an I/O error.
#[must_use]
pub fn hung_up(tap: &Tap, spoken: &Protocol) -> Failure {
    if let Some(stopped) = tap.stopped() {
        return guard_failure(stopped, tap, spoken);
    }
    if let Some(other) = other(&tap.first_bytes(), spoken) {
        return mismatch(other, spoken);
    }
    if tap.received() == 0 {
        return Failure::of(Dialogue::ClosedBeforeGreeting { product: spoken.name() });
    }
    Failure::of(Dialogue::ClosedDuringLogin)
}

fn guard_failure(error: GuardError, tap: &Tap, spoken: &Protocol) -> Failure {
    let product = spoken.name();
    match error {
        GuardError::TooMuchReceived(limit) => Failure::of(Dialogue::TooMuchReceived { kib: limit >> 10, product }),
        GuardError::TooMuchSent(limit) => Failure::of(Dialogue::TooMuchSent { kib: limit >> 10, product }),
        GuardError::Deadline if tap.received() == 0 => Failure::of(Timeout::Greeting { product, limit: None }),
        GuardError::Deadline => Failure::of(Timeout::Login { product, limit: None }),
    }
}

/// Whether `failure` is a timeout of the stream. The caller that set the limit can describe it better.
#[must_use]
pub fn is_late(failure: &Failure) -> bool {
    matches!(failure.reason, ReasonCode::GreetingTimeout | ReasonCode::LoginTimeout)
}

/// The protocol that the peer speaks instead of `spoken`. TLS handshake records and warning alerts do not count, since
/// they answer the client's own handshake. A fatal alert shows that the peer expected TLS and received something else.
fn other(first: &[u8], spoken: &Protocol) -> Option<&'static Protocol> {
    let handshake = matches!(first, [0x16, ..] | [0x15, _, _, _, _, 1, ..]);
    spoken.answering(first).filter(|protocol| *protocol != spoken && !handshake)
}

fn mismatch(other: &Protocol, spoken: &Protocol) -> Failure {
    let product = spoken.name();
    if *other == TLS {
        return Failure::of(Dialogue::TlsExpected { product });
    }
    Failure::of(Dialogue::OtherProtocol { other: other.server().to_owned(), product })
}

fn handshake_ended(tap: &Tap) -> Failure {
    Failure::of(Dialogue::ClosedDuringTls { answered: tap.received() > 0 })
}

fn nonsense(spoken: &Protocol) -> Failure {
    Failure::of(Dialogue::NotUnderstood { product: spoken.name() })
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::time::{Duration, Instant};

    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::model::class::Class;
    use crate::model::failure::Speaker;
    use crate::model::reason::ReasonCode as Reason;
    use crate::net::guard::{Budget, Guarded};

    /// The tap of a stream that received `bytes`.
    async fn tap(bytes: &[u8]) -> Tap {
        let budget = Budget { read: 4096, write: 4096 };
        let (mut stream, tap) = Guarded::new(bytes, budget, Instant::now() + Duration::from_secs(9));
        let _too_much = stream.read_to_end(&mut Vec::new()).await;
        tap
    }

    /// Mimics how driver crates wrap errors: the cause is the payload of an `io::Error` in a source.
    #[derive(Debug, thiserror::Error)]
    #[error("error communicating with the server")]
    struct Wrapped(#[source] io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error("bytes remaining on stream")]
    struct Nonsense;

    fn wrapped(kind: ErrorKind) -> Box<dyn Error> {
        Box::new(Wrapped(io::Error::other(io::Error::from(kind))))
    }

    /// A case, the received bytes, the error, and the expected class and reason.
    type Row = (&'static str, &'static [u8], Box<dyn Error>, Class, Reason);

    #[tokio::test]
    async fn what_broke_the_dialogue() {
        let greeting = b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0";
        let eof = || wrapped(ErrorKind::UnexpectedEof);
        let reset = || wrapped(ErrorKind::ConnectionReset);
        let alert = || -> Box<dyn Error> {
            let alert = rustls::Error::AlertReceived(rustls::AlertDescription::CertificateRequired);
            Box::new(Wrapped(io::Error::new(ErrorKind::InvalidData, alert)))
        };
        let table: [Row; 12] = [
            ("an endless banner", &[b'x'; 5000], eof(), Class::Protocol, Reason::TooMuchData),
            (
                "even when the crate loses the cause",
                &[b'x'; 5000],
                Box::new(Nonsense),
                Class::Protocol,
                Reason::TooMuchData,
            ),
            (
                "the deadline",
                b"",
                Box::new(io::Error::from(GuardError::Deadline)),
                Class::Timeout,
                Reason::GreetingTimeout,
            ),
            ("a TLS alert during the login", b"\x16\x03\x03", alert(), Class::Tls, Reason::ClientCertificateRequired),
            ("an SSH banner", b"SSH-2.0-OpenSSH_9.2p1\r\n", eof(), Class::Protocol, Reason::OtherProtocol),
            (
                "an HTTP error",
                b"HTTP/1.1 400 Bad Request\r\n",
                Box::new(Nonsense),
                Class::Protocol,
                Reason::OtherProtocol,
            ),
            ("another database", b"\x4a\0\0\0\x0a8.4.3\0", Box::new(Nonsense), Class::Protocol, Reason::OtherProtocol),
            (
                "a TLS port spoken to in plain",
                b"\x15\x03\x01\0\x02\x02\x46",
                eof(),
                Class::Protocol,
                Reason::TlsExpected,
            ),
            ("a close without a word", b"", eof(), Class::Unreachable, Reason::ClosedBeforeGreeting),
            ("a reset after the greeting", greeting, reset(), Class::Closed, Reason::ClosedDuringLogin),
            ("a reset inside TLS", b"\x16\x03\x03\0\x7a", reset(), Class::Closed, Reason::ClosedDuringLogin),
            ("nonsense", b"hello, world", Box::new(Nonsense), Class::Protocol, Reason::NotUnderstood),
        ];
        for (case, bytes, error, class, reason) in table {
            let failure = classify(error.as_ref(), &tap(bytes).await, &crate::driver::postgres::PROTOCOL);
            assert_eq!((failure.class, failure.reason), (class, reason), "{case}: {failure:?}");
            assert!(failure.hint.is_some(), "{case}");
        }
    }

    #[tokio::test]
    async fn at_the_deadline_it_is_told_whether_there_was_a_word() {
        for (bytes, missing) in [(&b""[..], ReasonCode::GreetingTimeout), (b"\x4a\0\0\0\x0a", ReasonCode::LoginTimeout)]
        {
            let failure =
                classify(&io::Error::from(GuardError::Deadline), &tap(bytes).await, &crate::driver::mysql::PROTOCOL);
            assert_eq!((failure.class, failure.reason), (Class::Timeout, missing));
            assert!(is_late(&failure));
        }
    }

    #[test]
    fn only_a_stream_whose_time_was_over_is_late() {
        let limit = std::time::Duration::from_secs(1);
        for (failure, late) in [
            (Failure::of(Timeout::Greeting { product: "MySQL", limit: None }), true),
            (Failure::of(Timeout::Login { product: "MySQL", limit: None }), true),
            (Failure::of(Timeout::OwnQueryLimit { extra: "timeout" }), false),
            (Failure::of(Timeout::Host { share: limit }), false),
            (Failure::of(Dialogue::ClosedDuringLogin), false),
        ] {
            assert_eq!(is_late(&failure), late, "{failure:?}");
        }
    }

    #[tokio::test]
    async fn what_to_do_depends_on_what_answers() {
        for (bytes, reason) in [
            (&b"\x15\x03\x01\0\x02\x02\x46"[..], ReasonCode::TlsExpected),
            // A warning `unrecognized_name`, which may precede the rest of the handshake.
            (b"\x15\x03\x03\0\x02\x01\x70", ReasonCode::NotUnderstood),
            (b"SSH-2.0-OpenSSH_9.2p1\r\n", ReasonCode::OtherProtocol),
        ] {
            let failure = classify(&Nonsense, &tap(bytes).await, &crate::driver::postgres::PROTOCOL);
            assert_eq!(failure.reason, reason, "{}", bytes.escape_ascii());
        }
    }

    #[tokio::test]
    async fn what_the_crate_says_is_kept_with_its_causes() {
        let error = Wrapped(io::Error::new(ErrorKind::InvalidData, Nonsense));
        let failure = classify(&error, &tap(b"hello, world").await, &crate::driver::postgres::PROTOCOL);
        let detail = "error communicating with the server: bytes remaining on stream";
        assert_eq!((failure.detail.as_deref(), failure.speaker), (Some(detail), Speaker::Client));
    }

    #[tokio::test]
    async fn bytes_that_are_no_tls_are_named_by_whose_they_are() {
        let error = rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
        let failure = classify(&error, &tap(b"HTTP/1.1 400 Bad Request\r\n").await, &crate::driver::postgres::PROTOCOL);
        assert_eq!(failure.reason, ReasonCode::OtherProtocol);
        // The server's own protocol is not reported as another one.
        let failure = classify(&error, &tap(b"N").await, &crate::driver::postgres::PROTOCOL);
        assert_eq!(failure.reason, ReasonCode::TlsNotSpoken);
    }

    #[tokio::test]
    async fn a_close_in_the_handshake_depends_on_what_came_before() {
        for (bytes, class) in [(&b""[..], Class::Unreachable), (b"S", Class::Closed)] {
            let failure = classify(&HandshakeEnded, &tap(bytes).await, &crate::driver::postgres::PROTOCOL);
            assert_eq!((failure.class, failure.reason), (class, ReasonCode::ClosedDuringTls));
        }
    }

    #[tokio::test]
    async fn a_kind_alone_is_enough_for_most() {
        let quiet = tap(b"").await;
        let class = |kind| io_failure(kind, &quiet, &crate::driver::mssql::PROTOCOL).map(|failure| failure.class);
        assert_eq!(class(ErrorKind::UnexpectedEof), Some(Class::Unreachable));
        assert_eq!(class(ErrorKind::TimedOut), Some(Class::Timeout));
        for kind in [ErrorKind::HostUnreachable, ErrorKind::NetworkUnreachable, ErrorKind::NetworkDown] {
            let failure = io_failure(kind, &quiet, &crate::driver::mssql::PROTOCOL).unwrap();
            assert_eq!(failure.reason, ReasonCode::NetworkLost, "{kind:?}");
        }
        assert_eq!(class(ErrorKind::InvalidData), None);
        let spoken = tap(b"\x04\x01\0\x25\0\0\x01\0").await;
        assert_eq!(
            io_failure(ErrorKind::BrokenPipe, &spoken, &crate::driver::mssql::PROTOCOL).map(|failure| failure.class),
            Some(Class::Closed)
        );
    }

    #[test]
    fn causes_are_found_inside_io_errors() {
        let error = wrapped(ErrorKind::ConnectionReset);
        assert!(find::<Wrapped>(error.as_ref()).is_some());
        assert!(find::<rustls::Error>(error.as_ref()).is_none());
        let error = Wrapped(io::Error::other(io::Error::other(rustls::Error::DecryptError)));
        assert_eq!(find::<rustls::Error>(&error), Some(&rustls::Error::DecryptError));
    }
}
