//! I/O and TLS errors, as the driver crates wrap them, → failures in our words.

use std::error::Error;

use super::guard::Tap;
use super::sniff::Protocol;
use crate::model::failure::Failure;

/// The first `E` in the chain of `error`, also inside `io::Error`s, whose payload the usual walk skips.
#[must_use]
pub fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        current = match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|payload| payload as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

/// What broke the dialogue: a TLS error, the budget, another protocol's first bytes, a reset or
/// close, or nonsense. For errors that are not the server's own refusal.
#[must_use]
pub fn classify(_error: &(dyn Error + 'static), _tap: &Tap, _spoken: Protocol) -> Failure {
    todo!()
}
