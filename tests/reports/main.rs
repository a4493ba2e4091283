//! The reports for machines, as their own validators read them: the reports of the command, and those of made-up runs
//! with hostile texts. `tests/servers/install` installs the validators; a test fails without its own, and names it.

#[path = "../support/events.rs"]
mod events;
#[expect(dead_code, reason = "the tests without servers ask for more of it")]
#[path = "../support/home.rs"]
mod home;
#[expect(dead_code, reason = "the tests without servers ask for more of it")]
#[path = "../support/peers.rs"]
mod peers;
#[path = "../support/snapshot.rs"]
mod snapshot;

mod junit;
mod metrics;
mod tools;
mod written;
