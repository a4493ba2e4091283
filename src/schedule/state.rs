//! `State`: what is said of one connection after its checks, with damping: a single failure is no outage, and a connection
//! that changes again and again is flapping. Pure.

use jiff::Timestamp;

use crate::model::class::{Class, Status};

/// The checks that decide whether a connection is flapping.
const WINDOW: u32 = 21;
/// So many changes among them make it flapping.
const CHANGES: u32 = 5;

/// How many checks in a row change a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damping {
    /// Checks that are not ok, after an ok one.
    pub fail_after: u32,
    /// Checks that are ok, after one that is not.
    pub ok_after: u32,
}

impl Default for Damping {
    fn default() -> Self {
        Self { fail_after: 2, ok_after: 1 }
    }
}

/// A status and, where it is not ok, the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The status.
    pub status: Status,
    /// Why it is not ok.
    pub class: Option<Class>,
}

impl Standing {
    /// That everything works.
    pub const OK: Self = Self { status: Status::Ok, class: None };

    /// Not ok, because of `class`.
    #[must_use]
    pub fn because(class: Class, status: Status) -> Self {
        Self { status, class: Some(class) }
    }

    fn is_ok(self) -> bool {
        self.status == Status::Ok
    }
}

/// A change of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What was said before; `None` before the first check.
    pub from: Option<Standing>,
    /// What is said now.
    pub to: Standing,
}

/// What is said of one connection.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The state, and since when.
    stands: Option<(Standing, Timestamp)>,
    /// The last check, and how many in a row were ok, or were not.
    last: Option<(Standing, u32)>,
    /// For each of the last checks, whether it differed from the one before it; the last in the lowest bit.
    changes: u32,
    flapping: bool,
}

impl State {
    /// The state and since when it lasts; `None` before the first check.
    #[must_use]
    pub fn stands(&self) -> Option<(Standing, Timestamp)> {
        self.stands
    }

    /// What the last check found, without damping.
    #[must_use]
    pub fn last(&self) -> Option<Standing> {
        self.last.map(|(standing, _)| standing)
    }

    /// Whether it changes again and again.
    #[must_use]
    pub fn is_flapping(&self) -> bool {
        self.flapping
    }

    /// Notes that a check at `moment` found `standing`. Returns the change of the state, if there is one.
    pub fn note(&mut self, standing: Standing, moment: Timestamp, damping: Damping) -> Option<Change> {
        let in_a_row = match self.last {
            Some((last, times)) if last.is_ok() == standing.is_ok() => times.saturating_add(1),
            _ => 1,
        };
        let differs = self.last.is_some_and(|(last, _)| last.is_ok() != standing.is_ok());
        self.last = Some((standing, in_a_row));
        self.changes = (self.changes << 1 | u32::from(differs)) & ((1 << WINDOW) - 1);
        self.flapping = match self.changes.count_ones() {
            0 => false,
            changes => self.flapping || changes >= CHANGES,
        };
        let Some((stands, _)) = self.stands else {
            self.stands = Some((standing, moment));
            return Some(Change { from: None, to: standing });
        };
        let needed = match (stands.is_ok(), standing.is_ok()) {
            (true, false) => damping.fail_after,
            (false, true) => damping.ok_after,
            // A change of the reason counts at once.
            (true, true) | (false, false) => 1,
        };
        if stands == standing || in_a_row < needed {
            return None;
        }
        self.stands = Some((standing, moment));
        Some(Change { from: Some(stands), to: standing })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWN: Standing = Standing { status: Status::Failed, class: Some(Class::Unreachable) };
    const REFUSED: Standing = Standing { status: Status::Failed, class: Some(Class::Auth) };

    fn moment(second: usize) -> Timestamp {
        Timestamp::from_second(i64::try_from(second).unwrap()).unwrap()
    }

    /// The checks that changed the state of a connection, with the state then.
    fn changes(checks: &[Standing], damping: Damping) -> Vec<(usize, Standing)> {
        let mut state = State::default();
        let noted = checks
            .iter()
            .enumerate()
            .filter_map(|(at, standing)| state.note(*standing, moment(at), damping).map(|change| (at, change.to)));
        noted.collect()
    }

    #[test]
    fn a_state_changes_after_as_many_checks_in_a_row_as_are_needed() {
        let ok = Standing::OK;
        for (fail_after, ok_after, checks, expected) in [
            // The first check counts at once.
            (2, 1, &[ok, ok][..], &[(0, ok)][..]),
            (2, 1, &[DOWN], &[(0, DOWN)]),
            (2, 1, &[ok, DOWN, ok, DOWN, ok], &[(0, ok)]),
            (2, 1, &[ok, DOWN, DOWN, ok], &[(0, ok), (2, DOWN), (3, ok)]),
            // Failures of different reasons are failures in a row.
            (2, 1, &[ok, DOWN, REFUSED], &[(0, ok), (2, REFUSED)]),
            (2, 1, &[DOWN, REFUSED, DOWN], &[(0, DOWN), (1, REFUSED), (2, DOWN)]),
            (1, 1, &[ok, DOWN, ok], &[(0, ok), (1, DOWN), (2, ok)]),
            (3, 2, &[ok, DOWN, DOWN, DOWN, ok, ok], &[(0, ok), (3, DOWN), (5, ok)]),
            (3, 2, &[ok, DOWN, DOWN, DOWN, ok, DOWN, ok, ok], &[(0, ok), (3, DOWN), (7, ok)]),
        ] {
            let damping = Damping { fail_after, ok_after };
            assert_eq!(changes(checks, damping), expected, "{fail_after} {ok_after} {checks:?}");
        }
    }

    #[test]
    fn a_connection_flaps_from_the_fifth_change_until_twenty_one_checks_without_one() {
        let mut state = State::default();
        let mut note = |standing, at| {
            state.note(standing, moment(at), Damping::default());
            state.is_flapping()
        };
        assert!(!note(Standing::OK, 0));
        for at in 1..=4 {
            assert!(!note(if at % 2 == 1 { DOWN } else { Standing::OK }, at), "{at}");
        }
        assert!(note(DOWN, 5));
        for quiet in 1..=20 {
            assert!(note(DOWN, 5 + quiet), "{quiet}");
        }
        assert!(!note(DOWN, 26));
        // A change every sixth check is no flapping.
        let (mut state, mut flaps) = (State::default(), false);
        for at in 0..100 {
            state.note(if at / 6 % 2 == 0 { Standing::OK } else { DOWN }, moment(at), Damping::default());
            flaps |= state.is_flapping();
        }
        assert!(!flaps);
    }
}
