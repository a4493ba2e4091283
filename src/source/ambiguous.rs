//! Names that several connections share.

use std::collections::HashMap;

use crate::model::connection::Connection;
use crate::model::failure::Warning;

/// How many other places a warning names.
const NAMED: usize = 3;

/// Warns on every connection whose `conn_id` others have too, naming where they are. A name is not
/// a key: each is checked all the same.
pub fn mark_ambiguous(connections: &mut [Connection]) {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (position, connection) in connections.iter().enumerate() {
        if let Some(conn_id) = &connection.conn_id {
            by_name.entry(conn_id).or_default().push(position);
        }
    }
    let warnings: Vec<(usize, Warning)> = by_name
        .values()
        .filter(|positions| positions.len() > 1)
        .flat_map(|positions| positions.iter().map(|position| (*position, warning(*position, positions, connections))))
        .collect();
    for (position, warning) in warnings {
        connections[position].warnings.push(warning);
    }
}

fn warning(own: usize, sharing: &[usize], connections: &[Connection]) -> Warning {
    let others = sharing.iter().filter(|position| **position != own);
    let mut places: Vec<String> =
        others.take(NAMED).map(|position| format!("`{}`", connections[*position].origin)).collect();
    let more = sharing.len() - 1 - places.len();
    if more > 0 {
        places.push(format!("{more} more"));
    }
    Warning::new("ambiguous_conn_id", format!("the name is shared with {}", places.join(", ")))
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
    fn every_sharer_of_a_name_is_told_where_the_others_are() {
        let mut connections: Vec<Connection> = [Some("a"), Some("b"), Some("a"), None, None, Some("A")]
            .into_iter()
            .zip(1..)
            .map(|(id, line)| connection(id, line))
            .collect();
        mark_ambiguous(&mut connections);
        let messages: Vec<Vec<&str>> = connections
            .iter()
            .map(|connection| connection.warnings.iter().map(|warning| warning.message.as_str()).collect())
            .collect();
        let (first, third) = (vec!["the name is shared with `c.json:3`"], vec!["the name is shared with `c.json:1`"]);
        assert_eq!(messages, [first, vec![], third, vec![], vec![], vec![]]);
        assert_eq!(connections[0].warnings[0].code, "ambiguous_conn_id");
    }

    #[test]
    fn of_many_sharers_three_are_named() {
        let mut connections: Vec<Connection> = (1..=9).map(|line| connection(Some("a"), line)).collect();
        mark_ambiguous(&mut connections);
        assert_eq!(
            connections[1].warnings[0].message,
            "the name is shared with `c.json:1`, `c.json:3`, `c.json:4`, 5 more"
        );
    }
}
