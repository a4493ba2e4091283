//! The plan of a definition.

use serde_json::{Value, json};

use super::super::options;
use super::super::spec::SPEC;
use super::plan;
use crate::driver::{Circumstances, Encryption, Fields};
use crate::model::fingerprint::Fingerprint;

#[test]
fn host_schema_and_port_make_a_url_as_airflow_s_hook_makes_it() {
    for (definition, url) in [
        (json!({"host": "a.example"}), "http://a.example:80/"),
        (json!({"host": "a.example", "schema": "https"}), "https://a.example:443/"),
        (json!({"host": "a.example", "schema": "HTTPS", "port": 8443}), "https://a.example:8443/"),
        (json!({"host": "a.example", "port": 0}), "http://a.example:80/"),
        (json!({"host": "a.example:8080/v1"}), "http://a.example:8080/v1"),
        (json!({"host": "a.example/v1/", "schema": "https"}), "https://a.example:443/v1/"),
        (json!({"host": "https://a.example/v1"}), "https://a.example:443/v1"),
        (json!({"host": "https://a.example", "port": 8443}), "https://a.example:8443/"),
        (json!({"host": "https://a.example:8443", "schema": "http"}), "https://a.example:8443/"),
        (json!({"host": "HTTPS://a.example"}), "https://a.example:443/"),
        (json!({"host": "[::1]", "port": 8080}), "http://::1:8080/"),
        (json!({"host": "::1", "port": 8080}), "http://::1:8080/"),
        (json!({"host": "https://a.example?x=1"}), "https://a.example:443/?x=1"),
        (json!({"host": "a.example:81/v1?x=1&y=%20#top"}), "http://a.example:81/v1?x=1&y=%20"),
        (json!({"host": "a.example#top"}), "http://a.example:80/"),
        (json!({"host": "a.example", "conn_type": "https"}), "https://a.example:443/"),
        (json!({"host": "a.example", "conn_type": "https", "schema": "http"}), "http://a.example:80/"),
    ] {
        let connection = super::connection(&definition);
        let options = options::read(&mut Fields::new(&SPEC, &connection)).unwrap();
        let origin = &options.url.origin;
        let read = format!("{}://{}:{}{}", origin.scheme(), origin.host, origin.port, options.url.path);
        assert_eq!(read, url, "{definition}");
        let planned = plan(&definition).unwrap();
        assert_eq!(planned.endpoints, [origin.endpoint()], "{definition}");
        let encryption = if origin.tls { Encryption::Always } else { Encryption::Never };
        let address = format!("{}{}", origin.authority(), options.url.path);
        assert_eq!(planned.circumstances, Circumstances::of(encryption).with(address), "{definition}");
    }
}

#[test]
fn what_is_odd_is_said() {
    for (definition, codes) in [
        (json!({"host": "https://a.example", "schema": "http"}), &["ignored_field"][..]),
        (json!({"host": "https://a.example", "schema": "https"}), &[]),
        (json!({"host": "::1"}), &["client_differs"]),
        (json!({"host": "a.example", "conn_type": "https"}), &["client_differs"]),
        (json!({"host": "a.example", "conn_type": "https", "schema": "https"}), &[]),
        (json!({"host": "a.example", "password": "hunter2"}), &["ignored_field"]),
        (json!({"host": "a.example", "login": "x", "extra": {"Authorization": "Bearer y"}}), &["ignored_field"]),
        (json!({"host": "a.example", "extra": {"verify2": false}}), &["unknown_extra"]),
        (
            json!({"host": "a.example", "extra": {"Verify": false, "ssl_verify": "x"}}),
            &["unknown_extra", "unknown_extra"],
        ),
        (json!({"host": "a.example", "extra": {"verify": "false"}}), &["stringly_flag"]),
        (json!({"host": "a.example", "extra": {"X-Tenant": "a", "Accept": "b", "anything": "c"}}), &[]),
    ] {
        let warnings = plan(&definition).unwrap().warnings;
        let found: Vec<&str> = warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(found, codes, "{definition}");
    }
}

#[test]
fn what_cannot_be_used_is_said_with_its_field() {
    let extra = |extra: Value| json!({"host": "a.example", "extra": extra});
    for (definition, class, reason, field) in [
        (json!({}), "definition", "missing_field", "host"),
        (json!({"host": " a.example"}), "definition", "bad_field", "host"),
        (json!({"host": "a b"}), "definition", "bad_field", "host"),
        (json!({"host": "http://"}), "definition", "bad_field", "host"),
        (json!({"host": "ftp://a.example"}), "definition", "bad_field", "host"),
        (json!({"host": "a.example", "schema": "v1"}), "definition", "bad_field", "schema"),
        (json!({"host": "https://u:hunter2@a.example"}), "definition", "bad_field", "host"),
        (json!({"host": "https://a.example?x=ü"}), "definition", "bad_field", "host"),
        (json!({"host": "https://a.example?x=a b"}), "definition", "bad_field", "host"),
        (json!({"host": "127.0.0.1#@b.example"}), "definition", "bad_field", "host"),
        (json!({"host": "user:12?hunter2@b.example"}), "definition", "bad_field", "host"),
        (json!({"host": "http:/a.example", "port": 80}), "definition", "bad_field", "host"),
        (json!({"host": "//a.example", "port": 80}), "definition", "bad_field", "host"),
        (json!({"host": "a.example:", "port": 80}), "definition", "bad_field", "host"),
        (json!({"host": "a.example?x=1", "port": 80}), "definition", "contradicting_fields", "host"),
        (extra(json!({"timeout": "abc"})), "definition", "bad_field", "extra.timeout"),
        (extra(json!({"timeout": -1})), "definition", "bad_field", "extra.timeout"),
        (extra(json!({"timeout": 0})), "definition", "bad_field", "extra.timeout"),
        (extra(json!({"timeout": true})), "definition", "bad_field", "extra.timeout"),
        (extra(json!({"X-HTTP-Method-Override": "DELETE"})), "definition", "bad_field", "extra.X-HTTP-Method-Override"),
        (extra(json!({"x-method-override": "PUT"})), "definition", "bad_field", "extra.x-method-override"),
        (extra(json!({"X-HTTP-Method": "POST"})), "definition", "bad_field", "extra.X-HTTP-Method"),
        (extra(json!({"X-Long": "x".repeat(1 << 20)})), "definition", "bad_field", "extra.X-Long"),
        (
            json!({"host": "a.example", "login": "a", "password": "x".repeat(1 << 20)}),
            "definition",
            "bad_field",
            "password",
        ),
        (json!({"host": "bücher.example"}), "definition", "bad_field", "host"),
        (json!({"host": "a.example:99999"}), "definition", "bad_field", "host"),
        (json!({"host": "fe80::1%lo"}), "definition", "bad_field", "host"),
        (json!({"host": "a.example/v1", "port": 80}), "definition", "contradicting_fields", "host"),
        (json!({"host": "a.example:80", "port": 80}), "definition", "contradicting_fields", "host"),
        (json!({"host": "a.example", "login": "a:b", "password": "c"}), "definition", "bad_field", "login"),
        (json!({"host": "a.example", "login": "a\r\nb"}), "definition", "bad_field", "login"),
        (json!({"host": "a.example", "login": "a", "password": "x\0"}), "definition", "bad_field", "password"),
        (json!({"host": "a.example", "login": "a", "password": "€"}), "definition", "bad_field", "password"),
        (extra(json!({"X-Key": "a\r\nHost: b"})), "definition", "bad_field", "extra.X-Key"),
        (extra(json!({"X-Key": "a\0"})), "definition", "bad_field", "extra.X-Key"),
        (extra(json!({"Authorization": "Bearer x\n"})), "definition", "bad_field", "extra.Authorization"),
        (extra(json!({"Authorization": " Bearer x"})), "definition", "bad_field", "extra.Authorization"),
        (extra(json!({"X-Key": "€"})), "definition", "bad_field", "extra.X-Key"),
        (extra(json!({"X-Key": 5})), "definition", "bad_field", "extra.X-Key"),
        (extra(json!({"headers": {"X-Key": "a"}})), "definition", "bad_field", "extra.headers"),
        (extra(json!({"X Key": "a"})), "definition", "bad_field", "extra.X Key"),
        (extra(json!({"X-Key\r\nY": "a"})), "definition", "bad_field", "extra.X-Key\r\nY"),
        (extra(json!({"Content-Length": "5"})), "definition", "bad_field", "extra.Content-Length"),
        (extra(json!({"transfer-encoding": "chunked"})), "definition", "bad_field", "extra.transfer-encoding"),
        (extra(json!({"Upgrade": "h2c"})), "definition", "bad_field", "extra.Upgrade"),
        (extra(json!({"verify": []})), "definition", "bad_field", "extra.verify"),
        (extra(json!({"cert": ["one"]})), "definition", "bad_field", "extra.cert"),
        (extra(json!({"Host": "b.example"})), "unsupported", "feature_unsupported", "extra.Host"),
        (extra(json!({"srv_lookup": true})), "unsupported", "feature_unsupported", "extra.srv_lookup"),
        (extra(json!({"proxies": {"https": "http://p:3128"}})), "unsupported", "tunnel_needed", "extra.proxies"),
        (extra(json!({"proxy": "http://p:3128"})), "unsupported", "tunnel_needed", "extra.proxy"),
    ] {
        let refusal = plan(&definition).err().unwrap_or_else(|| panic!("{definition} is planned"));
        assert_eq!(refusal.class.as_str(), class, "{definition}");
        let problem = &refusal.problems[0];
        assert_eq!((problem.reason.as_str(), problem.fields[0].as_str()), (reason, field), "{definition}");
        assert!(!problem.message.contains(['\r', '\n', '\0']) && !problem.message.contains("hunter2"), "{definition}");
    }
}

/// The account and the secret of a definition, as the ledger identifies them.
fn known(definition: &Value) -> (String, Option<Fingerprint>) {
    let mut definition = definition.clone();
    definition["host"] = json!("a.example");
    let plan = plan(&definition).unwrap();
    (plan.account, plan.credential)
}

fn header(name: &str, value: &str) -> Value {
    json!({"extra": {name: value}})
}

#[test]
fn one_credential_is_one_however_it_is_written() {
    let login = json!({"login": "probe", "password": "hunter2"});
    let with = |more: Value| json!({"login": "probe", "password": "hunter2", "extra": more});
    let key = |more: &str| json!({"extra": {"X-Api-Key": "k", "X-Api-Version": more, "Idempotency-Key": more}});
    let pair = "cHJvYmU6aHVudGVyMg";
    for (one, other) in [
        (&login, with(json!({"X-Api-Version": "2"}))),
        (&login, with(json!({"X-Api-Key": "k", "Accept": "text/html", "timeout": 3}))),
        (&login, with(json!({"Authorization": "Bearer x"}))),
        (&login, header("Authorization", &format!("Basic {pair}=="))),
        (&login, header("authorization", &format!("basic   {pair}=="))),
        (&login, header("Authorization", &format!("BASIC\t{pair}== "))),
        (&login, header("Authorization", &format!("Basic {pair}"))),
        (&header("Authorization", "Bearer x"), json!({"extra": {"Authorization": "bearer  x ", "X-Source": "2"}})),
        (&header("Authorization", "x"), json!({"extra": {"Authorization": "x", "X-Api-Key": "k"}})),
        (&key("1"), key("2")),
    ] {
        assert_eq!(known(one), known(&other), "{one} {other}");
    }
}

#[test]
fn secrets_of_one_account_are_told_apart() {
    let login = |login: &str, password: &str| json!({"login": login, "password": password});
    let auth = |user: &str, key: &str| json!({"extra": {"X-Auth-User": user, "X-Auth-Key": key}});
    for (one, other) in [
        (login("probe", "one"), login("probe", "two")),
        (login("probe", "one"), login("Probe", "one")),
        (login("probe", "one"), login(" PROBE ", "one")),
        // `probe:two`, and the same name in UTF-8.
        (login("probe", "one"), header("Authorization", "Basic cHJvYmU6dHdv")),
        (login("prüfer", "one"), header("Authorization", "Basic cHLDvGZlcjpvbmU=")),
        (auth("probe", "one"), auth("Probe", "two")),
        (
            json!({"extra": {"X-Auth-Email": "a@b", "X-Auth-Key": "one"}}),
            json!({"extra": {"X-Auth-Email": "a@b", "X-Auth-Key": "two"}}),
        ),
    ] {
        let (one, other) = (known(&one), known(&other));
        assert!(one.0 == other.0 && one.1 != other.1, "{one:?} {other:?}");
    }
}

#[test]
fn what_nobody_s_name_stands_beside_is_an_account_of_its_own() {
    let nobody = known(&json!({"password": "one", "extra": {"Accept": "text/html"}}));
    assert_eq!(nobody, (String::new(), None));
    let all = [
        json!({"login": "probe", "password": "x"}),
        json!({"login": "probe2", "password": "x"}),
        header("X-Api-Key", "k"),
        header("X-Api-Key", "l"),
        header("Authorization", "Bearer k"),
        header("Authorization", "Bearer K"),
        header("Authorization", "Basic no base64"),
        header("Authorization", "k"),
        header("Cookie", "k"),
        header("X-Anything", "k"),
        header("X-User", "k"),
        json!({"extra": {"X-Auth-User": "probe", "X-Auth-Key": "x"}}),
    ];
    let accounts: std::collections::HashSet<String> = all.iter().map(|one| known(one).0).collect();
    assert_eq!(accounts.len(), all.len(), "{accounts:?}");
    // No value of an extra is shown.
    let plan = plan(&json!({"host": "a.example", "extra": {"Authorization": "Basic cHJvYmU6dHdv"}})).unwrap();
    assert_eq!((plan.account.as_str(), plan.login), ("probe", None));
}
