//! What other servers that speak PostgreSQL's protocol say: HSQLDB, QuestDB, YugabyteDB, Greenplum, Redshift.

use super::super::refinement::Text::{Has, Starts};
use super::super::refinement::{Refinement, says};
use crate::model::class::Class;
use crate::model::reason::ReasonCode as Reason;

pub(super) const ROWS: &[Refinement] = &[
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
    // The last resort of poolers whose words are not known.
    says("poolers and proxies", &["XX000"], Has(&["authentication failed"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by a pooler or proxy")
        .hint(
            "check `login` and `password` against the pooler's own list of users, and where it has none, the server's",
            "The pooler says no more than that the login failed. Its log has the reason.",
        ),
];
