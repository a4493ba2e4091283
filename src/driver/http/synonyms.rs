//! The names that other clients, older versions and other types have for the extras of HTTP.

use crate::driver::spec::Synonym;

pub(super) const SYNONYMS: &[Synonym] = &[
    // requests, curl, S3 and other hooks of Airflow have these names for the same settings
    ("ssl_verify", "verify"),
    ("verify_certs", "verify"),
    ("ca_bundle", "verify"),
    ("cacert", "verify"),
    ("insecure", "verify"),
    ("client_cert", "cert"),
    ("connect_timeout", "timeout"),
    ("request_timeout", "timeout"),
    ("follow_redirects", "allow_redirects"),
];
