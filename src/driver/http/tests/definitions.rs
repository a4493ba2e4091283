//! What a plan says of a definition.

use serde_json::{Value, json};

use super::super::options;
use super::super::spec::SPEC;
use super::plan;
use crate::driver::{Circumstances, Encryption, Fields};

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
        assert_eq!(planned.circumstances, Circumstances::of(encryption), "{definition}");
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
        (json!({"host": "https://a.example?x=1"}), "definition", "bad_field", "host"),
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

#[test]
fn the_account_is_the_login_s_and_the_credential_all_that_says_who_asks() {
    let of = |login: Value, password: &str, extra: Value| {
        plan(&json!({"host": "a.example", "login": login, "password": password, "extra": extra})).unwrap()
    };
    let plain = of(json!("etl"), "one", json!({}));
    assert_eq!((plain.account.as_str(), plain.login.as_deref()), ("etl", Some("etl")));
    for (password, extra, same) in [
        ("one", json!({}), true),
        ("one", json!({"Accept": "text/html", "timeout": 3}), true),
        ("two", json!({}), false),
        ("one", json!({"X-Api-Key": "k"}), false),
    ] {
        let other = of(json!("etl"), password, extra.clone());
        assert_eq!((other.credential == plain.credential, other.account == plain.account), (same, true), "{extra}");
    }
    let nobody = of(Value::Null, "one", json!({"Accept": "text/html"}));
    assert_eq!((nobody.account.as_str(), nobody.credential), ("", None));
    let keys = ["k", "l"].map(|key| of(Value::Null, "", json!({"X-Api-Key": key})));
    assert!(keys[0].account != keys[1].account && keys[0].credential != keys[1].credential);
}
