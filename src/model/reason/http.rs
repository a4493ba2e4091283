//! HTTP responses from something other than the expected service, and their messages and hints. They are recognised by
//! their status alone, because their text may be anything.

use super::{Field, ReasonCode as Code, Words};
use crate::model::class::Class;

/// What answered over HTTP instead of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Http {
    /// A server that expects HTTPS on this port.
    TlsExpected {
        /// The hint.
        hint: &'static str,
    },
    /// A proxy that accepts HTTPS, in front of a server that expects HTTPS from the proxy too.
    TlsExpectedBehind,
    /// A service other than S3, at the endpoint of a definition.
    NotS3 {
        /// The HTTP status.
        status: u16,
        /// Whether the request was plain HTTP.
        plain: bool,
    },
    /// A service other than STS, at the endpoint of a definition.
    NotSts {
        /// The HTTP status.
        status: u16,
    },
    /// A service other than the secrets backend.
    NotBackend {
        /// The expected service, such as `Vault`.
        service: &'static str,
        /// The HTTP status.
        status: u16,
    },
    /// The path of the endpoint already ends with the bucket, which is then appended once more.
    BucketTwice {
        /// The bucket.
        bucket: String,
    },
    /// A redirect to HTTPS at the same host.
    RedirectToTls {
        /// The HTTP status.
        status: u16,
        /// Whether the redirect answers a request with the credential, which was then sent in clear.
        sent: bool,
    },
    /// A redirect to another path of the server, after it asked for the credential and received it.
    RedirectWithin {
        /// The HTTP status.
        status: u16,
    },
    /// A login page for people, or a redirect to one.
    LoginPage {
        /// The HTTP status.
        status: u16,
    },
    /// A redirect to another origin.
    RedirectElsewhere {
        /// The HTTP status.
        status: u16,
        /// The origin, if it could be parsed. Foreign text.
        to: Option<String>,
    },
    /// The server asks for a credential, but its answer to this one shows neither that it is wrong nor that it is
    /// right.
    CredentialNotTaken {
        /// The HTTP status.
        status: u16,
        /// The answer says that the credential is at fault.
        of_credential: bool,
    },
    /// Nothing shows that the server has looked at the credentials.
    LoginUnproved {
        /// The HTTP status.
        status: u16,
        /// The server answers credentials that do not exist in the same way.
        is_compared: bool,
    },
    /// The expected service, with an unknown code.
    CodeUnknown {
        /// The service, such as `STS`.
        service: &'static str,
        /// The HTTP status.
        status: u16,
    },
}

impl Http {
    /// The class for a response with an unknown code, by its status.
    #[must_use]
    pub fn class_of(status: u16) -> Class {
        match status {
            401 => Class::Auth,
            403 => Class::Denied,
            429 | 503 => Class::Busy,
            _ => Class::Server,
        }
    }

    pub(super) fn words(&self) -> Words {
        match self {
            Self::TlsExpected { hint } => {
                Words::new(Code::TlsExpected, "the server expects HTTPS there, and was spoken to in plain HTTP")
                    .hint(*hint)
            }
            Self::TlsExpectedBehind => Words::new(
                Code::OtherProtocol,
                "a proxy takes HTTPS there, and speaks plain HTTP to a server behind it that expects HTTPS",
            )
            .hint("an administrator has to let the proxy speak HTTPS to the server behind it; the endpoint itself is written right"),
            Self::NotS3 { status, plain } => foreign(
                "S3",
                *status,
                match status {
                    400 if *plain => "check the endpoint: a server that expects `https://` answers so to `http://`",
                    _ => "check host, port and path of the endpoint; the port may belong to another service",
                },
            ),
            Self::NotSts { status } => foreign(
                "STS",
                *status,
                "where the server has no STS, remove extra `role_arn`, or name an STS in `service_config.sts.endpoint_url`",
            )
            .fields([Field::HOST, Field::PORT, Field::named("extra.role_arn")]),
            Self::NotBackend { status: status @ (502 | 504), .. } => unavailable(*status),
            Self::NotBackend { service, status } => foreign(
                service,
                *status,
                "check scheme, host, port and path of its address; the port may belong to another service",
            )
            .fields([]),
            Self::BucketTwice { bucket } => Words::new(
                Code::BucketNotFound,
                format!("the path of the endpoint ends with the bucket `{bucket}`, which is then looked for inside itself"),
            )
            .fields([])
            .hint(format!("write the endpoint without `/{bucket}` behind it, and the bucket in `schema` alone")),
            Self::RedirectToTls { status, sent } => Words::new(
                Code::Redirected,
                format!("the server takes HTTPS only: it redirects there (HTTP {status})"),
            )
            .fields([Field::SCHEMA, Field::HOST])
            .hint(if *sent {
                "set `schema` to `https`, or begin `host` with `https://`; the server asked for the credentials before it redirected, so that they were sent in clear text, as the application sends them"
            } else {
                "set `schema` to `https`, or begin `host` with `https://`; nothing secret was sent"
            }),
            Self::RedirectWithin { status } => Words::new(
                Code::Redirected,
                format!("the server redirects the login to another of its paths (HTTP {status}), which proves nothing; it was not followed"),
            )
            .hint("write the path that it redirects to into `host`, behind the name; a directory ends with `/`"),
            Self::LoginPage { status } => Words::new(
                Code::OtherProtocol,
                format!("the server shows a page where people log in, and takes no credentials of a request (HTTP {status})"),
            )
            .fields([Field::HOST])
            .hint("write the path of the API into `host`, behind the name; it may take a token in a header of `extra` in place of `login` and `password`"),
            Self::RedirectElsewhere { status, to } => {
                let to = to.as_ref().map_or_else(|| "somewhere else".to_owned(), |to| format!("to `{to}`"));
                Words::new(Code::Redirected, format!("the base URL redirects {to} (HTTP {status}); it was not followed"))
                    .hint("write the address that it redirects to into the definition, if it is the one that is meant; nothing secret is sent to where a redirect points")
            }
            Self::CredentialNotTaken { status, of_credential: false } => Words::new(
                Code::RequestRefused,
                format!("the server demands a login, and refuses the request with the credentials (HTTP {status})"),
            )
            .class(Class::Server)
            .hint("check the path in `host`, and whether the request lacks a header or a part of its query; a malformed key or token may be answered so, too"),
            Self::CredentialNotTaken { status, of_credential: true } => Words::new(
                Code::LoginRefused,
                format!("the server demands a login, and takes no request with these credentials (HTTP {status})"),
            )
            .hint("check `login`, `password` and the headers in `extra`: one of them may be malformed, or another be missing"),
            Self::LoginUnproved { status, is_compared } => Words::new(
                Code::RequestRefused,
                if *is_compared {
                    format!("the server demands a login, and answers these credentials as it answers ones that do not exist (HTTP {status}), which proves nothing")
                } else {
                    format!("the server demands a login, and answers HTTP {status} to the credentials, which proves nothing: it did not answer ones that do not exist")
                },
            )
            .class(Class::Server)
            .fields([Field::HOST])
            .hint("write a path of the API into `host`, behind the name, at which the server looks at the credentials"),
            Self::CodeUnknown { service, status } => {
                let class = Self::class_of(*status);
                let code = match class {
                    Class::Auth => Code::LoginRefused,
                    Class::Busy => Code::Unavailable,
                    Class::Denied => Code::RequestRefused,
                    _ => Code::ServerError,
                };
                Words::new(code, format!("{service} refused the request (HTTP {status})"))
                    .class(class)
                    .hint("the code and the detail are the server's own; its documentation explains them")
            }
        }
    }
}

/// The meaning of a status, whatever the service; `otherwise` is the hint for statuses that are not special.
fn foreign(service: &str, status: u16, otherwise: &'static str) -> Words {
    match status {
        200..=299 => Words::new(
            Code::OtherProtocol,
            format!("an HTTP server answers, but not with what {service} would answer (HTTP {status})"),
        )
        .hint("a web console, portal or proxy may own this address; the endpoint must be that of the API"),
        300..=399 => Words::new(
            Code::OtherProtocol,
            format!(
                "an HTTP server answers with a redirect (HTTP {status}) that is not {service}'s; it was not followed"
            ),
        )
        .hint("check scheme, host and port of the endpoint; nothing secret is sent to where a redirect points"),
        407 | 511 => Words::new(
            Code::OtherProtocol,
            format!("a proxy or portal on the way wants a login of its own (HTTP {status})"),
        )
        .hint("let this machine reach the endpoint directly"),
        429 | 503 => unavailable(status),
        500..=599 => {
            Words::new(Code::ServerError, format!("the server, or a gateway before it, failed (HTTP {status})"))
                .hint("look into the logs of the server and of what stands before it")
        }
        _ => Words::new(
            Code::OtherProtocol,
            format!("an HTTP server answers, but does not speak {service}'s protocol (HTTP {status})"),
        )
        .hint(otherwise),
    }
}

fn unavailable(status: u16) -> Words {
    Words::new(
        Code::Unavailable,
        format!("the server, or a gateway before it, takes no requests at the moment (HTTP {status})"),
    )
    .hint("try again later; if it stays, a load balancer may have no healthy server behind it")
}
