//! The server's answer to the greeting: whether it is the server that the definition means, the facts in it, and the
//! answer that the crate gets instead.

use mongodb::bson::{Document, doc};

use super::reply::Reply;
use crate::model::facts::Facts;
use crate::model::failure::Failure;
use crate::model::reason::{Deployment, Dialogue};

/// The deployment that the server must belong to.
#[derive(Clone, Debug, Default)]
pub(super) struct Meant {
    /// A member of this replica set.
    pub(super) replica_set: Option<String>,
    /// Whether it is behind a load balancer.
    pub(super) load_balanced: bool,
}

/// Checks whether the server at `host` is the one that the definition means, and may be logged in to.
///
/// # Errors
///
/// `definition` (with status `failed`) for another server, `busy` for one that is not set up yet, `protocol` for an
/// answer that no MongoDB server gives.
pub(super) fn check(reply: Reply<'_>, host: &str, meant: &Meant) -> Result<(), Failure> {
    if !reply.has("maxWireVersion") || !(reply.has("isWritablePrimary") || reply.has("ismaster")) {
        return Err(Failure::of(Dialogue::NotUnderstood { product: "MongoDB" }));
    }
    if reply.flag("arbiterOnly") {
        return Err(Failure::of(Deployment::Arbiter { host: host.to_owned() }));
    }
    if meant.load_balanced && reply.object_id("serviceId").is_none() {
        return Err(Failure::of(Deployment::NotBalanced { host: host.to_owned() }));
    }
    match &meant.replica_set {
        Some(wanted) => check_member(reply, host, wanted),
        None => Ok(()),
    }
}

fn check_member(reply: Reply<'_>, host: &str, wanted: &str) -> Result<(), Failure> {
    let (host, wanted) = (host.to_owned(), wanted.to_owned());
    Err(match reply.text("setName") {
        Some(name) if name == wanted => return Ok(()),
        Some(name) => {
            Failure::of(Deployment::OtherReplicaSet { host, wanted }).detail(format!("its replica set is named {name}"))
        }
        None if reply.flag("isreplicaset") => Failure::of(Deployment::NotYetMember { host }),
        None if is_mongos(reply) => Failure::of(Deployment::Router { host, wanted }),
        None => Failure::of(Deployment::NoReplicaSet { host, wanted }),
    })
}

/// A healthy server without properties that matter to a login: the answer to the crate's monitor for every server, and
/// the base of the answer to the crate's login.
///
/// It has no logical sessions: otherwise the crate would open one for a single command, which the server keeps for half
/// an hour and persists.
pub(super) fn for_crate() -> Document {
    doc! {
        "helloOk": true, "ismaster": true, "minWireVersion": 0, "maxWireVersion": 25,
        "maxBsonObjectSize": 1 << 20, "maxMessageSizeBytes": 1 << 20, "maxWriteBatchSize": 1, "ok": 1,
    }
}

/// Records the facts in the greeting. The exact version is only known after the login.
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

/// Records the facts in the answer to `buildInfo`; none for the answer to another command.
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

#[cfg(test)]
mod tests {
    use mongodb::bson::oid::ObjectId;

    use super::*;
    use crate::model::class::Class;

    fn judged(more: Document, replica_set: Option<&str>) -> Result<(), Class> {
        let mut hello = doc! { "ismaster": true, "maxWireVersion": 21, "ok": 1 };
        hello.extend(more);
        let bytes = hello.to_vec().unwrap();
        let meant = Meant { replica_set: replica_set.map(str::to_owned), load_balanced: false };
        check(Reply::read(&bytes).unwrap(), "h:1", &meant).map_err(|failure| failure.class)
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
        ] {
            assert_eq!(judged(more.clone(), replica_set), expected, "{more} {replica_set:?}");
        }
    }

    #[test]
    fn something_else_that_answers_is_told() {
        let bytes = doc! { "ok": 1 }.to_vec().unwrap();
        let judged = check(Reply::read(&bytes).unwrap(), "h:1", &Meant::default());
        assert_eq!(judged.unwrap_err().class, Class::Protocol);
    }

    #[test]
    fn a_load_balancer_is_there_or_not() {
        let meant = Meant { replica_set: None, load_balanced: true };
        for (service, expected) in [(doc! {}, Err(Class::Definition)), (doc! { "serviceId": ObjectId::new() }, Ok(()))]
        {
            let mut hello = doc! { "ismaster": true, "maxWireVersion": 21 };
            hello.extend(service);
            let judged = check(Reply::read(&hello.to_vec().unwrap()).unwrap(), "h:1", &meant);
            assert_eq!(judged.map_err(|failure| failure.class), expected);
        }
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
            (
                doc! { "ismaster": true, "msg": "isdbgrid" },
                doc! { "version": "6.0.5" },
                "MongoDB (mongos)",
                "6.0.5",
                false,
            ),
            (
                doc! { "ismaster": true },
                doc! { "version": "7.0.42", "ferretdbVersion": "v1.24.2" },
                "FerretDB v1.24.2",
                "7.0.42",
                false,
            ),
            (
                doc! { "ismaster": true },
                doc! { "version": "7.0.77", "ferretdb": { "version": "v2.7.0" } },
                "FerretDB v2.7.0",
                "7.0.77",
                false,
            ),
        ] {
            assert_eq!(learnt(hello, build), (server.to_owned(), version.to_owned(), Some(read_only)));
        }
    }
}
