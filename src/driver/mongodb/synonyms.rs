//! The names that other clients, older versions and other types have for the extras of MongoDB.

use crate::driver::spec::Synonym;

pub(super) const SYNONYMS: &[Synonym] = &[
    // https://pymongo.readthedocs.io/en/stable/migrate-to-pymongo4.html: names until PyMongo 3
    ("ssl_ca_certs", "tlsCAFile"),
    ("sslCAFile", "tlsCAFile"),
    ("sslrootcert", "tlsCAFile"),
    ("ssl_ca", "tlsCAFile"),
    ("ssl_certfile", "tlsCertificateKeyFile"),
    ("ssl_keyfile", "tlsCertificateKeyFile"),
    ("ssl_pem_passphrase", "tlsCertificateKeyFilePassword"),
    ("ssl_cert_reqs", "tlsAllowInvalidCertificates"),
    ("sslValidate", "tlsAllowInvalidCertificates"),
    ("ssl_match_hostname", "tlsAllowInvalidHostnames"),
    ("ssl_crlfile", "tlsCRLFile"),
    // https://www.mongodb.com/docs/manual/reference/program/mongo: names of the shell's options until MongoDB 4.2
    ("sslPEMKeyFile", "tlsCertificateKeyFile"),
    ("sslPEMKeyPassword", "tlsCertificateKeyFilePassword"),
    ("sslCRLFile", "tlsCRLFile"),
    ("sslAllowInvalidCertificates", "tlsAllowInvalidCertificates"),
    ("sslAllowInvalidHostnames", "tlsAllowInvalidHostnames"),
    ("tlsMode", "tls"),
    ("sslMode", "tls"),
    ("authenticationMechanism", "authMechanism"),
    // https://mongoosejs.com/docs/connections.html#options
    ("user", "username"),
    ("pass", "password"),
    ("auth_source", "authSource"),
    ("authdb", "authSource"),
    ("auth_db", "authSource"),
    ("authenticationDatabase", "authSource"),
    ("auth_mechanism", "authMechanism"),
    ("replica_set", "replicaSet"),
    ("connect_timeout", "connectTimeoutMS"),
    ("server_selection_timeout", "serverSelectionTimeoutMS"),
    ("sslmode", "tls"),
];
