//! The refinements, one file for each driver or kind of product.

mod mongodb;
mod mssql;
mod mysql;
mod pgbouncer;
mod postgres_clouds;
mod postgres_poolers;
mod postgres_servers;
mod s3;

use super::refinement::Refinement;

/// The drivers that have refinements, with their tables in the order that they are asked.
pub(super) const TABLES: &[(&str, &[&[Refinement]])] = &[
    ("postgres", &[pgbouncer::ROWS, postgres_poolers::ROWS, postgres_clouds::ROWS, postgres_servers::ROWS]),
    ("mysql", &[mysql::ROWS]),
    ("mssql", &[mssql::ROWS]),
    ("mongodb", &[mongodb::ROWS]),
    ("s3", &[s3::ROWS]),
];
