//! Redis: the texts for what is odd about a definition or a login.

use crate::model::notice::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd about a definition or a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedisNotice {
    /// A password that Airflow's hook treats as none.
    PasswordMeansNone,
    /// A database in `schema`.
    SchemaIsDb {
        /// Its number.
        db: u32,
    },
    /// A `schema` that is not a number, or differs from `db`.
    SchemaIgnored,
    /// Nodes of a cluster, in a definition without a cluster.
    NodesWithoutCluster,
    /// A file for TLS, in a definition without TLS.
    FileWithoutTls {
        /// The extra.
        key: &'static str,
    },
    /// The server has no password, and the definition has one.
    NoPasswordSet,
    /// The server does not support users, and the definition has one.
    UserNotKnown,
    /// The server requires no login.
    LoginNotDemanded,
    /// The user has no permission for PING.
    FewRights,
}

impl Notice for RedisNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::PasswordMeansNone => Warning::new(
                Code::IgnoredField,
                "`password` is a word that Airflow's hook takes for no password, so that none is sent",
            ),
            Self::SchemaIsDb { db } => Warning::new(
                Code::ClientDiffers,
                format!(
                    "`schema` was read as the database {db}, as in a URI; Airflow's hook does not read it: set extra `db`"
                ),
            ),
            Self::SchemaIgnored => {
                Warning::new(Code::IgnoredField, "`schema` was ignored: extra `db` has the number of the database")
            }
            Self::NodesWithoutCluster => Warning::new(
                Code::IgnoredField,
                "extra `startup_nodes` was ignored, because extra `cluster` is not true",
            ),
            Self::FileWithoutTls { key } => Warning::new(
                Code::IgnoredField,
                format!("extra `{key}` was ignored, because the definition asks for no TLS (extra `ssl`)"),
            ),
            Self::NoPasswordSet => Warning::new(
                Code::LoginNotDemanded,
                "the server has no password, so that the one of the definition was not tested: clear `password`, at which many clients give up",
            ),
            Self::UserNotKnown => Warning::new(
                Code::IgnoredField,
                "`login` was ignored, because the server knows no users (Redis before 6): the password was sent without it, as redis-py does",
            ),
            Self::LoginNotDemanded => Warning::new(
                Code::LoginNotDemanded,
                "the server asked for no proof of the login, so nothing was tested but that it lets this machine in",
            ),
            Self::FewRights => Warning::new(
                Code::FewRights,
                "the login was accepted, but the user may not run PING, so that more than that could not be tested",
            ),
        }
    }
}
