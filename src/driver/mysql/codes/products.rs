//! The refusals of proxies, clouds and other servers with MySQL's protocol, under MySQL's codes: ProxySQL, MySQL
//! Router, `MaxScale`, Amazon RDS Proxy, Azure Database for MySQL, TiDB, Vitess and PlanetScale, Dolt, MariaDB behind a
//! proxy.
//!
//! The tests run a real MariaDB behind HAProxy. The other texts are from ProxySQL (`lib/MySQL_Session.cpp`, issues 611
//! and 1524), MySQL Router (`router/src/routing/src`, classic protocol), `MaxScale`
//! (`server/modules/protocol/MariaDB/mariadb_client.cc`, `server/core/session.cc`), TiDB (manual, "Error codes"; issue
//! 1775; TiDB Cloud, "User name prefix"), Vitess (`go/mysql/server.go`), Dolt's go-mysql-server (`sql/mysql_db`), the
//! manuals of Amazon (RDS Proxy, "Troubleshooting") and Microsoft (Azure Database for MySQL, "Troubleshoot connection
//! issues"), and public reports.

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::{After, Before};
use crate::model::codes::refinement::Text::{Has, Starts};
use crate::model::codes::refinement::{Refinement, says};
use crate::model::reason::ReasonCode as Reason;

const PROXYSQL: &str = "ProxySQL";
const ROUTER: &str = "MySQL Router";
const MAXSCALE: &str = "MaxScale";
const RDS_PROXY: &str = "Amazon RDS Proxy";
const AZURE: &str = "Azure Database for MySQL";
const TIDB: &str = "TiDB";
const VITESS: &str = "Vitess";
const DOLT: &str = "Dolt";
const MARIADB: &str = "MariaDB";

/// Codes for errors that have no code of their own.
const UNKNOWN: &[&str] = &["1105", "3159", "1045"];

pub(super) const ROWS: &[Refinement] = &[
    says(PROXYSQL, &["1045"], Has(&["ProxySQL Error", "SSL is required"]))
        .checked(Before)
        .means(Class::Tls, Reason::TlsRequired, "ProxySQL takes logins of user `{login}` over TLS only")
        .at(&["extra.ssl_mode"])
        .hint(
            "set extra `ssl_mode` to `REQUIRED` or, better, `VERIFY_IDENTITY`",
            "The user has `use_ssl` set in ProxySQL's table mysql_users, and the connection was not encrypted.",
        ),
    says(PROXYSQL, &["1045"], Has(&["Max connect timeout reached while reaching hostgroup"]))
        .checked(After)
        .means(Class::Busy, Reason::BackendDown, "ProxySQL answers, but reached none of the servers behind it")
        .hint(
            "check the servers behind ProxySQL (`runtime_mysql_servers`), which are down or full",
            "ProxySQL accepted the login itself and then found no server of the hostgroup that took a connection. Versions before 1.2 say so under the code of a refused login.",
        ),
    says(PROXYSQL, &["9001"], Starts("Max connect timeout reached"))
        .checked(After)
        .means(Class::Busy, Reason::BackendDown, "ProxySQL answers, but reached none of the servers behind it")
        .hint(
            "check the servers behind ProxySQL (`runtime_mysql_servers`), which are down or full",
            "ProxySQL accepted the login itself and then found no server of the hostgroup that took a connection.",
        ),
    says(PROXYSQL, &["9002"], Starts("Max connect failure while reaching hostgroup"))
        .checked(After)
        .means(Class::Busy, Reason::BackendDown, "ProxySQL answers, but reached none of the servers behind it")
        .hint(
            "check the servers behind ProxySQL (`runtime_mysql_servers`), which refuse it or are down",
            "ProxySQL accepted the login itself, tried the servers of the hostgroup as often as mysql-connect_retries_on_failure says, and failed with each.",
        ),
    says(PROXYSQL, &["1040"], Has(&["can only connect locally"]))
        .checked(After)
        .means(Class::Denied, Reason::AddressDenied, "ProxySQL lets its administrator `{login}` in from its own machine only")
        .hint(
            "use a user of `mysql_users` in place of ProxySQL's own administrator, or connect from the machine that ProxySQL runs on",
            "The users in admin-admin_credentials and admin-stats_credentials are for ProxySQL's console. The user `admin` may use it from its own machine only; ProxySQL says so under the code of a server that is full, which it is not.",
        ),
    says(PROXYSQL, &["1045"], Starts("ProxySQL Error"))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}` by ProxySQL, not by the server behind it")
        .hint(
            "check `login` and `password` against ProxySQL's own users: add the user to `mysql_users` with the same password as on the server, then LOAD MYSQL USERS TO RUNTIME",
            "ProxySQL logs clients in by a table of its own, mysql_users. A user that exists on the server only, or whose password was changed there only, is refused by ProxySQL, and the server never hears of it.",
        ),
    says(ROUTER, &["2003"], Starts("Can't connect to remote MySQL server for client"))
        .checked(Before)
        .means(Class::Busy, Reason::BackendDown, "MySQL Router answers, but reached none of the servers behind it")
        .hint(
            "check the servers behind MySQL Router (`destinations` in its configuration, or the state of the InnoDB Cluster)",
            "MySQL Router has no server that it can connect the client to. It says so in place of the server's greeting, under a code that clients otherwise give themselves.",
        ),
    says(MAXSCALE, &["1045"], Has(&["Access without SSL denied"]))
        .checked(Before)
        .means(Class::Tls, Reason::TlsRequired, "MaxScale takes logins over TLS only")
        .at(&["extra.ssl_mode"])
        .hint(
            "set extra `ssl_mode` to `REQUIRED` or, better, `VERIFY_IDENTITY`",
            "The listener of MaxScale has ssl=true. It refuses before it looks at a password, under the code of a refused login.",
        ),
    says(MAXSCALE, &["1815"], Has(&["Session creation failed"]))
        .means(Class::Busy, Reason::BackendDown, "MaxScale answers, but has no server behind it for the session")
        .hint(
            "check the servers behind MaxScale (`maxctrl list servers`): none may have the role that its router needs",
            "MaxScale accepted the client and could not open a session at its router: no server is up, or no primary is known.",
        ),
    says(MAXSCALE, &["1927"], Starts("Connection killed by MaxScale"))
        .means(Class::Busy, Reason::BackendDown, "MaxScale ended the session, because it lost the servers behind it or was told to")
        .hint(
            "check the servers behind MaxScale (`maxctrl list servers`); the detail has its reason",
            "MaxScale ends sessions that its router cannot go on with, that are idle for too long, or that an administrator ends.",
        ),
    says(RDS_PROXY, &["1105", "3159"], Has(&["RDS Proxy requires TLS"]))
        .checked(Before)
        .means(Class::Tls, Reason::TlsRequired, "the RDS Proxy accepts no unencrypted login")
        .at(&["extra.ssl_mode"])
        .hint(
            "set extra `ssl_mode` to `REQUIRED`, or leave it out",
            "Require Transport Layer Security is on for the proxy, and the definition turns encryption off.",
        ),
    says(RDS_PROXY, &["1040"], Has(&["rate limit exceeded"]))
        .checked(Before)
        .means(Class::Busy, Reason::SlowDown, "the RDS Proxy asks for fewer logins at a time")
        .hint("try again later", "The rate of new connections, or of IAM logins, to the proxy has reached its limit."),
    says(RDS_PROXY, &["1105", "9501"], Has(&["Timed-out waiting to acquire database connection"]))
        .means(Class::Busy, Reason::BackendDown, "the RDS Proxy found no free connection to the database in time")
        .hint(
            "check the database behind the proxy and the proxy's target group; if it is up, its connections are used up",
            "The proxy waited for connection_borrow_timeout: the database is down, or all of the connections that the proxy may open are taken.",
        ),
    says(AZURE, &["9000"], Has(&["Client with IP address", "is not allowed"]))
        .checked(Before)
        .means(Class::Denied, Reason::AddressDenied, "the Azure server's firewall does not let this machine's address in")
        .hint(
            "add a firewall rule for the address in the server's networking settings; the detail has it",
            "Azure Database for MySQL admits the addresses of its firewall rules only, and that of this machine, as Azure sees it, is not among them.",
        ),
    says(AZURE, &["9002"], Has(&["SSL connection is required"]))
        .checked(Before)
        .means(Class::Tls, Reason::TlsRequired, "the Azure server takes logins over TLS only")
        .at(&["extra.ssl_mode"])
        .hint(
            "set extra `ssl_mode` to `REQUIRED` or, better, `VERIFY_IDENTITY`",
            "SSL enforcement is on for the server, and the connection was not encrypted.",
        ),
    says(AZURE, &["9002", "9009"], Has(&["username@hostname"]))
        .checked(Before)
        .means(Class::Auth, Reason::UserNotFound, "the Azure server cannot tell whose login `{login}` is")
        .hint(
            "write `login` as `{login}@<server>`, with the first part of the server's name",
            "The gateway of Azure's single servers finds the server by the part of the user name after the `@`. No password was compared. Flexible servers want the user name without it.",
        ),
    says(AZURE, &["9002"], Has(&["connection string may not be right"]))
        .checked(Before)
        .means(Class::Definition, Reason::ServerNotFound, "the gateway of Azure Database for MySQL knows no such server")
        .hint(
            "check `host` and `login` against the connection strings in Azure's portal",
            "Azure's gateway could not tell which server is meant: the host name is not that of a server, or the user name names another.",
        ),
    says(TIDB, UNKNOWN, Has(&["Missing user name prefix"]))
        .checked(Before)
        .means(Class::Auth, Reason::UserNotFound, "TiDB Cloud cannot tell whose login `{login}` is")
        .hint(
            "write `login` with the prefix of the cluster, as `<prefix>.{login}`: the Connect dialog of TiDB Cloud shows it",
            "One gateway serves many clusters of TiDB Cloud, and finds yours by the part of the user name before the dot. No password was compared.",
        ),
    says(TIDB, &["1105"], Has(&["ERROR 1045", "Access denied for user"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}`")
        .hint(
            "check `login` and `password`",
            "Old versions of TiDB hide the refusal of a login in an error that stands for anything.",
        ),
    says(TIDB, &["9001"], Has(&["PD server timeout"]))
        .means(Class::Busy, Reason::BackendDown, "TiDB answers, but not its placement driver (PD)")
        .hint("check that the cluster's PD servers run and can be reached", "TiDB looks users and tables up in the cluster behind it, whose PD servers did not answer it in time."),
    says(TIDB, &["9002", "9003", "9005", "9004"], Has(&["TiKV server"]))
        .means(Class::Busy, Reason::BackendDown, "TiDB answers, but not its storage (TiKV)")
        .hint("check that the cluster's TiKV servers run and are not overloaded", "TiDB looks users and tables up in the cluster behind it, whose TiKV servers did not answer it in time."),
    says(TIDB, &["9005"], Has(&["Region is unavailable"]))
        .means(Class::Busy, Reason::BackendDown, "TiDB answers, but a part of its storage (TiKV) does not")
        .hint("check that the cluster's TiKV servers run", "A region of the cluster that TiDB needs for the login has no leader at the moment."),
    says(VITESS, UNKNOWN, Has(&["server does not allow insecure connections"]))
        .checked(Before)
        .means(Class::Tls, Reason::TlsRequired, "the server takes logins over TLS only")
        .at(&["extra.ssl_mode"])
        .hint(
            "set extra `ssl_mode` to `REQUIRED` or, better, `VERIFY_IDENTITY`",
            "Vitess, and PlanetScale which runs it, end an unencrypted connection before they ask for a password.",
        ),
    says(TIDB, UNKNOWN, Has(&["insecure transport are prohibited"]))
        .checked(Before)
        .means(Class::Tls, Reason::TlsRequired, "the server takes logins over TLS only")
        .at(&["extra.ssl_mode"])
        .hint(
            "set extra `ssl_mode` to `REQUIRED` or, better, `VERIFY_IDENTITY`",
            "The server runs with require_secure_transport=ON and the connection was not encrypted. TiDB has no code of its own for it.",
        ),
    says(DOLT, &["1105"], Has(&["Access denied for user", "to database"]))
        .means(Class::Denied, Reason::DatabaseDenied, "user `{login}` may not use database `{database}`")
        .hint(
            "check `schema`, or grant the user a privilege on the database",
            "The server, which speaks MySQL's protocol without being MySQL, has no code of its own for a user without a privilege on the database.",
        ),
    says(DOLT, &["1105"], Starts("database not found"))
        .means(Class::NotFound, Reason::DatabaseNotFound, "database `{database}` does not exist")
        .hint(
            "check `schema`",
            "The server, which speaks MySQL's protocol without being MySQL, has no code of its own for a database that does not exist.",
        ),
    says(DOLT, &["1105"], Starts("Access denied for user"))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}`")
        .hint(
            "check `login` and `password`",
            "The server, which speaks MySQL's protocol without being MySQL, has no code of its own for a refused login.",
        ),
    says(MARIADB, &["1130"], Has(&["Proxy header is not accepted"]))
        .checked(Before)
        .means(Class::Denied, Reason::AddressDenied, "MariaDB takes no PROXY header from the proxy before it")
        .hint(
            "add the proxy's address to `proxy_protocol_networks` on the server, or remove `send-proxy` from the proxy (HAProxy, a load balancer's PROXY protocol)",
            "Something between sends a PROXY protocol header that names the real client. The server takes one only from the addresses in proxy_protocol_networks; the detail has the address that sent it.",
        ),
];
