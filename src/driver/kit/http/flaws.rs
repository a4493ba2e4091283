//! What is wrong with a definition of a service over HTTP, and the texts for it.

use crate::model::problem::Flaw;
use crate::model::problem::field::{bad, named};
use crate::model::problem::option::extra;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpFlaw {
    /// A scheme other than HTTP's.
    BadScheme {
        /// The field that names it.
        field: Field,
        /// The scheme.
        scheme: String,
    },
    /// Host, schema and port do not form a URL.
    BadUrl,
    /// A port in its own field, beside a host that has a port or a path.
    PortBehind {
        /// The port.
        port: u16,
        /// Whether the host has a path.
        path: bool,
    },
    /// A login or password that HTTP Basic cannot carry.
    NotBasic {
        /// The field.
        field: Field,
    },
    /// An extra that is not the name of a header.
    BadHeaderName {
        /// The extra.
        key: String,
    },
    /// A header whose value cannot be sent.
    BadHeader {
        /// The extra.
        key: String,
        /// Whether the value is text.
        text: bool,
    },
    /// A header that would change the meaning of the request.
    Framing {
        /// The extra.
        key: String,
    },
    /// A header that names another host than the one that is connected to.
    OtherHost {
        /// The extra.
        key: String,
    },
    /// A text that is longer than the headers that servers accept.
    TooLong {
        /// The field.
        field: Field,
    },
    /// A `timeout` that is not a number of seconds.
    BadTimeout,
    /// A `verify` that is neither a flag nor a file.
    BadVerify {
        /// The extra.
        key: &'static str,
    },
    /// A `cert` that is neither a file nor two files.
    BadCert,
}

impl Flaw for HttpFlaw {
    fn words(&self) -> Words {
        match self {
            Self::BadScheme { field, scheme } => bad(
                field.clone(),
                format!("{} names the scheme `{}`, which is not HTTP's", named(field), scheme.escape_default()),
            )
            .hint("`schema` is `http` or `https`; a path belongs into `host`, behind the name: `api.example/v1`"),
            Self::BadUrl => Words::new(Code::BadField, "`host`, `schema` and `port` together are no URL")
                .fields([Field::HOST, Field::SCHEMA, Field::PORT])
                .hint("write `host` as a name or an address, or as a whole URL (`https://api.example/v1`), in ASCII letters"),
            Self::PortBehind { port, path } => Words::new(
                Code::ContradictingFields,
                format!(
                    "`port` ({port}) stands beside a `host` that has a {} already: Airflow's hook puts it behind that",
                    if *path { "path" } else { "port" }
                ),
            )
            .fields([Field::HOST, Field::PORT])
            .hint("write the port into `host`, before the path, and clear `port`"),
            Self::NotBasic { field } => bad(
                field.clone(),
                format!("{} has a control character, a letter beyond Latin-1 or, before the password, a colon in it, which HTTP Basic has no room for", named(field)),
            )
            .hint("check it for what was pasted along; if the server takes it so, store the whole header in `extra`, as `Authorization`"),
            Self::BadHeaderName { key } => bad(
                Field::extra(key),
                format!("extra `{}` is no option, and cannot be the name of a header", key.escape_default()),
            )
            .hint("names of headers have letters, digits and `-`, and no blank or colon"),
            Self::BadHeader { key, text: false } => extra(key, "must be a text: it is sent as a header")
                .hint("write it in quotes: requests, which Airflow uses, sends nothing else"),
            Self::BadHeader { key, text: true } => {
                extra(key, "has a line end, another control character, a letter beyond Latin-1 or a blank before it, which a header has no room for")
                    .hint("check it for what was pasted along, as a line end behind a token")
            }
            Self::Framing { key } => extra(key, "is a header that says how a request is sent, and would make it another one")
                .hint("remove it: who sends a request says that, and connprobe sends GET requests only"),
            Self::OtherHost { key } => Words::new(
                Code::FeatureUnsupported,
                format!("extra `{key}` names another host than the one that is connected to"),
            )
            .fields([Field::extra(key)])
            .hint("write that name into `host`, and let this machine find it at the address that is meant"),
            Self::TooLong { field } => bad(
                field.clone(),
                format!("{} makes the request's header longer than 64 KiB, which servers do not take", named(field)),
            )
            .hint("check it for what was pasted along: a token or key has some hundred letters"),
            Self::BadTimeout => extra("timeout", "must be a number of seconds, more than 0: requests, which Airflow uses, takes no other"),
            Self::BadVerify { key } => extra(key, "must be true, false, or a file of certificates to trust"),
            Self::BadCert => extra("cert", "must be the file of a certificate with its key, or a list of the two files"),
        }
    }
}
