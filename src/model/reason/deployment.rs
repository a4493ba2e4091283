//! Failures of a server that works but is not of the kind that the definition requires, and their messages and hints.

use super::{Field, ReasonCode as Code, Words};

/// How the server differs from what the definition requires.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deployment {
    /// It is an arbiter.
    Arbiter {
        /// Host and port.
        host: String,
    },
    /// It is not behind a load balancer, although the definition says so.
    NotBalanced {
        /// Host and port.
        host: String,
    },
    /// It is a member of another replica set.
    OtherReplicaSet {
        /// Host and port.
        host: String,
        /// The name of the required replica set.
        wanted: String,
    },
    /// It is a member of a replica set that is not initialised yet.
    NotYetMember {
        /// Host and port.
        host: String,
    },
    /// It is a router, but the definition requires a member of a replica set.
    Router {
        /// Host and port.
        host: String,
        /// The name of the required replica set.
        wanted: String,
    },
    /// It is a standalone server, but the definition requires a member of a replica set.
    NoReplicaSet {
        /// Host and port.
        host: String,
        /// The name of the required replica set.
        wanted: String,
    },
    /// It is a Sentinel, which holds no data.
    Sentinel {
        /// Host and port.
        host: String,
    },
    /// It does not belong to a cluster.
    NoCluster {
        /// Host and port.
        host: String,
    },
    /// Its role, or that of its session, is not the required one.
    Role {
        /// The role that it has.
        role: ServerRole,
        /// The value of `target_session_attrs`.
        wanted: &'static str,
    },
}

/// The role of a PostgreSQL server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerRole {
    /// Its sessions are read-only.
    ReadOnly,
    /// Its sessions can write.
    Writable,
    /// A standby.
    Standby,
    /// A primary.
    Primary,
}

impl ServerRole {
    fn clause(self) -> &'static str {
        match self {
            Self::ReadOnly => "the session can only read",
            Self::Writable => "the session can write",
            Self::Standby => "the server is a standby",
            Self::Primary => "the server is a primary",
        }
    }
}

const REPLICA_SET: Field = Field::named("extra.replicaSet");

impl Deployment {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Arbiter { host } => Words::new(
                Code::WrongDeployment,
                format!("`{host}` is an arbiter, which holds no data and takes no logins"),
            )
            .hint("name the members of the replica set that hold data in `host`"),
            Self::NotBalanced { host } => Words::new(
                Code::WrongDeployment,
                format!("`{host}` is not behind a load balancer, and `loadBalanced` is asked for"),
            )
            .fields([Field::HOST, Field::named("extra.loadBalanced")])
            .hint("remove `loadBalanced` from `extra`, or from the TXT record of the SRV name"),
            Self::OtherReplicaSet { host, wanted } => {
                Words::new(Code::WrongDeployment, format!("`{host}` is not a member of the replica set `{wanted}`"))
                    .fields([Field::HOST, REPLICA_SET])
                    .hint("correct extra `replicaSet` or `host`")
            }
            Self::NotYetMember { host } => {
                Words::new(Code::StartingUp, format!("`{host}` waits to become a member of a replica set"))
                    .hint("initiate the replica set (`rs.initiate()`), or wait until it is initiated")
            }
            Self::Router { host, wanted } => Words::new(
                Code::WrongDeployment,
                format!("`{host}` is a router of a sharded cluster, and a member of `{wanted}` is asked for"),
            )
            .fields([Field::HOST, REPLICA_SET])
            .hint("remove extra `replicaSet`: clients of a sharded cluster name its routers only"),
            Self::NoReplicaSet { host, wanted } => Words::new(
                Code::WrongDeployment,
                format!("`{host}` is not in a replica set at all, and a member of `{wanted}` is asked for"),
            )
            .fields([Field::HOST, REPLICA_SET])
            .hint("remove extra `replicaSet`, or correct `host`"),
            Self::Sentinel { host } => Words::new(
                Code::WrongDeployment,
                format!("`{host}` is a Sentinel, which watches over servers and holds no data"),
            )
            .fields([Field::HOST, Field::PORT])
            .hint("name the server itself, whose address a Sentinel tells (`SENTINEL GET-MASTER-ADDR-BY-NAME`): connprobe asks none, since the password goes to the hosts of the definition alone"),
            Self::NoCluster { host } => {
                Words::new(Code::WrongDeployment, format!("`{host}` is a server that is in no cluster"))
                    .fields([Field::named("extra.cluster"), Field::HOST])
                    .hint("remove extra `cluster`, or name a node of the cluster in `host`: redis-py gives up here")
            }
            Self::Role { role, wanted } => Words::new(
                Code::WrongServerRole,
                format!("{}, but extra `target_session_attrs` is `{wanted}`", role.clause()),
            )
            .fields([Field::HOST, Field::named("extra.target_session_attrs")])
            .hint("the login itself works; name a server of the kind that is wanted, or wait for the failover to end"),
        }
    }
}
