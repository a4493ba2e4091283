//! The matrix: faults × drivers, each cell with the result that it must have, written down before
//! any run.

mod banners;
mod cell;
mod chapters;
mod dialogue;
mod dns;
mod driver;
mod expected;
mod fault;
mod http;
mod mongodb;
mod mssql;
mod mysql;
mod network;
mod postgres;
mod redis;
mod refusals;
mod s3;
mod tls;

pub use self::cell::{Cell, SILENT, Target};
pub use self::chapters::{Chapter, chapters};
pub use self::driver::Driver;
pub use self::driver::Driver::{Http, Mongodb, Mssql, Mysql, Postgres, Redis, S3};
pub use self::expected::{Expected, OK, Pace, fast, late};
pub use self::fault::Fault;
