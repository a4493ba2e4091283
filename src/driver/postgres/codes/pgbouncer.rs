//! PgBouncer's refusals, and those of the server behind it that it passes on with its own code.
//!
//! Observed with PgBouncer 1.18; later texts are from its source (`src/client.c`, `src/objects.c`).

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::Before;
use crate::model::codes::refinement::Text::{Has, Starts};
use crate::model::codes::refinement::{Refinement, says};
use crate::model::reason::ReasonCode as Reason;

const BOUNCER: &str = "PgBouncer";

pub(super) const ROWS: &[Refinement] = &[
    says(BOUNCER, &["08P01", "28P01", "28000"], Starts("SASL authentication failed"))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by PgBouncer")
        .hint(
            "check `login` and `password`; PgBouncer's own list of users (`auth_file`, `auth_query`) decides, not the server behind it",
            "PgBouncer asked for the password and did not accept it. It does not tell a wrong password from a user that it does not know. It looks users up in its auth_file or by its auth_query, so a password that was changed on the server only is refused until PgBouncer's list follows. Its log has the reason.",
        ),
    // PgBouncer's own refusals name no user: with a name the text is that of the server behind it.
    says(BOUNCER, &["08P01"], Starts("password authentication failed for user"))
        .means(Class::Server, Reason::ProxyRefused, "the server behind PgBouncer refused PgBouncer's login as `{login}`")
        .hint(
            "check the password that PgBouncer has for this user (`auth_file`, `user=` and `password=` of its database line) against the server's; where PgBouncer asks another service (`auth_type` pam or ldap), check `login` and `password`",
            "PgBouncer let the client in and logs in to the server itself: with what its database line names, with what its list of users holds, or, where PAM or LDAP decides, with what the client sent. The server behind it refused that login. PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Starts("password authentication failed"))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by PgBouncer")
        .hint(
            "check `login` and `password`; PgBouncer's own list of users (`auth_file`, `auth_query`) decides, not the server behind it",
            "As SASL authentication failed, where auth_type is md5 or plain. A password stored as MD5 in auth_file while the server has a SCRAM verifier, or the reverse, gives this too.",
        ),
    says(BOUNCER, &["08P01"], Starts("no such user"))
        .means(Class::Auth, Reason::UserNotFound, "PgBouncer does not know the user `{login}`")
        .checked(Before)
        .hint(
            "correct `login`, or add it to PgBouncer's `auth_file` or to what its `auth_query` finds",
            "PgBouncer keeps a list of users of its own, and refuses those that are not in it, whether or not the server behind it knows them.",
        ),
    says(BOUNCER, &["08P01"], Starts("unsupported startup parameter: options"))
        .means(Class::Definition, Reason::SettingRefused, "PgBouncer does not take extra `options`")
        .checked(Before)
        .hint(
            "remove extra `options`, or add `options` to PgBouncer's `ignore_startup_parameters` (it is then without effect)",
            "PgBouncer passes few parameters of a session on, and before 1.20 no options. Set search_path and the like with ALTER ROLE … SET on the server, or in connect_query of PgBouncer's database line.",
        ),
    says(BOUNCER, &["08P01"], Has(&["unsupported", "startup parameter", "application_name"]))
        .means(Class::Definition, Reason::SettingRefused, "the pooler does not take the name of the session (`application_name`)")
        .checked(Before)
        .hint(
            "remove extra `application_name`, or have the pooler pass it on or ignore it (`ignore_startup_parameters`)",
            "Without the extra connprobe gives its sessions a name of its own, as JDBC does; libpq gives none. PgBouncer itself takes the name; poolers that are like it may not.",
        ),
    says(BOUNCER, &["08P01"], Has(&["unsupported", "startup parameter"]))
        .means(Class::Definition, Reason::SettingRefused, "PgBouncer does not take a setting in extra `options`")
        .hint(
            "remove the setting that the server's text names from extra `options`, have PgBouncer track or ignore it (`track_extra_parameters`, `ignore_startup_parameters`), or on a managed service use the host name without the pooler",
            "Since 1.20 PgBouncer reads options, and refuses settings that it cannot keep apart for each session of a shared connection.",
        ),
    says(BOUNCER, &["08P01"], Starts("bad packet header"))
        .means(Class::Definition, Reason::SettingRefused, "PgBouncer does not speak the version of the protocol that the definition asks for")
        .checked(Before)
        .hint(
            "remove extra `max_protocol_version` and `min_protocol_version`, or upgrade PgBouncer: since 1.23 it offers version 3.0 where a client asks for more",
            "libpq 18 asks for version 3.0 of the protocol unless the definition says otherwise. PgBouncer before 1.23 refuses a client that asks for a later one (https://github.com/pgbouncer/pgbouncer/pull/1007).",
        ),
    says(BOUNCER, &["08P01", "57014"], Starts("query_wait_timeout"))
        .means(Class::Busy, Reason::BackendDown, "PgBouncer found no free connection to the server behind it in time")
        .hint(
            "check the server behind PgBouncer; if it is up, its pool is used up (`default_pool_size`): `SHOW POOLS` in PgBouncer's console tells which",
            "The client waited longer than query_wait_timeout for a connection to the server: the server is down, refuses PgBouncer's own login, or all connections of the pool are taken.",
        ),
    says(BOUNCER, &["08P01", "53300"], Has(&["no more connections allowed"]))
        .means(Class::Busy, Reason::TooManyConnections, "PgBouncer has as many clients as it allows (`max_client_conn`)")
        .checked(Before)
        .hint(
            "find who holds the connections (`SHOW CLIENTS` in PgBouncer's console), or raise `max_client_conn`",
            "The limit max_client_conn is PgBouncer's own and counts clients, not connections to the server. It refuses before it asks for a password.",
        ),
    says(BOUNCER, &["08P01", "53300"], Has(&["client connections exceeded"]))
        .means(Class::Busy, Reason::TooManyConnections, "PgBouncer has as many clients of this user or database as it allows")
        .hint(
            "find who holds the connections (`SHOW CLIENTS` in PgBouncer's console), or raise the limit that the server's text names",
            "The limits max_user_client_connections and max_db_client_connections of PgBouncer count clients of one user or database.",
        ),
    says(BOUNCER, &["08P01"], Starts("SSL required"))
        .means(Class::Tls, Reason::TlsRequired, "PgBouncer accepts no unencrypted login")
        .checked(Before)
        .at(&["extra.sslmode"])
        .hint(
            "`sslmode` is `disable`: set it to `require` or leave it out",
            "PgBouncer has client_tls_sslmode set to require or more, and the definition turns encryption off.",
        ),
    says(BOUNCER, &["08P01", "3D000"], Starts("no such database"))
        .means(Class::NotFound, Reason::DatabaseNotFound, "PgBouncer has no database `{database}`")
        .hint(
            "correct `schema`, or add the database (or `*`) to the `[databases]` of PgBouncer",
            "PgBouncer serves the databases of its configuration only. The name may exist on the server behind it. It may be said before a password was asked for, so nothing is known of the login.",
        ),
    says(BOUNCER, &["08P01"], Has(&["server login has been failing"]))
        .means(Class::Busy, Reason::BackendDown, "PgBouncer cannot log in to the server behind it")
        .hint(
            "check the server behind PgBouncer, and the password that PgBouncer has for it; the server's text has what it last said",
            "PgBouncer's own logins to the server fail, and it tries again each server_login_retry seconds. The cached error in its text is the server's.",
        ),
    says(BOUNCER, &["08P01"], Has(&["server login failed"]))
        .means(Class::Server, Reason::ProxyRefused, "PgBouncer cannot log in to the server behind it")
        .hint(
            "check the password that PgBouncer has for this user (`auth_file`, `user=` and `password=` of its database line) against the server's",
            "The client may be right, and PgBouncer's own login to the server is refused: its copy of the password is old, or is an MD5 hash where the server wants SCRAM.",
        ),
    says(BOUNCER, &["08P01"], Has(&["pgbouncer cannot connect to server"]))
        .means(Class::Busy, Reason::BackendDown, "PgBouncer cannot reach the server behind it")
        .hint(
            "check the server that PgBouncer's database line names",
            "PgBouncer is up, and the server behind it refuses connections or has no address.",
        ),
    says(BOUNCER, &["08P01", "28000"], Starts("login rejected"))
        .means(Class::Denied, Reason::AddressDenied, "PgBouncer does not let user `{login}` into database `{database}` from this machine")
        .checked(Before)
        .hint(
            "an administrator has to add or change a line in PgBouncer's `auth_hba_file` for this client address",
            "With auth_type=hba PgBouncer decides by the client's address, user and database before it asks for a password.",
        ),
    says(BOUNCER, &["08P01"], Has(&["database", "is disabled"]))
        .means(Class::Busy, Reason::UnderMaintenance, "PgBouncer has the database `{database}` disabled")
        .hint(
            "an administrator enables it with `ENABLE` in PgBouncer's console",
            "Somebody has run DISABLE for that database in PgBouncer's console, as is done for maintenance.",
        ),
    says(BOUNCER, &["08P01", "57P01"], Has(&["shutting down"]))
        .means(Class::Busy, Reason::ShuttingDown, "PgBouncer is shutting down")
        .hint(
            "try again when PgBouncer is back",
            "PgBouncer was stopped, or restarts; it lets nobody in any more.",
        ),
    says(BOUNCER, &["08P01"], Starts("client_login_timeout"))
        .means(Class::Busy, Reason::BackendDown, "PgBouncer did not finish the login in time (`client_login_timeout`)")
        .hint(
            "check the server behind PgBouncer: until it was reached once, logins wait for it",
            "PgBouncer holds a client's login until it knows the server's version and settings, so that a server that is down stops logins.",
        ),
    says(BOUNCER, &["08P01"], Starts("bouncer config error"))
        .means(Class::Server, Reason::ProxyRefused, "PgBouncer's configuration is at fault")
        .hint(
            "see PgBouncer's log: `auth_query`, `auth_user` or `auth_dbname` point to something that is not there",
            "PgBouncer could not make up its mind about the user, because its own configuration contradicts itself.",
        ),
    // Refusals of the server behind it, which PgBouncer passes on with its own code.
    says(BOUNCER, &["08P01"], Has(&["database \"", "does not exist"]))
        .means(Class::NotFound, Reason::DatabaseNotFound, "the server behind the pooler has no database `{database}`")
        .hint(
            "correct `schema`, or the database that the pooler's configuration names for it",
            "The pooler serves the database, and the server that it names for it has none of that name. PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Has(&["permission denied for database"]))
        .means(Class::Denied, Reason::DatabaseDenied, "the user that the pooler logs in with is not permitted to use database `{database}`")
        .hint(
            "an administrator has to `GRANT CONNECT ON DATABASE` on the server behind the pooler",
            "The server behind the pooler refused the database to the role that the pooler logs in with, which its configuration may name in place of the client's. PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Has(&["too many connections for role \""]))
        .means(Class::Busy, Reason::TooManyConnections, "the server behind the pooler has no connection free for user `{login}`")
        .hint(
            "find who holds the connections of this role on the server behind the pooler, raise its limit, or lower the pooler's `default_pool_size`",
            "The limit of the role was reached (`CONNECTION LIMIT`). PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Has(&["too many connections"]))
        .means(Class::Busy, Reason::TooManyConnections, "the server behind the pooler has no connection free for the pooler's user")
        .hint(
            "find who holds the connections of the server behind the pooler, or lower the pooler's `default_pool_size`",
            "A limit of the server, of the database or of the role was reached. PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Has(&["too many clients already"]))
        .means(Class::Busy, Reason::TooManyConnections, "the server behind the pooler has no connection free")
        .hint(
            "find who holds the connections of the server behind the pooler, or lower the pooler's `default_pool_size`",
            "The server's max_connections was reached, by this pooler or by others. PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Has(&["remaining connection slots are reserved"]))
        .means(Class::Busy, Reason::TooManyConnections, "the server behind the pooler has no connection free")
        .hint(
            "find who holds the connections of the server behind the pooler, or lower the pooler's `default_pool_size`",
            "The server's max_connections was reached but for those kept for superusers. PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Has(&["the database system is"]))
        .means(Class::Busy, Reason::StartingUp, "the server behind the pooler takes no logins yet, or no more")
        .hint(
            "try again later: it is starting, stopping or recovering, as the server's text says",
            "The pooler is up, and the server behind it is starting up, shutting down or in recovery. PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Has(&["pg_hba.conf"]))
        .means(Class::Denied, Reason::AddressDenied, "the server behind the pooler does not let user `{login}` into database `{database}` from the pooler's machine")
        .hint(
            "an administrator has to let the pooler's address in, in the pg_hba.conf of the server behind it",
            "The server sees the pooler's address, not the client's, and no line of its pg_hba.conf lets it in. PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Has(&["role \"", "is not permitted to log in"]))
        .means(Class::Auth, Reason::UserNotFound, "the role `{login}` may not log in to the server behind the pooler")
        .hint(
            "an administrator can allow the role to log in (`ALTER ROLE … LOGIN`)",
            "The pooler knows the user, and the server behind it does not let that role log in. PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Has(&["role \"", "does not exist"]))
        .means(Class::Auth, Reason::UserNotFound, "the role `{login}` does not exist on the server behind the pooler")
        .hint(
            "create the role on the server behind the pooler, or correct `login`",
            "The pooler knows the user, and the server behind it has no such role. PgBouncer passes the server's words on under its own code.",
        ),
    says(BOUNCER, &["08P01"], Has(&["authentication failed"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by a pooler or proxy")
        .hint(
            "check `login` and `password` against the pooler's own list of users, and where it has none, the server's",
            "The pooler, or the method that it checks logins by (LDAP, PAM, a certificate), said no; poolers do not tell a wrong password from an unknown user.",
        ),
];
