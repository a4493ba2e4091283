//! Recognises files of other programs that users mistake for files of connections, by what their formats require. Such
//! a file is reported in one sentence instead of being read as bad connections.

mod document;
mod text;

pub(super) use self::document::recognise as document;
pub(super) use self::text::recognise as text;

/// A file of another program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Foreign {
    /// The name of the format, with its article.
    pub(super) what: &'static str,
    /// One sentence on how to obtain the connections.
    pub(super) hint: &'static str,
}

/// The hint for formats that set environment variables.
const VARIABLES: &str =
    "if it sets `AIRFLOW_CONN_…`, write those as `NAME=VALUE` lines into a file whose name ends in .env";
/// The hint for formats that describe logins in their own terms.
const REWRITE: &str =
    "write each login as a connection: `{\"NAME\": {\"conn_type\": …, \"host\": …, \"login\": …, \"password\": …}}`";
/// The hint for files that have to be decrypted first.
const DECRYPT: &str = "decrypt it, and give the text as standard input: `… | connprobe check json:-`, or `yaml:-`";
