//! The refusals of other poolers for PostgreSQL than PgBouncer: Pgpool-II, Odyssey, pgcat, Supavisor.
//!
//! Observed with Pgpool-II 4.3; the others are from their sources (Odyssey `sources/auth.c` and `sources/frontend.c`,
//! pgcat `src/client.rs`, Supavisor `lib/supavisor/errors`).

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::Before;
use crate::model::codes::refinement::Text::Has;
use crate::model::codes::refinement::{Refinement, says};
use crate::model::reason::ReasonCode as Reason;

const POOL: &str = "Pgpool-II";
const ODYSSEY: &str = "Odyssey";
const PGCAT: &str = "pgcat";
const SUPAVISOR: &str = "Supavisor";

pub(super) const ROWS: &[Refinement] = &[
    // Pgpool-II. All of its own refusals have the code XX000.
    says(POOL, &["XX000"], Has(&["authentication failed", "or password does not exist in backend"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by Pgpool-II")
        .hint(
            "check `login` and `password`; Pgpool-II compares them with its own `pool_passwd` or the server's",
            "Pgpool-II asked for the password and did not accept it. It does not tell a wrong password from a user whom the server does not know.",
        ),
    says(POOL, &["XX000"], Has(&["authentication failed", "pool_passwd file does not contain an entry"]))
        .means(Class::Auth, Reason::UserNotFound, "Pgpool-II does not know the password of user `{login}`")
        .checked(Before)
        .hint(
            "add the user to Pgpool-II's `pool_passwd` (`pg_enc`, or `pg_md5` for MD5), or correct `login`",
            "To check a SCRAM or MD5 login Pgpool-II needs the password itself, in its file pool_passwd; this user has no entry there.",
        ),
    says(POOL, &["XX000"], Has(&["authentication failed", "valid password not found"]))
        .means(Class::Auth, Reason::UserNotFound, "Pgpool-II does not know the password of user `{login}`")
        .hint(
            "add the user to Pgpool-II's `pool_passwd` (`pg_enc`, or `pg_md5` for MD5), or correct `login`",
            "Pgpool-II needs the password itself for its own login at the server, and pool_passwd holds none that fits the server's method.",
        ),
    says(POOL, &["XX000"], Has(&["client authentication failed", "no pool_hba.conf entry"]))
        .means(Class::Denied, Reason::AddressDenied, "pool_hba.conf does not let user `{login}` into database `{database}` from this machine")
        .checked(Before)
        .hint(
            "an administrator has to add a line for this client to Pgpool-II's `pool_hba.conf`",
            "Pgpool-II decides by the client's address, user and database before it asks for a password; no line of pool_hba.conf fits.",
        ),
    says(POOL, &["XX000"], Has(&["client authentication failed", "rejects connection"]))
        .means(Class::Denied, Reason::AddressDenied, "pool_hba.conf does not let user `{login}` into database `{database}` from this machine")
        .hint(
            "an administrator has to change the line that fits this client in Pgpool-II's `pool_hba.conf`",
            "The first line of pool_hba.conf that fits says reject.",
        ),
    says(POOL, &["XX000"], Has(&["all backend nodes are down"]))
        .means(Class::Busy, Reason::BackendDown, "Pgpool-II has no server behind it that is up")
        .hint(
            "check the servers behind Pgpool-II, then attach them again (`pcp_attach_node`)",
            "Pgpool-II has taken all of its backends out of service. It does not take them back by itself unless auto_failback is on.",
        ),
    says(POOL, &["XX000"], Has(&["failed to create a backend connection"]))
        .means(Class::Busy, Reason::BackendDown, "Pgpool-II cannot reach the server behind it")
        .hint(
            "check the servers behind Pgpool-II; the server's text tells whether it is failing over",
            "Pgpool-II is up, and its connection to a backend failed.",
        ),
    says(POOL, &["XX000"], Has(&["unable to read", "from db node"]))
        .means(Class::Busy, Reason::BackendDown, "Pgpool-II lost the server behind it")
        .hint(
            "check the servers behind Pgpool-II",
            "The backend hung up on Pgpool-II during the login, as it does when it restarts.",
        ),
    // Odyssey. Its texts begin with `odyssey: c0123456789ab: `.
    says(ODYSSEY, &["28P01", "28000", "42601"], Has(&["odyssey:", "incorrect user"]))
        .means(Class::Auth, Reason::UserNotFound, "Odyssey does not know the user `{login}`")
        .hint(
            "correct `login`, or add the user to Odyssey's `storage` and `user` sections",
            "Odyssey looked the user up (auth_query, or its own configuration) and did not find it.",
        ),
    says(ODYSSEY, &["28P01", "28000"], Has(&["odyssey:", "host based authentication rejected"]))
        .means(Class::Denied, Reason::AddressDenied, "Odyssey does not let user `{login}` in from this machine")
        .checked(Before)
        .hint(
            "an administrator has to add a line for this client to Odyssey's `hba_file`",
            "Odyssey's own host based rules refused the client's address before a password was asked for.",
        ),
    says(ODYSSEY, &["28000"], Has(&["odyssey:", "user blocked"]))
        .means(Class::Denied, Reason::AddressDenied, "Odyssey blocks the user `{login}`")
        .hint(
            "an administrator has blocked this user in Odyssey's configuration (`authentication \"block\"`)",
            "Odyssey's rule for this user says block, whatever the password.",
        ),
    says(ODYSSEY, &["08P01", "28000"], Has(&["odyssey:", "SSL is required"]))
        .means(Class::Tls, Reason::TlsRequired, "Odyssey accepts no unencrypted login")
        .at(&["extra.sslmode"])
        .hint(
            "set `sslmode` to `require`, or leave it out",
            "Odyssey's listener has tls set to require or more.",
        ),
    says(ODYSSEY, &["08P01", "28000"], Has(&["odyssey:", "TLS connection required"]))
        .means(Class::Tls, Reason::TlsRequired, "Odyssey accepts no unencrypted login")
        .at(&["extra.sslmode"])
        .hint(
            "set `sslmode` to `require`, or leave it out",
            "The rule of Odyssey for this user and database demands TLS.",
        ),
    says(ODYSSEY, &["3D000"], Has(&["odyssey:", "route for", "is not found"]))
        .means(Class::NotFound, Reason::DatabaseNotFound, "Odyssey has no route for database `{database}` and user `{login}`")
        .checked(Before)
        .hint(
            "correct `schema` and `login`, or add the pair (or `default`) to Odyssey's configuration",
            "Odyssey serves the pairs of database and user that its configuration has. No password was asked for.",
        ),
    says(ODYSSEY, &["53300"], Has(&["odyssey:", "too many"]))
        .means(Class::Busy, Reason::TooManyConnections, "Odyssey has as many clients as it allows")
        .hint(
            "find who holds the connections, or raise the limit that the server's text names (`client_max`, `pool_size`)",
            "The limits are Odyssey's own: for all clients, for one route, or for the connections to the server.",
        ),
    says(ODYSSEY, &["08006", "58000"], Has(&["odyssey:", "remote server"]))
        .means(Class::Busy, Reason::BackendDown, "Odyssey cannot reach the server behind it")
        .hint("check the server behind Odyssey", "Odyssey is up, and its connection to the server failed.")
    ,
    // pgcat.
    says(PGCAT, &["58000", "3D000"], Has(&["no pool configured for database"]))
        .means(Class::NotFound, Reason::DatabaseNotFound, "pgcat has no pool for database `{database}` and user `{login}`")
        .checked(Before)
        .hint(
            "correct `schema` and `login`, or add the pool and its user to pgcat's configuration",
            "pgcat serves the pairs of pool and user that its configuration has. It says so before it asks for a password.",
        ),
    says(PGCAT, &["58000"], Has(&["could not get connection from the pool"]))
        .means(Class::Busy, Reason::BackendDown, "pgcat cannot reach the server behind it")
        .hint(
            "check the servers behind pgcat: all may be down or banned (`SHOW BANS` in its console)",
            "pgcat found no server of the pool that takes a connection.",
        ),
    says(PGCAT, &["58000"], Has(&["pool down"]))
        .means(Class::Busy, Reason::BackendDown, "pgcat has the pool of database `{database}` down")
        .hint(
            "check the servers behind pgcat; their passwords in its configuration must be right too",
            "pgcat could not connect to any server of the pool when it was started or reloaded.",
        ),
    // Supavisor, the pooler of Supabase. Since 2025 its texts begin with a code in brackets.
    says(SUPAVISOR, &["XX000"], Has(&["max clients"]))
        .means(Class::Busy, Reason::TooManyConnections, "Supabase's pooler has as many clients as it allows in session mode")
        .hint(
            "use the pooler's transaction mode (`port` 6543) for short connections, close idle ones, or raise the pool size of the project",
            "In session mode (port 5432) each client holds a connection to the database until it leaves, and their number is the pool size of the project.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["max client connections reached"]))
        .means(Class::Busy, Reason::TooManyConnections, "Supabase's pooler has as many clients as the plan allows")
        .hint(
            "close idle connections, or raise the compute size of the project",
            "The number of clients of the pooler is limited by the project's compute size.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["(EMAX"]))
        .means(Class::Busy, Reason::TooManyConnections, "Supabase's pooler has as many clients or pools as it allows")
        .hint(
            "close idle connections, or raise the limit that the server's text names",
            "A limit of the pooler's own was reached; its text says which.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["tenant or user not found"]))
        .means(Class::Auth, Reason::UserNotFound, "Supabase's pooler does not know the user `{login}`")
        .checked(Before)
        .hint(
            "write `login` as `postgres.<project ref>`, and `host` as the project's page shows it: each region has its own; a paused project has to be restored",
            "The pooler finds the project by the part of the user's name after the dot. Without it, in another region's pooler, or for a paused or deleted project it finds nothing. No password was asked for.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["(ENOTFOUND)"]))
        .means(Class::Auth, Reason::UserNotFound, "Supabase's pooler does not know the user `{login}`")
        .checked(Before)
        .hint(
            "write `login` as `postgres.<project ref>`, and `host` as the project's page shows it: each region has its own; a paused project has to be restored",
            "As tenant or user not found, in the words of newer versions.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["(ENOIDENTIFIER)"]))
        .means(Class::Definition, Reason::ServerNotFound, "Supabase's pooler cannot tell which project is meant")
        .checked(Before)
        .hint(
            "write `login` as `postgres.<project ref>`",
            "The pooler finds the project by the part of the user's name after the dot, and there is none.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["SSL connection is required"]))
        .means(Class::Tls, Reason::TlsRequired, "Supabase's pooler accepts no unencrypted login")
        .at(&["extra.sslmode"])
        .hint(
            "set `sslmode` to `require`, or leave it out",
            "The project enforces SSL, and the definition turns encryption off.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["address not in tenant allow_list"]))
        .means(Class::Denied, Reason::AddressDenied, "Supabase does not let this machine's address in")
        .checked(Before)
        .hint(
            "add the address to the network restrictions of the project; the server's text has it",
            "The project admits some addresses only, and that of this machine, as the pooler sees it, is not among them. No password was asked for.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["circuit breaker open"]))
        .means(Class::Denied, Reason::AddressBlocked, "Supabase's pooler blocks logins for a while")
        .hint(
            "wait, and find the client that keeps sending a wrong password",
            "After too many refused logins or failed connections the pooler refuses everything for some minutes; its text says until when.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["(EBANNED)"]))
        .means(Class::Denied, Reason::AddressBlocked, "Supabase's pooler serves this project no more")
        .hint("see the project's page for the reason", "An operator of the pooler has closed it to the project.")
    ,
    says(SUPAVISOR, &["XX000"], Has(&["(EWRONGPASSWORD)"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by Supabase's pooler")
        .hint(
            "check `password`: the database password of the project, which its settings can set anew",
            "The pooler asked for the password and did not accept it.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["authentication error, reason"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by Supabase's pooler")
        .hint(
            "check `login` (`postgres.<project ref>`) and `password`; the server's text has a reason",
            "The pooler could not finish the login: a wrong password, or a name of a form that it cannot read.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["unable to check out process from the pool"]))
        .means(Class::Busy, Reason::TooManyConnections, "Supabase's pooler found no free connection in time")
        .hint(
            "try again later, or raise the pool size of the project",
            "All connections of the pool to the database were taken for too long.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["(ECHECKOUT"]))
        .means(Class::Busy, Reason::TooManyConnections, "Supabase's pooler found no free connection in time")
        .hint(
            "try again later, or raise the pool size of the project",
            "All connections of the pool to the database were taken for too long.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["(EAUTHQUERY)"]))
        .checked(Before)
        .means(Class::Server, Reason::ProxyRefused, "Supabase's pooler cannot look up the password of user `{login}`")
        .hint(
            "see whether the project's database takes connections: the pooler asks it for the password's hash (`auth_query`), and that failed",
            "The pooler keeps no passwords. Its query for them failed, or is not configured; nothing is known of the stored password.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["(EAUTHSECRETS)"]))
        .checked(Before)
        .means(Class::Server, Reason::ProxyRefused, "Supabase's pooler cannot look up the password of user `{login}`")
        .hint(
            "see whether the project's database takes connections: the pooler asks it for the password's hash, and that failed",
            "As EAUTHQUERY, from where the pooler keeps what it has looked up.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["connection to database closed"]))
        .means(Class::Busy, Reason::BackendDown, "Supabase's pooler lost the database behind it")
        .hint(
            "see the project's page: it may be starting, paused, or out of connections",
            "The pooler's own connection to the database ended while the client waited for it (EDBHANDLEREXITED).",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["(EPOOL"]))
        .means(Class::Busy, Reason::BackendDown, "Supabase's pooler has no pool for the project at the moment")
        .hint(
            "try again in a moment; if it stays, see the project's page",
            "The pool is being started, ended, or has lost its database; the pooler's text says which.",
        ),
    says(SUPAVISOR, &["XX000"], Has(&["DbHandler exited"]))
        .means(Class::Busy, Reason::BackendDown, "Supabase's pooler cannot reach the database behind it")
        .hint(
            "see the project's page: it may be starting, paused, or out of connections; an old database password does it too",
            "The pooler's own connection to the database ended.",
        ),
];
