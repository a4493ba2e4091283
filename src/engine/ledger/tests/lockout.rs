//! Types whose servers lock an account earlier, or for longer, than the general rules assume.

use super::*;
use crate::driver::spec::Lockout;
use crate::model::fingerprint::Fingerprint;
use Came::{Tried, Withheld};
use Ending::Refused;
use std::time::Duration;
use tempfile::tempdir;

fn of(lockout: Option<Lockout>, secret: &str) -> Login {
    let who = Who::new(vec![account("db")], Some(Fingerprint::of(&[secret])), vec!["tls".to_owned()]);
    Login { who: who.locked_by(lockout).into(), ..login(&["db"], secret) }
}

#[test]
fn the_lockout_of_a_type_makes_the_rules_stricter_and_never_laxer() {
    let lockout = |refusals, hours| Some(Lockout { refusals, hold: Duration::from_secs(hours * HOUR) });
    for (lockout, tried, until) in [
        (None, 2, HOUR),
        (lockout(1, 6), 1, 6 * HOUR),
        (lockout(2, 6), 2, 6 * HOUR),
        (lockout(5, 0), 2, HOUR),
        (lockout(0, 48), 1, DAY),
    ] {
        let directory = tempdir().unwrap();
        let came = |secret| Bench::in_file(directory.path()).log_in(&of(lockout, secret), Refused);
        let came: Vec<Came> = ["A", "B", "C"].into_iter().map(came).collect();
        let expected: Vec<Came> = (0..3).map(|n| if n < tried { Tried } else { Withheld(until) }).collect();
        assert_eq!(came, expected, "{lockout:?}");
    }
}
