//! Scripted products and clouds with MongoDB's protocol: each text is from a public report, a manual or a client's
//! source.

use mongodb::bson::{Document, doc};
use serde_json::json;

use super::plan;
use super::scripted::{SERVER_FIRST, ask, first_answer, greeting, hello, message};
use crate::driver::extras::meant;
use crate::driver::mongodb::SPEC;

/// When a server refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// In place of a challenge.
    AtOnce,
    /// In place of its proof, after the credential was sent.
    AfterProof,
}
use When::{AfterProof, AtOnce};

/// A server that answers with `refusal`.
fn refusing(when: When, refusal: Document) -> impl Fn(&Document) -> Option<Vec<u8>> + Clone + Send + Sync + 'static {
    move |command| {
        let answer = match command.keys().next()?.as_str() {
            "isMaster" | "hello" if when == AtOnce => hello(),
            "isMaster" | "hello" => greeting(command, doc! {}, SERVER_FIRST),
            "saslStart" if when == AfterProof => first_answer(command, SERVER_FIRST),
            _ => refusal.clone(),
        };
        Some(message(&answer))
    }
}

/// A source, when the server refuses, its answer, and the expected class and reason.
type Case = (&'static str, When, Document, &'static str, &'static str);

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_the_meaning_of_its_text() {
    let not_authenticated = "Not Authenticated.  ConnectionId 1ce66e58-114b-48b0-a71b-5460301cac05";
    let cases: [Case; 9] = [
        (
            "Cosmos DB (RU), https://github.com/MicrosoftDocs/azure-docs/issues/23201",
            AtOnce,
            doc! { "_t": "OKMongoResponse", "ok": 0, "code": 13, "errmsg": "Not Authenticated", "$err": "Not Authenticated" },
            "auth",
            "login_refused",
        ),
        (
            "Cosmos DB (RU), https://github.com/microsoft/vscode-cosmosdb/issues/1170",
            AfterProof,
            doc! { "_t": "OKMongoResponse", "ok": 0, "code": 13, "errmsg": not_authenticated, "$err": not_authenticated },
            "auth",
            "login_refused",
        ),
        (
            "Cosmos DB (vCore), https://github.com/eclipse-basyx/basyx-java-server-sdk/issues/558",
            AfterProof,
            doc! { "ok": 0.0, "errmsg": "Invalid key", "code": 18, "codeName": "AuthenticationFailed" },
            "auth",
            "login_refused",
        ),
        (
            "FerretDB 2, https://github.com/moghtech/komodo/issues/625",
            AtOnce,
            doc! { "ok": 0, "code": 18, "codeName": "AuthenticationFailed",
            "errmsg": "Unsupported authentication mechanism \"SCRAM-SHA-1\".\nSee https://docs.ferretdb.io/security/authentication/ for more details." },
            "unsupported",
            "method_unsupported",
        ),
        (
            "FerretDB 1, https://github.com/FerretDB/FerretDB/pull/4186",
            AfterProof,
            doc! { "ok": 0, "code": 18, "codeName": "AuthenticationFailed", "errmsg": "Authentication failed." },
            "auth",
            "login_refused",
        ),
        (
            "MongoDB, https://github.com/pryv/open-pryv.io/issues/23",
            AtOnce,
            doc! { "ok": 0, "code": 334, "codeName": "MechanismUnavailable",
            "errmsg": "Received authentication for mechanism SCRAM-SHA-1 which is not enabled" },
            "unsupported",
            "method_unsupported",
        ),
        (
            "mongos, https://github.com/canonical/mongodb-operator/issues/411",
            AtOnce,
            doc! { "ok": 0, "code": 133, "codeName": "FailedToSatisfyReadPreference",
            "errmsg": "Could not find host matching read preference { mode: \"primary\" } for set cfg" },
            "busy",
            "backend_down",
        ),
        (
            "Atlas, https://github.com/microsoft/vscode-cosmosdb/issues/1003",
            AfterProof,
            doc! { "ok": 0, "code": 8000, "codeName": "AtlasError", "errmsg": "bad auth Authentication failed." },
            "auth",
            "login_refused",
        ),
        (
            "servers before 3.6, which have `$err` for `errmsg` (pymongo/message.py, `_OpReply.raw_response`)",
            AtOnce,
            doc! { "ok": 0, "code": 13435, "$err": "not master and slaveOk=false" },
            "busy",
            "failing_over",
        ),
    ];
    for (source, when, refusal, class, reason) in cases {
        let text = refusal.get_str("errmsg").or_else(|_| refusal.get_str("$err")).unwrap().to_owned();
        let definition = json!({"login": "etl", "password": "hunter22", "extra": {"authMechanism": "SCRAM-SHA-1"}});
        let verdict = ask(definition, refusing(when, refusal)).await;
        let failure = verdict.outcome.unwrap_err();
        let found = (failure.class.as_str(), failure.reason.as_str());
        assert_eq!(found, (class, reason), "{source}: {failure:?}");
        assert!(failure.detail.is_some_and(|detail| detail.contains(&text)), "{source}: its words are lost");
        assert!(!verdict.trace.credential_accepted, "{source}");
        assert_eq!(verdict.trace.credential_sent, when == AfterProof, "{source}");
    }
}

#[test]
fn what_other_clients_call_an_option_is_known() {
    for (written, known) in [
        // https://www.mongodb.com/docs/manual/reference/program/mongo, until MongoDB 4.2.
        ("sslPEMKeyFile", "tlsCertificateKeyFile"),
        ("sslAllowInvalidCertificates", "tlsAllowInvalidCertificates"),
        ("sslPEMKeyPassword", "tlsCertificateKeyFilePassword"),
        // https://mongoosejs.com/docs/connections.html#options
        ("pass", "password"),
        ("user", "username"),
        // https://docs.spring.io/spring-boot/appendix/application-properties:
        // `spring.data.mongodb.authentication-database`
        ("authenticationDatabase", "authSource"),
    ] {
        assert_eq!(meant(&SPEC, written), Some(known), "{written}");
        let warnings = plan(&json!({"extra": {written: "x"}})).map(|plan| plan.warnings).unwrap_or_default();
        assert!(warnings.iter().all(|warning| warning.code.as_str() == "unknown_extra"), "{written}: {warnings:?}");
    }
}
