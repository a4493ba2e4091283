//! How often each connection is checked: the first rule that applies to it decides.

use std::time::Duration;

use crate::model::connection::Connection;
use crate::model::select::Selection;

/// The shortest interval that a configuration may ask for.
pub const SHORTEST: Duration = Duration::from_secs(5);
/// The interval of connections to which no rule applies, where no other is given.
pub const USUAL: Duration = Duration::from_mins(1);

/// An interval for some connections.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The connections, by name and type.
    pub selection: Selection,
    /// Their hosts, as globs; empty for all.
    pub hosts: Vec<String>,
    /// The interval.
    pub interval: Duration,
}

/// The rules, and the interval of the rest.
#[derive(Clone, Debug)]
pub struct Intervals {
    /// The rules; the first that applies decides.
    pub rules: Vec<Rule>,
    /// The interval where none applies.
    pub otherwise: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        Self { rules: Vec::new(), otherwise: USUAL }
    }
}

impl Intervals {
    /// The interval of `connection`, whose driver is `driver`.
    #[must_use]
    pub fn of(&self, connection: &Connection, driver: Option<&str>) -> Duration {
        let rule = self.rules.iter().find(|rule| rule.applies_to(connection, driver));
        rule.map_or(self.otherwise, |rule| rule.interval)
    }
}

impl Rule {
    fn applies_to(&self, connection: &Connection, driver: Option<&str>) -> bool {
        let host = connection.host.as_deref().unwrap_or_default();
        let is_at = |glob: &String| wildmatch::WildMatch::new(&glob.to_lowercase()).matches(&host.to_lowercase());
        self.selection.takes(connection, driver) && (self.hosts.is_empty() || self.hosts.iter().any(is_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_applies_decides() {
        let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let rule = |select: &[&str], types: &[&str], hosts: &[&str], seconds| Rule {
            selection: Selection { select: words(select), exclude: Vec::new(), types: words(types) },
            hosts: words(hosts),
            interval: Duration::from_secs(seconds),
        };
        let intervals = Intervals {
            rules: vec![
                rule(&["prod_*"], &[], &[], 10),
                rule(&[], &["mysql"], &[], 20),
                rule(&[], &[], &["*.EU.example"], 30),
            ],
            otherwise: Duration::from_secs(40),
        };
        for (conn_id, conn_type, host, seconds) in [
            ("prod_a", "mysql", "db.eu.example", 10),
            ("a", "mysql", "db.eu.example", 20),
            ("a", "postgres", "db.eu.example", 30),
            ("a", "postgres", "db.us.example", 40),
        ] {
            let mut connection = Connection::builder(conn_type).host(host).build();
            connection.conn_id = Some(conn_id.to_owned());
            let interval = intervals.of(&connection, Some(conn_type));
            assert_eq!(interval, Duration::from_secs(seconds), "{conn_id} {conn_type} {host}");
        }
    }
}
