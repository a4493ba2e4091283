//! The keys of `extra`: MongoDB's connection-string options, what Airflow's hook adds to them, and
//! what definitions pass through it to the Python client.

use crate::driver::{ExtraKind, ExtraSpec};

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

pub(super) const EXTRAS: &[ExtraSpec] = &[
    // Who logs in, and where that login lives.
    used("authSource", "the authentication database: where the user was created (default: `schema`, else `admin`)"),
    used("authMechanism", "SCRAM-SHA-256, SCRAM-SHA-1, PLAIN or MONGODB-X509 (default: the server's best SCRAM)"),
    irrelevant("authMechanismProperties", "only for mechanisms that connprobe lacks"),
    used("username", "overrides `login`, as it does in the Python client"),
    secret("password", "overrides `password`, as it does in the Python client"),
    // Which servers.
    used("srv", "true: `host` is looked up as SRV and TXT records, and TLS is on"),
    used("use_srv", "what an error message of Airflow calls `srv`"),
    used("srvServiceName", "the service of the SRV record (default: `mongodb`)"),
    used("srvMaxHosts", "how many of the hosts of the SRV record may be tried"),
    used("replicaSet", "the replica set that the server must be a member of"),
    used("loadBalanced", "true: the server is behind a load balancer"),
    irrelevant("directConnection", "connprobe always talks to the named hosts and no others"),
    // The encrypted channel.
    used("tls", "true: encrypt the connection and verify the server (default with SRV or TLS files)"),
    used("ssl", "the old name of `tls`"),
    used("allow_insecure", "true, with `tls`: encrypt without verifying the server (Airflow)"),
    used("tlsCAFile", "the authorities to trust, as a PEM file or its text (default: the system's)"),
    secret("tlsCertificateKeyFile", "the client certificate with its key, as a PEM file or its text"),
    used("tlsAllowInvalidCertificates", "true: encrypt without verifying the server"),
    used("tlsAllowInvalidHostnames", "true: verify the certificate, but not the name in it"),
    used("tlsInsecure", "true: encrypt without verifying the server"),
    unsupported("tlsCertificateKeyFilePassword", "an encrypted client key"),
    unsupported("tlsCRLFile", "a certificate revocation list"),
    irrelevant("tlsDisableOCSPEndpointCheck", "OCSP is not asked"),
    // Time.
    used("connectTimeoutMS", "may shorten the limit of the probe"),
    used("serverSelectionTimeoutMS", "may shorten the limit of the probe"),
    used("socketTimeoutMS", "may shorten the limit of the probe"),
    used("timeoutMS", "may shorten the limit of the probe"),
    // A way to the server that we lack.
    unsupported("proxyHost", "a SOCKS5 proxy"),
    unsupported("auto_encryption_opts", "client-side encryption"),
    irrelevant("proxyPort", "only with `proxyHost`"),
    irrelevant("proxyUsername", "only with `proxyHost`"),
    irrelevant("proxyPassword", "only with `proxyHost`"),
    // What matters only after a login.
    irrelevant("appname", "connprobe gives its own name"),
    irrelevant("compressors", "compression of later messages"),
    irrelevant("zlibCompressionLevel", "compression of later messages"),
    irrelevant("connect", "when the Python client connects"),
    irrelevant("datetime_conversion", "how the Python client reads values"),
    irrelevant("document_class", "how the Python client reads values"),
    irrelevant("event_listeners", "what the Python client reports"),
    irrelevant("fsync", "when writes count as done"),
    irrelevant("heartbeatFrequencyMS", "monitoring of a running client"),
    irrelevant("j", "when writes count as done"),
    irrelevant("journal", "when writes count as done"),
    irrelevant("localThresholdMS", "choice among members of a replica set"),
    irrelevant("maxAdaptiveRetries", "retries of a running client"),
    irrelevant("maxConnecting", "size of a connection pool"),
    irrelevant("maxIdleTimeMS", "size of a connection pool"),
    irrelevant("maxPoolSize", "size of a connection pool"),
    irrelevant("maxStalenessSeconds", "choice among members of a replica set"),
    irrelevant("minPoolSize", "size of a connection pool"),
    irrelevant("readConcernLevel", "what reads may see"),
    irrelevant("readPreference", "choice among members of a replica set"),
    irrelevant("readPreferenceTags", "choice among members of a replica set"),
    irrelevant("retryReads", "retries of a running client"),
    irrelevant("retryWrites", "retries of a running client"),
    irrelevant("serverMonitoringMode", "monitoring of a running client"),
    irrelevant("server_api", "the versioned API of a running client"),
    irrelevant("server_selector", "choice among members of a replica set"),
    irrelevant("type_registry", "how the Python client reads values"),
    irrelevant("tz_aware", "how the Python client reads values"),
    irrelevant("tzinfo", "how the Python client reads values"),
    irrelevant("unicode_decode_error_handler", "how the Python client reads values"),
    irrelevant("uuidRepresentation", "how the Python client reads values"),
    irrelevant("w", "when writes count as done"),
    irrelevant("waitQueueTimeoutMS", "size of a connection pool"),
    irrelevant("wTimeoutMS", "when writes count as done"),
];
