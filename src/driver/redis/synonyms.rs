//! The names that other clients, older versions and other types have for the extras of Redis.

use crate::driver::spec::Synonym;

pub(super) const SYNONYMS: &[Synonym] = &[
    // https://redis.io/docs/latest/develop/clients: names of the same settings in node-redis, Jedis, Lettuce, Celery
    // and Django
    ("tls", "ssl"),
    ("use_ssl", "ssl"),
    ("use_tls", "ssl"),
    ("encrypt", "ssl"),
    ("sslmode", "ssl"),
    ("verify", "ssl_cert_reqs"),
    ("ssl_verify", "ssl_cert_reqs"),
    ("ssl_ca", "ssl_ca_certs"),
    ("ssl_cafile", "ssl_ca_certs"),
    ("ssl_ca_path", "ssl_ca_certs"),
    ("sslrootcert", "ssl_ca_certs"),
    ("cafile", "ssl_ca_certs"),
    ("ssl_cert", "ssl_certfile"),
    ("ssl_cert_file", "ssl_certfile"),
    ("sslcert", "ssl_certfile"),
    ("ssl_key", "ssl_keyfile"),
    ("sslkey", "ssl_keyfile"),
    ("database", "db"),
    ("dbname", "db"),
    ("index", "db"),
    ("use_cluster", "cluster"),
    ("cluster_mode", "cluster"),
    ("nodes", "startup_nodes"),
    ("cluster_nodes", "startup_nodes"),
    ("master", "master_name"),
    ("service_name", "master_name"),
];
