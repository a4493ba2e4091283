//! Environment files: `conn_id=URI or JSON` lines, as Airflow exports and imports them, and
//! `AIRFLOW_CONN_ID=URI or JSON` lines, as shells and compose set variables from them.
//!
//! Where a file sets any `AIRFLOW_CONN_…`, its other names are other variables; where it sets none,
//! every name is a `conn_id`, except those that begin with `AIRFLOW_`, which are Airflow's settings.
//! A line that is not read passes silently unless it looks like a connection.

mod file;
mod lines;
mod unread;

pub(super) use self::file::read;
