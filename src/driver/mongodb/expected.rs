//! The collections that a wait expects: the command that looks for them, and its answer. Must not read a document.

use mongodb::bson::{Document, doc};

use super::reply::Reply;
use crate::model::expected::{Expected, ExpectedKind};
use crate::model::failure::Failure;
use crate::model::reason::Expectation;

/// The command's name. Source: <https://www.mongodb.com/docs/manual/reference/command/listCollections/>.
pub(super) const COMMAND: &str = "listCollections";

/// A collection to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Collection {
    pub(super) database: String,
    name: String,
}

impl Collection {
    /// The collections among `expected`, in `database` unless they name another.
    pub(super) fn all(expected: &[Expected], database: Option<&str>) -> Result<Vec<Self>, Failure> {
        let collections = expected.iter().filter(|expected| expected.kind == ExpectedKind::Collection);
        collections
            .map(|expected| {
                let (own, name) = expected.split('/');
                let Some(database) = own.or(database) else {
                    return Err(Failure::of(Expectation::PlaceMissing { kind: expected.kind }));
                };
                Ok(Self { database: database.to_owned(), name: name.to_owned() })
            })
            .collect()
    }

    /// The command that lists it alone. A login needs no right to other collections, and any member may answer.
    pub(super) fn command(&self) -> Document {
        let anywhere = doc! { "mode": "primaryPreferred" };
        doc! {
            COMMAND: 1, "filter": { "name": &self.name }, "nameOnly": true, "authorizedCollections": true,
            "$readPreference": anywhere,
        }
    }

    /// The collection that `command` looks for.
    pub(super) fn of_command(command: Reply<'_>) -> Option<Self> {
        let name = command.document("filter")?.text("name")?;
        Some(Self { database: command.text("$db")?.to_owned(), name: name.to_owned() })
    }

    /// Whether `reply` lists it.
    pub(super) fn check(self, reply: Reply<'_>) -> Result<(), Failure> {
        let listed = reply.document("cursor").map(|cursor| cursor.documents("firstBatch")).unwrap_or_default();
        if listed.iter().any(|found| found.text("name") == Some(&self.name)) {
            return Ok(());
        }
        let Self { database, name } = self;
        Err(Failure::of(Expectation::Missing { kind: ExpectedKind::Collection, name, place: Some(database) }))
    }
}
