//! HTTP: no real server is recorded; a login over the kit's HTTP breaks in the matrix, turn by turn.

use crate::real::{Recorded, Transcript};

pub const OWN: Recorded = Recorded { servers: Vec::new, read: |spoken| Transcript::of(spoken), lead: |_, _| {} };
