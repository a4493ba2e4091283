//! Interrupted handshakes in a row, by server: MySQL counts them and blocks our whole host at
//! `max_connect_errors`, for every application on it, so we stop well before.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::result::Address;

/// So many interruptions in a row, and the rest of that server's checks are withheld.
const LIMIT: u32 = 5;

#[derive(Default)]
pub(super) struct Interruptions(Mutex<HashMap<Address, u32>>);

impl Interruptions {
    /// Why a server at one of `addresses` must be left alone, if it must.
    pub(super) fn withheld(&self, addresses: &[Address]) -> Option<Failure> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let address = addresses.iter().find(|address| counts.get(address).is_some_and(|count| *count >= LIMIT))?;
        Some(
            Failure::new(
                Class::Withheld,
                format!("not tried: {LIMIT} handshakes in a row with `{address}` were interrupted, and the server counts them"),
            )
            .hint("find out why that server does not finish its handshake; it blocks hosts at `max_connect_errors` (`FLUSH HOSTS` unblocks)"),
        )
    }

    /// Notes how a dialogue with `address` ended.
    pub(super) fn note(&self, address: &Address, interrupted: bool) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if interrupted {
            *counts.entry(address.clone()).or_default() += 1;
        } else {
            counts.remove(address);
        }
    }
}
