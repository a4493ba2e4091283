//! The names that other clients, older versions and other types have for the extras of MySQL and MariaDB.

use crate::driver::spec::Synonym;

pub(super) const SYNONYMS: &[Synonym] = &[
    // https://dev.mysql.com/doc/refman/8.4/en/connection-options.html and /connector-j/en
    ("sslca", "ssl_ca"),
    ("ssl-ca", "ssl_ca"),
    ("sslrootcert", "ssl_ca"),
    ("cafile", "ssl_ca"),
    ("sslcert", "ssl_cert"),
    ("ssl-cert", "ssl_cert"),
    ("sslkey", "ssl_key"),
    ("ssl-key", "ssl_key"),
    ("useSSL", "ssl_mode"),
    ("requireSSL", "ssl_mode"),
    ("verifyServerCertificate", "ssl_mode"),
    ("tls", "ssl_mode"),
    ("socket", "unix_socket"),
    ("connectTimeout", "connect_timeout"),
    ("connection_timeout", "connect_timeout"),
];
