//! The chapters of the matrix, in the order in which they are published.

use super::fault::Fault;
use super::{banners, dialogue, dns, http, mongodb, mssql, mysql, network, postgres, redis, refusals, s3, tls};

/// A group of faults.
pub struct Chapter {
    pub title: &'static str,
    pub faults: Vec<Fault>,
}

/// The whole matrix.
pub fn chapters() -> Vec<Chapter> {
    vec![
        Chapter { title: "The network", faults: network::faults() },
        Chapter { title: "Names", faults: dns::faults() },
        Chapter { title: "Something else answers", faults: banners::faults() },
        Chapter { title: "The dialogue breaks", faults: dialogue::faults() },
        Chapter { title: "TLS", faults: tls::faults() },
        Chapter { title: "The server says no", faults: refusals::faults() },
        Chapter { title: "What only PostgreSQL can do", faults: postgres::faults() },
        Chapter { title: "What only MySQL can do", faults: mysql::faults() },
        Chapter { title: "What only SQL Server can do", faults: mssql::faults() },
        Chapter { title: "What only MongoDB can do", faults: mongodb::faults() },
        Chapter { title: "What only Redis can do", faults: redis::faults() },
        Chapter { title: "What only S3 can do", faults: s3::faults() },
        Chapter { title: "What only an HTTP server can do", faults: http::faults() },
    ]
}
