//! Endurance tests: thousands of definitions with hostile servers among them, signals at any instant, an output without
//! a reader, a machine with a shortage of every resource, and servers that echo connprobe's secrets. All tests run the
//! binary, as a user does.
//!
//! The servers and their faults are those of `tests/faults`.

#[macro_use]
#[path = "../drivers/list.rs"]
mod list;

mod canary;
mod completeness;
mod crowd;
mod memory;
mod output;
mod panics;
mod patience;
mod process;
mod report;
mod shortage;
mod signals;
#[path = "../support/state.rs"]
mod state;

#[expect(dead_code, unused_imports, reason = "the fault matrix asks for more of it")]
#[path = "../faults/dns/mod.rs"]
mod dns;
#[expect(dead_code, unused_imports, reason = "the fault matrix asks for more of it")]
#[path = "../faults/matrix/mod.rs"]
mod matrix;
#[expect(dead_code, unused_imports, reason = "the fault matrix asks for more of it")]
#[path = "../faults/peer/mod.rs"]
mod peer;
#[expect(dead_code, reason = "the fault matrix asks for more of it")]
#[path = "../faults/pki.rs"]
mod pki;
#[expect(dead_code, reason = "the fault matrix asks for more of it")]
#[path = "../faults/speech/mod.rs"]
mod speech;
#[path = "../drivers"]
mod drivers {
    of_every_driver! { faults: crate::matrix::Own, speech }
}
#[path = "../faults/run/starvation.rs"]
mod starvation;
