//! I/O and TLS errors, as the driver crates wrap them, → failures in our words.

use std::error::Error;
use std::io::ErrorKind;

use super::guard::{GuardError, Tap};
use super::sniff::{Protocol, recognise};
use super::tls::HandshakeEnded;
pub use super::tls::tls_failure;
use crate::model::class::Class;
use crate::model::failure::Failure;

/// The first `E` in the chain of `error`, also inside `io::Error`s, whose payload the usual walk skips.
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

/// What broke the dialogue: a TLS error, the budget, another protocol's first bytes, a reset or
/// close, or nonsense. For errors that are not the server's own refusal.
#[must_use]
pub fn classify(error: &(dyn Error + 'static), tap: &Tap, spoken: Protocol) -> Failure {
    if let Some(stopped) = find::<GuardError>(error).copied().or_else(|| tap.stopped()) {
        return guard_failure(stopped, spoken);
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
    let kinds = chain(error).filter_map(|error| error.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    kinds.filter_map(|kind| io_failure(kind, tap, spoken)).next().unwrap_or_else(|| nonsense(spoken).detail(error.to_string()))
}

/// The failure for an I/O error of `kind` in a dialogue: what `classify` says when the kind is all
/// that a crate has kept. `None` where the kind tells nothing about the peer.
#[must_use]
pub fn io_failure(kind: ErrorKind, tap: &Tap, spoken: Protocol) -> Option<Failure> {
    if let Some(stopped) = tap.stopped() {
        return Some(guard_failure(stopped, spoken));
    }
    match kind {
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected
        | ErrorKind::WriteZero => Some(hung_up(tap, spoken)),
        ErrorKind::TimedOut => Some(guard_failure(GuardError::Deadline, spoken)),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => Some(
            Failure::new(Class::Unreachable, "the way to the server broke off during the login")
                .hint("check the network between this machine and the server"),
        ),
        _ => None,
    }
}

/// The failure for a peer that closed or reset the connection, as a crate may tell without any I/O error.
#[must_use]
pub fn hung_up(tap: &Tap, spoken: Protocol) -> Failure {
    if let Some(stopped) = tap.stopped() {
        return guard_failure(stopped, spoken);
    }
    if let Some(other) = other(&tap.first_bytes(), spoken) {
        return mismatch(other, spoken);
    }
    if tap.received() == 0 {
        return Failure::new(Class::Unreachable, "the connection was accepted and closed again without a word")
            .hint(format!("a proxy without a live server behind it does this, and so do services that are not {}: check host and port", spoken.name()));
    }
    Failure::new(Class::Closed, "the server closed the connection in the middle of the login")
        .hint("its log usually says why; proxies and load balancers with no healthy server behind them do this too")
}

fn guard_failure(error: GuardError, spoken: Protocol) -> Failure {
    match error {
        GuardError::TooMuchReceived(limit) => Failure::new(
            Class::Protocol,
            format!("the server sent more than any login needs (over {} KiB)", limit >> 10),
        )
        .hint(format!("what answers there is not a working {} server: check host and port", spoken.name())),
        GuardError::TooMuchSent(limit) => Failure::new(
            Class::Protocol,
            format!("the server asked for more than any login needs (over {} KiB)", limit >> 10),
        )
        .hint(format!("what answers there is not a working {} server: check host and port", spoken.name())),
        GuardError::Deadline => Failure::new(Class::Timeout, format!("connected, but no {} login in time", spoken.name()))
            .hint("another service may own this port, or the server is overloaded or frozen"),
    }
}

/// The protocol that answers instead of `spoken`. A TLS handshake record answers one of ours, so
/// only a TLS alert shows that the peer expected TLS and got something else.
fn other(first: &[u8], spoken: Protocol) -> Option<Protocol> {
    let handshake = first.first() == Some(&0x16);
    recognise(first).filter(|protocol| *protocol != spoken && !handshake)
}

fn mismatch(other: Protocol, spoken: Protocol) -> Failure {
    let hint = match other {
        Protocol::Tls => "turn on TLS in the definition, or use the server's plain port",
        _ => "the port belongs to another service: correct `port` (or `host`)",
    };
    let message = match other {
        Protocol::Tls => format!("the server expects TLS there, and was spoken to in plain {}", spoken.name()),
        _ => format!("{} answers there, not {}", other.server(), spoken.name()),
    };
    Failure::new(Class::Protocol, message).hint(hint)
}

fn handshake_ended(tap: &Tap) -> Failure {
    let class = if tap.received() == 0 { Class::Unreachable } else { Class::Closed };
    Failure::new(class, "the server closed the connection during the TLS handshake")
        .hint("it may not speak TLS on this port, or refuse this machine; its log usually says why")
}

fn nonsense(spoken: Protocol) -> Failure {
    Failure::new(Class::Protocol, format!("what the server sent is not {}", spoken.name()))
        .hint("another service may own this port: check host and port")
}
