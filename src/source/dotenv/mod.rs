//! Environment files: lines `conn_id=URI or JSON`, as Airflow exports and imports them, and lines
//! `AIRFLOW_CONN_ID=URI or JSON`, as shells and compose set variables from them.

mod file;
mod lines;
mod unread;

pub(super) use self::file::read;
