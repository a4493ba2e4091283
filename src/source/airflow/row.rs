//! `Row`: one row of Airflow's table `connection`, as it is stored.

use crate::model::connection::Problem;
use crate::model::secret::Secret;

/// One row of the table `connection`. Columns that the table lacks are `None` or false.
#[derive(Default)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) conn_id: Option<String>,
    pub(super) conn_type: Option<String>,
    pub(super) description: Option<String>,
    pub(super) host: Option<String>,
    pub(super) schema: Option<String>,
    pub(super) login: Option<String>,
    pub(super) port: Option<i64>,
    /// A Fernet token where `is_encrypted`, else the password itself.
    pub(super) password: Option<Secret>,
    /// A Fernet token where `is_extra_encrypted`, else JSON text.
    pub(super) extra: Option<Secret>,
    pub(super) is_encrypted: bool,
    pub(super) is_extra_encrypted: bool,
    /// The team that it belongs to, of Airflow 3.1 and later.
    pub(super) team: Option<String>,
    /// What cannot be read: values of the wrong kind, which are absent above.
    pub(super) problems: Vec<Problem>,
}
