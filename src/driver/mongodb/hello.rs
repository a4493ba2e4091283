//! The server's answer to our greeting: whether it is the server that the definition means.

use super::reply::Reply;
use crate::model::class::{Class, Status};
use crate::model::facts::Facts;
use crate::model::failure::Failure;

/// A year: beyond it the crate's arithmetic could overflow, and no server says so.
const LONGEST_SESSION_MINUTES: i64 = 366 * 24 * 60;

/// Whether the server at `host` may be logged in to, as a member of `replica_set` where one is named.
///
/// # Errors
///
/// `definition` (with status `failed`) for a server that is not the one meant, `busy` for one that
/// is not set up yet, `protocol` for an answer that no MongoDB gives.
pub(super) fn check(reply: Reply<'_>, host: &str, replica_set: Option<&str>) -> Result<(), Failure> {
    let is_hello = reply.has("maxWireVersion") && (reply.has("isWritablePrimary") || reply.has("ismaster"));
    let session = reply.number("logicalSessionTimeoutMinutes");
    if !is_hello || session.is_some_and(|minutes| !(0..=LONGEST_SESSION_MINUTES).contains(&minutes)) {
        return Err(Failure::new(Class::Protocol, format!("`{host}` does not answer the greeting as MongoDB does"))
            .hint("check host and port"));
    }
    // The crate would pass over the login and call that a success.
    if reply.flag("arbiterOnly") {
        return Err(not_meant(format!("`{host}` is an arbiter, which holds no data and takes no logins"))
            .hint("name the members of the replica set that hold data in `host`"));
    }
    let Some(wanted) = replica_set else { return Ok(()) };
    match reply.text("setName") {
        Some(name) if name == wanted => Ok(()),
        Some(name) => Err(not_meant(format!("`{host}` is not a member of the replica set `{wanted}`"))
            .detail(format!("its replica set is named {name}"))
            .hint("correct extra `replicaSet` or `host`")),
        None if reply.flag("isreplicaset") => {
            Err(Failure::new(Class::Busy, format!("`{host}` waits to become a member of a replica set"))
                .hint("initiate the replica set (`rs.initiate()`), or wait until it is"))
        }
        None if is_mongos(reply) => Err(not_meant(format!("`{host}` is a router of a sharded cluster, not a member of the replica set `{wanted}`"))
            .hint("remove extra `replicaSet`: clients of a sharded cluster name its routers only")),
        None => Err(not_meant(format!("`{host}` is not a member of any replica set, and `{wanted}` is asked for"))
            .hint("remove extra `replicaSet`, or correct `host`")),
    }
}

/// What the greeting tells. The version proper is only known after the login.
pub(super) fn learn(reply: Reply<'_>, facts: &mut Facts) {
    let writable = reply.flag("isWritablePrimary") || reply.flag("ismaster");
    facts.read_only = Some(!writable || reply.flag("readOnly"));
    if is_mongos(reply) {
        facts.server = Some("MongoDB (mongos)".to_owned());
    }
    if let Some(version) = reply.number("maxWireVersion") {
        facts.version = Some(format!("wire version {version}"));
    }
}

/// What `buildInfo` tells; nothing, for the answer to another command.
pub(super) fn learn_build(reply: Reply<'_>, facts: &mut Facts) {
    let Some(version) = reply.text("version") else { return };
    facts.version = Some(version.to_owned());
    let ferretdb = reply.text("ferretdbVersion").or_else(|| reply.document("ferretdb")?.text("version"));
    match ferretdb {
        Some(version) => facts.server = Some(format!("FerretDB {version}")),
        None => _ = facts.server.get_or_insert_with(|| "MongoDB".to_owned()),
    }
}

fn is_mongos(reply: Reply<'_>) -> bool {
    reply.text("msg") == Some("isdbgrid")
}

/// Only the server could tell, so the target's definition is wrong on its word.
fn not_meant(message: String) -> Failure {
    Failure::new(Class::Definition, message).status(Status::Failed)
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Document, doc};

    use super::*;

    fn judged(more: Document, replica_set: Option<&str>) -> Result<(), Class> {
        let mut hello = doc! { "ismaster": true, "maxWireVersion": 21, "logicalSessionTimeoutMinutes": 30, "ok": 1 };
        hello.extend(more);
        let bytes = hello.to_vec().unwrap();
        check(Reply::read(&bytes).unwrap(), "h:1", replica_set).map_err(|failure| failure.class)
    }

    #[test]
    fn the_server_must_be_the_one_that_is_meant() {
        for (more, replica_set, expected) in [
            (doc! {}, None, Ok(())),
            (doc! { "setName": "rs0" }, None, Ok(())),
            (doc! { "setName": "rs0" }, Some("rs0"), Ok(())),
            (doc! { "setName": "rs1" }, Some("rs0"), Err(Class::Definition)),
            (doc! {}, Some("rs0"), Err(Class::Definition)),
            (doc! { "msg": "isdbgrid" }, Some("rs0"), Err(Class::Definition)),
            (doc! { "isreplicaset": true }, Some("rs0"), Err(Class::Busy)),
            (doc! { "setName": "rs0", "arbiterOnly": true }, Some("rs0"), Err(Class::Definition)),
            (doc! { "logicalSessionTimeoutMinutes": i64::MAX }, None, Err(Class::Protocol)),
            (doc! { "logicalSessionTimeoutMinutes": -1 }, None, Err(Class::Protocol)),
        ] {
            assert_eq!(judged(more.clone(), replica_set), expected, "{more} {replica_set:?}");
        }
    }

    #[test]
    fn something_else_that_answers_is_told() {
        let bytes = doc! { "ok": 1 }.to_vec().unwrap();
        assert_eq!(check(Reply::read(&bytes).unwrap(), "h:1", None).unwrap_err().class, Class::Protocol);
    }

    #[test]
    fn facts_name_the_product_and_its_role() {
        let learnt = |hello: Document, build: Document| {
            let mut facts = Facts::default();
            learn(Reply::read(&hello.to_vec().unwrap()).unwrap(), &mut facts);
            learn_build(Reply::read(&build.to_vec().unwrap()).unwrap(), &mut facts);
            (facts.server.unwrap_or_default(), facts.version.unwrap_or_default(), facts.read_only)
        };
        for (hello, build, server, version, read_only) in [
            (doc! { "ismaster": true, "maxWireVersion": 21 }, doc! { "version": "7.0.1" }, "MongoDB", "7.0.1", false),
            (doc! { "isWritablePrimary": false, "maxWireVersion": 21 }, doc! {}, "", "wire version 21", true),
            (doc! { "ismaster": true, "msg": "isdbgrid" }, doc! { "version": "6.0.5" }, "MongoDB (mongos)", "6.0.5", false),
            (doc! { "ismaster": true }, doc! { "version": "7.0.42", "ferretdbVersion": "v1.24.2" }, "FerretDB v1.24.2", "7.0.42", false),
            (doc! { "ismaster": true }, doc! { "version": "7.0.77", "ferretdb": { "version": "v2.7.0" } }, "FerretDB v2.7.0", "7.0.77", false),
        ] {
            assert_eq!(learnt(hello, build), (server.to_owned(), version.to_owned(), Some(read_only)));
        }
    }
}
