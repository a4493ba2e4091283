//! The plans and problems of definitions.

use std::time::Duration;

use serde_json::{Value, json};

use super::{connection, plan};
use crate::driver::mongodb::options::{self, Mechanism, Options, Seeds};
use crate::driver::mongodb::{SPEC, extras};
use crate::driver::{ExtraKind, Fields};
use crate::model::class::Class;
use crate::model::fingerprint::Fingerprint;
use crate::model::notice::ExtraNotice;
use crate::model::reason::ReasonCode;
use crate::model::warning::WarningCode;
use crate::net::tls::Verification;

fn read(fields: &Value) -> Options {
    let connection = connection(fields);
    let mut reader = Fields::new(&SPEC, &connection);
    let options = options::read(&mut reader);
    reader.finish().unwrap_or_else(|refusal| panic!("{fields}: {refusal:?}"));
    options.unwrap()
}

#[test]
fn the_authentication_database_is_the_first_that_is_known() {
    for (schema, extra, record, database) in [
        (None, json!({}), None, "admin"),
        (Some("sales"), json!({}), None, "sales"),
        (Some("sales"), json!({}), Some("users"), "users"),
        (Some("sales"), json!({"authSource": "own"}), Some("users"), "own"),
        (Some("sales"), json!({"AUTHSOURCE": "own"}), None, "own"),
        (Some("sales"), json!({"authMechanism": "PLAIN"}), None, "$external"),
        (Some("sales"), json!({"authMechanism": "PLAIN", "authSource": "ldap"}), None, "ldap"),
    ] {
        let options = read(&json!({"login": "u", "password": "p", "schema": schema, "extra": extra}));
        assert_eq!(options.login.unwrap().source.database(record), database, "{schema:?} {extra} {record:?}");
    }
    let x509 = json!({"authMechanism": "MONGODB-X509", "tlsCertificateKeyFile": "me.pem"});
    assert_eq!(read(&json!({"schema": "sales", "extra": x509})).login.unwrap().source.database(None), "$external");
}

#[test]
fn a_login_is_whole_or_absent() {
    for (login, password, extra, wrong) in [
        (Some("u"), Some("p"), json!({}), None),
        (None, None, json!({}), None),
        (Some("u"), None, json!({}), Some(Class::Definition)),
        (Some("u"), Some(""), json!({}), Some(Class::Definition)),
        (None, Some("p"), json!({}), Some(Class::Definition)),
        (None, None, json!({"authMechanism": "SCRAM-SHA-256"}), Some(Class::Definition)),
        (None, None, json!({"authMechanism": "PLAIN"}), Some(Class::Definition)),
        (None, None, json!({"username": "u", "password": "p"}), None),
        (None, None, json!({"authMechanism": "MONGODB-X509"}), Some(Class::Definition)),
        (Some("CN=u"), None, json!({"authMechanism": "MONGODB-X509", "tlsCertificateKeyFile": "me.pem"}), None),
        (Some("a,b"), Some("p"), json!({}), Some(Class::Unsupported)),
        (Some("a,b"), Some("p"), json!({"authMechanism": "PLAIN"}), None),
        (Some("u"), Some("p"), json!({"authMechanism": "GSSAPI"}), Some(Class::Unsupported)),
        (None, None, json!({"authMechanism": "MONGODB-AWS"}), Some(Class::Unsupported)),
        (None, None, json!({"authMechanism": "MONGODB-OIDC"}), Some(Class::Unsupported)),
        (Some("u"), Some("p"), json!({"authMechanism": "MAGIC"}), Some(Class::Definition)),
    ] {
        let planned = plan(&json!({"login": login, "password": password, "extra": extra}));
        assert_eq!(planned.err().map(|refusal| refusal.class), wrong, "{login:?} {password:?} {extra}");
    }
}

#[test]
fn a_login_says_how_it_is_proved() {
    for (extra, mechanism) in [
        (json!({}), Mechanism::Negotiated),
        (json!({"authMechanism": "DEFAULT"}), Mechanism::Negotiated),
        (json!({"authmechanism": "SCRAM-SHA-1"}), Mechanism::ScramSha1),
        (json!({"authMechanism": "SCRAM-SHA-256"}), Mechanism::ScramSha256),
        (json!({"authMechanism": "PLAIN"}), Mechanism::Plain),
    ] {
        let options = read(&json!({"login": "u", "password": "p", "extra": extra}));
        assert_eq!(options.login.unwrap().mechanism, mechanism, "{extra}");
    }
}

#[test]
fn tls_is_on_where_anything_asks_for_it() {
    use Verification::{Chain, Full};
    for (kind, extra, expected) in [
        ("mongo", json!({}), None),
        ("mongo", json!({"tls": true}), Some(Full)),
        ("mongo", json!({"ssl": "true"}), Some(Full)),
        ("mongo", json!({"ssl": "false"}), None),
        ("mongo", json!({"allow_insecure": "true"}), None),
        ("mongo", json!({"tls": true, "allow_insecure": "true"}), Some(Verification::None)),
        ("mongo", json!({"tls": true, "allow_insecure": "false"}), Some(Full)),
        ("mongo", json!({"tls": true, "tlsInsecure": true}), Some(Verification::None)),
        ("mongo", json!({"tls": true, "tlsAllowInvalidCertificates": true}), Some(Verification::None)),
        ("mongo", json!({"tls": true, "tlsAllowInvalidHostnames": "true"}), Some(Chain)),
        ("mongo", json!({"tlsCAFile": "ca.pem"}), Some(Full)),
        // pymongo: an option that is false asks for the check that it would relax.
        ("mongo", json!({"tlsInsecure": false}), Some(Full)),
        ("mongo", json!({"tlsInsecure": true}), None),
        ("mongo", json!({"tlsAllowInvalidCertificates": false}), Some(Full)),
        ("mongo", json!({"tlsAllowInvalidCertificates": "false"}), Some(Full)),
        ("mongo", json!({"tlsallowinvalidcertificates": false}), Some(Full)),
        ("mongo", json!({"tlsAllowInvalidCertificates": true}), None),
        ("mongo", json!({"tlsAllowInvalidHostnames": false}), Some(Full)),
        ("mongo", json!({"tlsAllowInvalidHostnames": true}), None),
        (
            "mongo",
            json!({"tlsAllowInvalidCertificates": true, "tlsAllowInvalidHostnames": false}),
            Some(Verification::None),
        ),
        ("mongo", json!({"tlsAllowInvalidCertificates": false, "tlsAllowInvalidHostnames": true}), Some(Chain)),
        ("mongo", json!({"tlsDisableOCSPEndpointCheck": false}), Some(Full)),
        ("mongo", json!({"tlsDisableOCSPEndpointCheck": true}), None),
        ("mongo", json!({"tlsCertificateKeyFile": "me.pem"}), Some(Full)),
        ("mongodb+srv", json!({}), Some(Full)),
        ("mongodb+srv", json!({"tls": false}), None),
        ("mongo", json!({"srv": true}), Some(Full)),
    ] {
        let options = read(&json!({"conn_type": kind, "host": "a.example.com", "extra": extra}));
        assert_eq!(options.tls.map(|tls| tls.verification), expected, "{kind} {extra}");
    }
}

#[test]
fn srv_is_asked_for_by_type_or_extra() {
    for (kind, extra, srv) in [
        ("mongo", json!({}), false),
        ("mongodb+srv", json!({}), true),
        ("mongodb", json!({"srv": true}), true),
        ("mongo", json!({"use_srv": "true"}), true),
    ] {
        let options = read(&json!({"conn_type": kind, "host": "a.example.com", "extra": extra}));
        assert_eq!(matches!(options.seeds, Seeds::Srv { .. }), srv, "{kind} {extra}");
    }
    let planned = plan(&json!({"host": "a.example.com", "extra": {"use_srv": true}})).unwrap();
    assert!(planned.warnings.iter().any(|warning| warning.code.as_str() == "extra_alias"));
    assert!(planned.endpoints.is_empty());
}

#[test]
fn every_problem_is_reported_at_once() {
    let refusal = plan(&json!({
        "host": "h1:x", "login": "u", "schema": "a/b",
        "extra": {"tls": true, "ssl": false, "timeoutMS": "soon", "replicaSet": "r", "loadBalanced": true},
    }))
    .unwrap_err();
    let said = refusal.into_failure().message;
    for part in ["`x`", "`password`", "`a/b`", "`ssl`", "`timeoutMS`", "`loadBalanced`"] {
        assert!(said.contains(part), "{part} is missing in: {said}");
    }
}

#[test]
fn what_cannot_be_is_told_before_anything_is_sent() {
    for (fields, class) in [
        (json!({"host": "mongodb://db1"}), Class::Definition),
        (json!({"host": ""}), Class::Definition),
        (json!({"conn_type": "mongodb+srv", "port": 27017}), Class::Definition),
        (json!({"conn_type": "mongodb+srv", "host": "127.0.0.1"}), Class::Definition),
        (json!({"conn_type": "mongodb+srv", "host": "a.example.com,b.example.com"}), Class::Definition),
        (json!({"extra": {"srv": true, "srvServiceName": "a.b"}}), Class::Definition),
        (json!({"extra": {"srv": true, "srvMaxHosts": "some"}}), Class::Definition),
        (json!({"extra": {"tls": false, "tlsCAFile": "ca.pem"}}), Class::Definition),
        (json!({"extra": {"tlsCertificateKeyFilePassword": "x"}}), Class::Unsupported),
        (json!({"extra": {"proxyHost": "p"}}), Class::Unsupported),
    ] {
        assert_eq!(plan(&fields).map(|_| ()).map_err(|refusal| refusal.class), Err(class), "{fields}");
    }
}

#[test]
fn a_plan_says_whom_it_asks_and_for_what() {
    let planned =
        plan(&json!({"host": "h1:27018,h2", "port": 27019, "login": "u", "password": "p", "schema": "sales"})).unwrap();
    assert_eq!(planned.target.to_string(), "h1:27018,h2:27019/sales");
    assert_eq!((planned.account.as_str(), planned.login.as_deref()), ("u@sales", Some("u")));
    assert_eq!(planned.endpoints.len(), 2);
    assert_eq!(planned.credential, Some(Fingerprint::of(&["p"])));
    assert_eq!(plan(&json!({"host": "h1:27018", "port": 1})).unwrap().target.to_string(), "h1:27018");
    assert_eq!(plan(&json!({})).unwrap().target.to_string(), "db1:27017");
    assert_eq!(plan(&json!({})).unwrap().credential, None);
}

#[test]
fn the_shortest_of_its_limits_counts() {
    let limit = |extra: Value| plan(&json!({ "extra": extra })).unwrap().timeout;
    assert_eq!(
        limit(json!({"connectTimeoutMS": 2000, "serverSelectionTimeoutMS": "500"})),
        Some(Duration::from_millis(500))
    );
    assert_eq!(limit(json!({"socketTimeoutMS": 0})), None);
}

#[test]
fn the_options_of_the_python_client_raise_no_question() {
    let known =
        json!({"readPreference": "secondary", "w": "majority", "APPNAME": "x", "retryWrites": true, "maxPoolSize": 5});
    assert_eq!(plan(&json!({ "extra": known })).unwrap().warnings, []);
    let unknown = plan(&json!({"extra": {"authsuorce": "admin"}})).unwrap().warnings;
    let notice = ExtraNotice::Unknown { key: "authsuorce".into(), product: SPEC.product, guess: Some("authSource") };
    assert_eq!(unknown, [notice.into()]);
}

#[test]
fn no_extra_stands_twice_however_it_is_written() {
    let mut names: Vec<String> = extras::EXTRAS.iter().map(|extra| extra.name.to_lowercase()).collect();
    names.sort();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
    let secret = |name: &str| SPEC.extra(name).unwrap().kind == ExtraKind::Secret;
    assert!(secret("password") && secret("tlscertificatekeyfile"));
}

/// Airflow's manual has `mongo://…/%3FauthSource%3Dadmin`, and its hook logs in with it.
#[test]
fn an_option_behind_the_schema_is_read_as_the_hook_does() {
    for (schema, database, source) in [
        ("?authSource=admin", None, "admin"),
        ("sales?authSource=users", Some("sales"), "users"),
        ("sales?authsource=%24external", Some("sales"), "$external"),
        ("sales?", Some("sales"), "sales"),
    ] {
        let fields = json!({"login": "u", "password": "p", "schema": schema, "extra": {}});
        let options = read(&fields);
        assert_eq!(options.database.as_deref(), database, "{schema}");
        assert_eq!(options.login.unwrap().source.database(None), source, "{schema}");
        let warned: Vec<_> = plan(&fields).unwrap().warnings.iter().map(|warning| warning.code).collect();
        let expected = if schema.ends_with('?') { vec![] } else { vec![WarningCode::OptionInSchema] };
        assert_eq!(warned, expected, "{schema}");
    }
    let more = json!({"login": "u", "password": "p", "schema": "sales?tls=true", "extra": {}});
    assert_eq!(plan(&more).unwrap_err().class, Class::Unsupported);
}

#[test]
fn a_password_that_scram_sha_256_cannot_carry_is_known_beforehand() {
    for (mechanism, refused) in [("SCRAM-SHA-256", true), ("DEFAULT", false), ("SCRAM-SHA-1", false), ("PLAIN", false)]
    {
        let fields = json!({"login": "u", "password": "p\u{7}", "extra": {"authMechanism": mechanism}});
        let reasons = plan(&fields).err().map(|refusal| refusal.problems.iter().map(|one| one.reason).collect());
        assert_eq!(reasons, refused.then(|| vec![ReasonCode::BadPassword]), "{mechanism}");
    }
}
