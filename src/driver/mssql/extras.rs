//! The extras of SQL Server definitions: pymssql's keywords, which Airflow passes on, and those of
//! Microsoft's ODBC driver.

use crate::driver::extras::ExtraKind::{self, Irrelevant, Unsupported, Used};
use crate::driver::extras::ExtraSpec;

const fn extra(name: &'static str, kind: ExtraKind, doc: &'static str) -> ExtraSpec {
    ExtraSpec { name, kind, doc }
}

pub(super) const EXTRAS: &[ExtraSpec] = &[
    extra(
        "encryption",
        Used,
        "pymssql: `off`, `request` (default: the login is encrypted, everything where the server insists), `require`, or `strict` (TDS 8.0); only `strict` and a CA file verify",
    ),
    extra(
        "Encrypt",
        Used,
        "ODBC: `no` or `optional`, `yes` or `mandatory`, `strict`; verifies as ODBC 18 does unless `TrustServerCertificate`",
    ),
    extra(
        "TrustServerCertificate",
        Used,
        "ODBC: accept any certificate; without `Encrypt` it implies `Encrypt=yes`, as ODBC 18 does",
    ),
    extra("HostNameInCertificate", Used, "the name that the certificate must be valid for, instead of the host"),
    extra("hostname_in_certificate", Used, "same as `HostNameInCertificate`"),
    extra("cafile", Used, "PEM file or text of the only authorities to trust; the certificate is then verified"),
    extra("TrustServerCertificateCA", Used, "same as `cafile`"),
    extra("host", Used, "pymssql: overrides `host`, with a warning"),
    extra("ApplicationIntent", Used, "ODBC: `ReadWrite`, or `ReadOnly` for a readable replica"),
    extra("read_only", Used, "pymssql: same as `ApplicationIntent=ReadOnly`"),
    extra("appname", Used, "pymssql: the application's name, as the server lists it"),
    extra("APP", Used, "ODBC: same as `appname`"),
    extra("login_timeout", Used, "seconds that the probe may take, if that is less than `--timeout`"),
    extra("timeout", Used, "seconds that the test query may take"),
    extra("Authentication", Used, "ODBC: `SqlPassword`; any other (Microsoft Entra, Windows) is unsupported"),
    extra("Trusted_Connection", Unsupported, "a Windows login (Kerberos or NTLM) as the user of the process"),
    extra("Integrated Security", Unsupported, "a Windows login (Kerberos or NTLM) as the user of the process"),
    extra("IntegratedSecurity", Unsupported, "a Windows login (Kerberos or NTLM) as the user of the process"),
    extra("sspi", Unsupported, "a Windows login (Kerberos or NTLM) as the user of the process"),
    extra("azure_conn_id", Unsupported, "a Microsoft Entra token, got by way of another connection"),
    extra("AccessToken", Unsupported, "a Microsoft Entra token"),
    extra("access_token", Unsupported, "a Microsoft Entra token"),
    extra("ClientCertificate", Unsupported, "a client certificate"),
    extra("ServerCertificate", Unsupported, "a pinned server certificate; `cafile` names authorities"),
    extra("DSN", Unsupported, "a data source of this machine's ODBC configuration, which is never read"),
    extra("FileDSN", Unsupported, "an ODBC data source file, which is never read"),
    extra("driver", Irrelevant, "ODBC: which driver library to load; connprobe brings its own"),
    extra("tds_version", Irrelevant, "pymssql: the protocol version; TDS 7.4 is spoken, 8.0 where `strict`"),
    extra("charset", Irrelevant, "pymssql: how the client encodes text"),
    extra("conn_properties", Irrelevant, "pymssql: statements after the login, which a probe does not run"),
    extra("autocommit", Irrelevant, "how the client commits"),
    extra("as_dict", Irrelevant, "how the client returns rows"),
    extra("arraysize", Irrelevant, "how many rows the client fetches at a time"),
    extra("use_datetime2", Irrelevant, "how the client sends times"),
    extra("sqlalchemy_scheme", Irrelevant, "the dialect of the URI that Airflow builds"),
    extra("MultiSubnetFailover", Irrelevant, "all addresses of a name are tried anyway"),
    extra("IpAddressPreference", Irrelevant, "all addresses of a name are tried anyway"),
    extra("TransparentNetworkIPResolution", Irrelevant, "all addresses of a name are tried anyway"),
    extra("ConnectRetryCount", Irrelevant, "reconnecting during a session"),
    extra("ConnectRetryInterval", Irrelevant, "reconnecting during a session"),
    extra("KeepAlive", Irrelevant, "keeping idle sessions alive"),
    extra("KeepAliveInterval", Irrelevant, "keeping idle sessions alive"),
    extra("MARS_Connection", Irrelevant, "several results at a time in one session"),
    extra("PacketSize", Irrelevant, "how large the packets of a session are"),
    extra("ColumnEncryption", Irrelevant, "how the client treats encrypted columns"),
    extra("AnsiNPW", Irrelevant, "settings of the session"),
    extra("QuotedId", Irrelevant, "settings of the session"),
    extra("Language", Irrelevant, "the language of the session's messages"),
    extra("WSID", Irrelevant, "the client machine's name, as the server lists it"),
    extra("ServerSPN", Irrelevant, "the server's Kerberos name, which a SQL login does not use"),
];
