//! A good login that breaks at one of the server's turns.

use std::time::Duration;

use super::seam::Seam;
use super::{Expected, Fault, OK, Target, drivers, fast, late};
use crate::peer::{Manner, Script, Step, say};
use crate::speech::{Driver, Role, Turn};

/// The pause between two bytes; so long that no answer is complete before the deadline.
const DRIP: Duration = Duration::from_millis(200);

/// A pause that is long enough for the bytes before it to arrive separately.
const MOMENT: Duration = Duration::from_millis(30);

/// What a server does in place of a turn.
struct Break {
    name: &'static str,
    /// Whether the server sends half of the right message.
    halves: bool,
    steps: fn(&Turn) -> Vec<Step>,
    /// The expected result for a turn, and for whether it is the server's first one.
    outcome: fn(&Turn, bool) -> Expected,
}

fn in_manner(turn: &Turn, manner: Manner) -> Step {
    match &turn.says {
        Step::Say(words, _) => Step::Say(words.clone(), manner),
        other => other.clone(),
    }
}

fn half(turn: &Turn, then: &[Step]) -> Vec<Step> {
    [&[in_manner(turn, Manner::Half), Step::Pause(MOMENT)], then].concat()
}

fn ended(turn: &Turn, first: bool) -> Expected {
    fast(if first { "unreachable" } else { "closed" }, turn.phase)
}

const BREAKS: &[Break] = &[
    Break { name: "silence", halves: false, steps: |_| vec![Step::Hold], outcome: |turn, _| late(turn.phase) },
    Break { name: "a close", halves: false, steps: |_| vec![], outcome: ended },
    Break { name: "half a close", halves: false, steps: |_| vec![Step::HalfClose], outcome: ended },
    Break { name: "a reset", halves: false, steps: |_| vec![Step::Reset], outcome: ended },
    Break {
        name: "half of it, then silence",
        halves: true,
        steps: |turn| half(turn, &[Step::Hold]),
        outcome: |turn, _| late(turn.phase),
    },
    Break {
        name: "half of it, then a close",
        halves: true,
        steps: |turn| half(turn, &[]),
        outcome: |turn, _| fast("closed", turn.phase),
    },
    Break {
        name: "half of it, then a reset",
        halves: true,
        steps: |turn| half(turn, &[Step::Reset]),
        outcome: |turn, _| fast("closed", turn.phase),
    },
    Break {
        name: "a byte of it now and then",
        halves: true,
        steps: |turn| vec![in_manner(turn, Manner::Dripping(DRIP)), Step::Hold],
        outcome: |turn, _| late(turn.phase),
    },
    Break {
        name: "bytes that mean nothing",
        halves: false,
        steps: |_| vec![say([0xa7; 512]), Step::Hold],
        outcome: |turn, _| fast("protocol", turn.phase),
    },
    Break {
        name: "zeros without end",
        halves: false,
        steps: |_| vec![Step::Flood(vec![0; 64])],
        outcome: |turn, _| fast("protocol", turn.phase),
    },
    Break {
        name: "ones without end",
        halves: false,
        steps: |_| vec![Step::Flood(vec![0xff; 64])],
        outcome: |turn, _| fast("protocol", turn.phase),
    },
];

fn title(role: Role) -> &'static str {
    match role {
        Role::First => "in place of the first words",
        Role::Demand => "in place of the demand for a proof",
        Role::Challenge => "in place of the challenge",
        Role::Verdict => "in place of the verdict",
        Role::Answer => "in place of the answer to the test query",
    }
}

pub(super) fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    for role in [Role::First, Role::Demand, Role::Challenge, Role::Verdict, Role::Answer] {
        faults.extend(BREAKS.iter().map(|way| broken(role, way)));
    }
    faults.push(slow_but_good("byte by byte", |turn| vec![in_manner(turn, Manner::Bytewise)]));
    faults.push(slow_but_good("each turn after a pause", |turn| vec![Step::Pause(3 * MOMENT), turn.says.clone()]));
    faults
}

fn broken(role: Role, way: &Break) -> Fault {
    let turn = |driver: Driver| {
        let turns = (driver.login)();
        let at = turns.iter().position(|turn| turn.role == role)?;
        Some((at, turns.into_iter().nth(at)?))
    };
    // If the server's first turn waits for no message, a break there is a fault of the network instead.
    let can_break = |driver: &Driver| {
        turn(*driver).is_some_and(|(at, turn)| if way.halves { !turn.short } else { at != 0 || turn.hears })
    };
    let met = |driver| turn(driver).map(|(at, turn)| (way.outcome)(&turn, at == 0)).expect("a turn");
    let played = |driver: Driver| {
        let steps = turn(driver).map(|(_, turn)| (way.steps)(&turn)).expect("a turn");
        Target::Peer(driver.instead(role, steps))
    };
    let name = format!("{} {}", way.name, title(role));
    Fault::at(Seam::Turns, name, drivers().filter(can_break), met, played)
}

/// A whole login in an unusual manner that must succeed.
fn slow_but_good(name: &str, says: fn(&Turn) -> Vec<Step>) -> Fault {
    let played = |driver: Driver| {
        let turns = (driver.login)().into_iter();
        let mut script: Script =
            turns.flat_map(|turn| turn.hears.then_some(Step::Hear).into_iter().chain(says(&turn))).collect();
        script.push(Step::Hold);
        Target::Peer(script)
    };
    Fault::at(Seam::Turns, format!("a good login, {name}"), drivers(), |_| OK, played)
}
