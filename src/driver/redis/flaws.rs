//! What is wrong with a definition of Redis, and the texts for it.

use crate::model::problem::Flaw;
use crate::model::problem::field::bad;
use crate::model::problem::host::BadHosts;
use crate::model::problem::option::extra;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedisFlaw {
    /// An invalid login: one that is not a single line.
    LoginNotALine,
    /// An invalid database number.
    BadDb,
    /// A database other than the only one of a cluster.
    DbInCluster,
    /// An invalid list of nodes.
    StartupNodes(BadHosts),
    /// An extra that turns TLS off, where the type requires it.
    TlsByType,
}

const DB: Field = Field::named("extra.db");
const NODES: Field = Field::named("extra.startup_nodes");

impl Flaw for RedisFlaw {
    fn words(&self) -> Words {
        match self {
            Self::LoginNotALine => bad(Field::LOGIN, "`login` has a line end or a NUL character in it")
                .hint("no user of a server has one: remove it"),
            Self::BadDb => extra("db", "must be a whole number, not negative"),
            Self::DbInCluster => Words::new(
                Code::ContradictingFields,
                "extra `db` is not 0, and extra `cluster` is true: a cluster has the database 0 only",
            )
            .fields([DB, Field::named("extra.cluster")])
            .hint("remove `db`: Airflow's hook refuses both together"),
            Self::StartupNodes(why) => bad(NODES, why.words(&NODES))
                .hint("write it as one text, `h2:6379,h3:6379`; login and password are those of the definition"),
            Self::TlsByType => {
                Words::new(Code::ContradictingFields, "extra `ssl` is false, and the type `rediss` means TLS")
                    .fields([Field::named("extra.ssl"), Field::CONN_TYPE])
                    .hint("remove `ssl`, or make the type `redis`")
            }
        }
    }
}
