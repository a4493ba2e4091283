//! How Airflow names the secret of a connection, and which part of the name is the `conn_id`.

/// The separator between team and `conn_id` if several teams share an Airflow.
const TEAM: &str = "--";

/// `given` without trailing slashes; if nothing remains, `usual`, which is Airflow's default.
pub(super) fn prefix<'a>(given: &'a str, usual: &'a str) -> &'a str {
    match given.trim_end_matches('/') {
        "" => usual,
        prefix => prefix,
    }
}

/// The part of `name` after `prefix` and its slash; `None` if the secret is not below the prefix.
pub(super) fn below<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    name.strip_prefix(prefix)?.strip_prefix('/').filter(|rest| !rest.is_empty())
}

/// The `conn_id`, without the team in `TEAM--ID`.
pub(super) fn conn_id(below: &str) -> &str {
    match below.split_once(TEAM) {
        Some((team, id)) if !team.is_empty() && !id.is_empty() => id,
        _ => below,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_conn_id_stands_behind_prefix_and_team() {
        for (name, expected) in [
            ("airflow/connections/warehouse", Some("warehouse")),
            ("airflow/connections/etl--warehouse", Some("warehouse")),
            ("airflow/connections/--warehouse", Some("--warehouse")),
            ("airflow/connections/prod/warehouse", Some("prod/warehouse")),
            ("airflow/connections/", None),
            ("airflow/connections", None),
            ("airflow/connections-old/warehouse", None),
        ] {
            assert_eq!(below(name, "airflow/connections").map(conn_id), expected, "{name}");
        }
    }

    #[test]
    fn no_prefix_is_airflows_own() {
        for (given, expected) in [("", "a/b"), ("/", "a/b"), ("x/y/", "x/y"), ("/x", "/x")] {
            assert_eq!(prefix(given, "a/b"), expected);
        }
    }
}
