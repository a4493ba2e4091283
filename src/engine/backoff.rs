//! Between runs: an account whose login was refused twice in a row is left alone for a while, so that
//! a scheduled run locks nobody out. Pure: the caller tells the time and what it remembers.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use super::group::plan;
use crate::driver::{Plan, Registry};
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::fingerprint::Fingerprint;
use crate::model::reason::Run;

/// So many refusals in a row are not followed by another at once.
const REFUSALS: u32 = 2;
/// How long an account is left alone after the first of them; twice as long after each more.
const FIRST: Duration = Duration::from_hours(1);
/// The longest that it is left alone.
const LONGEST: Duration = Duration::from_hours(24);

/// What earlier runs made of a definition.
#[derive(Clone, Copy, Debug)]
pub struct Past {
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// Whether its last check was ok.
    pub works: bool,
    /// How often its login was refused since it last worked or was changed.
    pub refusals: u32,
    /// When it was refused last.
    pub refused_at: Option<Timestamp>,
}

impl Past {
    /// Of a definition that is new, or was changed, at `changed_at`.
    #[must_use]
    pub fn none(changed_at: Timestamp) -> Self {
        Self { changed_at, works: false, refusals: 0, refused_at: None }
    }
}

/// An account that is left alone, and because of which definition.
struct Held {
    credential: Option<Fingerprint>,
    refusals: u32,
    since: Timestamp,
    until: Timestamp,
    id: String,
    name: String,
}

/// Why definitions, by id, are not to be tried at `now`: those of an account that was refused twice in
/// a row, but not those that work, nor those that were changed since unless they send the very secret
/// that was refused.
#[must_use]
pub fn withheld(past: &[(&Connection, Past)], registry: &Registry, now: Timestamp) -> HashMap<String, Failure> {
    // Planning every definition again is for the few runs that something was refused before.
    if past.iter().all(|(_, past)| past.refusals < REFUSALS) {
        return HashMap::new();
    }
    let planned: Vec<(&Connection, Past, String, Plan)> = past
        .iter()
        .filter_map(|(connection, past)| {
            let (driver, plan) = plan(connection, registry);
            let plan = plan.ok()?;
            Some((*connection, *past, account(driver?.spec().name, &plan), plan))
        })
        .collect();
    let mut held: HashMap<&str, Held> = HashMap::new();
    for (connection, past, account, plan) in &planned {
        let Some(one) = hold(connection, past, plan, now) else { continue };
        match held.get(account.as_str()) {
            Some(other) if other.until >= one.until => {}
            _ => drop(held.insert(account, one)),
        }
    }
    planned
        .iter()
        .filter_map(|(connection, past, account, plan)| {
            let held = held.get(account.as_str())?;
            let same_secret = plan.credential == held.credential;
            let free = past.works || (past.changed_at > held.since && !same_secret);
            let id = connection.id();
            (!free).then(|| {
                let failure = failure(held, id == held.id);
                (id, failure)
            })
        })
        .collect()
}

fn account(driver: &str, plan: &Plan) -> String {
    let host = plan.target.host.as_deref().unwrap_or_default().to_lowercase();
    format!("{driver} {host} {} {}", plan.target.port.unwrap_or_default(), plan.account)
}

fn hold(connection: &Connection, past: &Past, plan: &Plan, now: Timestamp) -> Option<Held> {
    let since = past.refused_at.filter(|_| past.refusals >= REFUSALS)?;
    let pause = FIRST.saturating_mul(1 << (past.refusals - REFUSALS).min(16)).min(LONGEST);
    let until = since.checked_add(pause).ok()?;
    // A refusal from the future was dated by a wrong clock.
    let sane = now.checked_add(2 * LONGEST).is_ok_and(|latest| until <= latest);
    (now < until && sane).then(|| Held {
        credential: plan.credential,
        refusals: past.refusals,
        since,
        until,
        id: connection.id(),
        name: connection.conn_id.clone().unwrap_or_else(|| connection.origin.to_string()),
    })
}

fn failure(held: &Held, itself: bool) -> Failure {
    let Held { refusals, since, until, .. } = *held;
    let other = (!itself).then(|| held.name.clone());
    Failure::of(Run::AccountHeld { other, refusals: refusals.into(), since, until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::Class;
    use crate::model::connection::Origin;
    use crate::model::secret::Secret;

    const NOW: &str = "2026-11-22T12:00:00Z";

    fn definition(name: &str, login: &str, password: &str) -> Connection {
        let origin = Origin { source: "store".into(), line: None, pointer: name.into(), occurrence: 0 };
        Connection {
            conn_id: Some(name.to_owned()),
            conn_type: Some("postgres".to_owned()),
            host: Some("db".to_owned()),
            login: Some(login.to_owned()),
            password: Some(Secret::new(password.to_owned())),
            ..Connection::new(origin)
        }
    }

    fn hours_ago(hours: f64) -> Timestamp {
        let now: Timestamp = NOW.parse().unwrap();
        now - jiff::SignedDuration::from_secs_f64(hours * 3600.0)
    }

    fn refused(refusals: u32, hours: f64) -> Past {
        Past { refusals, refused_at: Some(hours_ago(hours)), ..Past::none(hours_ago(1000.0)) }
    }

    fn held(past: &[(&Connection, Past)]) -> Vec<String> {
        let withheld = withheld(past, Registry::builtin(), NOW.parse().unwrap());
        let name = |connection: &Connection| connection.conn_id.clone().unwrap();
        past.iter().filter(|(one, _)| withheld.contains_key(&one.id())).map(|(one, _)| name(one)).collect()
    }

    #[test]
    fn the_pause_doubles_from_an_hour_to_a_day() {
        let a = definition("a", "etl", "x");
        for (refusals, hours, expected) in [
            (0, 0.0, false),
            (1, 0.0, false),
            (2, 0.9, true),
            (2, 1.1, false),
            (3, 1.9, true),
            (3, 2.1, false),
            (6, 15.9, true),
            (6, 16.1, false),
            (7, 23.9, true),
            (7, 24.1, false),
            (4_000_000_000, 23.9, true),
            (4_000_000_000, 24.1, false),
            (2, -0.1, true),
            (2, -1000.0, false),
        ] {
            assert_eq!(held(&[(&a, refused(refusals, hours))]).len() == 1, expected, "{refusals} {hours}");
        }
    }

    #[test]
    fn it_is_the_account_that_is_left_alone() {
        let a = definition("a", "etl", "x");
        let others = [
            (definition("other secret", "etl", "y"), Past::none(hours_ago(9.0)), true),
            (definition("same secret", "etl", "x"), Past::none(hours_ago(9.0)), true),
            (definition("new, other secret", "etl", "y"), Past::none(hours_ago(0.1)), false),
            (definition("new, same secret", "etl", "x"), Past::none(hours_ago(0.1)), true),
            (definition("works", "etl", "y"), Past { works: true, ..Past::none(hours_ago(9.0)) }, false),
            (definition("other login", "elt", "x"), Past::none(hours_ago(9.0)), false),
            (
                Connection { port: Some(5433), ..definition("other port", "etl", "x") },
                Past::none(hours_ago(9.0)),
                false,
            ),
            (
                Connection {
                    schema: Some("d".into()),
                    host: Some("DB".into()),
                    ..definition("other database", "etl", "x")
                },
                Past::none(hours_ago(9.0)),
                true,
            ),
        ];
        for (other, past, expected) in others {
            let names = held(&[(&a, refused(2, 0.5)), (&other, past)]);
            assert_eq!(names.len() == 2, expected, "{other:?}");
        }
    }

    #[test]
    fn it_says_since_when_and_until_when() {
        let (a, b) = (definition("a", "etl", "x"), definition("b", "etl", "y"));
        let past = [(&a, refused(3, 0.5)), (&b, Past::none(hours_ago(9.0)))];
        let withheld = withheld(&past, Registry::builtin(), NOW.parse().unwrap());
        for (connection, message) in [
            (
                &a,
                "the login was refused 3 times in a row, last at 2026-11-22T11:30:00Z; not tried again before 2026-11-22T13:30:00Z",
            ),
            (
                &b,
                "the login of `a`, the same account, was refused 3 times in a row, last at 2026-11-22T11:30:00Z; not tried again before 2026-11-22T13:30:00Z",
            ),
        ] {
            let failure = &withheld[&connection.id()];
            assert_eq!((failure.message.as_str(), failure.class), (message, Class::Withheld));
        }
    }
}
