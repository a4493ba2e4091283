//! The refusals of other servers with PostgreSQL's protocol: HSQLDB, QuestDB, YugabyteDB, Greenplum, Redshift.

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::Before;
use crate::model::codes::refinement::Text::{Has, Starts};
use crate::model::codes::refinement::{Refinement, says};
use crate::model::reason::ReasonCode as Reason;

/// Errors in the form before protocol 3.0 have no code. PostgreSQL sends one if it cannot start a process for the
/// client (`report_fork_failure_to_client` in src/backend/postmaster); older ones use it for every refusal before the
/// startup packet is read.
const WITHOUT_CODE: &[&str] = &[""];

pub(super) const ROWS: &[Refinement] = &[
    says("PostgreSQL", WITHOUT_CODE, Has(&["could not fork new process"]))
        .checked(Before)
        .means(Class::Busy, Reason::ServerShort, "the server could not start a process for the connection")
        .hint(
            "its machine is short of memory or processes: find who holds the connections, or raise its limits (`ulimit -u`, the container's memory and pids)",
            "PostgreSQL starts a process for each connection, and the operating system refused one. It says so in the oldest form of its errors, without a code.",
        ),
    says("PostgreSQL", WITHOUT_CODE, Has(&["too many clients already"]))
        .checked(Before)
        .means(Class::Busy, Reason::TooManyConnections, "the server has no connection free")
        .hint(
            "find who holds the connections in pg_stat_activity, or raise max_connections",
            "All of max_connections are in use. The server says so before it has read what the client speaks, without a code.",
        ),
    says("PostgreSQL", WITHOUT_CODE, Has(&["the database system is"]))
        .checked(Before)
        .means(Class::Busy, Reason::StartingUp, "the server takes no logins yet, or no more")
        .hint(
            "try again later: it is starting, stopping or recovering, as the server's text says",
            "The server says so before it has read what the client speaks, without a code.",
        ),
    says("PostgreSQL", WITHOUT_CODE, Has(&["unsupported frontend protocol"]))
        .checked(Before)
        .means(Class::Protocol, Reason::NotUnderstood, "the server does not speak protocol 3.0 of PostgreSQL")
        .hint(
            "check `host` and `port`: servers since PostgreSQL 7.4 speak it, and a proxy may be answering in their place",
            "Protocol 3.0 came with PostgreSQL 7.4. A server or proxy that does not know it refuses in the form before it, without a code.",
        ),
    says("PostgreSQL", &["0A000", "08P01"], Has(&["unsupported frontend protocol 3.2"]))
        .checked(Before)
        .means(Class::Definition, Reason::SettingRefused, "the server does not speak the version of the protocol that the definition asks for")
        .hint(
            "remove extra `max_protocol_version` and `min_protocol_version`: every server speaks version 3.0",
            "A server that knows of later versions offers 3.0 in their place (PostgreSQL since 9.3). Other products, and proxies, refuse.",
        ),
    says("PostgreSQL", &["42501"], Has(&["permission denied to set parameter"]))
        .means(Class::Definition, Reason::SettingRefused, "user `{login}` may not set a parameter that extra `options` sets")
        .hint(
            "remove the parameter that the server's text names from extra `options`, or have an administrator set it for the role (`ALTER ROLE … SET`, or `GRANT SET ON PARAMETER`)",
            "Some parameters are for superusers only, or for roles that were granted SET on them (PostgreSQL 15).",
        ),
    says("HSQLDB", &["08006", "28501", "28000"], Has(&["login attempt rejected"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}`")
        .hint(
            "check `login` and `password`; HSQLDB does not tell a wrong password from an unknown user",
            "HSQLDB asked for the password and did not accept it. Its code is that of a broken connection, which it is not.",
        ),
    says("QuestDB", &["00000", "28P01", "28000"], Has(&["invalid username/password"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}`")
        .hint(
            "check `login` and `password`: QuestDB has them in its configuration (`pg.user`, `pg.password`)",
            "QuestDB asked for the password and did not accept it. It does not tell a wrong password from an unknown user, and its code is that of success, which it is not.",
        ),
    says("YugabyteDB", &["XX000", "08006", "57P03"], Has(&["timed out waiting for", "master"]))
        .means(Class::Busy, Reason::StartingUp, "the server waits for the rest of its cluster")
        .hint(
            "check that the cluster's masters are up and have a leader",
            "YugabyteDB's node is up, and needs the masters of the cluster for its catalog before it takes logins.",
        ),
    says("YugabyteDB", &["XX000", "28000"], Has(&["Cannot login to", "in the process of being dropped"]))
        .means(Class::NotFound, Reason::DatabaseNotFound, "the database `{database}` is being dropped")
        .hint("correct `schema`", "The database, or its tenant, is on its way out.")
    ,
    says("Greenplum", &["57P03", "XX000", "58M01"], Has(&["in reset/recovery mode"]))
        .means(Class::Busy, Reason::StartingUp, "the server recovers and takes no logins yet")
        .hint("try again later", "A segment of Greenplum, or the coordinator, starts anew after a fault.")
    ,
    says("Greenplum", &["57P03", "XX000", "58M01"], Has(&["connections to primary segments are not allowed"]))
        .means(Class::Definition, Reason::WrongDeployment, "the server is a segment of Greenplum, which takes no clients")
        .hint(
            "name the coordinator in `host` and `port`",
            "Clients connect to the coordinator of Greenplum; its segments take utility sessions only.",
        ),
    says("Amazon Redshift", &["28000", "XX000", "57P03"], Has(&["cluster", "paused"]))
        .means(Class::Busy, Reason::UnderMaintenance, "the cluster is paused")
        .hint("resume the cluster in the console of its service", "A paused cluster takes no logins until somebody resumes it.")
    ,
    says("PostgreSQL", &["28000", "28P01"], Starts("LDAP authentication failed for user"))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by the LDAP server")
        .hint(
            "check `login` and `password` in the directory, which decides: a locked or expired account there looks the same",
            "The line of pg_hba.conf that fits asks an LDAP server, which rejected the password or did not answer; the server's log tells which.",
        ),
    // The last resort for poolers whose texts are not known.
    says("poolers and proxies", &["XX000"], Has(&["authentication failed"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by a pooler or proxy")
        .hint(
            "check `login` and `password` against the pooler's own list of users, and where it has none, the server's",
            "The pooler says no more than that the login failed. Its log has the reason.",
        ),
];
