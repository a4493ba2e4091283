//! Refusals, ends without an answer and interrupted handshakes of one account in one day: each is counted as what it is
//! (the contract's sections 2, 4 and 6), and none ends a hold that another kind began.

use tempfile::tempdir;

use super::*;

use Came::{Again, Tried, Withheld};
use Ending::{Accepted, Refused, Unclear};
use Event::{Handshake, Login as Secret};

/// An event at the account or its server.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A login with this secret, the end that it would have, and the decision.
    Login(&'static str, Ending, Came),
    /// A handshake that is interrupted, or ends with an accepted login.
    Handshake(Was),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Was {
    Interrupted,
    LetIn,
}

use Was::{Interrupted, LetIn};

/// The time, the event, and until when logins to the server are withheld from then on.
type Step = (u64, Event, Option<u64>);

const DAYS: &[(&str, &[Step])] = &[
    (
        "each kind has its own hold",
        &[
            (0, Secret("A", Refused, Tried), None),
            (MINUTE, Handshake(Interrupted), None),
            (MINUTE, Handshake(Interrupted), None),
            (MINUTE, Handshake(Interrupted), None),
            (MINUTE, Handshake(Interrupted), None),
            // This counts as the second of two refusals and holds the account; the fifth handshake holds the server.
            (2 * MINUTE, Secret("B", Unclear, Tried), None),
            (3 * MINUTE, Handshake(Interrupted), Some(13 * MINUTE)),
            (4 * MINUTE, Secret("A", Refused, Again(DAY)), Some(13 * MINUTE)),
            (4 * MINUTE, Secret("C", Refused, Withheld(62 * MINUTE)), Some(13 * MINUTE)),
            (4 * MINUTE, Secret("B", Accepted, Withheld(62 * MINUTE)), Some(13 * MINUTE)),
            // The server's hold ends by itself and with an accepted login; the account's hold does not.
            (20 * MINUTE, Secret("C", Refused, Withheld(62 * MINUTE)), None),
            (20 * MINUTE, Handshake(Interrupted), Some(40 * MINUTE)),
            (21 * MINUTE, Handshake(LetIn), None),
            (22 * MINUTE, Secret("C", Refused, Withheld(62 * MINUTE)), None),
            // An acceptance ends the account's hold and the unclear ends of its own secret, but not the refusal of
            // another secret.
            (63 * MINUTE, Secret("B", Accepted, Tried), None),
            (64 * MINUTE, Secret("A", Refused, Again(DAY)), None),
            (65 * MINUTE, Secret("C", Refused, Tried), None),
            // A secret that was accepted before is not counted when it gets no answer, and may go again after a second.
            (66 * MINUTE, Secret("B", Unclear, Tried), None),
            (67 * MINUTE, Secret("D", Refused, Tried), None),
            (68 * MINUTE, Secret("E", Refused, Withheld(127 * MINUTE)), None),
            (68 * MINUTE, Secret("B", Unclear, Tried), None),
            (68 * MINUTE + 30, Secret("B", Accepted, Withheld(69 * MINUTE)), None),
            (69 * MINUTE, Secret("B", Accepted, Tried), None),
            // The day is over for the first secret alone.
            (DAY, Secret("A", Accepted, Tried), None),
            (DAY, Secret("C", Refused, Again(DAY + 65 * MINUTE)), None),
        ],
    ),
    (
        "what holds the server frees no secret, and what holds a secret frees no server",
        &[
            (0, Handshake(Interrupted), None),
            (0, Handshake(Interrupted), None),
            (0, Handshake(Interrupted), None),
            (0, Handshake(Interrupted), None),
            (0, Handshake(Interrupted), Some(10 * MINUTE)),
            (10 * MINUTE, Secret("A", Unclear, Tried), None),
            (10 * MINUTE + 2, Secret("A", Unclear, Tried), None),
            (10 * MINUTE + 3, Secret("A", Unclear, Withheld(70 * MINUTE + 2)), None),
            // Each further interruption doubles the hold; a refusal in between is no accepted login.
            (11 * MINUTE, Handshake(Interrupted), Some(31 * MINUTE)),
            (31 * MINUTE, Secret("B", Refused, Withheld(70 * MINUTE + 2)), None),
            (71 * MINUTE, Secret("B", Refused, Tried), None),
            (72 * MINUTE, Handshake(Interrupted), Some(112 * MINUTE)),
            // Three refusals count now: the hold is two hours, for a secret that got no answer as well.
            (73 * MINUTE, Secret("C", Refused, Withheld(191 * MINUTE)), Some(112 * MINUTE)),
            (73 * MINUTE, Secret("A", Accepted, Withheld(191 * MINUTE)), Some(112 * MINUTE)),
            (192 * MINUTE, Secret("A", Accepted, Tried), None),
            (192 * MINUTE, Secret("B", Refused, Again(71 * MINUTE + DAY)), None),
            (193 * MINUTE, Handshake(LetIn), None),
            (193 * MINUTE, Handshake(Interrupted), None),
            (194 * MINUTE, Secret("C", Unclear, Tried), None),
            (195 * MINUTE, Secret("A", Accepted, Tried), None),
            // The acceptance of another secret does not let this one go within the hour after its second unclear end.
            (195 * MINUTE, Secret("C", Unclear, Tried), None),
            (196 * MINUTE, Secret("A", Accepted, Tried), None),
            (197 * MINUTE, Secret("C", Accepted, Withheld(255 * MINUTE)), None),
            (255 * MINUTE, Secret("C", Accepted, Tried), None),
        ],
    ),
];

const SERVER: &str = "mysql db:3306";

#[test]
fn three_kinds_of_event_in_one_day_are_each_counted_for_what_they_are() {
    for (name, steps) in DAYS {
        // In one process, and with one process for each step.
        for anew in [false, true] {
            let directory = tempdir().unwrap();
            let mut bench = Bench::in_file(directory.path());
            for (number, (at, event, left_alone)) in steps.iter().enumerate() {
                if anew {
                    drop(bench);
                    bench = Bench::in_file(directory.path());
                }
                bench.at(*at);
                let place = format!("{name}, step {number} at {at} ({anew}): {event:?}");
                match *event {
                    Secret(secret, ending, came) => {
                        assert_eq!(bench.log_in(&login(&["db"], secret), ending), came, "{place}");
                    }
                    Handshake(was) => {
                        let servers = [SERVER.to_owned()];
                        bench.runtime.block_on(bench.ledger.handshake(&servers, was == Interrupted));
                    }
                }
                let until = bench.ledger.interrupted(SERVER).1.map(|until| until.since(start()).as_secs());
                assert_eq!(until, *left_alone, "{place}");
            }
        }
    }
}
