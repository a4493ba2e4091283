//! Failures of the encrypted channel, and their messages and hints.

use std::fmt::Write as _;
use std::time::Duration;

use super::calendar::{day, span};
use super::{Field, ReasonCode as Code, Words};

const CHECK_CLIENT: &str = "check the client certificate and key of the definition, and which CA the server expects";
const NEW_ONE: &str = "issue a new one (X.509 v3, RSA of 2048 bits or more or ECDSA, SHA-256)";
const SPOKEN: &str = "connprobe speaks TLS 1.2 and 1.3 with current ciphers: update the server or its TLS settings";

/// How a channel is insufficiently protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// There is no TLS.
    Plain,
    /// There is TLS, but the server is not verified.
    Unverified,
}

impl Weakness {
    /// A clause that describes it.
    #[must_use]
    pub fn clause(self) -> &'static str {
        match self {
            Self::Plain => "the connection is not encrypted",
            Self::Unverified => "the connection is encrypted, but the server's certificate was not verified",
        }
    }
}

/// Why the encrypted channel could not be established as required.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tls {
    /// The definition requires TLS, and the server does not offer it.
    NotOffered {
        /// The field that requires it, such as `extra.sslmode`, and its value.
        field: &'static str,
        /// The hint: what to change at the server or in the definition.
        hint: &'static str,
    },
    /// The server requires TLS, and the definition disables it.
    Required {
        /// The field that disables it, such as `extra.encryption`.
        field: &'static str,
        /// The hint.
        hint: &'static str,
    },
    /// The server asks for the password itself, which is sent over an encrypted channel only.
    PasswordNeedsTls {
        /// The field that enables TLS, such as `extra.ssl_mode`.
        field: &'static str,
        /// The hint.
        hint: &'static str,
    },
    /// The options of the run require more.
    Demanded {
        /// What the channel lacks.
        weakness: Weakness,
        /// The option that requires more.
        option: &'static str,
    },
    /// The peer does not speak TLS.
    NotSpoken,
    /// The server agreed to TLS, and then sent something else.
    OfferBroken,
    /// The server sent additional data with its agreement to TLS.
    Stuffed,
    /// The definition allows only TLS versions that the server lacks.
    VersionExcluded {
        /// The extras that exclude the others.
        keys: Vec<&'static str>,
    },
    /// The handshake failed for another reason.
    HandshakeFailed,
    /// The server aborted the handshake, for example because no cipher matches or a certificate is missing.
    HandshakeRefused,
    /// There is no common version or cipher.
    VersionUnsupported,
    /// The certificate was not issued by a trusted authority.
    UnknownIssuer,
    /// The certificate has expired.
    CertificateExpired {
        /// How long ago, and the time in seconds since 1970.
        when: Option<(Duration, u64)>,
    },
    /// The certificate is not valid yet.
    CertificateNotYetValid {
        /// How long until then, and the time in seconds since 1970.
        when: Option<(Duration, u64)>,
    },
    /// The authority's certificate has expired.
    AuthorityExpired {
        /// How long ago.
        ago: Duration,
        /// The time in seconds since 1970.
        end: u64,
    },
    /// The certificate is for other names.
    WrongName {
        /// The name that was expected.
        expected: Option<String>,
        /// Whether the certificate contains any host name; `None` if unknown.
        names_any: Option<bool>,
    },
    /// The certificate is revoked.
    Revoked,
    /// The certificate is damaged.
    Damaged,
    /// A signature in the chain is invalid.
    BadSignature,
    /// The certificate is of an outdated type.
    Outdated,
    /// The certificate is not intended for servers.
    NotForServers,
    /// The certificate is that of a CA.
    AuthorityAsServer,
    /// The chain is longer than any legitimate one.
    ChainTooLong {
        /// What exceeds the limit.
        what: String,
    },
    /// The certificate is rejected for a reason without a code of its own.
    Unacceptable,
    /// The server presented no certificate.
    NoCertificate,
    /// The server requires a client certificate.
    ClientCertificateRequired,
    /// The definition requires that the server asks for a client certificate, and it does not.
    ClientCertificateUnasked,
    /// The server does not trust the issuer of the client certificate.
    ClientIssuerRefused,
    /// The server reports that the client certificate has expired.
    ClientCertificateExpired,
    /// The server reports that the client certificate is revoked.
    ClientCertificateRevoked,
    /// The server rejects the client certificate, or requires one.
    ClientCertificateRefused,
    /// The server does not know the name (SNI).
    ServerNameUnknown,
    /// The server does not know the protocol (ALPN).
    ProtocolRefused,
    /// The server did not agree on a protocol (ALPN).
    ProtocolNotAgreed {
        /// The expected product.
        product: &'static str,
        /// The hint.
        hint: &'static str,
    },
    /// The login cannot be bound to the channel.
    ChannelBindingMissing,
    /// This machine trusts no authority.
    TrustStoreMissing,
    /// No certificate can be valid for the name.
    BadServerName {
        /// The name.
        name: String,
    },
    /// PEM text of the definition cannot be used.
    BadPem {
        /// `the CA certificate`, `the client certificate` or `the client key`.
        which: &'static str,
        /// A clause that says why.
        why: &'static str,
        /// The key is encrypted.
        encrypted: bool,
    },
    /// Certificate and key of the definition do not match.
    KeyMismatch,
    /// SQL Server encrypts less than the definition requires.
    LessOffered {
        /// Whether it would encrypt only the login.
        login_only: bool,
        /// The field that requires more.
        field: Field,
    },
    /// The SQL Server does not support TDS 8.0.
    NotStrict,
}

impl Tls {
    /// The hint for a server that may be too old for TDS 8.0.
    pub const STRICT_HINT: &str = "strict encryption (`strict`) needs SQL Server 2022 or later, or Azure SQL: for others write extra `encryption` with `require`, or `Encrypt` with `yes` for ODBC's clients";

    #[expect(clippy::too_many_lines, reason = "a table: one row for each reason")]
    pub(super) fn words(&self) -> Words {
        match self {
            Self::NotOffered { field, hint } => Words::new(
                Code::TlsNotOffered,
                "the server offers no TLS, and the definition demands it; no credential was sent",
            )
            .fields([Field::named(field)])
            .hint(*hint),
            Self::Required { field, hint } => {
                Words::new(Code::TlsRequired, "the server demands encryption, and the definition turns it off")
                    .fields([Field::named(field)])
                    .hint(*hint)
            }
            Self::PasswordNeedsTls { field, hint } => {
                Words::new(Code::TlsRequired, "the server needs the password itself, and the connection is not encrypted")
                    .fields([Field::named(field)])
                    .hint(*hint)
            }
            Self::Demanded { weakness, option } => Words::new(
                Code::TlsDemanded,
                format!("{}, and `{option}` demands more; no credential was sent", weakness.clause()),
            )
            .hint("turn on TLS in the definition and on the server, or run without the option"),
            Self::NotSpoken => Words::new(Code::TlsNotSpoken, "the server does not speak TLS on this port")
                .hint("turn off TLS in the definition, use the server's TLS port, or turn on TLS on the server"),
            Self::OfferBroken => Words::new(
                Code::TlsNotSpoken,
                "the server agreed to TLS, and what it sent then is no TLS; no credential was sent",
            )
            .hint("a proxy, or somebody on the way, may have answered in its place: look at what stands between, and at the server's log"),
            Self::Stuffed => Words::new(
                Code::TlsHandshakeFailed,
                "unencrypted data came with the server's agreement to TLS; no credential was sent",
            )
            .hint("no server sends that: whoever can write on the way may want it taken for a part of the encrypted session (CVE-2021-23222); find out who answers there before you log in"),
            Self::VersionExcluded { keys } => {
                let extras = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ");
                Words::new(
                    Code::TlsVersionUnsupported,
                    format!("the server offers no TLS version that extra {extras} allows"),
                )
                .fields(keys.iter().map(|key| Field::extra(key)).collect::<Vec<_>>())
                .hint(format!("remove or widen extra {extras}, or have the server speak that version"))
            }
            Self::HandshakeFailed => Words::new(Code::TlsHandshakeFailed, "TLS handshake failed")
                .hint("look at the server's log, which usually says why"),
            Self::HandshakeRefused => {
                Words::new(Code::TlsHandshakeFailed, "TLS handshake failed: the server broke it off").hint(
                    "there may be no cipher that both sides accept, or the server demands a client certificate; its log says which",
                )
            }
            Self::VersionUnsupported => Words::new(
                Code::TlsVersionUnsupported,
                "the server offers no TLS version or cipher that connprobe accepts",
            )
            .hint(SPOKEN),
            Self::UnknownIssuer => Words::new(
                Code::UnknownIssuer,
                "certificate signed by an unknown authority: the issuer of the server's certificate is not trusted",
            )
            .hint("name the CA that issued it in the definition (or with `--tls-ca`), or have the server present its intermediate certificates"),
            Self::CertificateExpired { when } => {
                let message = match when {
                    None => "certificate has expired: the server's is not valid any more".to_owned(),
                    Some((ago, end)) => {
                        format!("certificate has expired: the server's was valid until {}, {} ago", day(*end), span(*ago))
                    }
                };
                Words::new(Code::CertificateExpired, message).hint("renew it on the server")
            }
            Self::CertificateNotYetValid { when } => {
                let mut message = "certificate is not yet valid".to_owned();
                if let Some((left, start)) = when {
                    let _infallible = write!(message, ": the server's will be in {}, on {}", span(*left), day(*start));
                }
                Words::new(Code::CertificateNotYetValid, message)
                    .hint("check the clock of this machine and of the one that issued the certificate")
            }
            Self::AuthorityExpired { ago, end } => Words::new(
                Code::AuthorityExpired,
                format!(
                    "certificate of the authority has expired: the one that signed the server's was valid until {}, {} ago",
                    day(*end),
                    span(*ago)
                ),
            )
            .hint("renew the authority's certificate, then install it where it comes from: on the server, if it sends it along, or in the definition's CA file (or that of `--tls-ca`)"),
            Self::WrongName { expected, names_any } => {
                let expected =
                    expected.as_ref().map_or_else(|| "the name that it was asked for".to_owned(), |name| format!("`{name}`"));
                Words::new(Code::WrongName, format!("certificate name mismatch: the server's certificate is not valid for {expected}")).hint(
                    match names_any {
                        None => "connect by a name that it is valid for",
                        Some(false) => "it names no host in its `subjectAltName`, and the common name no longer counts: issue a new one",
                        Some(true) => "connect by a name that it is valid for, or issue one that includes this name",
                    },
                )
            }
            Self::Revoked => Words::new(Code::CertificateRevoked, "the server's certificate is revoked")
                .hint("install a new one on the server"),
            Self::Damaged => Words::new(Code::CertificateDamaged, "the server's certificate is damaged")
                .hint("install a new one on the server"),
            Self::BadSignature => {
                Words::new(Code::CertificateDamaged, "a signature in the server's certificate chain is wrong").hint(
                    "the chain is damaged, or issued by another CA of the same name: install it anew, and check which CA is trusted",
                )
            }
            Self::Outdated => Words::new(
                Code::CertificateOutdated,
                "the server's certificate is of an outdated kind that connprobe does not accept",
            )
            .hint(format!("the application's own client may still accept it (OpenSSL takes X.509 v1 and old signatures); {NEW_ONE}")),
            Self::NotForServers => {
                Words::new(Code::CertificateUnacceptable, "the server's certificate is not made for servers")
                    .hint("issue one with the extended key usage `serverAuth`")
            }
            Self::AuthorityAsServer => {
                Words::new(Code::CertificateUnacceptable, "the server presents a CA certificate as its own")
                    .hint("issue it a certificate of its own, or name exactly this one as the trusted CA")
            }
            Self::ChainTooLong { what } => Words::new(
                Code::CertificateUnacceptable,
                format!("the server's certificate chain cannot be accepted: {what}"),
            )
            .hint("this is not an honest server: check host and port"),
            Self::Unacceptable => {
                Words::new(Code::CertificateUnacceptable, "the server's certificate cannot be accepted").hint(NEW_ONE)
            }
            Self::NoCertificate => Words::new(Code::CertificateMissing, "the server presented no certificate")
                .hint("configure one on the server"),
            Self::ClientCertificateRequired => {
                Words::new(Code::ClientCertificateRequired, "the server demands a client certificate")
                    .hint("name one, with its key, in the definition")
            }
            Self::ClientCertificateUnasked => Words::new(
                Code::ClientCertificateUnasked,
                "the server asked for no client certificate, which the definition demands; no credential was sent",
            )
            .hint("set `sslcertmode` to `allow`, or have the server ask for certificates (`ssl_ca_file` in postgresql.conf); a proxy that ends the TLS does not"),
            Self::ClientIssuerRefused => Words::new(
                Code::ClientCertificateRefused,
                "the server does not trust the issuer of the client certificate",
            )
            .hint(CHECK_CLIENT),
            Self::ClientCertificateExpired => Words::new(
                Code::ClientCertificateRefused,
                "the server says that the client certificate has expired",
            )
            .hint("renew it, and store the new one"),
            Self::ClientCertificateRevoked => Words::new(
                Code::ClientCertificateRefused,
                "the server says that the client certificate is revoked",
            )
            .hint("get a new one, and store it"),
            Self::ClientCertificateRefused => Words::new(
                Code::ClientCertificateRefused,
                "the server rejects the client certificate, or demands one",
            )
            .hint(CHECK_CLIENT),
            Self::ServerNameUnknown => Words::new(
                Code::ServerNameUnknown,
                "the server does not know the host name that it was asked for (SNI)",
            )
            .hint("connect by a name that it serves"),
            Self::ProtocolRefused => Words::new(
                Code::ProtocolNotNegotiated,
                "the server speaks TLS there, but not the protocol that was asked for (ALPN)",
            )
            .hint("another service may own this port, or its version is too old for TLS from the first byte"),
            Self::ProtocolNotAgreed { product, hint } => Words::new(
                Code::ProtocolNotNegotiated,
                format!("the server speaks TLS, but did not agree to speak {product} in it (ALPN)"),
            )
            .hint(*hint),
            Self::ChannelBindingMissing => Words::new(
                Code::ChannelBindingMissing,
                "the server offers no channel binding, which extra `channel_binding` requires",
            )
            .fields([Field::named("extra.channel_binding")])
            .hint("channel binding needs TLS and a SCRAM-SHA-256 password; another server, or a proxy, may be answering"),
            Self::TrustStoreMissing => Words::new(
                Code::TrustStoreMissing,
                "this machine has no trusted CA certificates to check the server's against",
            )
            .hint("install the system's CA certificates (package `ca-certificates`), or name a CA file"),
            Self::BadServerName { name } => {
                Words::new(Code::BadServerName, format!("no certificate can be valid for the name `{name}`"))
                    .hint("name the server by its DNS name or address")
            }
            Self::BadPem { which, why, encrypted } => {
                Words::new(Code::BadCertificate, format!("{which} cannot be used: {why}")).hint(if *encrypted {
                    "store it unencrypted (`openssl pkey -in KEY -out PLAIN`)"
                } else {
                    "give complete PEM text, with its `BEGIN` and `END` lines"
                })
            }
            Self::LessOffered { login_only, field } => {
                let offer = if *login_only { "would encrypt the login only" } else { "has no encryption" };
                Words::new(
                    Code::TlsNotOffered,
                    format!("the server {offer}, and the definition demands more; no login was sent"),
                )
                .fields([field.clone()])
                .hint("SQL Server encrypts what it is asked to: look at what answers there, an emulation or a proxy")
            }
            Self::NotStrict => Words::new(
                Code::TlsNotSpoken,
                "the server does not know strict encryption (TDS 8.0), which the definition demands",
            )
            .fields([Field::named("extra.Encrypt"), Field::named("extra.encryption")])
            .hint(Self::STRICT_HINT),
            Self::KeyMismatch => Words::new(
                Code::BadCertificate,
                "the client certificate and the client key do not belong together",
            )
            .hint("name the key that the certificate was made for"),
        }
    }
}
