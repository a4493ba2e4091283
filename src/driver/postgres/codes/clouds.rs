//! The refusals of managed services, sent before or instead of PostgreSQL's: Neon, Amazon RDS Proxy, Redshift and
//! Aurora, Azure, Google Cloud SQL, CockroachDB Cloud.
//!
//! None of them could be tested. The texts are from Neon's proxy (`proxy/src/auth`, `proxy/src/control_plane`),
//! CockroachDB (`pkg/ccl/sqlproxyccl`), the manuals of Amazon (RDS Proxy, Troubleshooting), Microsoft and Google, and
//! public reports.

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::Before;
use crate::model::codes::refinement::Text::{Has, Starts};
use crate::model::codes::refinement::{Refinement, says};
use crate::model::reason::ReasonCode as Reason;

const NEON: &str = "Neon";
const RDS_PROXY: &str = "Amazon RDS Proxy";
const AWS: &str = "Amazon RDS, Aurora and Redshift";
const AZURE: &str = "Azure Database for PostgreSQL";
const GOOGLE: &str = "Google Cloud SQL";
const COCKROACH: &str = "CockroachDB Cloud";

/// Proxies change their codes from one version to the next.
const ANY: &[&str] = &["XX000", "28000", "28P01", "08004", "08P01", "0A000", "53300", "57P03", "58000", "08006"];

pub(super) const ROWS: &[Refinement] = &[
    says(NEON, ANY, Has(&["endpoint id is not specified"]))
        .means(Class::Definition, Reason::ServerNotFound, "Neon cannot tell which endpoint is meant")
        .checked(Before)
        .at(&["extra.options"])
        .hint(
            "write the endpoint's own name (`ep-….neon.tech`) into `host`, or `endpoint=<id>` into extra `options`",
            "Neon finds the database by the host name that the client sends in the TLS handshake. An address, an alias, or a tunnel in `host` hides it; extra options with endpoint=<first part of the name> says it too. No password was asked for.",
        ),
    says(NEON, ANY, Has(&["connection is insecure"]))
        .means(Class::Tls, Reason::TlsRequired, "Neon accepts no unencrypted login")
        .checked(Before)
        .at(&["extra.sslmode"])
        .hint(
            "set `sslmode` to `require` (or `verify-full` with `sslrootcert` `system`)",
            "Neon takes encrypted connections only, and the definition turns encryption off.",
        ),
    says(NEON, ANY, Has(&["is not allowed to connect to this endpoint"]))
        .means(Class::Denied, Reason::AddressDenied, "Neon does not let this machine's address in")
        .checked(Before)
        .hint(
            "add the address to IP Allow in the project's settings; the server's text has it",
            "The project admits some addresses only, and that of this machine, as Neon sees it, is not among them.",
        ),
    says(NEON, ANY, Has(&["endpoint has been disabled"]))
        .means(Class::Busy, Reason::UnderMaintenance, "Neon has the endpoint disabled")
        .hint(
            "enable the endpoint in Neon's console or through its API: it does not wake up by itself",
            "A suspended endpoint wakes up with the next login; one that was disabled, by somebody or by the platform that owns it, does not.",
        ),
    says(NEON, ANY, Has(&["exceeded the", "quota"]))
        .means(Class::Denied, Reason::ServiceNotEnabled, "Neon has stopped the project: a quota of its plan is used up")
        .hint(
            "raise the plan, or wait until the quota begins anew; the server's text names the quota",
            "Compute time, data transfer or storage of the plan is used up, and Neon lets nobody in until the next period.",
        ),
    says(NEON, ANY, Has(&["too many connections to this endpoint"]))
        .means(Class::Busy, Reason::TooManyConnections, "Neon has as many connections to the endpoint as it allows")
        .hint(
            "try again later, or use the pooled host name (`…-pooler`)",
            "The limit of connections of the endpoint's compute size was reached.",
        ),
    says(NEON, ANY, Has(&["connection", "attempts", "too many"]))
        .means(Class::Busy, Reason::SlowDown, "Neon asks for fewer logins at a time")
        .hint("try again later", "The proxy limits how many logins are under way at one endpoint.")
    ,
    says(NEON, ANY, Has(&["control plane request failed"]))
        .means(Class::Busy, Reason::Unavailable, "Neon could not start the endpoint")
        .hint(
            "try again in a moment; if it stays, see Neon's status page",
            "The proxy asks Neon's control plane where the endpoint is and has it woken up, and that failed.",
        ),
    says(NEON, ANY, Has(&["couldn't connect to compute node"]))
        .means(Class::Busy, Reason::StartingUp, "Neon's endpoint is not up yet")
        .hint("try again in a moment", "The proxy woke the endpoint up and could not reach it in time.")
    ,
    // Amazon.
    says(RDS_PROXY, ANY, Has(&["requires TLS connections"]))
        .means(Class::Tls, Reason::TlsRequired, "the RDS Proxy accepts no unencrypted login")
        .checked(Before)
        .at(&["extra.sslmode"])
        .hint(
            "set `sslmode` to `require`, or leave it out",
            "Require Transport Layer Security is on for the proxy, and the definition turns encryption off.",
        ),
    says(RDS_PROXY, ANY, Has(&["IAM", "only with SSL connections"]))
        .means(Class::Tls, Reason::TlsRequired, "the RDS Proxy takes IAM logins over TLS only")
        .at(&["extra.sslmode"])
        .hint("set `sslmode` to `require`", "An IAM token is never taken in clear, so the definition must use TLS.")
    ,
    says(RDS_PROXY, ANY, Has(&["has no credentials for the role"]))
        .means(Class::Auth, Reason::UserNotFound, "the RDS Proxy knows no secret for user `{login}`")
        .checked(Before)
        .hint(
            "add a Secrets Manager secret for this user to the proxy, or correct `login`",
            "An RDS Proxy logs in to the database by secrets that were registered with it, one for each user; creating the role in the database is not enough. The proxy's own role must be allowed to read the secret.",
        ),
    says(RDS_PROXY, ANY, Has(&["password that was provided for the role", "is wrong"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by the RDS Proxy")
        .hint(
            "check `password` against the proxy's Secrets Manager secret for this user, which decides",
            "The RDS Proxy compares the password with the one in its Secrets Manager secret, not with the database.",
        ),
    says(RDS_PROXY, ANY, Has(&["IAM authentication failed"]))
        .means(Class::Auth, Reason::TokenInvalid, "the RDS Proxy refused the IAM token of user `{login}`")
        .at(&["password"])
        .hint(
            "the proxy wants an IAM token as `password`, which lasts 15 minutes: a stored password cannot work; allow passwords for this user, or use another",
            "IAM authentication is required for this user at the proxy. A token is made for each login, and none can be stored.",
        ),
    says(RDS_PROXY, ANY, Has(&["RDS", "supports only", "authentication"]))
        .means(Class::Unsupported, Reason::MethodUnsupported, "the RDS Proxy does not take this way to log in")
        .at(&["extra.require_auth", "extra.channel_binding"])
        .hint(
            "see in the server's text which methods it takes; remove `require_auth` and `channel_binding` from the extras",
            "The proxy is set to one client authentication type (MD5, SCRAM or IAM), and takes no other.",
        ),
    says(RDS_PROXY, ANY, Has(&["RDS Proxy currently doesn't support"]))
        .means(Class::Definition, Reason::SettingRefused, "the RDS Proxy does not take a setting of the definition")
        .hint(
            "remove extra `options` (or what the server's text names): RDS Proxy passes no startup options on",
            "RDS Proxy refuses command-line options, replication and old protocol versions in the startup message.",
        ),
    says(RDS_PROXY, ANY, Has(&["timed-out waiting to acquire database connection"]))
        .means(Class::Busy, Reason::BackendDown, "the RDS Proxy found no free connection to the database in time")
        .hint(
            "check the database behind the proxy and the proxy's target group; if it is up, its connections are used up",
            "The proxy waited for connection_borrow_timeout: the database is down, or all of the connections that the proxy may open are taken.",
        ),
    says(RDS_PROXY, ANY, Has(&["client connections to the proxy exceeded"]))
        .means(Class::Busy, Reason::TooManyConnections, "the RDS Proxy has as many clients as it allows")
        .hint("close idle connections", "The number of client connections to the proxy has reached its limit.")
    ,
    says(RDS_PROXY, ANY, Has(&["rate of connection to proxy exceeded"]))
        .means(Class::Busy, Reason::SlowDown, "the RDS Proxy asks for fewer logins at a time")
        .hint("try again later", "The rate of new connections to the proxy has reached its limit.")
    ,
    says(RDS_PROXY, ANY, Has(&["because of too many competing requests"]))
        .means(Class::Busy, Reason::SlowDown, "the RDS Proxy asks for fewer IAM logins at a time")
        .hint("try again later", "The number of IAM logins under way at the proxy has reached its limit.")
    ,
    says(AWS, ANY, Has(&["IAM authentication token has expired"]))
        .means(Class::Auth, Reason::TokenExpired, "the IAM token of user `{login}` has expired")
        .hint(
            "store a password that lasts: tokens of `get_cluster_credentials` and the like last 15 minutes to an hour",
            "Redshift was given temporary credentials whose time is over. They cannot be stored.",
        ),
    says(AWS, &["28000", "28P01"], Starts("PAM authentication failed for user"))
        .means(Class::Auth, Reason::PasswordNotTaken, "the server does not take a stored password for user `{login}`, or refused it")
        .hint(
            "on Amazon RDS and Aurora a user with the role `rds_iam` logs in by a token that lasts 15 minutes: take the role away (`REVOKE rds_iam`) or use another user; elsewhere ask PAM's log",
            "The password was checked by PAM. On RDS and Aurora that means IAM: rds_iam wins over a password that the user may have too, and a stored password cannot be a token. On a server of one's own it is whatever PAM asks (LDAP, Kerberos, a local account).",
        ),
    // Microsoft.
    says(AZURE, ANY, Has(&["<username@hostname> format"]))
        .means(Class::Auth, Reason::UserNotFound, "the server does not know the user `{login}`: it wants the server's name in it")
        .checked(Before)
        .hint(
            "write `login` as `{login}@<server>`, the server's name being the first part of `host`",
            "Azure Database for PostgreSQL, single server, finds the server by the user's name: user@server. Flexible servers, and clients that reach it by its own host name, need no such part.",
        ),
    says(AZURE, ANY, Has(&["SSL connection is required"]))
        .means(Class::Tls, Reason::TlsRequired, "the server accepts no unencrypted login")
        .at(&["extra.sslmode"])
        .hint(
            "set `sslmode` to `require`, or leave it out",
            "Enforce SSL connection is on for the server, and the definition turns encryption off.",
        ),
    says(AZURE, &["28000"], Has(&["Azure AD", "token"]))
        .means(Class::Auth, Reason::TokenInvalid, "the server wants a Microsoft Entra token for user `{login}`")
        .hint(
            "use a user with a password, or set `azure_conn_id`, with which connprobe skips the definition",
            "The user belongs to Microsoft Entra (Azure AD), whose tokens last about an hour and cannot be stored as a password.",
        ),
    says(AZURE, &["28000"], Has(&["Entra", "token"]))
        .means(Class::Auth, Reason::TokenInvalid, "the server wants a Microsoft Entra token for user `{login}`")
        .hint(
            "use a user with a password, or set `azure_conn_id`, with which connprobe skips the definition",
            "The user belongs to Microsoft Entra (Azure AD), whose tokens last about an hour and cannot be stored as a password.",
        ),
    // Google.
    says(GOOGLE, &["28000", "28P01"], Has(&["Cloud SQL IAM", "authentication failed"]))
        .means(Class::Auth, Reason::TokenInvalid, "Cloud SQL refused the IAM login of user `{login}`")
        .hint(
            "use a user with a password of its own: an IAM user logs in by an access token, which lasts an hour and cannot be stored",
            "The user is an IAM principal of Cloud SQL. Its password is an OAuth access token; a stored one has expired, the principal lacks roles/cloudsql.instanceUser, or the instance has no IAM authentication.",
        ),
    // CockroachDB.
    says(COCKROACH, ANY, Has(&["missing cluster identifier"]))
        .means(Class::Definition, Reason::ServerNotFound, "CockroachDB Cloud cannot tell which cluster is meant")
        .checked(Before)
        .at(&["extra.options"])
        .hint(
            "write `--cluster=<name>-<number>` into extra `options`, or `<name>-<number>.<database>` into `schema`",
            "The proxy of serverless clusters finds the cluster by its host name, by the options or by the database's name; none of them names one. No password was asked for.",
        ),
    says(COCKROACH, ANY, Has(&["invalid cluster identifier"]))
        .means(Class::Definition, Reason::ServerNotFound, "CockroachDB Cloud cannot read the name of the cluster")
        .at(&["extra.options"])
        .hint(
            "correct `--cluster=<name>-<number>` in extra `options`, or the part before the dot in `schema`",
            "Cluster identifiers have the form <name>-<tenant id>, as lazy-roach-3.",
        ),
    says(COCKROACH, ANY, Has(&["cluster", "not found"]))
        .means(Class::Definition, Reason::ServerNotFound, "CockroachDB Cloud has no such cluster")
        .at(&["extra.options"])
        .hint(
            "correct `host`, or the cluster in extra `options` or `schema`",
            "The proxy knows no cluster of that name: it was deleted, or is another region's.",
        ),
    says(COCKROACH, ANY, Has(&["connection attempt throttled"]))
        .means(Class::Denied, Reason::AddressBlocked, "CockroachDB Cloud blocks logins from this address for a while")
        .hint(
            "wait, and find the client that keeps sending a wrong password",
            "Repeated refused logins from one address make the proxy refuse the next ones unseen, for a time that doubles.",
        ),
    says(COCKROACH, ANY, Has(&["too many failed authentication attempts"]))
        .means(Class::Denied, Reason::AddressBlocked, "CockroachDB Cloud blocks logins from this address for a while")
        .hint(
            "wait, and find the client that keeps sending a wrong password",
            "Repeated refused logins from one address make the proxy refuse the next ones unseen, for a time that doubles.",
        ),
    says(COCKROACH, ANY, Has(&["server requires encryption"]))
        .means(Class::Tls, Reason::TlsRequired, "the server accepts no unencrypted login")
        .at(&["extra.sslmode"])
        .hint("set `sslmode` to `require`", "CockroachDB takes encrypted connections only, unless started with --insecure.")
    ,
    says(COCKROACH, ANY, Has(&["node is running secure mode, SSL connection required"]))
        .means(Class::Tls, Reason::TlsRequired, "the server accepts no unencrypted login")
        .at(&["extra.sslmode"])
        .hint("set `sslmode` to `require`", "CockroachDB takes encrypted connections only, unless started with --insecure.")
    ,
];
