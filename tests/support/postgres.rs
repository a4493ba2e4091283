//! The PostgreSQL test server, with its administrator's connection.

use std::sync::Arc;
use std::time::{Duration, Instant};

use connprobe::driver::{Attempt, Policy, Recorder, postgres};
use connprobe::model::connection::{Connection, Origin};
use connprobe::model::secret::Secret;
use connprobe::net::Network;

use crate::servers::{port, server};

/// The administrator's connection to the database `name`.
pub fn administrator(name: &str) -> Connection {
    let origin = Origin { source: "test".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    Connection {
        conn_type: Some("postgres".to_owned()),
        host: Some("127.0.0.1".to_owned()),
        port: Some(port("PG_PORT")),
        login: Some(server("PG_ADMIN_USER")),
        password: Some(Secret::new(server("PG_ADMIN_PASSWORD"))),
        schema: Some(name.to_owned()),
        ..Connection::new(origin)
    }
}

/// Runs `statement` over `connection` and returns its rows.
pub fn sql(connection: &Connection, statement: &str) -> Vec<Vec<Option<String>>> {
    let attempt = Attempt {
        network: Arc::new(Network::new()),
        policy: Policy::default(),
        deadline: Instant::now() + Duration::from_secs(20),
        recorder: Arc::new(Recorder::default()),
        controls: Arc::default(),
        expected: Arc::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut session = postgres::connect(connection, &attempt).await.unwrap();
        let rows = session.rows(statement).await.unwrap();
        session.close().await;
        rows
    })
}
