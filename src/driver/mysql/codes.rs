//! The refusals of MySQL, MariaDB, Aurora, TiDB and their proxies.
//!
//! The driver distinguishes `CODE/no-password` (the definition has no password) and `CODE/plain` (the connection is not
//! encrypted).

mod products;

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::{After, Before};
use crate::model::codes::{Checked, CodeEntry, CodeTable, Form};
use crate::model::reason::ReasonCode;

/// The meanings of a server's refusals.
pub(super) static CODES: CodeTable =
    CodeTable::new(ROWS).refined_by(&[products::ROWS]).checked(CHECKED).fields(FIELDS).names(USERS, DATABASES);

/// Text before the name of a user.
const USERS: &[Form] = &[Form { before: &["user "], quote: '\'' }];

/// Text before the name of a database.
const DATABASES: &[Form] = &[Form { before: &["database "], quote: '\'' }];

/// Codes that do not answer the credential.
const CHECKED: &[Checked] = &[
    Checked::new(
        "1040",
        Before,
        "sent in place of the greeting: `Connection_handler_manager::check_and_incr_conn_count`",
    ),
    Checked::new("1129", Before, "sent in place of the greeting: `check_connection`, by the host cache"),
    Checked::new("1130", Before, "sent in place of the greeting: `check_connection`, by the host name"),
    Checked::new(
        "1044",
        After,
        "`acl_authenticate` ends before `mysql_change_db`; seen: wrong password and no right to the database give 1045",
    ),
    Checked::new(
        "1049",
        After,
        "`acl_authenticate` ends before `mysql_change_db`; seen: wrong password and missing database give 1045",
    ),
    Checked::new(
        "1102",
        After,
        "`mysql_change_db` looks at the name first; seen on MariaDB: wrong password and such a name give 1045",
    ),
    Checked::new("1226", After, "`check_for_max_user_connections`, called after the authentication plugin"),
    Checked::new(
        "3159",
        Before,
        "never a refusal of the password: MySQL's `acl_authenticate` sends it for a right one, TiDB before any is looked at",
    ),
    Checked::new("1251", Before, "`send_plugin_request_packet`: the client cannot be asked by the user's method"),
    Checked::new("1275", Before, "by the length of the stored hash, before it is compared: `secure_auth`"),
];

/// The extras that the text of a row refers to: they are at fault, beside the fields of its reason.
const FIELDS: &[(&str, &[&str])] = &[("3159", &["extra.ssl_mode"]), ("1115", &["extra.charset"])];

const ROWS: &[CodeEntry] = &[
    // The credentials.
    CodeEntry {
        code: "1045",
        name: "ER_ACCESS_DENIED_ERROR",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "login refused for user `{login}`",
        hint: "check `login` and `password`; the same answer is given where no account `{login}` exists for this client's address, or where the account demands a client certificate",
        explanation: "The server says `Access denied` for a wrong password, an unknown user, an account that exists only for other client addresses ('user'@'host'), and an account that demands TLS (REQUIRE SSL) or a client certificate (REQUIRE X509), without telling them apart. The detail shows the client address as the server sees it: compare it with `SELECT user, host, ssl_type FROM mysql.user`.",
    },
    CodeEntry {
        code: "1045/no-password",
        name: "ER_ACCESS_DENIED_ERROR",
        class: Class::Auth,
        reason: ReasonCode::PasswordMissing,
        message: "login refused for user `{login}`: the definition has no password",
        hint: "add the `password` to the definition, or check that it was not lost when the definition was exported",
        explanation: "The definition has no password, so none was sent, and the server wants one. An account without a password would have been let in. Exports of Airflow and of connprobe leave secrets out unless they are asked for them, and an empty field is the same as none.",
    },
    CodeEntry {
        code: "1045/plain",
        name: "ER_ACCESS_DENIED_ERROR",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "login refused for user `{login}`",
        hint: "check `login` and `password`; the same answer is given where the account demands TLS, which this connection does not use (`ssl_mode`), or exists only for other client addresses",
        explanation: "As 1045; over a connection that is not encrypted an account with REQUIRE SSL is refused with the same words as a wrong password, so that the two cannot be distinguished from here. Allow TLS in the definition (`ssl_mode` PREFERRED or REQUIRED) and try again: if the answer stays, it is the password, the login, or the address that the account is for (SELECT user, host, ssl_type FROM mysql.user).",
    },
    CodeEntry {
        code: "1698",
        name: "ER_ACCESS_DENIED_NO_PASSWORD_ERROR",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "login refused for user `{login}`",
        hint: "check `login` and `password`; the same answer is given for a user that does not exist, a wrong password, and an account that logs in by its operating system user (`unix_socket`, `auth_socket`) instead of by a password",
        explanation: "MariaDB gives this number to names that it does not know as well, according to the accounts that it has: no such user, a wrong password, no password where one is needed, or an account whose authentication plugin takes no password, as root has it on a fresh MariaDB or Ubuntu MySQL. `SELECT user, host, plugin FROM mysql.user` tells them apart; create an account with a password for applications.",
    },
    CodeEntry {
        code: "1820",
        name: "ER_MUST_CHANGE_PASSWORD",
        class: Class::Auth,
        reason: ReasonCode::PasswordExpired,
        message: "the password of user `{login}` has expired",
        hint: "set a new password with ALTER USER, then store it in the definition",
        explanation: "MariaDB, and MySQL for clients that can handle it, let a login with an expired password in, but refuse every statement except setting a new one. Applications cannot work with it.",
    },
    CodeEntry {
        code: "1862",
        name: "ER_MUST_CHANGE_PASSWORD_LOGIN",
        class: Class::Auth,
        reason: ReasonCode::PasswordExpired,
        message: "the password of user `{login}` has expired",
        hint: "set a new password with ALTER USER, then store it in the definition",
        explanation: "The password was right, but has expired (PASSWORD EXPIRE, default_password_lifetime), and the server refuses logins with it.",
    },
    CodeEntry {
        code: "3118",
        name: "ER_ACCOUNT_HAS_BEEN_LOCKED",
        class: Class::Auth,
        reason: ReasonCode::AccountLocked,
        message: "the account of user `{login}` is locked",
        hint: "an administrator unlocks it with ALTER USER … ACCOUNT UNLOCK",
        explanation: "The account was locked by an administrator (ACCOUNT LOCK). MySQL and TiDB say so whether or not the password is right.",
    },
    CodeEntry {
        code: "3955",
        name: "ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK",
        class: Class::Auth,
        reason: ReasonCode::AccountLocked,
        message: "the account of user `{login}` is locked after too many wrong passwords",
        hint: "find out which client uses an old password before unlocking it with ALTER USER … ACCOUNT UNLOCK",
        explanation: "FAILED_LOGIN_ATTEMPTS wrong passwords in a row locked the account for PASSWORD_LOCK_TIME. Some client keeps sending an old password and will lock it again.",
    },
    CodeEntry {
        code: "4150",
        name: "ER_USER_IS_BLOCKED",
        class: Class::Auth,
        reason: ReasonCode::AccountLocked,
        message: "user `{login}` is blocked after too many wrong passwords",
        hint: "find out which client uses an old password, then unblock the user with FLUSH PRIVILEGES",
        explanation: "MariaDB's max_password_errors was reached. Some client keeps sending an old password and will block the user again.",
    },
    CodeEntry {
        code: "4151",
        name: "ER_ACCOUNT_HAS_BEEN_LOCKED",
        class: Class::Auth,
        reason: ReasonCode::AccountLocked,
        message: "the account of user `{login}` is locked",
        hint: "an administrator unlocks it with ALTER USER … ACCOUNT UNLOCK",
        explanation: "The account was locked by an administrator of the MariaDB server (ACCOUNT LOCK).",
    },
    // Hosts, and permissions.
    CodeEntry {
        code: "1044",
        name: "ER_DBACCESS_DENIED_ERROR",
        class: Class::Denied,
        reason: ReasonCode::DatabaseDenied,
        message: "user `{login}` may not use database `{database}`",
        hint: "check `schema`, or grant the user a privilege on the database; to a user without global privileges one that does not exist gives the same answer",
        explanation: "The login was accepted. The user has no privilege on the database, or the database does not exist: the server tells only a user with global privileges which of the two it is (1049), and answers all others with this code.",
    },
    CodeEntry {
        code: "1129",
        name: "ER_HOST_IS_BLOCKED",
        class: Class::Denied,
        reason: ReasonCode::AddressBlocked,
        message: "the server blocks this client's address after too many interrupted connections",
        hint: "an administrator unblocks it with FLUSH HOSTS (TRUNCATE TABLE performance_schema.host_cache); then find what keeps interrupting: port scanners, TCP health checks, network trouble",
        explanation: "max_connect_errors connections in a row from this address did not finish their handshake. Until the host cache is flushed every client on this address is refused, with any account. TCP health checks that connect and hang up are the usual cause.",
    },
    CodeEntry {
        code: "1130",
        name: "ER_HOST_NOT_PRIVILEGED",
        class: Class::Denied,
        reason: ReasonCode::AddressDenied,
        message: "the server has no account at all for this client's address",
        hint: "create the account for this address ('user'@'host'), or connect from one that is allowed; the detail shows the address as the server sees it",
        explanation: "No account's host part matches the client's address, so the server refused before it asked for a login. Behind NAT or a proxy the address differs from the client's own.",
    },
    CodeEntry {
        code: "1227",
        name: "ER_SPECIFIC_ACCESS_DENIED_ERROR",
        class: Class::Denied,
        reason: ReasonCode::PrivilegeMissing,
        message: "user `{login}` lacks a privilege that the server demands",
        hint: "the detail names the privilege; ask an administrator to grant it",
        explanation: "The login was accepted, but the server wants a privilege that the user lacks.",
    },
    CodeEntry {
        code: "1049",
        name: "ER_BAD_DB_ERROR",
        class: Class::NotFound,
        reason: ReasonCode::DatabaseNotFound,
        message: "database `{database}` does not exist",
        hint: "check `schema`; names are case-sensitive on most servers",
        explanation: "The login was accepted, and the server has no database of that name. Names are case-sensitive where the file system is (lower_case_table_names=0).",
    },
    CodeEntry {
        code: "1102",
        name: "ER_WRONG_DB_NAME",
        class: Class::NotFound,
        reason: ReasonCode::DatabaseNotFound,
        message: "no database can have the name that `schema` gives",
        hint: "check `schema` for a blank or a line end at its end, and for other characters that were pasted along with the name",
        explanation: "The login was accepted, and the server takes the name for that of no database: it ends with a blank or a line end, or is too long.",
    },
    // The server runs, but accepts no login now.
    CodeEntry {
        code: "1040",
        name: "ER_CON_COUNT_ERROR",
        class: Class::Busy,
        reason: ReasonCode::TooManyConnections,
        message: "the server has no connection left",
        hint: "find who holds the connections (SHOW PROCESSLIST), or raise max_connections",
        explanation: "All of max_connections are in use. One more is kept for administrators (SUPER or CONNECTION_ADMIN), who can look with SHOW PROCESSLIST. Sessions that sleep for hours are usually a pool without an idle limit; wait_timeout ends them.",
    },
    CodeEntry {
        code: "1203",
        name: "ER_TOO_MANY_USER_CONNECTIONS",
        class: Class::Busy,
        reason: ReasonCode::TooManyConnections,
        message: "user `{login}` has no connection left",
        hint: "find who holds the user's connections, or raise max_user_connections",
        explanation: "The user already holds max_user_connections connections, a limit that the server sets for every user. Somebody's pool may be too large, or leave sessions behind: SHOW PROCESSLIST tells from where they come.",
    },
    CodeEntry {
        code: "1226",
        name: "ER_USER_LIMIT_REACHED",
        class: Class::Busy,
        reason: ReasonCode::TooManyConnections,
        message: "user `{login}` has reached a limit of the account",
        hint: "the detail names the limit (max_user_connections, max_connections_per_hour, max_queries_per_hour); wait, or have it raised with ALTER USER … WITH",
        explanation: "The account has a limit of its own on connections at a time, or on connections, queries or updates in an hour (ALTER USER … WITH MAX_…). Those of an hour are counted from their first use and start anew after it, or with FLUSH USER_RESOURCES.",
    },
    CodeEntry {
        code: "1053",
        name: "ER_SERVER_SHUTDOWN",
        class: Class::Busy,
        reason: ReasonCode::ShuttingDown,
        message: "the server is shutting down",
        hint: "try again when it is back",
        explanation: "The server is stopping and takes no logins.",
    },
    CodeEntry {
        code: "3032",
        name: "ER_SERVER_OFFLINE_MODE",
        class: Class::Busy,
        reason: ReasonCode::UnderMaintenance,
        message: "the server is in offline mode",
        hint: "wait for the maintenance to end, or have an administrator set offline_mode=OFF",
        explanation: "An administrator, or group replication after an error, took the server offline: only accounts with CONNECTION_ADMIN get in.",
    },
    CodeEntry {
        code: "3168",
        name: "ER_SERVER_ISNT_AVAILABLE",
        class: Class::Busy,
        reason: ReasonCode::StartingUp,
        message: "the server is not available yet",
        hint: "wait until it has started",
        explanation: "The server answers, and says that it takes no logins yet.",
    },
    CodeEntry {
        code: "1041",
        name: "ER_OUT_OF_RESOURCES",
        class: Class::Busy,
        reason: ReasonCode::ServerShort,
        message: "the server is out of memory or another resource",
        hint: "look at the server's memory and its error log",
        explanation: "The server could not get what it needs for one more connection.",
    },
    CodeEntry {
        code: "1135",
        name: "ER_CANT_CREATE_THREAD",
        class: Class::Busy,
        reason: ReasonCode::ServerShort,
        message: "the server cannot start another thread",
        hint: "look at the server's memory and at the limits of its operating system user",
        explanation: "The operating system refused the server a thread for one more connection: no memory, or a limit on tasks (TasksMax, ulimit -u).",
    },
    CodeEntry {
        code: "9001",
        name: "ProxySQL: max connect timeout",
        class: Class::Busy,
        reason: ReasonCode::BackendDown,
        message: "the proxy answers, but reached none of its servers",
        hint: "look at the servers behind the proxy (ProxySQL: `runtime_mysql_servers`), which are down or full",
        explanation: "ProxySQL accepted the login itself and then found no server of the hostgroup that took a connection.",
    },
    // The channel, and login methods.
    CodeEntry {
        code: "3159",
        name: "ER_SECURE_TRANSPORT_REQUIRED",
        class: Class::Tls,
        reason: ReasonCode::TlsRequired,
        message: "the server takes logins over TLS only",
        hint: "set extra `ssl_mode` to `REQUIRED` or, better, `VERIFY_IDENTITY`",
        explanation: "The server runs with require_secure_transport=ON and the connection was not encrypted.",
    },
    CodeEntry {
        code: "1251",
        name: "ER_NOT_SUPPORTED_AUTH_MODE",
        class: Class::Unsupported,
        reason: ReasonCode::MethodUnsupported,
        message: "the server demands a way to log in that connprobe lacks",
        hint: "move the account to `caching_sha2_password` (MySQL), or to `ed25519` or `mysql_native_password` (MariaDB)",
        explanation: "The server thinks that the client cannot speak the authentication protocol of the account: its password is stored in a format older than MySQL 4.1, or its plugin is one that this client did not offer. Nothing is known about the password.",
    },
    CodeEntry {
        code: "1275",
        name: "ER_SERVER_IS_IN_SECURE_AUTH_MODE",
        class: Class::Unsupported,
        reason: ReasonCode::MethodUnsupported,
        message: "the password of user `{login}` is stored in the format of MySQL 4.0, which nobody accepts any more",
        hint: "set the password again with ALTER USER; the server then stores it in the current format",
        explanation: "The account still has a 16-digit password hash from before MySQL 4.1. Neither the server (secure_auth) nor connprobe uses that format: it is broken.",
    },
    CodeEntry {
        code: "1524",
        name: "ER_PLUGIN_IS_NOT_LOADED",
        class: Class::Server,
        reason: ReasonCode::ServerError,
        message: "the account's authentication plugin is not loaded on the server",
        hint: "move the account to another plugin (ALTER USER … IDENTIFIED WITH caching_sha2_password), or load the plugin that the detail names",
        explanation: "The account uses a plugin that this server does not have, usually `mysql_native_password` after an upgrade to MySQL 8.4 (where it is off) or 9.0 (where it is gone). Nobody can log in with the account until it is moved.",
    },
    CodeEntry {
        code: "1043",
        name: "ER_HANDSHAKE_ERROR",
        class: Class::Protocol,
        reason: ReasonCode::NotUnderstood,
        message: "the server could not read the handshake",
        hint: "look at what stands between (`host` and `port` may be a load balancer's that speaks the PROXY protocol to a server that does not expect it)",
        explanation: "The server answered `Bad handshake`: the first packet of the client did not reach it as it was sent. That hardly ever is the client's own doing; look at what stands between, at settings like proxy-protocol-networks, and at the server's log.",
    },
    // Settings of the session.
    CodeEntry {
        code: "1115",
        name: "ER_UNKNOWN_CHARACTER_SET",
        class: Class::Definition,
        reason: ReasonCode::SettingRefused,
        message: "the server does not know the character set of extra `charset`",
        hint: "use `utf8mb4`, or another one that SHOW CHARACTER SET lists",
        explanation: "The login was accepted; the session could not be given the character set that the definition names.",
    },
    CodeEntry {
        code: "1184",
        name: "ER_NEW_ABORTING_CONNECTION",
        class: Class::Server,
        reason: ReasonCode::SessionEnded,
        message: "the server ended the session right after the login",
        hint: "see the server's error log: its init_connect fails for this user",
        explanation: "The login was accepted, and then the statements of init_connect failed. They are not run for administrators, who therefore do not notice.",
    },
];
