//! Which codes a server sends before it has checked the credential, and which after it has accepted it.
//!
//! Counts for accounts only: a code that stands here never makes a login `ok`. A code that does not stand here and
//! arrives after the credential has left is a refusal of it, whatever its class. PostgreSQL has no row of an acceptance: it
//! says in so many words when it has accepted a credential (`AuthenticationOk`), and what speaks its protocol uses its
//! codes for anything.

/// When a server sends a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckedCredential {
    /// Before the credential was looked at: nothing is known about it.
    Before,
    /// After it was accepted.
    After,
    /// In place of an answer to it: the server had trouble of its own.
    Instead,
    /// It is, or may be, the answer to it.
    Unknown,
}

impl CheckedCredential {
    /// That time, in words; empty where nobody knows.
    #[must_use]
    pub fn when(self) -> &'static str {
        match self {
            Self::Before => "before the credential is looked at",
            Self::After => "after the credential was accepted",
            Self::Instead => "in place of an answer to the credential",
            Self::Unknown => "",
        }
    }
}

/// One code, and where its server sends it.
struct Row {
    driver: &'static str,
    code: &'static str,
    checked: CheckedCredential,
    /// Where that can be read, or where it was seen.
    source: &'static str,
}

const fn row(driver: &'static str, code: &'static str, checked: CheckedCredential, source: &'static str) -> Row {
    Row { driver, code, checked, source }
}

use CheckedCredential::{After, Before, Instead};

/// PostgreSQL's manual on what its classes 53, 57, 58 and XX are for.
const APPENDIX: &str =
    "manual, appendix A: insufficient resources, operator intervention, system error, data corrupted";
/// The error that Amazon's manual calls the service's own, and says to try again.
const SERVICE: &str = "Amazon S3, `Error responses`: an internal error of the service, try again";

const ROWS: &[Row] = &[
    row("postgres", "53100", Instead, APPENDIX),
    row("postgres", "53200", Instead, APPENDIX),
    row("postgres", "57014", Instead, APPENDIX),
    row("postgres", "58030", Instead, APPENDIX),
    row("postgres", "XX001", Instead, APPENDIX),
    row("postgres", "XX002", Instead, APPENDIX),
    row("s3", "InternalError", Instead, SERVICE),
    row("s3", "InternalFailure", Instead, SERVICE),
    row(
        "mysql",
        "1040",
        Before,
        "sent in place of the greeting: `Connection_handler_manager::check_and_incr_conn_count`",
    ),
    row("mysql", "1129", Before, "sent in place of the greeting: `check_connection`, by the host cache"),
    row("mysql", "1130", Before, "sent in place of the greeting: `check_connection`, by the host name"),
    row(
        "mysql",
        "1044",
        After,
        "`acl_authenticate` ends before `mysql_change_db`; seen: wrong password and no right to the database give 1045",
    ),
    row(
        "mysql",
        "1049",
        After,
        "`acl_authenticate` ends before `mysql_change_db`; seen: wrong password and missing database give 1045",
    ),
    row(
        "mysql",
        "1102",
        After,
        "`mysql_change_db` looks at the name first; seen on MariaDB: wrong password and such a name give 1045",
    ),
    row("mysql", "1226", After, "`check_for_max_user_connections`, called after the authentication plugin"),
    row(
        "mysql",
        "3159",
        Before,
        "never a refusal of the password: MySQL's `acl_authenticate` sends it for a right one, TiDB before any is looked at",
    ),
    row("mysql", "1251", Before, "`send_plugin_request_packet`: the client cannot be asked by the user's method"),
    row("mysql", "1275", Before, "by the length of the stored hash, before it is compared: `secure_auth`"),
    row("mssql", "701", Instead, "manual, `MSSQLSERVER_701`: the memory of the server is used up"),
    row("mssql", "802", Instead, "manual, `MSSQLSERVER_802`: the buffer pool is used up"),
    row("mssql", "1205", Instead, "manual, `MSSQLSERVER_1205`: the request was chosen as the victim of a deadlock"),
    row("mssql", "8645", Instead, "manual, `MSSQLSERVER_8645`: the request waited too long for memory"),
    row("mssql", "8651", Instead, "manual, `MSSQLSERVER_8651`: the server is short of memory"),
    row("mssql", "9002", Instead, "manual, `MSSQLSERVER_9002`: a transaction log is full"),
    row("mssql", "17835", Before, "by the answer to PRELOGIN: manual, `Database engine events and errors`"),
    row("mssql", "47072", Before, "the gateway, by the channel: manual, `Azure SQL connectivity settings`"),
    row("mssql", "40615", Before, "Azure SQL, the firewall of the gateway: manual, `Database engine errors`"),
    row("mssql", "916", After, "manual, `MSSQLSERVER_916`: the server principal is known by then"),
    row("mssql", "4060", After, "manual, `MSSQLSERVER_4060`: sent before the 18456 that closes the same login"),
    row(
        "mssql",
        "4064",
        After,
        "manual, `MSSQLSERVER_4064`: the login's default database is looked up after its password",
    ),
    row("mongodb", "334", Before, "`SASLServerMechanismRegistry`: the mechanism is looked up before its first step"),
    row("mongodb", "498870", Before, "`validateAPIParameters`: the command is refused before it is run"),
    row(
        "mssql",
        "17892",
        After,
        "manual, `Logon triggers`: they run once the authentication is over, and not where it fails",
    ),
    row("mongodb", "13", After, "the answer to the first command after the SASL dialogue"),
    row(
        "s3",
        "NoSuchBucket",
        After,
        "the signature is checked before the bucket is looked up; seen on moto and rclone",
    ),
];

/// When the server of `driver` sends `code`.
#[must_use]
pub fn checked(driver: &str, code: &str) -> CheckedCredential {
    find(driver, code).map_or(CheckedCredential::Unknown, |row| row.checked)
}

/// Where it can be read that the server of `driver` sends `code` at that time.
#[must_use]
pub fn source(driver: &str, code: &str) -> Option<&'static str> {
    find(driver, code).map(|row| row.source)
}

fn find(driver: &str, code: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.driver == driver && row.code == code)
}

#[cfg(test)]
mod tests {
    use super::super::{TABLES, lookup};
    use super::*;
    use crate::model::class::Class;

    #[test]
    fn what_is_no_refusal_of_the_credential_is_known_by_its_code() {
        for (driver, code, expected) in [
            ("mysql", "1049", After),
            ("mysql", "1040", Before),
            ("mysql", "1045", CheckedCredential::Unknown),
            ("postgres", "3D000", CheckedCredential::Unknown),
            ("s3", "AccessDenied", CheckedCredential::Unknown),
            ("s3", "1049", CheckedCredential::Unknown),
        ] {
            assert_eq!(checked(driver, code), expected, "{driver} {code}");
        }
    }

    #[test]
    fn every_row_has_an_entry_that_is_no_refusal_and_a_source() {
        for row in ROWS {
            let entry = lookup(row.driver, row.code).unwrap_or_else(|| panic!("{} {}", row.driver, row.code));
            assert_ne!(entry.class, Class::Auth, "{} {}", row.driver, row.code);
            assert_eq!(source(row.driver, row.code), Some(row.source), "{} {} stands twice", row.driver, row.code);
            assert!(row.source.len() > 20, "{} {}", row.driver, row.code);
        }
        assert!(ROWS.iter().all(|row| TABLES.iter().any(|(driver, _)| *driver == row.driver)));
    }
}
