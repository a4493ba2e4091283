//! The refusals of SQL Server and Azure SQL.
//!
//! Numbers and meanings are those of Microsoft's documentation; no SQL Server was available for tests. The driver
//! distinguishes `18456/no-password`.

mod products;
mod unavailable;

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::{After, Before, Instead};
use crate::model::codes::{Checked, CodeEntry, CodeTable, Form, joined};
use crate::model::reason::ReasonCode;

/// The meanings of a server's refusals.
pub(super) static CODES: CodeTable =
    CodeTable::new(ROWS).refined_by(&[products::ROWS]).checked(CHECKED).fields(FIELDS).names(USERS, DATABASES);

/// Text before the name of a user.
const USERS: &[Form] = &[Form { before: &["server principal "], quote: '"' }, Form { before: &["user "], quote: '\'' }];

/// Text before the name of a database.
const DATABASES: &[Form] = &[Form { before: &["database "], quote: '"' }];

/// Codes that do not answer the credential.
const CHECKED: &[Checked] = &[
    Checked::new("701", Instead, "manual, `MSSQLSERVER_701`: the memory of the server is used up"),
    Checked::new("802", Instead, "manual, `MSSQLSERVER_802`: the buffer pool is used up"),
    Checked::new("1205", Instead, "manual, `MSSQLSERVER_1205`: the request was chosen as the victim of a deadlock"),
    Checked::new("8645", Instead, "manual, `MSSQLSERVER_8645`: the request waited too long for memory"),
    Checked::new("8651", Instead, "manual, `MSSQLSERVER_8651`: the server is short of memory"),
    Checked::new("9002", Instead, "manual, `MSSQLSERVER_9002`: a transaction log is full"),
    Checked::new("17835", Before, "by the answer to PRELOGIN: manual, `Database engine events and errors`"),
    Checked::new("47072", Before, "the gateway, by the channel: manual, `Azure SQL connectivity settings`"),
    Checked::new("40615", Before, "Azure SQL, the firewall of the gateway: manual, `Database engine errors`"),
    Checked::new("916", After, "manual, `MSSQLSERVER_916`: the server principal is known by then"),
    Checked::new("4060", After, "manual, `MSSQLSERVER_4060`: sent before the 18456 that closes the same login"),
    Checked::new(
        "4064",
        After,
        "manual, `MSSQLSERVER_4064`: the login's default database is looked up after its password",
    ),
    Checked::new(
        "17892",
        After,
        "manual, `Logon triggers`: they run once the authentication is over, and not where it fails",
    ),
];

/// The extras that the text of a row refers to: they are at fault, beside the fields of its reason.
const FIELDS: &[(&str, &[&str])] = &[
    ("40532", &["login"]),
    ("978", &["extra.ApplicationIntent"]),
    ("47072", &["extra.encryption"]),
    ("17835", &["extra.encryption"]),
];

/// All rows.
const ROWS: &[CodeEntry] = &joined::<{ REFUSALS.len() + unavailable::ROWS.len() }>(REFUSALS, unavailable::ROWS);

/// Refusals of the login by the server, or by a gateway in front of it.
const REFUSALS: &[CodeEntry] = &[
    // The credentials.
    CodeEntry {
        code: "18456",
        name: "LOGON_FAILED",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "login refused for user `{login}`",
        hint: "check `login` and `password`; only the server's own error log tells a wrong password from an unknown login (error 18456, state)",
        explanation: "SQL Server gives every refused login this number and always state 1, so that nobody can guess which logins exist. The true state is in the server's error log on the same second: 2 and 5 unknown login, 7 disabled and wrong password, 8 wrong password, 11 and 12 valid login without access to the server, 38 and 40 database not found, 58 SQL login while the server allows Windows logins only. On Azure SQL the log is the audit, and `login` may have to be written `user@server`.",
    },
    CodeEntry {
        code: "18456/no-password",
        name: "LOGON_FAILED",
        class: Class::Auth,
        reason: ReasonCode::PasswordMissing,
        message: "login refused for user `{login}`: the definition has no password",
        hint: "add the `password` to the definition, or check that it was not lost when the definition was exported",
        explanation: "The definition has no password, so an empty one was sent, and the server wants another. Exports of Airflow and of connprobe leave secrets out unless they are asked for them.",
    },
    CodeEntry {
        code: "18452",
        name: "LOGON_FAILED_UNTRUSTED",
        class: Class::Auth,
        reason: ReasonCode::PasswordNotTaken,
        message: "login refused for user `{login}`: the server accepts Windows logins only, or does not trust this one's domain",
        hint: "use a SQL login, and have the server allow them (mixed mode: `SQL Server and Windows Authentication mode`)",
        explanation: "The login came from an untrusted domain and cannot be used with integrated authentication. For a SQL login it usually means that the server runs in Windows authentication mode, where SQL logins exist but cannot be used.",
    },
    CodeEntry {
        code: "18470",
        name: "LOGON_ACCOUNT_DISABLED",
        class: Class::Auth,
        reason: ReasonCode::AccountDisabled,
        message: "the account of user `{login}` is disabled",
        hint: "an administrator enables it with ALTER LOGIN … ENABLE; `sa` is disabled on purpose on many servers: use another login",
        explanation: "The password was right, but the login is disabled (ALTER LOGIN … DISABLE). sys.sql_logins shows it in the column is_disabled. Somebody did it on purpose: ask before it is undone.",
    },
    CodeEntry {
        code: "18486",
        name: "LOGON_ACCOUNT_LOCKED",
        class: Class::Auth,
        reason: ReasonCode::AccountLocked,
        message: "the account of user `{login}` is locked after too many wrong passwords",
        hint: "find out which client uses an old password before unlocking it with ALTER LOGIN … WITH PASSWORD = … UNLOCK",
        explanation: "The login follows the password policy of the server's Windows (CHECK_POLICY = ON), and reached its lockout threshold. It unlocks by itself after the policy's lockout duration, and locks again if some client keeps sending an old password. The right password is refused as well while it is locked.",
    },
    CodeEntry {
        code: "18487",
        name: "LOGON_PASSWORD_EXPIRED",
        class: Class::Auth,
        reason: ReasonCode::PasswordExpired,
        message: "the password of user `{login}` has expired",
        hint: "set a new password with ALTER LOGIN, then store it in the definition; CHECK_EXPIRATION = OFF is usual for applications",
        explanation: "The password was right, but older than the policy of the server's Windows allows, because the login was made with CHECK_EXPIRATION = ON. Applications cannot change a password in the middle of a login, so theirs simply stop working on that day.",
    },
    CodeEntry {
        code: "18488",
        name: "LOGON_PASSWORD_MUST_CHANGE",
        class: Class::Auth,
        reason: ReasonCode::PasswordExpired,
        message: "the password of user `{login}` must be changed before the first login",
        hint: "set a new password with ALTER LOGIN, then store it in the definition",
        explanation: "The login was created or reset with MUST_CHANGE, which applications cannot do.",
    },
    CodeEntry {
        code: "40607",
        name: "WINDOWS_LOGINS_NOT_SUPPORTED",
        class: Class::Auth,
        reason: ReasonCode::PasswordNotTaken,
        message: "login refused for user `{login}`: Azure SQL knows no Windows logins",
        hint: "use a SQL login of the Azure server",
        explanation: "Windows logins are not supported by Azure SQL Database.",
    },
    // The database.
    CodeEntry {
        code: "4060",
        name: "DB_OPEN_FAILED",
        class: Class::NotFound,
        reason: ReasonCode::DatabaseNotFound,
        message: "database `{database}` does not exist, or user `{login}` is not permitted to use it",
        hint: "check `schema`; if the database exists, it may be offline, or the login needs a user in it: CREATE USER … FOR LOGIN …",
        explanation: "The login itself was accepted. SQL Server does not tell a database that does not exist from one that the login has no user in, or that is offline, in recovery or in single-user mode; the error log does (error 18456 on the same second, state 38).",
    },
    CodeEntry {
        code: "4064",
        name: "DEFAULT_DB_OPEN_FAILED",
        class: Class::NotFound,
        reason: ReasonCode::DatabaseNotFound,
        message: "the default database of user `{login}` does not exist, or the login is not permitted to use it",
        hint: "name a database in `schema`, or change the login's default: ALTER LOGIN … WITH DEFAULT_DATABASE = …",
        explanation: "The login itself was accepted, but the definition names no database, and the login's default database was dropped, renamed, is offline, or has no user for the login.",
    },
    CodeEntry {
        code: "911/other",
        name: "NO_SUCH_DATABASE",
        class: Class::NotFound,
        reason: ReasonCode::DatabaseNotFound,
        message: "a database that the login of user `{login}` needs does not exist",
        hint: "look at the login's default database and at logon triggers",
        explanation: "The login itself was accepted, and then the server looked for a database that does not exist: not the one that the definition names, but one that the login's settings or a logon trigger use.",
    },
    CodeEntry {
        code: "911/named",
        name: "NO_SUCH_DATABASE",
        class: Class::NotFound,
        reason: ReasonCode::DatabaseNotFound,
        message: "database `{database}` does not exist, which is not the one of the definition",
        hint: "look for it in the settings of the login and in logon triggers: the login's default database, or one that a trigger uses",
        explanation: "The login itself was accepted, and then the server looked for a database that does not exist: not the one that the definition names, but one that the login's settings or a logon trigger use.",
    },
    CodeEntry {
        code: "911",
        name: "NO_SUCH_DATABASE",
        class: Class::NotFound,
        reason: ReasonCode::DatabaseNotFound,
        message: "database `{database}` does not exist",
        hint: "check `schema`",
        explanation: "The login itself was accepted, and the database does not exist.",
    },
    CodeEntry {
        code: "916",
        name: "NO_ACCESS_TO_DATABASE",
        class: Class::Denied,
        reason: ReasonCode::DatabaseDenied,
        message: "user `{login}` has no access to database `{database}`",
        hint: "an administrator grants it: CREATE USER … FOR LOGIN … in that database, and GRANT CONNECT if that was denied",
        explanation: "The login itself was accepted, and the database exists, but the login has no user in it, or that user may not connect.",
    },
    CodeEntry {
        code: "976",
        name: "AVAILABILITY_GROUP_NOT_READABLE",
        class: Class::Denied,
        reason: ReasonCode::DatabaseDenied,
        message: "database `{database}` takes no connections on this replica of its availability group",
        hint: "use the name of the availability group's listener as `host`, or make the secondary replica readable",
        explanation: "The server is a secondary replica that is not readable, or whose data movement is suspended. The listener of the group leads to the primary; sys.dm_hadr_availability_replica_states shows which server has which role now.",
    },
    CodeEntry {
        code: "978",
        name: "AVAILABILITY_GROUP_READ_INTENT_ONLY",
        class: Class::Denied,
        reason: ReasonCode::DatabaseDenied,
        message: "database `{database}` takes only read-only connections on this replica of its availability group",
        hint: "set extra `ApplicationIntent` to `ReadOnly`, or use the availability group's listener as `host`",
        explanation: "The server is a secondary replica whose connections must announce that they only read (READ_ONLY in ALLOW_CONNECTIONS). A client does so by ApplicationIntent=ReadOnly, which also lets a listener send it on.",
    },
    CodeEntry {
        code: "983",
        name: "AVAILABILITY_GROUP_REPLICA_NOT_READY",
        class: Class::Busy,
        reason: ReasonCode::FailingOver,
        message: "the server is no primary or secondary replica of database `{database}` at the moment",
        hint: "a failover may be under way: try again in a minute; if it stays, look at the availability group's health",
        explanation: "The replica's role is resolving: it is failing over, or has lost its cluster. A failover takes seconds; a role that stays so means that the cluster has no quorum, which its administrators see in the error log and in sys.dm_hadr_availability_replica_states.",
    },
    CodeEntry {
        code: "4221",
        name: "LOGIN_TO_READ_SECONDARY_TIMED_OUT",
        class: Class::Busy,
        reason: ReasonCode::StartingUp,
        message: "the readable replica is not ready for database `{database}` yet",
        hint: "try again in a minute; if it stays, look for long transactions on the primary replica",
        explanation: "The replica waits for transactions that were under way on the primary when it was made readable, because row versions are missing.",
    },
    // The client, and its address.
    CodeEntry {
        code: "40615",
        name: "AZURE_FIREWALL",
        class: Class::Denied,
        reason: ReasonCode::AddressDenied,
        message: "the Azure server's firewall does not let this client's address in",
        hint: "add the address in the detail to the server's firewall rules; a new rule takes up to five minutes",
        explanation: "Azure SQL refuses the address before it looks at the credentials. The detail names the address as Azure sees it, which is usually that of a NAT gateway.",
    },
    CodeEntry {
        code: "40914",
        name: "AZURE_VIRTUAL_NETWORK",
        class: Class::Denied,
        reason: ReasonCode::AddressDenied,
        message: "the Azure server does not let this client's virtual network in",
        hint: "add a virtual network rule for the client's subnet to the server, or use its private endpoint",
        explanation: "The client comes from a subnet with a service endpoint for Azure SQL that the server's rules do not list.",
    },
    CodeEntry {
        code: "47073",
        name: "AZURE_PUBLIC_ACCESS_DENIED",
        class: Class::Denied,
        reason: ReasonCode::AddressDenied,
        message: "the Azure server denies all access from public networks",
        hint: "connect by its private endpoint, from a network where `host` resolves to the private address",
        explanation: "`Deny public network access` is on, so only private endpoints reach the server. If there is one, DNS on this machine does not use it.",
    },
    CodeEntry {
        code: "47072",
        name: "AZURE_TLS_VERSION",
        class: Class::Tls,
        reason: ReasonCode::TlsRequired,
        message: "the Azure server demands another TLS version than this connection has",
        hint: "let the connection be encrypted (remove extra `encryption`), or lower the server's minimal TLS version",
        explanation: "The server has a minimal TLS version (a setting of the Azure server, under networking), and the login came with a lower one or without encryption. connprobe speaks TLS 1.2 and 1.3, so it is the latter as a rule.",
    },
    CodeEntry {
        code: "17835",
        name: "ENCRYPTION_REQUIRED",
        class: Class::Tls,
        reason: ReasonCode::TlsRequired,
        message: "the server demands encryption",
        hint: "remove extra `encryption`, or set it to `require`",
        explanation: "The server is configured with Force Encryption, and the connection came without.",
    },
    CodeEntry {
        code: "17892",
        name: "LOGON_TRIGGER",
        class: Class::Denied,
        reason: ReasonCode::TriggerRefused,
        message: "a logon trigger refuses user `{login}`",
        hint: "ask the administrator which logins, addresses, hours or application names it lets in (extra `appname`)",
        explanation: "The credentials were right, but a logon trigger of the server rolled the login back, or failed itself. The error log has what it printed.",
    },
    CodeEntry {
        code: "40531",
        name: "AZURE_SERVER_NAME_MISSING",
        class: Class::Definition,
        reason: ReasonCode::ServerNotFound,
        message: "the Azure gateway cannot tell which server is meant",
        hint: "write the server's own name into `host` (`<server>.database.windows.net`), or `login` as `{login}@<server>`",
        explanation: "Azure's gateway finds the server by the first part of the name that the client connects to. An address, an alias of one's own or a tunnel hides it; then the part of `login` behind the `@` may name it. No credential was looked at.",
    },
    CodeEntry {
        code: "40532",
        name: "AZURE_NO_SUCH_SERVER",
        class: Class::Definition,
        reason: ReasonCode::ServerNotFound,
        message: "no Azure server has the name that `host` or `login` gives",
        hint: "check `host`, and if `login` is written `user@server`, that it names the same server",
        explanation: "Azure's gateway finds the server by the name in the connection, or in `login` behind the `@`. It could not open one of that name.",
    },
];
