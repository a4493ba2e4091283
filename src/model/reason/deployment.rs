//! The deployment: a server that answers well, and is not of the kind that the definition wants.

use super::{Field, ReasonCode as Code, Words};

/// What the server is not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deployment {
    /// An arbiter.
    Arbiter {
        /// Host and port.
        host: String,
    },
    /// No load balancer stands before it, and the definition says that one does.
    NotBalanced {
        /// Host and port.
        host: String,
    },
    /// A member of another replica set.
    OtherReplicaSet {
        /// Host and port.
        host: String,
        /// The name of the replica set that is wanted.
        wanted: String,
    },
    /// A replica set of which nothing is there yet but this server.
    NotYetMember {
        /// Host and port.
        host: String,
    },
    /// A router, where a member of a replica set is wanted.
    Router {
        /// Host and port.
        host: String,
        /// The name of the replica set that is wanted.
        wanted: String,
    },
    /// A server by itself, where a member of a replica set is wanted.
    NoReplicaSet {
        /// Host and port.
        host: String,
        /// The name of the replica set that is wanted.
        wanted: String,
    },
    /// A Sentinel, which holds no data.
    Sentinel {
        /// Host and port.
        host: String,
    },
    /// A server that is in no cluster.
    NoCluster {
        /// Host and port.
        host: String,
    },
    /// A server whose role, or whose session, is another than the one that is wanted.
    Role {
        /// What it is.
        role: ServerRole,
        /// The value of `target_session_attrs`.
        wanted: &'static str,
    },
}

/// What a server of PostgreSQL's turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerRole {
    /// Its sessions can only read.
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
