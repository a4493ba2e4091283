//! The meaning of definitions, as Airflow's hook and redis-py read them.

use serde_json::{Value, json};

use super::super::flaws::RedisFlaw;
use super::connection;
use crate::driver::redis::Redis;
use crate::driver::redis::options::Options;
use crate::driver::redis::spec::SPEC;
use crate::driver::{Driver, Fields, Plan};
use crate::model::class::Class;
use crate::model::problem::{BadHosts, OptionFlaw, Problem};
use crate::model::warning::WarningCode as Code;
use crate::net::dial::Endpoint;
use crate::net::tls::Verification;

fn plan(fields: &Value) -> Plan {
    Redis.plan(&connection(fields)).unwrap_or_else(|refusal| panic!("{fields}: {:?}", refusal.problems))
}

/// The parsed options, and the codes of the warnings.
fn read(fields: &Value) -> (Options, Vec<Code>) {
    let connection = connection(fields);
    let mut fields = Fields::new(&SPEC, &connection);
    let options = Options::read(&mut fields).unwrap();
    (options, fields.finish().unwrap().into_iter().map(|warning| warning.code).collect())
}

#[test]
fn the_target_is_host_port_and_database() {
    for (fields, target, warned) in [
        (json!({}), "db1.example:6379", vec![]),
        (json!({"port": 6380, "extra": {"db": 3}}), "db1.example:6380/3", vec![]),
        (json!({"conn_type": "valkey", "extra": {"db": "3"}}), "db1.example:6379/3", vec![]),
        (json!({"conn_type": "KeyDB", "extra": {"db": ""}}), "db1.example:6379", vec![]),
        (json!({"host": "::1", "extra": {"db": 0}}), "[::1]:6379", vec![]),
        // As in a URI: Celery and redis-py read it, Airflow's hook does not.
        (json!({"schema": "3"}), "db1.example:6379/3", vec![Code::ClientDiffers]),
        (json!({"schema": "0"}), "db1.example:6379", vec![]),
        (json!({"schema": "3", "extra": {"db": 3}}), "db1.example:6379/3", vec![]),
        (json!({"schema": "4", "extra": {"db": 3}}), "db1.example:6379/3", vec![Code::IgnoredField]),
        (json!({"schema": "cache"}), "db1.example:6379", vec![Code::IgnoredField]),
    ] {
        let (options, warnings) = read(&fields);
        assert_eq!((options.target().to_string().as_str(), warnings), (target, warned), "{fields}");
    }
}

#[test]
fn the_account_is_the_user_and_without_one_the_user_that_every_server_has() {
    let login = |login: &str| json!({"login": login, "password": "hunter2"});
    for (fields, account, auth) in [
        (json!({}), "default", None),
        (json!({"password": "hunter2"}), "default", Some(vec!["AUTH", "hunter2"])),
        // In this form a server without a password reports that it has none.
        (login("default"), "default", Some(vec!["AUTH", "hunter2"])),
        (login("etl"), "etl", Some(vec!["AUTH", "etl", "hunter2"])),
        (login("Etl"), "Etl", Some(vec!["AUTH", "Etl", "hunter2"])),
        (json!({"login": "etl"}), "etl", Some(vec!["AUTH", "etl", ""])),
        (json!({"login": "default"}), "default", None),
    ] {
        let plan = plan(&fields);
        assert_eq!(
            (plan.account.as_str(), plan.credential.is_some()),
            (account, fields["password"].is_string()),
            "{fields}"
        );
        assert_eq!(read(&fields).0.auth(), auth, "{fields}");
    }
}

#[test]
fn words_for_no_password_are_none() {
    for (password, is_none) in [
        ("None", true),
        ("none", true),
        ("FALSE", true),
        ("", true),
        ("nonesuch", false),
        ("null", false),
        ("0", false),
    ] {
        let (options, warnings) = read(&json!({"password": password}));
        assert_eq!(options.password.is_none(), is_none, "{password}");
        let warned = is_none && !password.is_empty();
        assert_eq!(warnings, if warned { vec![Code::IgnoredField] } else { vec![] }, "{password}");
    }
}

#[test]
fn tls_is_what_redis_py_makes_of_the_extras() {
    use Verification::{Chain, Full, None as Nothing};
    for (conn_type, extra, expected, warned) in [
        ("redis", json!({}), None, vec![]),
        ("redis", json!({"ssl": true}), Some(Full), vec![]),
        ("redis", json!({"ssl": "true"}), Some(Full), vec![]),
        ("redis", json!({"ssl": 1}), Some(Full), vec![]),
        ("redis", json!({"ssl": false}), None, vec![]),
        // Python takes a text for true.
        ("redis", json!({"ssl": "false"}), None, vec![Code::StringlyFlag]),
        ("redis", json!({"ssl": ""}), None, vec![]),
        ("rediss", json!({}), Some(Full), vec![]),
        ("rediss", json!({"ssl": true, "ssl_cert_reqs": "required"}), Some(Full), vec![]),
        ("rediss", json!({"ssl_cert_reqs": "optional"}), Some(Full), vec![]),
        ("rediss", json!({"ssl_cert_reqs": "none"}), Some(Nothing), vec![]),
        ("rediss", json!({"ssl_cert_reqs": 0}), Some(Nothing), vec![]),
        ("rediss", json!({"ssl_cert_reqs": null}), Some(Nothing), vec![]),
        ("rediss", json!({"ssl_cert_reqs": 2}), Some(Full), vec![]),
        ("rediss", json!({"ssl_cert_reqs": "none", "ssl_check_hostname": true}), Some(Nothing), vec![]),
        ("rediss", json!({"ssl_check_hostname": false}), Some(Chain), vec![]),
        ("rediss", json!({"ssl_check_hostname": "no"}), Some(Chain), vec![Code::StringlyFlag]),
        // Airflow's form always stores these.
        ("redis", json!({"ssl": false, "ssl_cert_reqs": "required", "ssl_check_hostname": false}), None, vec![]),
        ("redis", json!({"ssl_ca_certs": "ca.pem"}), None, vec![Code::IgnoredField]),
        ("redis", json!({"ssl_certfile": "c", "ssl_keyfile": "k"}), None, vec![Code::IgnoredField; 2]),
    ] {
        let (options, warnings) = read(&json!({"conn_type": conn_type, "extra": extra}));
        let verification = options.tls.as_ref().map(|tls| tls.verification);
        assert_eq!((verification, warnings), (expected, warned), "{conn_type} {extra}");
    }
}

#[test]
fn a_client_certificate_is_of_the_circumstances() {
    let of = |extra: Value| plan(&json!({"extra": extra})).circumstances;
    let pem = |name: &str| format!("-----BEGIN {name}-----");
    let encrypted = of(json!({"ssl": true}));
    assert_ne!(encrypted, of(json!({})));
    let with = of(json!({"ssl": true, "ssl_certfile": pem("A"), "ssl_keyfile": pem("B")}));
    assert_ne!(with, encrypted);
    assert_ne!(with, of(json!({"ssl": true, "ssl_certfile": pem("C"), "ssl_keyfile": pem("B")})));
}

#[test]
fn the_nodes_of_a_cluster_come_after_the_host() {
    let node = |host: &str, port| Endpoint::Tcp { host: host.to_owned(), port };
    let (options, warnings) =
        read(&json!({"extra": {"cluster": true, "db": 0, "startup_nodes": "h2:7000, h3,[::1]:1,db1.example:6379"}}));
    let expected = [node("db1.example", 6379), node("h2", 7000), node("h3", 6379), node("::1", 1)];
    assert_eq!((options.endpoints.as_slice(), warnings), (&expected[..], vec![]));
    assert_eq!(options.target().to_string(), "db1.example:6379,h2:7000,h3:6379,[::1]:1");
    for cluster in [json!(false), json!(null), json!("no")] {
        let (options, warnings) = read(&json!({"extra": {"cluster": cluster, "startup_nodes": "h2"}}));
        assert_eq!((options.endpoints.len(), warnings.contains(&Code::IgnoredField)), (1, true), "{cluster}");
    }
}

#[test]
fn what_cannot_be_is_a_problem_of_its_field() {
    let choice = || {
        let words = ["required", "optional", "none"];
        OptionFlaw::NotOneOf { key: "ssl_cert_reqs".to_owned(), words: words.map(str::to_owned).into() }.into()
    };
    let nodes = |why| Problem::from(RedisFlaw::StartupNodes(why));
    let table: Vec<(Value, Problem)> = vec![
        (json!({"login": "etl\r\nFLUSHALL"}), RedisFlaw::LoginNotALine.into()),
        (json!({"login": "etl\0"}), RedisFlaw::LoginNotALine.into()),
        (json!({"extra": {"db": -1}}), RedisFlaw::BadDb.into()),
        (json!({"extra": {"db": "sales"}}), RedisFlaw::BadDb.into()),
        (json!({"extra": {"db": 1.5}}), RedisFlaw::BadDb.into()),
        // The client sends the text unchanged, and no server accepts these.
        (json!({"extra": {"db": " 1 "}}), RedisFlaw::BadDb.into()),
        (json!({"extra": {"db": "+1"}}), RedisFlaw::BadDb.into()),
        (json!({"extra": {"db": "01"}}), RedisFlaw::BadDb.into()),
        // `ssl.CERT_NONE` is a number; redis-py does not accept the word.
        (json!({"extra": {"ssl": true, "ssl_cert_reqs": "CERT_NONE"}}), choice()),
        (json!({"extra": {"cluster": true, "db": 2}}), RedisFlaw::DbInCluster.into()),
        (json!({"extra": {"cluster": "true", "db": "2"}}), RedisFlaw::DbInCluster.into()),
        (json!({"extra": {"cluster": true, "startup_nodes": "h2,,h3"}}), nodes(BadHosts::EmptyItem)),
        (json!({"extra": {"cluster": true, "startup_nodes": "u:p@h2"}}), nodes(BadHosts::Login)),
        (json!({"extra": {"cluster": true, "startup_nodes": "/run/redis.sock"}}), nodes(BadHosts::More)),
        (json!({"extra": {"startup_nodes": ["h2"]}}), OptionFlaw::NotText { key: "startup_nodes".to_owned() }.into()),
        (json!({"extra": {"ssl": "perhaps"}}), OptionFlaw::NotAFlag { key: "ssl".to_owned() }.into()),
        (json!({"extra": {"ssl_cert_reqs": "require"}}), choice()),
        (json!({"conn_type": "rediss", "extra": {"ssl": false}}), RedisFlaw::TlsByType.into()),
    ];
    for (fields, problem) in table {
        let refusal = Redis.plan(&connection(&fields)).err().unwrap_or_else(|| panic!("{fields} was taken"));
        assert_eq!((refusal.class, refusal.problems), (Class::Definition, vec![problem]), "{fields}");
    }
    // The protocol gives the length of a password before it, so that it may contain any bytes.
    assert!(Redis.plan(&connection(&json!({"password": "a\r\nb"}))).is_ok());
}

#[test]
fn a_sentinel_and_a_socket_are_no_servers_to_log_in_to() {
    for (fields, class) in [
        (json!({"extra": {"sentinels": [["h", 26379]]}}), Class::Unsupported),
        (json!({"extra": {"master_name": "mymaster"}}), Class::Unsupported),
        (json!({"host": "/run/redis.sock"}), Class::Definition),
        (json!({"host": "db1:6380"}), Class::Definition),
    ] {
        assert_eq!(Redis.plan(&connection(&fields)).err().map(|refusal| refusal.class), Some(class), "{fields}");
    }
}
