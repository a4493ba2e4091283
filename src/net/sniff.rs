//! What answers there, told by its first bytes.

/// A protocol that we can tell by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    Mysql,
    /// SQL Server (TDS).
    Tds,
    /// MongoDB.
    Mongodb,
    /// HTTP.
    Http,
    /// SSH.
    Ssh,
    /// SMTP or FTP (both greet with `220`).
    SmtpOrFtp,
    /// Redis.
    Redis,
    /// TLS.
    Tls,
    /// Telnet.
    Telnet,
}
