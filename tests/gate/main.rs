//! `connprobe wait` before real servers, in the order of events of a compose file: servers that come late, restart, initialise
//! themselves, refuse, never come or go, and a suite behind the wait.
//!
//! One process of each driver's server is prepared once and stopped (`servers.rs`); `tests/drivers/NAME/gate.rs` has what
//! depends on the driver. The tests take turns, since they start and stop the same servers. Events are awaited in the logs of
//! the servers or in what connprobe prints; only the moments at which servers come late are chosen.

#[macro_use]
#[path = "../drivers/list.rs"]
mod list;

mod gone;
mod initialising;
mod late;
mod made_later;
mod never;
mod restarted;
mod served;
mod servers;
mod wait;

#[path = "../drivers"]
mod drivers {
    of_every_driver! { gate: crate::served::Served }
}
