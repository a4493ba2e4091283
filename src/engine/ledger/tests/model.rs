//! A second model of the rules, which keeps the whole history of one account and evaluates it anew for each login.
//! Random histories must lead the model and the real ledger to the same decisions.

use proptest::prelude::*;
use tempfile::tempdir;

use super::*;

/// One login, or the attempt to make one.
#[derive(Clone, Debug)]
struct Step {
    /// Seconds since the previous step.
    later: u64,
    secret: usize,
    circumstances: usize,
    ending: Ending,
    /// Whether its process is killed once the credential has left.
    killed: bool,
    /// Whether the user tries once.
    once: bool,
}

struct Event {
    at: u64,
    secret: usize,
    circumstances: usize,
    ending: Ending,
    early: bool,
}

#[derive(Default)]
struct Model {
    events: Vec<Event>,
    pressed: Option<u64>,
}

const HOUR: u64 = 3600;

impl Model {
    fn proven(&self, secret: usize) -> bool {
        let mut answers = self.events.iter().rev().filter(|event| event.secret == secret);
        answers.find(|event| matches!(event.ending, Ending::Accepted | Ending::Refused)).map(|event| event.ending)
            == Some(Ending::Accepted)
    }

    fn accepted_at(&self, secret: usize) -> Option<u64> {
        let accepted = |event: &&Event| event.secret == secret && event.ending == Ending::Accepted;
        self.events.iter().rfind(accepted).map(|event| event.at)
    }

    /// Each event with the history before it.
    fn replayed(&self) -> impl Iterator<Item = (Self, &Event)> {
        (0..self.events.len()).map(|upto| {
            let copy = |event: &Event| Event { ..*event };
            (Self { events: self.events[..upto].iter().map(copy).collect(), pressed: None }, &self.events[upto])
        })
    }

    fn account(&self) -> (u32, u64) {
        let (mut count, mut since) = (0, 0);
        for (before, event) in self.replayed() {
            match event.ending {
                Ending::Accepted => count = 0,
                Ending::Refused => (count, since) = (count + 1, event.at),
                Ending::Unclear if !before.proven(event.secret) => (count, since) = (count + 1, event.at),
                Ending::Unclear | Ending::Untested | Ending::NoDifference => {}
            }
        }
        (count, since)
    }

    /// Until when the secret is held, and whether it was itself refused.
    fn held(&self, secret: usize, circumstances: usize, now: u64) -> Option<(u64, bool)> {
        let exempt = self.proven(secret) && self.accepted_at(secret).is_some_and(|at| now - at <= 48 * HOUR);
        let mut until = 0;
        let (count, since) = self.account();
        if count >= 2 && !exempt {
            until = until.max(since + HOUR.saturating_mul(1 << (count - 2).min(10)).min(24 * HOUR));
        }
        let (mut times, mut row, mut own) = (0, 0, 0);
        for (before, event) in self.replayed() {
            if (event.secret, event.circumstances) != (secret, circumstances) {
                continue;
            }
            match event.ending {
                Ending::Accepted => (times, row, own) = (0, 0, 0),
                Ending::Refused => {
                    (times, row) = (times + 1, 0);
                    let lately = before.accepted_at(secret).is_some_and(|at| event.at - at <= 48 * HOUR);
                    let pause = if lately && times == 1 { HOUR } else { 24 * HOUR };
                    own = event.at + pause;
                }
                Ending::Unclear => {
                    row += 1;
                    let pause = match (row, before.proven(secret)) {
                        (1, _) => 1,
                        (row, true) => (60 << (row - 2).min(8)).min(600),
                        (row, false) => (HOUR << (row - 2).min(8)).min(24 * HOUR),
                    };
                    // Only the last of consecutive unclear ends counts.
                    let last = self.events.iter().rfind(|other| {
                        (other.secret, other.circumstances) == (secret, circumstances)
                            && other.ending != Ending::Untested
                    });
                    if last.is_some_and(|last| std::ptr::eq(last, event)) {
                        until = until.max(event.at + pause);
                    }
                }
                Ending::Untested | Ending::NoDifference => {}
            }
        }
        let until = until.max(own);
        (until > now).then_some((until, times > 0))
    }

    fn decide(&mut self, step: &Step, now: u64) -> (Came, bool) {
        let Some((until, refused)) = self.held(step.secret, step.circumstances, now) else {
            return (Came::Tried, false);
        };
        let early = self
            .events
            .iter()
            .filter(|event| event.early && event.ending != Ending::Accepted && now - event.at < 24 * HOUR);
        if step.once && early.count() < 3 && self.pressed.is_none_or(|at| now - at >= 60) {
            self.pressed = Some(now);
            return (Came::Tried, true);
        }
        (if refused { Came::Again(until) } else { Came::Withheld(until) }, false)
    }
}

fn step() -> impl Strategy<Value = Step> {
    let later = prop::sample::select(vec![0, 0, 1, 2, 30, 61, 600, HOUR, 5 * HOUR, 25 * HOUR, 49 * HOUR]);
    let ending = prop::sample::select(vec![
        Ending::Accepted,
        Ending::Refused,
        Ending::Refused,
        Ending::Refused,
        Ending::Unclear,
        Ending::Unclear,
        Ending::Untested,
    ]);
    (later, 0..4_usize, 0..2_usize, ending, prop::bool::weighted(0.1), prop::bool::weighted(0.2)).prop_map(
        |(later, secret, circumstances, ending, killed, once)| Step {
            later,
            secret,
            circumstances,
            ending,
            killed,
            once,
        },
    )
}

fn compare(steps: &[Step]) {
    let directory = tempdir().unwrap();
    let mut bench = Bench::in_file(directory.path());
    let mut model = Model::default();
    let mut now = 0;
    for (number, step) in steps.iter().enumerate() {
        now += step.later;
        bench.at(now);
        let login = Login {
            id: number.to_string(),
            early: step.once.then_some(Early::Once),
            ..login_in(&["db", "10.0.0.7"], &step.secret.to_string(), &[&step.circumstances.to_string()])
        };
        let expected = model.decide(step, now);
        let (came, early) = bench.begin(&login);
        assert_eq!((came, early), expected, "step {number} at {now}: {step:?} in {steps:#?}");
        if came != Came::Tried {
            continue;
        }
        bench.ledger.leaves(&login);
        let ending = if step.killed {
            let clock = bench.clock.clone();
            drop(bench);
            bench = Bench::in_file(directory.path());
            bench.clock.set(clock.now());
            Ending::Unclear
        } else {
            bench.end(&login, &End { early, ..end(step.ending) });
            step.ending
        };
        model.events.push(Event { at: now, secret: step.secret, circumstances: step.circumstances, ending, early });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_histories_lead_to_the_same_decisions(steps in prop::collection::vec(step(), 1..60)) {
        compare(&steps);
    }
}
