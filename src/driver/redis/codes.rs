//! Rows of the code table for Redis. A code is the first word of an error; with `ERR` only the text has a meaning.
//! `{database}` is the number of the database.
//!
//! Observed on Redis 7.0.15 unless another source is named; the texts of other versions are from its source
//! (`src/acl.c`, `src/server.c`, `src/networking.c`, `src/db.c`).

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::{Before, Instead};
use crate::model::codes::refinement::Text::{Has, Starts};
use crate::model::codes::refinement::{Refinement, says};
use crate::model::codes::{Checked, CodeEntry, CodeTable};
use crate::model::reason::ReasonCode as Reason;

/// The meanings of a server's refusals.
pub(super) static CODES: CodeTable = CodeTable::new(ROWS).refined_by(&[TEXTS]).checked(CHECKED).fields(FIELDS);

const UNHEARD: &str = "`src/server.c`, `processCommand`: the command is refused before it is run";

/// Codes that do not answer the credential.
const CHECKED: &[Checked] = &[
    Checked::new("DENIED", Before, "`src/networking.c`, `clientAcceptHandler`: said before any command is read"),
    Checked::new("LOADING", Before, UNHEARD),
    Checked::new("MASTERDOWN", Before, UNHEARD),
    Checked::new("BUSY", Before, UNHEARD),
    Checked::new("MISCONF", Before, UNHEARD),
    Checked::new("CLUSTERDOWN", Before, UNHEARD),
    Checked::new("MOVED", Before, UNHEARD),
    Checked::new("NOPERM", Instead, "`src/acl.c`, `ACLCheckAllUserCommandPerm`: about the command, not the password"),
];

/// The likely cause of silence with TLS: a server without it takes the handshake for a command, and waits for its end.
pub(super) const NO_TLS: &str = "the server may have no TLS at this port: set extra `ssl` to false, with the type `redis`; else another service may own the port, or the server is frozen";

/// The hints for servers that accept only TLS, by the end of their names; in clear they close the connection, or wait.
const TLS_ONLY: &[(&[&str], &str)] = &[
    (
        &[".cache.amazonaws.com", ".cache.amazonaws.com.cn"],
        "ElastiCache speaks TLS only where encryption in transit is on, as it is for every serverless cache and wherever there are logins: set extra `ssl` to true",
    ),
    (
        &[".redis.cache.windows.net", ".redis.cache.chinacloudapi.cn", ".redis.cache.usgovcloudapi.net"],
        "Azure Cache for Redis speaks TLS only unless its port 6379 was turned on: set extra `ssl` to true and `port` to 6380",
    ),
    (
        &[".redis.azure.net", ".redisenterprise.cache.azure.net"],
        "Azure Managed Redis speaks TLS only, as a rule: set extra `ssl` to true and `port` to 10000",
    ),
    (&[".upstash.io"], "Upstash speaks TLS only: set extra `ssl` to true"),
    (
        &[".redis-cloud.com", ".redislabs.com"],
        "a database of Redis Cloud speaks TLS only where TLS is turned on for it: set extra `ssl` to true",
    ),
    (
        &[""],
        "the server may speak TLS only: set extra `ssl` to true; else another service may own the port, or a proxy has no live server behind it",
    ),
];

/// The hint if the server at `host` does not answer in clear.
pub(super) fn tls_only(host: &str) -> &'static str {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let row = TLS_ONLY.iter().find(|(ends, _)| ends.iter().any(|end| host.ends_with(end)));
    row.map_or("", |(_, hint)| hint)
}

/// The extras that the text of a row refers to.
const FIELDS: &[(&str, &[&str])] = &[("NOPERM/select", &["extra.db"])];

const ROWS: &[CodeEntry] = &[
    CodeEntry {
        code: "WRONGPASS",
        name: "WRONGPASS",
        class: Class::Auth,
        reason: Reason::LoginRefused,
        message: "login refused for user `{login}`",
        hint: "check `password` and `login`, which stays empty where the server has one password for everybody (`requirepass`, the AUTH token of ElastiCache, the access key of Azure)",
        explanation: "The server does not tell a wrong password from an unknown user, nor from one that is turned off. Without `login` the password is that of the user `default`, which is what `requirepass` sets; with one it is that of a user of the server's access control list (`ACL LIST` shows them to an administrator). ElastiCache and MemoryDB: the AUTH token goes without a user, and where a user logs in by IAM the password is a token that is valid for 15 minutes. Azure: an access key goes without a user; with Entra the user is an object id and the password a token. Upstash and Redis Cloud: the user is `default` unless others were made.",
    },
    CodeEntry {
        code: "WRONGPASS/no-password",
        name: "WRONGPASS",
        class: Class::Auth,
        reason: Reason::PasswordMissing,
        message: "login refused for user `{login}`: the definition has no password",
        hint: "set `password`; redis-py sends an empty one with a user, as was done here",
        explanation: "A user of the access control list is let in without a password only where it is marked `nopass`. The definition has a user and no password, so that an empty one was sent.",
    },
    CodeEntry {
        code: "NOAUTH",
        name: "NOAUTH",
        class: Class::Auth,
        reason: Reason::PasswordMissing,
        message: "the server demands a login, and the definition has no password",
        hint: "set `password`, and `login` where it is not the user `default`",
        explanation: "A Redis server with a password accepts connections without a login and refuses every command on them. redis-py connects all the same, and fails at the first command. Airflow's hook takes the texts `None` and `false` for no password.",
    },
    CodeEntry {
        code: "NOAUTH/sent",
        name: "NOAUTH",
        class: Class::Auth,
        reason: Reason::LoginRefused,
        message: "the server goes on demanding a login, although it was sent one for user `{login}`",
        hint: "a proxy that logs in by itself may be answering: look at how it takes passwords, or name the server itself",
        explanation: "No Redis server answers AUTH like that; some proxies do, where the password is not the one that they know, or where they have lost the server behind them.",
    },
    CodeEntry {
        code: "NOPERM/select",
        name: "NOPERM",
        class: Class::Denied,
        reason: Reason::DatabaseDenied,
        message: "user `{login}` may log in, but not choose the database `{database}`",
        hint: "an administrator has to allow it (`ACL SETUSER … +select`); or set extra `db` to 0, for which nothing is asked",
        explanation: "The login was accepted. The access control list lets the user choose no database, so that its session stays in database 0.",
    },
    CodeEntry {
        code: "NOPERM/sent",
        name: "NOPERM",
        class: Class::Denied,
        reason: Reason::PrivilegeMissing,
        message: "user `{login}` may not run the command that was sent",
        hint: "an administrator has to allow it (`ACL SETUSER … +ping`)",
        explanation: "The access control list does not let the user run the command. After AUTH that says nothing of the password; after PING the login was accepted.",
    },
    CodeEntry {
        code: "NOPERM",
        name: "NOPERM",
        class: Class::Denied,
        reason: Reason::PrivilegeMissing,
        message: "user `{login}` may log in, but not run the simplest command",
        hint: "an administrator has to allow it (`ACL SETUSER … +ping`)",
        explanation: "The login was accepted, and the access control list does not let the user run the command that connprobe proves a session with. By itself that is no failure: the server has shown that it let the user in.",
    },
    CodeEntry {
        code: "DENIED",
        name: "DENIED (protected mode)",
        class: Class::Denied,
        reason: Reason::AddressDenied,
        message: "the server is in protected mode and lets in its own machine only",
        hint: "an administrator has to set a password (`requirepass`) or turn `protected-mode` off, and to name the addresses to listen on (`bind`)",
        explanation: "A Redis server that was given neither a password nor an address to listen on refuses every connection from another machine before it hears a command. It is so until the server is set up; the definition cannot change it.",
    },
    CodeEntry {
        code: "LOADING",
        name: "LOADING",
        class: Class::Busy,
        reason: Reason::StartingUp,
        message: "the server is loading its data from disk",
        hint: "try again later: it takes seconds to minutes, by the size of the data",
        explanation: "After its start, and after a full copy from its master, a Redis server reads its data into memory and refuses nearly every command meanwhile.",
    },
    CodeEntry {
        code: "MASTERDOWN",
        name: "MASTERDOWN",
        class: Class::Busy,
        reason: Reason::BackendDown,
        message: "the server is a replica that has lost its master",
        hint: "find out why the master is gone, or name another server in `host`",
        explanation: "The replica runs with `replica-serve-stale-data no`, and answers nothing while it has no connection to its master.",
    },
    CodeEntry {
        code: "BUSY",
        name: "BUSY",
        class: Class::Busy,
        reason: Reason::Unavailable,
        message: "the server is busy with a script",
        hint: "wait for the script, or have an administrator stop it (`SCRIPT KILL`, `FUNCTION KILL`)",
        explanation: "A script or function has run for longer than `busy-reply-threshold` (5 s); until it ends the server takes no other commands.",
    },
    CodeEntry {
        code: "MISCONF",
        name: "MISCONF",
        class: Class::Server,
        reason: Reason::ServerError,
        message: "the server cannot save its data, and takes no commands until it can",
        hint: "look at its disk and at its log; an administrator may turn `stop-writes-on-bgsave-error` off",
        explanation: "The last snapshot, or the append-only file, could not be written: as a rule the disk is full or not writable. The server then refuses what writes, and PING too, so that it is noticed.",
    },
    CodeEntry {
        code: "CLUSTERDOWN",
        name: "CLUSTERDOWN",
        class: Class::Busy,
        reason: Reason::Unavailable,
        message: "the cluster is down, or not complete",
        hint: "look at `CLUSTER INFO`: nodes are missing, or not all slots are assigned",
        explanation: "A node of a cluster refuses commands while some of the slots have no node (`cluster-require-full-coverage`). A login itself needs no slot, so that this usually comes from a proxy before the cluster.",
    },
    CodeEntry {
        code: "MOVED",
        name: "MOVED",
        class: Class::Server,
        reason: Reason::RequestRefused,
        message: "the server answered with the address of another node",
        hint: "name that node in `host`, if it is the one that is meant; connprobe goes to no address that a server names",
        explanation: "A node of a cluster sends clients to the node that has a key. Nothing of a login has a key, so that this usually comes from a proxy. The password goes to the hosts of the definition alone.",
    },
];

const TEXTS: &[Refinement] = &[
    says("Redis", &["ERR"], Has(&["max number of clients"]))
        .checked(Before)
        .means(Class::Busy, Reason::TooManyConnections, "the server has as many clients as it takes")
        .hint(
            "raise `maxclients`, or find who keeps connections open (`CLIENT LIST`)",
            "The server refuses a connection beyond `maxclients`, before it hears a command.",
        ),
    says("Redis before 6", &["ERR"], Starts("invalid password"))
        .means(Class::Auth, Reason::LoginRefused, "login refused")
        .hint(
            "check `password`",
            "Servers before Redis 6, and several proxies, say so for a wrong password; they know no users.",
        ),
    says("Redis", &["ERR"], Starts("AUTH <password> called without any password"))
        .checked(Before)
        .means(Class::Protocol, Reason::LoginNotAsked, "the server has no password")
        .hint(
            "clear `password`: redis-py gives up at this answer",
            "The user `default` of the server has no password, so that whoever comes is let in. Of the password of the definition nothing is known.",
        ),
    says("Redis before 6", &["ERR"], Starts("Client sent AUTH, but no password is set"))
        .checked(Before)
        .means(Class::Protocol, Reason::LoginNotAsked, "the server has no password")
        .hint(
            "clear `password`: redis-py gives up at this answer",
            "The server has no password (`requirepass`), so that whoever comes is let in. Of the password of the definition nothing is known.",
        ),
    // Garnet `libs/server/Resp/AdminCommands.cs` (`NetworkAUTH`).
    says("Garnet", &["ERR"], Starts("Client sent AUTH, but configured authenticator does not accept passwords"))
        .checked(Before)
        .means(Class::Protocol, Reason::LoginNotAsked, "the server has no password")
        .hint(
            "clear `password`: redis-py gives up at this answer",
            "The server was started without a password (its setting `auth`), so that whoever comes is let in. Of the password of the definition nothing is known.",
        ),
    says("Redis before 6", &["ERR"], Has(&["wrong number of arguments", "auth"]))
        .checked(Before)
        .means(Class::Definition, Reason::WrongDeployment, "the server knows no users, and the definition has one: `{login}`")
        .at(&["login"])
        .hint(
            "clear `login`, and set `password`, which such a server has for everybody",
            "Users came with Redis 6. Older servers have one password for everybody. Where the definition has one, it is sent without the user after this answer, as redis-py does.",
        ),
    says("Redis", &["ERR"], Has(&["DB index is out of range"]))
        .means(Class::NotFound, Reason::DatabaseNotFound, "the server has no database `{database}`")
        .at(&["extra.db"])
        .hint(
            "correct extra `db`, or raise `databases` on the server; services of the clouds often have database 0 only",
            "A server numbers its databases from 0; there are 16 unless `databases` says otherwise.",
        ),
    says("Redis before 4", &["ERR"], Has(&["invalid DB index"]))
        .means(Class::NotFound, Reason::DatabaseNotFound, "the server has no database `{database}`")
        .at(&["extra.db"])
        .hint(
            "correct extra `db`, or raise `databases` on the server; services of the clouds often have database 0 only",
            "A server numbers its databases from 0; there are 16 unless `databases` says otherwise.",
        ),
    says("Redis", &["ERR"], Has(&["SELECT is not allowed in cluster mode"]))
        .means(Class::Definition, Reason::WrongDeployment, "`{host}` is a node of a cluster, which has the database 0 only")
        .at(&["extra.db"])
        .hint(
            "remove extra `db`, or name a server that is in no cluster",
            "A cluster has the database 0 and no other. The login was accepted.",
        ),
    says("Redis Sentinel", &["ERR"], Has(&["unknown command", "select"]))
        .means(Class::Definition, Reason::WrongDeployment, "`{host}` knows no databases: it is a Sentinel, or a proxy")
        .hint(
            "name the server itself in `host` and `port`: a Sentinel says where it is (`SENTINEL GET-MASTER-ADDR-BY-NAME`); before a proxy remove extra `db`",
            "A Sentinel watches over servers and knows their addresses; it holds no data. connprobe asks none, since the password goes to the hosts of the definition alone.",
        )
        .at(&["extra.db"]),
    says("Redis", &["ERR"], Has(&["unknown command", "auth"]))
        .checked(Before)
        .means(Class::Definition, Reason::WrongDeployment, "`{host}` knows no logins: it is an old Sentinel, or a proxy")
        .hint(
            "name the server itself in `host` and `port`, or clear `password` where a proxy logs in by itself",
            "Sentinels before Redis 5.0.1 and some proxies have no AUTH. The password was not looked at.",
        ),
];
