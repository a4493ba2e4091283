//! The names that other clients, older versions and other types have for the extras of SQL Server.

use crate::driver::spec::Synonym;

pub(super) const SYNONYMS: &[Synonym] = &[
    // https://learn.microsoft.com/sql/connect: ODBC, ADO.NET and JDBC; https://www.freetds.org/userguide
    ("ssl", "Encrypt"),
    ("tls", "Encrypt"),
    ("sslmode", "Encrypt"),
    ("trust_server_certificate", "TrustServerCertificate"),
    ("Trust Server Certificate", "TrustServerCertificate"),
    ("trustcert", "TrustServerCertificate"),
    ("sslrootcert", "cafile"),
    ("ssl_ca", "cafile"),
    ("ca file", "cafile"),
    ("Connect Timeout", "login_timeout"),
    ("Connection Timeout", "login_timeout"),
    ("connect_timeout", "login_timeout"),
    ("loginTimeout", "login_timeout"),
    ("Application Name", "appname"),
    ("application_name", "appname"),
];
