//! Files of other programs that people take for files of connections: each is recognised by what its
//! own format demands, and named in one sentence instead of being read as bad connections.

mod document;
mod text;

pub(super) use self::document::recognise as document;
pub(super) use self::text::recognise as text;

/// A file that is none of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Foreign {
    /// What it is, with its article.
    pub(super) what: &'static str,
    /// One sentence on how to get at connections.
    pub(super) hint: &'static str,
}

/// For whatever sets variables of the environment.
const VARIABLES: &str =
    "if it sets `AIRFLOW_CONN_…`, write those as `NAME=VALUE` lines into a file whose name ends in .env";
/// For whatever describes logins in words of its own.
const REWRITE: &str =
    "write each login as a connection: `{\"NAME\": {\"conn_type\": …, \"host\": …, \"login\": …, \"password\": …}}`";
/// For what cannot be read before it is decrypted.
const DECRYPT: &str = "decrypt it, and give the text as standard input: `… | connprobe check json:-`, or `yaml:-`";
