//! The turns of a good login.

use crate::peer::{Script, Step};

/// Who logs in.
pub const LOGIN: &str = "etl";

/// With what: wherever this is seen but in a definition, a secret has leaked.
pub const CANARY: &str = "cAnArY-hunter2+7/9";

/// What a turn of the server's is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Its first words.
    First,
    /// Which proof it wants.
    Demand,
    /// What the proof has to be made of.
    Challenge,
    /// Whether the login is accepted.
    Verdict,
    /// The answer to the test query.
    Answer,
}

/// One turn of the server's in a good login.
pub struct Turn {
    /// What it is for.
    pub role: Role,
    /// The phase that waits for it.
    pub phase: &'static str,
    /// A message of the client's comes before it.
    pub hears: bool,
    /// What is said.
    pub says: Step,
    /// It is one byte, which has no half.
    pub short: bool,
}

impl Turn {
    /// A turn that answers a message of the client's.
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
