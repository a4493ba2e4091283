//! `Row`: a row of Airflow's table `connection`, as stored.

use crate::model::connection::Problem;
use crate::model::secret::Secret;

/// A row of the table `connection`. A column that the table lacks is `None` or false.
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
    /// A Fernet token if `is_encrypted`, otherwise the password itself.
    pub(super) password: Option<Secret>,
    /// A Fernet token if `is_extra_encrypted`, otherwise JSON text.
    pub(super) extra: Option<Secret>,
    pub(super) is_encrypted: bool,
    pub(super) is_extra_encrypted: bool,
    /// The team that owns the connection, in Airflow 3.1 and later.
    pub(super) team: Option<String>,
    /// The problems of values that have the wrong type. Such a value is absent above.
    pub(super) problems: Vec<Problem>,
}
