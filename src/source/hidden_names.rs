//! Drops names that contain a secret of their own definition, and hides them in origins: a name is shown everywhere, is
//! a key of exports, and is part of ids. Removes secrets from the problems and warnings of a definition as well.

use std::collections::HashMap;

use super::shape::escape;
use crate::model::connection::Connection;
use crate::model::notice::{EntryNotice, SourceNotice};
use crate::model::plain::HIDDEN;
use crate::model::warning::WarningCode;

/// Hides such names in `connections`, which all come from one source.
pub(super) fn hide(connections: &mut [Connection]) {
    // Origins that become equal are numbered, so that they stay distinct.
    let mut places: HashMap<String, usize> = HashMap::new();
    for connection in connections.iter().filter(|one| one.origin.pointer.ends_with(HIDDEN)) {
        let next = places.entry(connection.origin.pointer.clone()).or_default();
        *next = (*next).max(connection.origin.occurrence + 1);
    }
    for connection in connections {
        conceal(connection);
        let Hidden { name, place, inner } = Hidden::of(connection);
        if place {
            let origin = &mut connection.origin;
            let start = origin.pointer.chars().take_while(|letter| ":/".contains(*letter)).take(1);
            origin.pointer = start.chain(HIDDEN.chars()).collect();
            let next = places.entry(origin.pointer.clone()).or_default();
            origin.occurrence = *next;
            *next += 1;
        }
        if name {
            connection.conn_id = None;
            connection.warnings.push(SourceNotice::NameHoldsSecret.into());
        }
        if inner {
            let of_inner = connection.warnings.iter_mut().filter(|warning| warning.code == WarningCode::ConnIdMismatch);
            of_inner.for_each(|warning| *warning = EntryNotice::OtherName { inner: HIDDEN.to_owned() }.into());
        }
    }
}

/// Removes the secrets of `connection` from its problems and warnings.
fn conceal(connection: &mut Connection) {
    if connection.problems.is_empty() && connection.warnings.is_empty() {
        return;
    }
    let (mut problems, mut warnings) =
        (std::mem::take(&mut connection.problems), std::mem::take(&mut connection.warnings));
    let view = connection.view();
    for problem in &mut problems {
        view.conceal_in(problem);
    }
    for warning in &mut warnings {
        view.conceal(&mut warning.message);
    }
    (connection.problems, connection.warnings) = (problems, warnings);
}

/// The parts of a definition that reveal one of its secrets.
struct Hidden {
    name: bool,
    /// The place in the source.
    place: bool,
    /// The name inside the entry.
    inner: bool,
}

impl Hidden {
    fn of(connection: &Connection) -> Self {
        let view = connection.view();
        let conn_id = connection.conn_id.as_deref();
        let name = conn_id.is_some() && view.name() != conn_id;
        let pointer = &connection.origin.pointer;
        let is_named_so = |conn_id: &str| {
            let pointer = pointer.to_lowercase();
            pointer.contains(&escape(conn_id).to_lowercase()) || pointer.contains(&conn_id.to_lowercase())
        };
        // An entry with a name inside has a key besides, which is examined too.
        let is_key =
            || pointer.split('/').skip(1).any(|key| view.holds_secret(&key.replace("~1", "/").replace("~0", "~")));
        Self {
            name,
            place: name && conn_id.is_some_and(is_named_so) || pointer.starts_with('/') && is_key(),
            inner: connection.inner_name.as_deref().is_some_and(|name| view.holds_secret(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::connection::Origin;
    use crate::model::secret::Secret;
    use crate::model::warning::Warning;

    fn connection(conn_id: &str, pointer: &str) -> Connection {
        let origin = Origin { source: "c".into(), line: None, pointer: pointer.into(), occurrence: 0 };
        Connection {
            conn_id: Some(conn_id.into()),
            password: Some(Secret::new("Sup3rS3cret".to_owned())),
            ..Connection::new(origin)
        }
    }

    #[test]
    fn a_name_with_the_secret_in_it_is_dropped_wherever_it_stands() {
        for (conn_id, pointer, shown) in [
            ("etl Sup3rS3cret", "/etl Sup3rS3cret", "/…"),
            ("etl/Sup3rS3cret", "/etl~1Sup3rS3cret/0", "/…"),
            ("etl_sup3rs3cret", ":AIRFLOW_CONN_ETL_SUP3RS3CRET", ":…"),
            ("etl_sup3rs3cret", "airflow/connections/etl_sup3rs3cret", "…"),
            ("etl_sup3rs3cret", "12", "12"),
        ] {
            let mut connections = [connection(conn_id, pointer)];
            hide(&mut connections);
            let [Connection { conn_id, origin, warnings, .. }] = &connections;
            assert_eq!((conn_id, origin.pointer.as_str()), (&None, shown), "{pointer}");
            assert_eq!(warnings.iter().map(|one| one.code).collect::<Vec<_>>(), [WarningCode::NameHidden], "{pointer}");
        }
        let mut others = [connection("etl", "/etl"), connection("Sup3rS3cret", "/Sup3rS3cret")];
        hide(&mut others);
        let shown = others.map(|one| (one.conn_id.unwrap(), one.origin.pointer, one.warnings));
        assert_eq!(shown, ["etl", "Sup3rS3cret"].map(|name| (name.to_owned(), format!("/{name}"), Vec::new())));
    }

    #[test]
    fn hidden_places_stay_several() {
        let mut connections =
            ["/…", "/a Sup3rS3cret", "/b Sup3rS3cret"].map(|pointer| connection(&pointer[1..], pointer));
        hide(&mut connections);
        assert_eq!(connections.map(|one| one.origin.occurrence), [0, 1, 2]);
    }

    #[test]
    fn a_key_and_an_inner_name_with_the_secret_in_it_are_not_shown() {
        let mut connections = [connection("etl", "/x-Sup3rS3cret"), connection("etl", "/etl")];
        let of_name = |inner: &str| Warning::from(EntryNotice::OtherName { inner: inner.to_owned() });
        connections[1].inner_name = Some("etl_Sup3rS3cret".to_owned());
        connections[1].warnings.push(of_name("etl_Sup3rS3cret"));
        hide(&mut connections);
        assert_eq!(connections[0].origin.pointer, "/…");
        assert_eq!(connections[0].conn_id.as_deref(), Some("etl"));
        assert_eq!(connections[1].warnings, [of_name(HIDDEN)]);
    }
}
