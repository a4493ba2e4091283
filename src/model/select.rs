//! Selects the connections of a run: `--select`, `--exclude`, `--type`.

use wildmatch::WildMatch;

use super::connection::{Connection, normalize_type};

/// A selection by name and type. Empty lists select everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Globs for `conn_id`; a connection is selected if any matches.
    pub select: Vec<String>,
    /// Globs for `conn_id`; a connection is excluded if any matches.
    pub exclude: Vec<String>,
    /// Connection types or driver names; a connection is selected if one is its own.
    pub types: Vec<String>,
}

impl Selection {
    /// Whether `connection`, whose driver is `driver`, is selected. A connection without a name matches only the empty
    /// glob and `*`.
    #[must_use]
    pub fn takes(&self, connection: &Connection, driver: Option<&str>) -> bool {
        let name = connection.conn_id.as_deref().unwrap_or_default();
        let matches = |globs: &[String]| globs.iter().any(|glob| WildMatch::new(glob).matches(name));
        let conn_type = connection.normalized_type();
        let type_matches = |wanted: &String| {
            let wanted = normalize_type(wanted);
            Some(wanted.as_str()) == conn_type.as_deref() || Some(wanted.as_str()) == driver
        };
        (self.select.is_empty() || matches(&self.select))
            && !matches(&self.exclude)
            && (self.types.is_empty() || self.types.iter().any(type_matches))
    }
}

#[cfg(test)]
mod tests {
    use super::super::connection::Origin;
    use super::*;

    fn connection(conn_id: &str, conn_type: &str) -> Connection {
        let origin = Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 };
        Connection {
            conn_id: Some(conn_id.to_owned()),
            conn_type: Some(conn_type.to_owned()),
            ..Connection::new(origin)
        }
    }

    #[test]
    fn globs_and_types_narrow_the_run() {
        let globs = |list: &[&str]| list.iter().map(|&glob| glob.to_owned()).collect::<Vec<_>>();
        for (select, exclude, types, taken) in [
            (globs(&[]), globs(&[]), globs(&[]), true),
            (globs(&["prod_*"]), globs(&[]), globs(&[]), true),
            (globs(&["dev_*"]), globs(&[]), globs(&[]), false),
            (globs(&["*"]), globs(&["*_dwh"]), globs(&[]), false),
            (globs(&[]), globs(&[]), globs(&["postgres"]), true),
            (globs(&[]), globs(&[]), globs(&["Redshift"]), true),
            (globs(&[]), globs(&[]), globs(&["mysql"]), false),
        ] {
            let selection = Selection { select, exclude, types };
            assert_eq!(selection.takes(&connection("prod_dwh", "redshift"), Some("postgres")), taken, "{selection:?}");
        }
    }
}
