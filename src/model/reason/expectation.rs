//! What a wait expects of a server and did not find, and the messages and hints.

use super::{Field, ReasonCode as Code, Words};
use crate::model::expected::ExpectedKind;

/// Why an expectation is not met, although the login was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expectation {
    /// It does not exist.
    Missing {
        /// What it is; never a query.
        kind: ExpectedKind,
        /// Its name.
        name: String,
        /// Where it was looked for: a database, a schema, a bucket; `None` if the definition's own place has no name.
        place: Option<String>,
    },
    /// The query has no row.
    NoRow,
    /// The query names something that does not exist.
    NotYet,
    /// The server does not run the query: it is wrong, or writes.
    QueryRefused,
    /// Neither the definition nor the option names the database or bucket.
    PlaceMissing {
        /// What was to be looked for.
        kind: ExpectedKind,
    },
    /// Another server of the cluster has the key.
    OnOtherNode {
        /// The name of the key.
        name: String,
    },
}

/// The reason why something that a script makes is usually missing.
const NOT_MADE: &str = "the script or migration that makes it has not run, or made it elsewhere";

impl Expectation {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::Missing { kind, name, place } => {
                let place = place.as_ref().map(|place| format!(" in `{place}`")).unwrap_or_default();
                let hint = match kind {
                    ExpectedKind::Object | ExpectedKind::Key => {
                        format!("{NOT_MADE}; names are compared letter by letter")
                    }
                    _ => format!(
                        "{NOT_MADE}; names are compared as the server stores them (PostgreSQL stores unquoted names in lower case), and only those that the login may see are found"
                    ),
                };
                Words::new(Code::ExpectedMissing, format!("the {kind} `{name}` does not exist{place}")).hint(hint)
            }
            Self::NoRow => Words::new(Code::ExpectedMissing, "the query of `--expect-query` returns no row").hint(
                "the script or migration that inserts it has not run; a query that returns one row is enough, whatever is in it",
            ),
            Self::NotYet => {
                Words::new(Code::ExpectedMissing, "the query of `--expect-query` names something that does not exist")
                    .hint(NOT_MADE)
            }
            Self::QueryRefused => {
                Words::new(Code::ExpectationUnusable, "the server does not run the query of `--expect-query`").hint(
                    "give one statement that only reads, such as `select 1 from migrations where version = 42`: it is run in a read-only transaction",
                )
            }
            Self::PlaceMissing { kind: ExpectedKind::Object } => {
                Words::new(Code::ExpectationUnusable, "the definition names no bucket to look for the object in")
                    .fields([Field::SCHEMA])
                    .hint("write it as `s3://BUCKET/KEY`, or name the bucket in `schema`")
            }
            Self::PlaceMissing { kind } => {
                Words::new(Code::ExpectationUnusable, format!("the definition names no database to look for the {kind} in"))
                    .fields([Field::SCHEMA])
                    .hint("write it as `DATABASE/NAME`, or name the database in `schema`")
            }
            Self::OnOtherNode { name } => Words::new(
                Code::ExpectationUnusable,
                format!("another server of the cluster has the key `{name}`"),
            )
            .hint("the server's own words name it: point the definition there"),
        }
    }
}
