//! Warns about names that several connections share.

use std::collections::HashMap;

use super::spec::SourceSpec;
use crate::model::connection::Connection;
use crate::model::notice::{SourceNotice, UsedByAirflow};
use crate::model::several;
use crate::model::warning::Warning;

/// The maximum number of other places that a warning names.
const NAMED: usize = 3;

/// Warns about every connection whose `conn_id` other connections have too. The warning names their places and, if the
/// connections are in several of the places that Airflow searches, the one that Airflow would use. A name is not a key,
/// so every connection is checked nevertheless.
pub fn mark_ambiguous(connections: &mut [Connection], sources: &[SourceSpec]) {
    let turns: HashMap<String, u8> =
        sources.iter().filter_map(|source| Some((source.to_string(), source.turn()?))).collect();
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (position, connection) in connections.iter().enumerate() {
        if let Some(conn_id) = &connection.conn_id {
            by_name.entry(looked_up(conn_id, turns.len())).or_default().push(position);
        }
    }
    let mut warnings = Vec::new();
    for sharing in by_name.values().filter(|sharing| sharing.len() > 1) {
        let used = used_by_airflow(sharing, connections, &turns);
        warnings.extend(sharing.iter().map(|own| (*own, warning(*own, sharing, used, connections))));
    }
    for (position, warning) in warnings {
        connections[position].warnings.push(warning);
    }
}

/// The name by which a connection is found. If several of Airflow's places are compared, case is ignored, because an
/// environment variable is in capitals whatever the case of the name.
fn looked_up(conn_id: &str, places: usize) -> String {
    if places > 1 { conn_id.to_lowercase() } else { conn_id.to_owned() }
}

/// The connection that Airflow would use among those `sharing` a name; `None` unless they are in places that Airflow
/// searches one after the other.
fn used_by_airflow(sharing: &[usize], connections: &[Connection], turns: &HashMap<String, u8>) -> Option<usize> {
    let turn = |position: &usize| turns.get(&connections[*position].origin.source).copied();
    let asked = || sharing.iter().filter(|position| turn(position).is_some());
    let first = *asked().min_by_key(|position| turn(position))?;
    asked().any(|position| turn(position) != turn(&first)).then_some(first)
}

fn warning(own: usize, sharing: &[usize], used: Option<usize>, connections: &[Connection]) -> Warning {
    let others = sharing.iter().filter(|position| **position != own);
    let places = others.map(|position| format!("`{}`", connections[*position].origin));
    let used = used.map(|position| match position {
        position if position == own => UsedByAirflow::This,
        position => UsedByAirflow::Other(connections[position].origin.to_string()),
    });
    SourceNotice::SharedName { places: several::listed_of(places, sharing.len() - 1, NAMED), used }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::connection::Origin;

    fn connection(conn_id: Option<&str>, line: usize) -> Connection {
        let origin = Origin { source: "c.json".into(), line: Some(line), pointer: String::new(), occurrence: 0 };
        Connection { conn_id: conn_id.map(str::to_owned), ..Connection::new(origin) }
    }

    #[test]
    fn many_sharers_of_a_name_take_no_square_of_their_number() {
        let mut connections: Vec<Connection> = (0..50_000).map(|line| connection(Some("a"), line)).collect();
        let since = std::time::Instant::now();
        mark_ambiguous(&mut connections, &[]);
        assert!(since.elapsed() < std::time::Duration::from_secs(10), "{:?}", since.elapsed());
        assert!(connections.iter().all(|connection| connection.warnings.len() == 1));
    }

    #[test]
    fn every_sharer_of_a_name_is_told_where_the_others_are() {
        let mut connections: Vec<Connection> = [Some("a"), Some("b"), Some("a"), None, None, Some("A")]
            .into_iter()
            .zip(1..)
            .map(|(id, line)| connection(id, line))
            .collect();
        mark_ambiguous(&mut connections, &[]);
        let warnings: Vec<Vec<Warning>> = connections.into_iter().map(|connection| connection.warnings).collect();
        let shared = |place: &str| vec![SourceNotice::SharedName { places: place.to_owned(), used: None }.into()];
        assert_eq!(warnings, [shared("`c.json:3`"), vec![], shared("`c.json:1`"), vec![], vec![], vec![]]);
    }

    #[test]
    fn of_many_sharers_three_are_named() {
        let mut connections: Vec<Connection> = (1..=9).map(|line| connection(Some("a"), line)).collect();
        mark_ambiguous(&mut connections, &[]);
        let places = "`c.json:1`, `c.json:3`, `c.json:4` and 5 more".to_owned();
        assert_eq!(connections[1].warnings, [SourceNotice::SharedName { places, used: None }.into()]);
    }

    #[test]
    fn airflow_asks_a_secrets_backend_then_the_environment_then_its_database() {
        let at = |source: &str, conn_id: &str| {
            let origin = Origin { source: source.into(), line: None, pointer: format!("/{conn_id}"), occurrence: 0 };
            Connection { conn_id: Some(conn_id.to_owned()), ..Connection::new(origin) }
        };
        let sources: Vec<SourceSpec> =
            ["airflow:", "env:", "vault:kv", "c.json"].iter().map(|word| word.parse().unwrap()).collect();
        for (given, used) in [
            (vec![at("airflow", "A"), at("env", "a")], Some("env#/a")),
            (vec![at("env", "a"), at("airflow", "a"), at("vault:kv", "a")], Some("vault:kv#/a")),
            (vec![at("airflow", "a"), at("c.json", "a")], None),
            (vec![at("airflow", "a"), at("airflow", "a")], None),
        ] {
            let mut connections = given;
            mark_ambiguous(&mut connections, &sources);
            for connection in &connections {
                let own = connection.origin.to_string();
                let used = used.map(|used| match used {
                    used if used == own => UsedByAirflow::This,
                    used => UsedByAirflow::Other(used.to_owned()),
                });
                let others = connections.iter().filter(|other| !std::ptr::eq(*other, connection));
                let places = others.map(|other| format!("`{}`", other.origin));
                let places = several::listed_of(places, connections.len() - 1, NAMED);
                assert_eq!(connection.warnings, [SourceNotice::SharedName { places, used }.into()], "{own}");
            }
        }
    }
}
