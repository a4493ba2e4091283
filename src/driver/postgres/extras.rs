//! Every key of `extra` that a PostgreSQL definition is known to hold: libpq's keywords, and what
//! Airflow's Postgres and Redshift hooks add to them.

use crate::driver::extras::{ExtraKind, ExtraSpec};

const fn used(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Used, doc }
}

const fn secret(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Secret, doc }
}

const fn irrelevant(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Irrelevant, doc }
}

const fn unsupported(name: &'static str, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind: ExtraKind::Unsupported, doc }
}

/// The keys that may hold a harmless value, and those values; with any other they ask for what we lack.
pub(super) const ONLY: &[(&str, &[&str], &str)] = &[
    ("gssencmode", &["disable", "prefer"], "an encrypted Kerberos (GSSAPI) connection"),
    ("replication", &["false", "off", "no", "0"], "a replication session"),
    ("ssl_min_protocol_version", &["TLSv1", "TLSv1.1", "TLSv1.2"], "another range of TLS versions than 1.2 to 1.3"),
    ("ssl_max_protocol_version", &["TLSv1.3"], "another range of TLS versions than 1.2 to 1.3"),
    ("min_protocol_version", &["3.0"], "a newer version of the PostgreSQL protocol than 3.0"),
];

pub(super) const EXTRAS: &[ExtraSpec] = &[
    used("host", "overrides `host`: a name, address, socket directory, or a list of them"),
    used("hostaddr", "the address to connect to; `host` then only names the server, for its certificate"),
    used("port", "overrides `port`: one for all hosts, or a list"),
    used("user", "overrides `login`"),
    secret("password", "overrides `password`"),
    used("dbname", "overrides `schema`: the database"),
    used("database", "the same as `dbname`, as redshift_connector spells it"),
    used("sslmode", "disable, allow, prefer (default), require, verify-ca or verify-full"),
    used("ssl", "true or false, as redshift_connector spells `sslmode` require and disable"),
    used("sslnegotiation", "postgres (default) or direct: TLS from the first byte, PostgreSQL 17"),
    used("sslrootcert", "the authorities to trust: a PEM file, the PEM text, or `system`"),
    used("sslcert", "the client's certificate: a PEM file or the PEM text"),
    secret("sslkey", "the client certificate's key, unencrypted: a PEM file or the PEM text"),
    used("sslcertmode", "disable, allow (default) or require: whether the client's certificate is presented"),
    used("channel_binding", "disable, prefer (default) or require SCRAM bound to the TLS channel"),
    used("require_auth", "the authentication methods that the server may ask for, or with `!` may not"),
    used("connect_timeout", "seconds for each host; shortens the run's own limit"),
    used("options", "settings for the session, as `-c search_path=sales`"),
    used("application_name", "the name of the session in pg_stat_activity; connprobe/VERSION by default"),
    used("target_session_attrs", "any (default), read-write, read-only, primary, standby or prefer-standby"),
    used("gssencmode", "disable or prefer; `require` is not supported"),
    used("replication", "false; a replication session is not supported"),
    used("ssl_min_protocol_version", "TLSv1 to TLSv1.2; nothing older than 1.2 is spoken anyway"),
    used("ssl_max_protocol_version", "TLSv1.3"),
    used("min_protocol_version", "3.0"),
    unsupported("service", "a pg_service.conf entry is read from the client's machine"),
    unsupported("servicefile", "a pg_service.conf is read from the client's machine"),
    unsupported("passfile", "a password file is read from the client's machine"),
    unsupported("iam", "an AWS IAM token in place of the password"),
    unsupported("azure_conn_id", "a Microsoft Entra token in place of the password"),
    unsupported("credentials_provider", "an identity provider's token in place of the password"),
    unsupported("access_key_id", "an AWS IAM token in place of the password"),
    unsupported("secret_access_key", "an AWS IAM token in place of the password"),
    unsupported("session_token", "an AWS IAM token in place of the password"),
    unsupported("idp_host", "an identity provider's token in place of the password"),
    unsupported("web_identity_token", "a web identity token in place of the password"),
    unsupported("krbsrvname", "a Kerberos (GSSAPI) login"),
    unsupported("gsslib", "a Kerberos (GSSAPI or SSPI) login"),
    unsupported("gssdelegation", "a Kerberos (GSSAPI) login"),
    unsupported("oauth_issuer", "an OAuth login"),
    unsupported("oauth_client_id", "an OAuth login"),
    unsupported("oauth_client_secret", "an OAuth login"),
    unsupported("oauth_scope", "an OAuth login"),
    unsupported("scram_client_key", "a SCRAM login without the password"),
    unsupported("scram_server_key", "a SCRAM login without the password"),
    unsupported("sslpassword", "an encrypted client key; store the key unencrypted"),
    unsupported("sslcrl", "a certificate revocation list"),
    unsupported("sslcrldir", "certificate revocation lists"),
    unsupported("requirepeer", "a check of who owns the server's process"),
    irrelevant("max_protocol_version", "connprobe speaks 3.0, which every server takes"),
    irrelevant("client_encoding", "connprobe speaks UTF-8"),
    irrelevant("fallback_application_name", "connprobe names itself"),
    irrelevant("keepalives", "TCP keep-alive"),
    irrelevant("keepalives_idle", "TCP keep-alive"),
    irrelevant("keepalives_interval", "TCP keep-alive"),
    irrelevant("keepalives_count", "TCP keep-alive"),
    irrelevant("tcp_user_timeout", "connprobe's own limit holds"),
    irrelevant("load_balance_hosts", "hosts are tried in the order of the list"),
    irrelevant("sslcompression", "never used"),
    irrelevant("sslsni", "the server's name is always sent"),
    irrelevant("sslkeylogfile", "never written"),
    irrelevant("cursor", "Airflow: the kind of cursor"),
    irrelevant("sqlalchemy_scheme", "Airflow: how SQLAlchemy is used"),
    irrelevant("sqlalchemy_query", "Airflow: how SQLAlchemy is used"),
    irrelevant("aws_conn_id", "Airflow: where `iam` finds AWS credentials"),
    irrelevant("redshift", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("redshift-serverless", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("cluster-identifier", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("workgroup-name", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("cluster_identifier", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("is_serverless", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("serverless_work_group", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("serverless_token_duration_seconds", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("region", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("profile", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("db_user", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("db_groups", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("auto_create", "Airflow: how `iam` asks AWS for a token"),
    irrelevant("timeout", "redshift_connector: how long its queries may take"),
];
