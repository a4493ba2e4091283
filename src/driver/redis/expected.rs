//! Looks for the keys that a wait expects, in the database of the session. Must not read a value.

use super::auth::{Stage, refusal};
use super::probe::Session;
use super::wire::Reply;
use crate::model::expected::ExpectedKind;
use crate::model::failure::Failure;
use crate::model::reason::Expectation;

/// Looks for everything that the attempt of `session` expects.
pub(super) async fn look_for(session: &mut Session<'_>) -> Result<(), Failure> {
    let expected = session.attempt.expected.clone();
    for key in expected.iter().filter(|expected| expected.kind == ExpectedKind::Key) {
        let reply = session.ask(&["EXISTS", &key.name]).await?;
        match reply {
            Reply::Text(count) if count == "1" => {}
            Reply::Text(count) if count == "0" => {
                let (kind, name, db) = (key.kind, key.name.clone(), session.options.db);
                let place = (db != 0).then(|| db.to_string());
                return Err(Failure::of(Expectation::Missing { kind, name, place }));
            }
            Reply::Refused(text) if text.starts_with("MOVED ") || text.starts_with("ASK ") => {
                return Err(Failure::of(Expectation::OnOtherNode { name: key.name.clone() }).detail(text));
            }
            Reply::Refused(text) => return Err(refusal(&text, Stage::Ping, session.options, &session.node)),
            Reply::Text(_) | Reply::Values(_) => return Err(session.nonsense()),
        }
    }
    Ok(())
}
