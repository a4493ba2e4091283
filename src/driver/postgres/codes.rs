//! Rows of the code table for PostgreSQL and other products that use its protocol.
//!
//! Codes are SQLSTATEs. `28000` has several meanings, distinguished by the server's routine that raised it, whose name
//! is never translated: those rows have the key `CODE/routine`. `unencrypted` and `certificate` are not routines; the
//! driver knows them from the connection.

mod clouds;
mod pgbouncer;
mod poolers;
mod servers;

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::Instead;
use crate::model::codes::{Checked, CodeEntry, CodeTable, Form};
use crate::model::reason::ReasonCode;

/// The meanings of a server's refusals.
pub(super) static CODES: CodeTable = CodeTable::new(ROWS)
    .refined_by(&[pgbouncer::ROWS, poolers::ROWS, clouds::ROWS, servers::ROWS])
    .checked(CHECKED)
    .fields(FIELDS)
    .names(USERS, DATABASES);

/// Text before the name of a user.
const USERS: &[Form] = &[Form { before: &["role ", "user "], quote: '"' }];

/// Text before the name of a database.
const DATABASES: &[Form] = &[Form { before: &["database "], quote: '"' }];

/// What PostgreSQL's manual says about the classes 53, 57, 58 and XX.
const APPENDIX: &str =
    "manual, appendix A: insufficient resources, operator intervention, system error, data corrupted";

/// Codes that do not answer the credential.
const CHECKED: &[Checked] = &[
    Checked::new("53100", Instead, APPENDIX),
    Checked::new("53200", Instead, APPENDIX),
    Checked::new("57014", Instead, APPENDIX),
    Checked::new("58030", Instead, APPENDIX),
    Checked::new("XX001", Instead, APPENDIX),
    Checked::new("XX002", Instead, APPENDIX),
];

/// The extras that the text of a row refers to: they are at fault, beside the fields of its reason.
const FIELDS: &[(&str, &[&str])] =
    &[("28000/unencrypted", &["extra.sslmode"]), ("28000/certificate", &["extra.sslcert", "extra.sslkey"])];

const ROWS: &[CodeEntry] = &[
    CodeEntry {
        code: "28P01",
        name: "invalid_password",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "login refused for user `{login}`",
        hint: "check `login` and `password`; PostgreSQL does not tell a wrong password from an unknown role or one past its VALID UNTIL",
        explanation: "The server asked for a password and did not accept the answer. To the client a wrong password, a role that does not exist, a role without a password, one whose VALID UNTIL has passed, and a password stored in a form that the pg_hba.conf method cannot use all look alike; the server's log says which it was (its DETAIL line is never sent). Check the login and password of the definition, then `\\du+` and that log. connprobe does not send a refused password again.",
    },
    CodeEntry {
        code: "28000",
        name: "invalid_authorization_specification",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "login refused for user `{login}`",
        hint: "check `login` and `password`, and that the role exists and may log in; on a managed service, whether this user logs in by a token (IAM, Entra) in place of a password",
        explanation: "The server does not accept this role or its way to log in. Where PostgreSQL itself names the routine that refused, connprobe tells more: the other rows of this code. Amazon Redshift, CockroachDB and poolers use the bare code, also for wrong passwords.",
    },
    CodeEntry {
        code: "28000/InitializeSessionUserId",
        name: "invalid_authorization_specification",
        class: Class::Auth,
        reason: ReasonCode::UserNotFound,
        message: "the role `{login}` does not exist or may not log in",
        hint: "check `login`; an administrator can allow the role to log in (`ALTER ROLE … LOGIN`)",
        explanation: "The server let the client in, then found that the role does not exist (where pg_hba.conf asks for no password) or has NOLOGIN, as group roles do. Use a login role that is a member of the group, or ALTER ROLE … LOGIN.",
    },
    CodeEntry {
        code: "28000/auth_failed",
        name: "invalid_authorization_specification",
        class: Class::Auth,
        reason: ReasonCode::PasswordNotTaken,
        message: "the server's authentication method refused user `{login}`",
        hint: "pg_hba.conf asks for something other than a stored password (client certificate, peer, ident, LDAP, PAM, RADIUS), and that has to know `login`; on a managed service, use a user with a password in place of one that logs in by a token",
        explanation: "The line of pg_hba.conf that fits this client uses a method other than a stored password, and that method said no: a client certificate whose common name is not the role (or not mapped to it), an operating system user that peer or ident does not map to the role, or an external service (LDAP, PAM, RADIUS) that rejected the password. The server's log names line and method.",
    },
    CodeEntry {
        code: "28000/ClientAuthentication",
        name: "invalid_authorization_specification",
        class: Class::Denied,
        reason: ReasonCode::AddressDenied,
        message: "pg_hba.conf does not let user `{login}` into database `{database}` from this machine",
        hint: "an administrator has to let this client address in: by a line in pg_hba.conf, or on a managed service by its firewall, security group or list of allowed networks; if the server demands a client certificate, set `sslcert` and `sslkey`",
        explanation: "The server decides by the client's address, role, database and encryption, from the first line of pg_hba.conf that fits; here no line fits, or the first that fits says reject. No password was asked for, so nothing is known about it. Look at pg_hba_file_rules on the server; mind that containers and NAT change the address that the server sees, which its log shows.",
    },
    CodeEntry {
        code: "28000/unencrypted",
        name: "invalid_authorization_specification",
        class: Class::Tls,
        reason: ReasonCode::TlsRequired,
        message: "the server accepts no unencrypted login of user `{login}` to database `{database}` from this machine",
        hint: "`sslmode` is `disable`: set it to `require` or leave it out; if the server refuses that too, its pg_hba.conf has no line for this client",
        explanation: "The definition forbids TLS (sslmode=disable), and pg_hba.conf has no line that lets this role into this database from this address in clear: usually it only has hostssl lines, as managed services that force TLS do. Allow TLS in the definition. If the login is then refused as 28000/ClientAuthentication, the address, role or database is not allowed at all.",
    },
    CodeEntry {
        code: "28000/certificate",
        name: "invalid_authorization_specification",
        class: Class::Tls,
        reason: ReasonCode::ClientCertificateRequired,
        message: "the server demands a client certificate from user `{login}`",
        hint: "set `sslcert` and `sslkey` to a certificate that the server's authority has signed",
        explanation: "The line of pg_hba.conf that fits has clientcert=verify-ca or verify-full, or the method cert, and the client presented no certificate that the server's ssl_ca_file verifies. Put the certificate and its unencrypted key, as files or as PEM text, into the extras sslcert and sslkey.",
    },
    CodeEntry {
        code: "3D000",
        name: "invalid_catalog_name",
        class: Class::NotFound,
        reason: ReasonCode::DatabaseNotFound,
        message: "the database `{database}` does not exist",
        hint: "correct `schema` (the database; the login's name when absent), or create the database",
        explanation: "The login was accepted, then the server looked for the database and did not find it. In a stored connection the database is the field schema (or the extra dbname); when both are absent the login's name is used, as libpq does. Names created without quotes are lower case.",
    },
    CodeEntry {
        code: "42501",
        name: "insufficient_privilege",
        class: Class::Denied,
        reason: ReasonCode::DatabaseDenied,
        message: "user `{login}` is not permitted to use database `{database}`",
        hint: "an administrator has to `GRANT CONNECT ON DATABASE`; the server's text says what is missing",
        explanation: "The login was accepted, but the role lacks the CONNECT privilege on the database (revoked from PUBLIC, as a rule), or the extra options sets a parameter that only superusers may set. GRANT CONNECT ON DATABASE … TO …, or drop the parameter.",
    },
    CodeEntry {
        code: "28P01/query",
        name: "invalid_password",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "the login was accepted, and then one to the server behind it was refused",
        hint: "a pooler or proxy takes the login before it has one of its own: check the password that it uses behind (its user list, its secret), and the one of the definition, which it may pass on",
        explanation: "Something before the server has accepted the login, and the first query was answered with a refused login: a pooler that opens its own connection only then. It may log in with a password of its own, or with the one that it was given, so that the latter counts as refused.",
    },
    CodeEntry {
        code: "28000/query",
        name: "invalid_authorization_specification",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "the login was accepted, and then one to the server behind it was refused",
        hint: "a pooler or proxy takes the login before it has one of its own: check the user and the password that it uses behind, and those of the definition, which it may pass on",
        explanation: "Something before the server has accepted the login, and the first query was answered with a refused login: a pooler that opens its own connection only then. It may log in as a user of its own, or as the one that it was given.",
    },
    CodeEntry {
        code: "42501/query",
        name: "insufficient_privilege",
        class: Class::Denied,
        reason: ReasonCode::PrivilegeMissing,
        message: "user `{login}` is logged in, and lacks the right to what was asked for then",
        hint: "an administrator has to grant the right that the server's text names (`GRANT SELECT ON …`, `GRANT EXECUTE ON FUNCTION …`)",
        explanation: "The login and the database are right. What was asked for after the login was refused: the test query calls the function current_database, whose EXECUTE privilege everybody has unless somebody revoked it; where a table is read, the role needs SELECT on it and USAGE on its schema.",
    },
    CodeEntry {
        code: "55000",
        name: "object_not_in_prerequisite_state",
        class: Class::Denied,
        reason: ReasonCode::DatabaseDenied,
        message: "the database `{database}` accepts no connections",
        hint: "an administrator has to `ALTER DATABASE … ALLOW_CONNECTIONS true`; template0 never takes any",
        explanation: "The database exists but datallowconn is off: it is a template, or was closed for maintenance, as some upgrade and restore tools do. ALTER DATABASE … ALLOW_CONNECTIONS true opens it.",
    },
    CodeEntry {
        code: "53300",
        name: "too_many_connections",
        class: Class::Busy,
        reason: ReasonCode::TooManyConnections,
        message: "the server has no connection free for user `{login}`",
        hint: "a limit of the server, the database or the role is reached: see pg_stat_activity for who holds the connections, or raise the limit",
        explanation: "One of three limits is reached: max_connections of the server (the last of them are kept for superusers), CONNECTION LIMIT of the database, or CONNECTION LIMIT of the role; the server's text says which. Find idle sessions in pg_stat_activity, put a pooler in front, or raise the limit. A limit of 0 closes the role or database on purpose.",
    },
    CodeEntry {
        code: "53000",
        name: "insufficient_resources",
        class: Class::Busy,
        reason: ReasonCode::ServerShort,
        message: "the server is short of resources",
        hint: "try again later, or use a larger machine or plan; the server's log says what it is short of",
        explanation: "The server could not serve the login for want of some resource. It is up, but overloaded or badly sized; its log has the details.",
    },
    CodeEntry {
        code: "53100",
        name: "disk_full",
        class: Class::Server,
        reason: ReasonCode::ServerError,
        message: "the server's disk is full",
        hint: "free space on the server's data or temporary directory",
        explanation: "The server could not write what even a login needs. Nothing on the client's side helps: free space in the data directory, in pg_wal or in the temporary directory.",
    },
    CodeEntry {
        code: "53200",
        name: "out_of_memory",
        class: Class::Server,
        reason: ReasonCode::ServerShort,
        message: "the server is out of memory",
        hint: "see the server's log; too many sessions or too large a work_mem are the usual causes",
        explanation: "The server process could not get the memory for the session. Look at the number of sessions, work_mem and shared_buffers against the machine's memory.",
    },
    CodeEntry {
        code: "57P01",
        name: "admin_shutdown",
        class: Class::Busy,
        reason: ReasonCode::ShuttingDown,
        message: "the server is shutting down, or an administrator ended the session",
        hint: "try again when the server is back",
        explanation: "The server is being stopped or restarted, or somebody called pg_terminate_backend on this very session; failovers look like this from the outside.",
    },
    CodeEntry {
        code: "57P02",
        name: "crash_shutdown",
        class: Class::Busy,
        reason: ReasonCode::StartingUp,
        message: "the server is restarting after a crash of one of its processes",
        hint: "try again in a moment; the server's log says which process died, often for want of memory",
        explanation: "When one server process dies, all sessions are ended and the shared memory is set up anew. It takes logins again by itself after recovery. Repeated crashes are worth a look at the log and at the kernel's out-of-memory killer.",
    },
    CodeEntry {
        code: "57P03",
        name: "cannot_connect_now",
        class: Class::Busy,
        reason: ReasonCode::StartingUp,
        message: "the server is up but takes no logins yet",
        hint: "it is starting, stopping or recovering: try again later",
        explanation: "The server is starting up, shutting down, or in a recovery in which it takes no queries (a standby with hot_standby off, or one that is not yet consistent). The server's text says which.",
    },
    CodeEntry {
        code: "57P04",
        name: "database_dropped",
        class: Class::NotFound,
        reason: ReasonCode::DatabaseNotFound,
        message: "the database `{database}` was dropped during the login",
        hint: "correct `schema`, or see who drops and creates that database again",
        explanation: "The database existed when the login began and was gone before it ended, as test suites and restores that recreate databases do.",
    },
    CodeEntry {
        code: "57014",
        name: "query_canceled",
        class: Class::Server,
        reason: ReasonCode::QueryCancelled,
        message: "the server cancelled the test query",
        hint: "raise the statement_timeout of the role, of the database or in extra `options`, unless an administrator cancelled it",
        explanation: "The login works, but the trivial query that proves it was cancelled: by a statement_timeout set for role, database or the extra options, by an administrator, or because a standby had to go on with recovery.",
    },
    CodeEntry {
        code: "08P01",
        name: "protocol_violation",
        class: Class::Server,
        reason: ReasonCode::ProxyRefused,
        message: "a pooler or proxy in front of the server refused the login",
        hint: "see the server's text, which is the pooler's own: on PgBouncer its configuration decides (databases, auth_file, ignore_startup_parameters, client_tls_sslmode), on a managed service its settings page",
        explanation: "PostgreSQL itself has no reason to send this during a login; PgBouncer and other poolers put most of their own refusals under this code: no such user, no such database, SSL required, unsupported startup parameter, server login failed. The detail has the pooler's words.",
    },
    CodeEntry {
        code: "08001",
        name: "sqlclient_unable_to_establish_sqlconnection",
        class: Class::Busy,
        reason: ReasonCode::BackendDown,
        message: "a pooler or proxy cannot reach the server behind it",
        hint: "the pooler is up and the server behind it is not: check that server and the pooler's log",
        explanation: "The address of this definition is a pooler's or proxy's, and it reports that its own connection to the real server failed.",
    },
    CodeEntry {
        code: "08006",
        name: "connection_failure",
        class: Class::Busy,
        reason: ReasonCode::BackendDown,
        message: "a pooler or proxy lost the server behind it",
        hint: "the pooler is up and the server behind it is not: check that server and the pooler's log",
        explanation: "The address of this definition is a pooler's or proxy's, and its connection to the real server broke: a failover, a restart, or a network between the two.",
    },
    CodeEntry {
        code: "0A000",
        name: "feature_not_supported",
        class: Class::Server,
        reason: ReasonCode::RequestRefused,
        message: "the server does not support something that every login uses",
        hint: "see in the server's text what it lacks; check `host` and `port`: it may be a very old server, or something that only resembles PostgreSQL",
        explanation: "A login uses protocol 3.0 (PostgreSQL 7.4 and later), a handful of start parameters and one trivial query. A server, pooler or compatible product that lacks one of them says so under this code.",
    },
    CodeEntry {
        code: "42601",
        name: "syntax_error",
        class: Class::Definition,
        reason: ReasonCode::SettingRefused,
        message: "the server does not understand the settings in extra `options`",
        hint: "write each setting as `-c name=value`, with `\\` before blanks in the value",
        explanation: "The extra options is handed to the server as the command line of its process, and it could not be read as such.",
    },
    CodeEntry {
        code: "42704",
        name: "undefined_object",
        class: Class::Definition,
        reason: ReasonCode::SettingRefused,
        message: "the server does not know a setting in extra `options`",
        hint: "correct the name of the parameter; the server's text has it",
        explanation: "The extra options sets a parameter that this version of the server, or the extensions loaded into it, does not have.",
    },
    CodeEntry {
        code: "22023",
        name: "invalid_parameter_value",
        class: Class::Definition,
        reason: ReasonCode::SettingRefused,
        message: "the server does not accept the value of a setting in extra `options`",
        hint: "correct the value; the server's text names the parameter",
        explanation: "The extra options sets a parameter to a value that it cannot have. Settings stored for the role or database are not checked this way: they only give a warning.",
    },
    CodeEntry {
        code: "55P02",
        name: "cant_change_runtime_param",
        class: Class::Definition,
        reason: ReasonCode::SettingRefused,
        message: "a setting in extra `options` cannot be changed for one session",
        hint: "drop it from `options`; it belongs in postgresql.conf",
        explanation: "Some parameters can only be set when the server starts or for all sessions; the extra options can set those that belong to one session.",
    },
    CodeEntry {
        code: "P0001",
        name: "raise_exception",
        class: Class::Denied,
        reason: ReasonCode::TriggerRefused,
        message: "a login trigger refused user `{login}`",
        hint: "see the server's text for the reason: an administrator has installed a login event trigger (PostgreSQL 17), which refuses `login`",
        explanation: "The login was accepted, then code of an administrator ran (an event trigger on login, or a function of an extension) and raised an exception. Its text says what it objects to.",
    },
    CodeEntry {
        code: "58P01",
        name: "undefined_file",
        class: Class::Server,
        reason: ReasonCode::ServerError,
        message: "the server lacks one of its own files",
        hint: "an upgrade or a library in session_preload_libraries is incomplete: see the server's log",
        explanation: "The new session's process could not load a file, as a rule a library in session_preload_libraries or local_preload_libraries whose package was removed or not upgraded, or a damaged data directory.",
    },
    CodeEntry {
        code: "58030",
        name: "io_error",
        class: Class::Server,
        reason: ReasonCode::ServerError,
        message: "the server cannot read or write its own files",
        hint: "see the server's log and the health of its disks",
        explanation: "A read or write in the data directory failed. Treat it as a failing disk or file system until shown otherwise.",
    },
    CodeEntry {
        code: "XX000",
        name: "internal_error",
        class: Class::Server,
        reason: ReasonCode::ServerError,
        message: "the server reports an internal error",
        hint: "see the server's text: poolers, proxies and clouds use this code for their own refusals; PostgreSQL itself writes more into its log",
        explanation: "PostgreSQL uses it for what should not happen: damaged catalogs, failing extensions. Compatible products and poolers (Amazon RDS Proxy, Supavisor, Redshift) put ordinary refusals under it, so read the text.",
    },
    CodeEntry {
        code: "XX001",
        name: "data_corrupted",
        class: Class::Server,
        reason: ReasonCode::ServerError,
        message: "the server found its own data damaged",
        hint: "stop writing to it and call its administrator: the log names the relation",
        explanation: "A page of a catalog or table that the login needs fails its checks. Save the data directory before anything else is tried.",
    },
    CodeEntry {
        code: "XX002",
        name: "index_corrupted",
        class: Class::Server,
        reason: ReasonCode::ServerError,
        message: "the server found one of its indexes damaged",
        hint: "an administrator can REINDEX the relation that the log names; after an upgrade of the operating system, suspect the collation",
        explanation: "An index that the login needs contradicts its table. REINDEX mends it; a changed collation library (a new glibc or ICU) is a common cause.",
    },
];
