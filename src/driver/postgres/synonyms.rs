//! The names that other clients, older versions and other types have for the extras of PostgreSQL.

use crate::driver::spec::Synonym;

pub(super) const SYNONYMS: &[Synonym] = &[
    // Airflow's own page of the PostgreSQL connection, 1.10.
    ("sslca", "sslrootcert"),
    // The names that MySQL and other types have for the same.
    ("ssl_ca", "sslrootcert"),
    ("ssl_root_cert", "sslrootcert"),
    ("ca", "sslrootcert"),
    ("cafile", "sslrootcert"),
    ("tlsCAFile", "sslrootcert"),
    ("ssl_cert", "sslcert"),
    ("ssl_key", "sslkey"),
    ("ssl_mode", "sslmode"),
    ("ssl-mode", "sslmode"),
    ("tls", "sslmode"),
    ("encrypt", "sslmode"),
    ("ssl_min_tls_version", "ssl_min_protocol_version"),
    // https://jdbc.postgresql.org/documentation/use and https://www.npgsql.org/doc/connection-string-parameters.html
    ("currentSchema", "options"),
    ("search_path", "options"),
    ("Search Path", "options"),
    ("loginTimeout", "connect_timeout"),
    ("connectTimeout", "connect_timeout"),
    ("connection_timeout", "connect_timeout"),
    ("ApplicationName", "application_name"),
    ("Root Certificate", "sslrootcert"),
    ("SSL Mode", "sslmode"),
    ("targetServerType", "target_session_attrs"),
    ("db", "dbname"),
    ("username", "user"),
];
