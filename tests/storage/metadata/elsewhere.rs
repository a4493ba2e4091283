//! `airflow:` with `[database] sql_alchemy_schema`: the tables are not in the schema or database of the URL, but in
//! another schema of PostgreSQL or another database of MySQL. An older table in the place of the URL is not read.

use connprobe::model::connection::Connection;
use connprobe::model::reason::unusable::Metadata;
use connprobe::source::{self, Environment, Settings, SourceError};

use crate::airflow::{expect, script, unusable};
use crate::metadata::{LIMIT, SERVERS, Server};
use crate::waiting::wait;

const GENERATION: &str = "3.2";

/// The database of the URL, and the place of the tables.
const STALE: &str = "airflow_stale";
const TABLES: &str = "airflow_tables";

/// The connections of an Airflow whose configuration has this URL and schema.
fn load(url: &str, schema: Option<&str>) -> Result<Vec<Connection>, SourceError> {
    let home = tempfile::tempdir().unwrap();
    let mut variables = vec![
        ("AIRFLOW_HOME".into(), home.path().as_os_str().to_owned()),
        ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN".into(), url.into()),
    ];
    variables.extend(schema.map(|schema| ("AIRFLOW__DATABASE__SQL_ALCHEMY_SCHEMA".into(), schema.into())));
    let settings = Settings { limit: LIMIT, environment: Environment::of(variables), ..Settings::default() };
    wait(source::load(&"airflow:".parse().unwrap(), &settings.into())).map(|loaded| loaded.connections)
}

/// Creates both tables, and lets the user of the URL read them; the older one has one row.
fn prepare(server: Server) {
    let one = "DELETE FROM connection WHERE conn_id <> 'nothing'";
    server.airflow(STALE, &format!("{};\n{one};\n", script(server.engine, GENERATION)));
    if server.engine == "postgres" {
        let tables = script("postgres", GENERATION);
        server.run(STALE, &format!("CREATE SCHEMA {TABLES}; SET search_path TO {TABLES};\n{tables}"));
        let rights = "GRANT USAGE ON SCHEMA airflow_tables TO airflow_stale;
                      GRANT SELECT ON airflow_tables.connection TO airflow_stale";
        server.run(STALE, rights);
    } else {
        server.airflow(TABLES, &script("mysql", GENERATION));
        server.run("mysql", &format!("GRANT SELECT ON {TABLES}.connection TO {STALE}@'127.0.0.1'"));
    }
}

#[test]
fn the_table_is_read_where_the_configuration_says() {
    for server in SERVERS {
        prepare(server);
        let url = server.url(STALE);
        let here = load(&url, None).unwrap_or_else(|error| panic!("{}: {error}", server.name));
        assert_eq!(here.len(), 1, "{}: the table of the URL itself", server.name);
        let there = load(&url, Some(TABLES)).unwrap_or_else(|error| panic!("{}: {error}", server.name));
        expect(&there, GENERATION);
    }
}

#[test]
fn where_there_is_no_table_the_older_one_is_not_taken_for_it() {
    for server in SERVERS {
        server.airflow("airflow_only_stale", &script(server.engine, GENERATION));
        if server.engine == "mysql" {
            // The server does not tell a user without any right in a database whether it exists.
            server.run("mysql", "GRANT SELECT ON *.* TO airflow_only_stale@'127.0.0.1'");
        }
        let error = load(&server.url("airflow_only_stale"), Some("no_such_place")).expect_err(server.name);
        let schema = "no_such_place".to_owned();
        assert_eq!(unusable(&error), &Metadata::NoTableInSchema { schema }.into(), "{}", server.name);
    }
}
