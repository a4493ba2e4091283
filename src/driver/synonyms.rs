//! What other clients, older versions and other types call an extra: a name of the same meaning is told
//! before one of similar letters, which may mean something else (`sslca` is no `sslcrl`).

use super::Spec;

/// The driver, what people write, and the extra of that meaning.
type Synonym = (&'static str, &'static str, &'static str);

const SYNONYMS: &[Synonym] = &[
    // Airflow's own page of the PostgreSQL connection, 1.10.
    ("postgres", "sslca", "sslrootcert"),
    // MySQL's and other types' names for the same.
    ("postgres", "ssl_ca", "sslrootcert"),
    ("postgres", "ssl_root_cert", "sslrootcert"),
    ("postgres", "ca", "sslrootcert"),
    ("postgres", "cafile", "sslrootcert"),
    ("postgres", "tlsCAFile", "sslrootcert"),
    ("postgres", "ssl_cert", "sslcert"),
    ("postgres", "ssl_key", "sslkey"),
    ("postgres", "ssl_mode", "sslmode"),
    ("postgres", "ssl-mode", "sslmode"),
    ("postgres", "tls", "sslmode"),
    ("postgres", "encrypt", "sslmode"),
    ("postgres", "ssl_min_tls_version", "ssl_min_protocol_version"),
    // https://jdbc.postgresql.org/documentation/use and https://www.npgsql.org/doc/connection-string-parameters.html
    ("postgres", "currentSchema", "options"),
    ("postgres", "search_path", "options"),
    ("postgres", "Search Path", "options"),
    ("postgres", "loginTimeout", "connect_timeout"),
    ("postgres", "connectTimeout", "connect_timeout"),
    ("postgres", "connection_timeout", "connect_timeout"),
    ("postgres", "ApplicationName", "application_name"),
    ("postgres", "Root Certificate", "sslrootcert"),
    ("postgres", "SSL Mode", "sslmode"),
    ("postgres", "targetServerType", "target_session_attrs"),
    ("postgres", "db", "dbname"),
    ("postgres", "username", "user"),
    // https://dev.mysql.com/doc/refman/8.4/en/connection-options.html and /connector-j/en
    ("mysql", "sslca", "ssl_ca"),
    ("mysql", "ssl-ca", "ssl_ca"),
    ("mysql", "sslrootcert", "ssl_ca"),
    ("mysql", "cafile", "ssl_ca"),
    ("mysql", "sslcert", "ssl_cert"),
    ("mysql", "ssl-cert", "ssl_cert"),
    ("mysql", "sslkey", "ssl_key"),
    ("mysql", "ssl-key", "ssl_key"),
    ("mysql", "useSSL", "ssl_mode"),
    ("mysql", "requireSSL", "ssl_mode"),
    ("mysql", "verifyServerCertificate", "ssl_mode"),
    ("mysql", "tls", "ssl_mode"),
    ("mysql", "socket", "unix_socket"),
    ("mysql", "connectTimeout", "connect_timeout"),
    ("mysql", "connection_timeout", "connect_timeout"),
    // https://learn.microsoft.com/sql/connect: ODBC, ADO.NET and JDBC; https://www.freetds.org/userguide
    ("mssql", "ssl", "Encrypt"),
    ("mssql", "tls", "Encrypt"),
    ("mssql", "sslmode", "Encrypt"),
    ("mssql", "trust_server_certificate", "TrustServerCertificate"),
    ("mssql", "Trust Server Certificate", "TrustServerCertificate"),
    ("mssql", "trustcert", "TrustServerCertificate"),
    ("mssql", "sslrootcert", "cafile"),
    ("mssql", "ssl_ca", "cafile"),
    ("mssql", "ca file", "cafile"),
    ("mssql", "Connect Timeout", "login_timeout"),
    ("mssql", "Connection Timeout", "login_timeout"),
    ("mssql", "connect_timeout", "login_timeout"),
    ("mssql", "loginTimeout", "login_timeout"),
    ("mssql", "Application Name", "appname"),
    ("mssql", "application_name", "appname"),
    // https://pymongo.readthedocs.io/en/stable/migrate-to-pymongo4.html: names until PyMongo 3
    ("mongodb", "ssl_ca_certs", "tlsCAFile"),
    ("mongodb", "sslCAFile", "tlsCAFile"),
    ("mongodb", "sslrootcert", "tlsCAFile"),
    ("mongodb", "ssl_ca", "tlsCAFile"),
    ("mongodb", "ssl_certfile", "tlsCertificateKeyFile"),
    ("mongodb", "ssl_keyfile", "tlsCertificateKeyFile"),
    ("mongodb", "ssl_pem_passphrase", "tlsCertificateKeyFilePassword"),
    ("mongodb", "ssl_cert_reqs", "tlsAllowInvalidCertificates"),
    ("mongodb", "sslValidate", "tlsAllowInvalidCertificates"),
    ("mongodb", "ssl_match_hostname", "tlsAllowInvalidHostnames"),
    ("mongodb", "ssl_crlfile", "tlsCRLFile"),
    // https://www.mongodb.com/docs/manual/reference/program/mongo: names of the shell's options until MongoDB 4.2
    ("mongodb", "sslPEMKeyFile", "tlsCertificateKeyFile"),
    ("mongodb", "sslPEMKeyPassword", "tlsCertificateKeyFilePassword"),
    ("mongodb", "sslCRLFile", "tlsCRLFile"),
    ("mongodb", "sslAllowInvalidCertificates", "tlsAllowInvalidCertificates"),
    ("mongodb", "sslAllowInvalidHostnames", "tlsAllowInvalidHostnames"),
    ("mongodb", "tlsMode", "tls"),
    ("mongodb", "sslMode", "tls"),
    ("mongodb", "authenticationMechanism", "authMechanism"),
    // https://mongoosejs.com/docs/connections.html#options
    ("mongodb", "user", "username"),
    ("mongodb", "pass", "password"),
    ("mongodb", "auth_source", "authSource"),
    ("mongodb", "authdb", "authSource"),
    ("mongodb", "auth_db", "authSource"),
    ("mongodb", "authenticationDatabase", "authSource"),
    ("mongodb", "auth_mechanism", "authMechanism"),
    ("mongodb", "replica_set", "replicaSet"),
    ("mongodb", "connect_timeout", "connectTimeoutMS"),
    ("mongodb", "server_selection_timeout", "serverSelectionTimeoutMS"),
    ("mongodb", "sslmode", "tls"),
    // https://redis.io/docs/latest/develop/clients: node-redis, Jedis, Lettuce, Celery and Django name the same settings
    ("redis", "tls", "ssl"),
    ("redis", "use_ssl", "ssl"),
    ("redis", "use_tls", "ssl"),
    ("redis", "encrypt", "ssl"),
    ("redis", "sslmode", "ssl"),
    ("redis", "verify", "ssl_cert_reqs"),
    ("redis", "ssl_verify", "ssl_cert_reqs"),
    ("redis", "ssl_ca", "ssl_ca_certs"),
    ("redis", "ssl_cafile", "ssl_ca_certs"),
    ("redis", "ssl_ca_path", "ssl_ca_certs"),
    ("redis", "sslrootcert", "ssl_ca_certs"),
    ("redis", "cafile", "ssl_ca_certs"),
    ("redis", "ssl_cert", "ssl_certfile"),
    ("redis", "ssl_cert_file", "ssl_certfile"),
    ("redis", "sslcert", "ssl_certfile"),
    ("redis", "ssl_key", "ssl_keyfile"),
    ("redis", "sslkey", "ssl_keyfile"),
    ("redis", "database", "db"),
    ("redis", "dbname", "db"),
    ("redis", "index", "db"),
    ("redis", "use_cluster", "cluster"),
    ("redis", "cluster_mode", "cluster"),
    ("redis", "nodes", "startup_nodes"),
    ("redis", "cluster_nodes", "startup_nodes"),
    ("redis", "master", "master_name"),
    ("redis", "service_name", "master_name"),
    // boto3, s3fs, Hadoop's fs.s3a, rclone and Terraform name the same settings
    ("s3", "endpoint", "endpoint_url"),
    ("s3", "s3_endpoint", "endpoint_url"),
    ("s3", "s3_endpoint_url", "endpoint_url"),
    ("s3", "aws_endpoint_url", "endpoint_url"),
    ("s3", "url", "endpoint_url"),
    ("s3", "aws_access_key", "aws_access_key_id"),
    ("s3", "access_key", "aws_access_key_id"),
    ("s3", "access_key_id", "aws_access_key_id"),
    ("s3", "accessKey", "aws_access_key_id"),
    ("s3", "key", "aws_access_key_id"),
    ("s3", "aws_secret_key", "aws_secret_access_key"),
    ("s3", "secret_key", "aws_secret_access_key"),
    ("s3", "secret_access_key", "aws_secret_access_key"),
    ("s3", "secretKey", "aws_secret_access_key"),
    ("s3", "secret", "aws_secret_access_key"),
    ("s3", "session_token", "aws_session_token"),
    ("s3", "token", "aws_session_token"),
    ("s3", "aws_security_token", "aws_session_token"),
    ("s3", "aws_region", "region_name"),
    ("s3", "aws_default_region", "region_name"),
    ("s3", "s3_bucket", "bucket_name"),
    ("s3", "Bucket", "bucket_name"),
    ("s3", "verify_ssl", "verify"),
    ("s3", "ssl_verify", "verify"),
    ("s3", "ca_bundle", "verify"),
    ("s3", "addressing_style", "config_kwargs"),
    ("s3", "path_style_access", "config_kwargs"),
    ("s3", "s3_force_path_style", "config_kwargs"),
    ("s3", "signature_version", "config_kwargs"),
    ("s3", "role", "role_arn"),
    ("s3", "aws_role_arn", "role_arn"),
    // requests, curl, S3 and other hooks of Airflow name the same settings
    ("http", "ssl_verify", "verify"),
    ("http", "verify_certs", "verify"),
    ("http", "ca_bundle", "verify"),
    ("http", "cacert", "verify"),
    ("http", "insecure", "verify"),
    ("http", "client_cert", "cert"),
    ("http", "connect_timeout", "timeout"),
    ("http", "request_timeout", "timeout"),
    ("http", "follow_redirects", "allow_redirects"),
];

/// The extra of `spec` that has the meaning of `written`, which it does not know.
pub(super) fn meant(spec: &Spec, written: &str) -> Option<&'static str> {
    SYNONYMS
        .iter()
        .find(|(driver, synonym, _)| *driver == spec.name && synonym.eq_ignore_ascii_case(written))
        .map(|(_, _, meant)| *meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::{Driver, Registry};

    #[test]
    fn each_names_an_extra_that_there_is_and_is_none_itself() {
        let mut drivers = Registry::builtin().drivers().map(Driver::spec).collect::<Vec<_>>();
        for (driver, written, meant) in SYNONYMS {
            let spec = drivers.iter().find(|spec| spec.name == *driver).unwrap();
            assert!(spec.extra(meant).is_some(), "{driver} has no extra {meant}");
            assert!(spec.extra(written).is_none(), "{driver} reads {written} itself");
        }
        drivers.retain(|spec| !SYNONYMS.iter().any(|(driver, _, _)| *driver == spec.name));
        assert_eq!(drivers.iter().map(|spec| spec.name).collect::<Vec<_>>(), [""; 0]);
    }
}
