//! The turns of a good login.

use crate::peer::{Script, Step};

/// The login name of all definitions.
pub const LOGIN: &str = "etl";

/// The password of all definitions. If it is found anywhere else, a secret has leaked.
pub const CANARY: &str = "cAnArY-hunter2+7/9";

/// The purpose of a turn of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The server's first message.
    First,
    /// The demand for a kind of proof.
    Demand,
    /// The input that the proof is computed from.
    Challenge,
    /// Whether the login is accepted.
    Verdict,
    /// The answer to the test query.
    Answer,
}

/// One turn of the server in a good login.
pub struct Turn {
    pub role: Role,
    /// The phase in which the client waits for it.
    pub phase: &'static str,
    /// Whether a message of the client precedes it.
    pub hears: bool,
    /// What the server sends.
    pub says: Step,
    /// Whether it is a single byte, which has no half.
    pub short: bool,
}

impl Turn {
    /// A turn that answers a message of the client.
    pub fn new(role: Role, phase: &'static str, says: Step) -> Self {
        Self { role, phase, hears: true, says, short: false }
    }
}

/// The script of `turns`.
pub fn script(turns: &[Turn]) -> Script {
    let mut script = Vec::new();
    for turn in turns {
        if turn.hears {
            script.push(Step::Hear);
        }
        script.push(turn.says.clone());
    }
    script
}
