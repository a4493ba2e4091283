//! Options that do not affect a login, with the values that pymongo accepts for them. Airflow's hook passes every extra
//! to pymongo, which validates all of them before it connects: with a value that it refuses, the application of the
//! definition cannot log in.
//!
//! Source: pymongo 4.20 `pymongo/common.py` (`VALIDATORS`), `pymongo/synchronous/mongo_client.py` and
//! `pymongo/uri_parser.py`; the cases of the tests were checked with it.

use serde_json::Value;

use super::flags;
use super::flaws::MongodbFlaw;
use crate::driver::Fields;
use crate::model::problem::Taken;

/// Options that are true or false.
const FLAGS: [&str; 9] = [
    "directConnection",
    "retryReads",
    "retryWrites",
    "j",
    "journal",
    "fsync",
    "connect",
    "tz_aware",
    "enableOverloadRetargeting",
];

/// Options that are whole numbers, each with its minimum.
const NUMBERS: [(&str, i64); 6] = [
    ("maxPoolSize", 0),
    ("minPoolSize", 0),
    ("maxConnecting", 1),
    ("wTimeoutMS", 0),
    ("waitQueueMultiple", 0),
    ("maxAdaptiveRetries", 0),
];

/// Options that are durations, above zero.
const TIMES: [&str; 3] = ["heartbeatFrequencyMS", "maxIdleTimeMS", "waitQueueTimeoutMS"];

/// Options with a fixed set of words, as written.
const WORDS: [(&str, &[&str]); 4] = [
    ("readPreference", &["primary", "primaryPreferred", "secondary", "secondaryPreferred", "nearest"]),
    ("uuidRepresentation", &["unspecified", "standard", "pythonLegacy", "javaLegacy", "csharpLegacy"]),
    ("unicode_decode_error_handler", &["strict", "replace", "ignore"]),
    ("serverMonitoringMode", &["auto", "stream", "poll"]),
];

/// Options that are text.
const TEXTS: [&str; 5] = ["appname", "authSource", "readConcernLevel", "replicaSet", "srvServiceName"];

/// The longest `appname`, in bytes.
const LONGEST_NAME: usize = 128;
/// pymongo accepts no duration of a billion or more.
const LONGEST_TIME: f64 = 1e9;

/// Adds a problem for each value that pymongo does not accept.
pub(super) fn check(fields: &mut Fields<'_>, srv: bool) {
    for key in FLAGS {
        flags::option(fields, key);
    }
    for (key, least) in NUMBERS {
        let taken = value(fields, key).is_none_or(|value| number(value).is_some_and(|number| number >= least));
        require(fields, key, taken, Taken::NumberFrom(least));
    }
    let staleness = value(fields, "maxStalenessSeconds")
        .is_none_or(|value| number(value).is_some_and(|number| number == -1 || number > 0));
    require(fields, "maxStalenessSeconds", staleness, Taken::Staleness);
    let level = value(fields, "zlibCompressionLevel")
        .is_none_or(|value| number(value).is_some_and(|number| (-1..=9).contains(&number)));
    require(fields, "zlibCompressionLevel", level, Taken::CompressionLevel);
    for key in TIMES {
        let taken = value(fields, key).is_none_or(|value| time(value).is_some_and(|time| time > 0.0));
        require(fields, key, taken, Taken::TimeAboveZero);
    }
    let threshold = value(fields, "localThresholdMS").is_none_or(|value| time(value).is_some());
    require(fields, "localThresholdMS", threshold, Taken::Time);
    for (key, words) in WORDS {
        let taken = value(fields, key).is_none_or(|value| value.as_str().is_some_and(|text| words.contains(&text)));
        require(fields, key, taken, Taken::OneOf(words));
    }
    for key in TEXTS {
        let taken = value(fields, key).is_none_or(Value::is_string);
        require(fields, key, taken, Taken::Text);
    }
    let name = value(fields, "appname").and_then(Value::as_str).is_none_or(|name| name.len() <= LONGEST_NAME);
    require(fields, "appname", name, Taken::ShortText(LONGEST_NAME));
    together(fields, srv);
}

/// Checks that need two options together.
fn together(fields: &mut Fields<'_>, srv: bool) {
    for other in ["tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames", "tlsDisableOCSPEndpointCheck"] {
        exclude(fields, "tlsInsecure", other, |fields| has(fields, "tlsInsecure") && has(fields, other));
    }
    let (certificates, ocsp) = ("tlsAllowInvalidCertificates", "tlsDisableOCSPEndpointCheck");
    exclude(fields, certificates, ocsp, |fields| has(fields, certificates) && has(fields, ocsp));
    let on = |fields: &Fields<'_>, key: &str| {
        matches!(value(fields, key), Some(Value::Bool(true)))
            || value(fields, key).and_then(Value::as_str) == Some("true")
    };
    exclude(fields, "directConnection", "loadBalanced", |fields| {
        on(fields, "directConnection") && on(fields, "loadBalanced")
    });
    exclude(fields, "minPoolSize", "maxPoolSize", |fields| {
        let size = |key| value(fields, key).and_then(number);
        // pymongo's own default.
        size("minPoolSize").zip(size("maxPoolSize").or(Some(100))).is_some_and(|(least, most)| most > 0 && least > most)
    });
    for journal in ["j", "journal"] {
        exclude(fields, "w", journal, |fields| value(fields, "w").and_then(number) == Some(0) && on(fields, journal));
    }
    let alone = value(fields, "srvMaxHosts").and_then(number).is_some_and(|most| most > 0) && !srv;
    require(fields, "srvMaxHosts", !alone, Taken::AbsentWithoutSrv);
}

/// The value of the extra `key`; null counts as absent.
fn value<'a>(fields: &Fields<'a>, key: &str) -> Option<&'a Value> {
    fields.value(key).filter(|value| !value.is_null())
}

fn has(fields: &Fields<'_>, key: &str) -> bool {
    value(fields, key).is_some()
}

/// A number as Python's `int` reads it.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::Bool(flag) => Some(i64::from(*flag)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A duration as Python's `float` reads it.
fn time(value: &Value) -> Option<f64> {
    let time = match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    time.filter(|time| (0.0..LONGEST_TIME).contains(time))
}

fn require(fields: &mut Fields<'_>, key: &str, taken: bool, what: Taken) {
    if !taken {
        fields.problem(MongodbFlaw::NotTaken { key: key.to_owned(), what });
    }
}

fn exclude(fields: &mut Fields<'_>, one: &str, other: &str, meet: impl FnOnce(&Fields<'_>) -> bool) {
    if meet(fields) {
        fields.problem(MongodbFlaw::Excluded { one: one.to_owned(), other: other.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::plan;
    use crate::model::class::Class;

    #[test]
    fn what_pymongo_refuses_is_a_problem_of_the_definition() {
        // pymongo `pymongo/common.py` (`VALIDATORS`), `pymongo/client_options.py`, `pymongo/pool_options.py`.
        for extra in [
            json!({"authMechanism": "scram-sha-1"}),
            json!({"authMechanism": " SCRAM-SHA-256"}),
            json!({"authSource": 5}),
            json!({"directConnection": "True"}),
            json!({"readPreference": "Secondary"}),
            json!({"readPreference": "secondary_preferred"}),
            json!({"retryWrites": "yes"}),
            json!({"retryReads": "False"}),
            json!({"journal": "x"}),
            json!({"tz_aware": 1}),
            json!({"maxPoolSize": "x"}),
            json!({"maxPoolSize": -1}),
            json!({"maxConnecting": 0}),
            json!({"wTimeoutMS": "x"}),
            json!({"maxIdleTimeMS": "x"}),
            json!({"maxIdleTimeMS": 0}),
            json!({"waitQueueTimeoutMS": 2e9}),
            json!({"localThresholdMS": "x"}),
            json!({"maxStalenessSeconds": 0}),
            json!({"zlibCompressionLevel": 99}),
            json!({"uuidRepresentation": "x"}),
            json!({"unicode_decode_error_handler": "x"}),
            json!({"serverMonitoringMode": "x"}),
            json!({"readConcernLevel": 5}),
            json!({"appname": "x".repeat(200)}),
            json!({"srvMaxHosts": 2}),
            json!({"tls": true, "tlsInsecure": true, "tlsAllowInvalidCertificates": true}),
            json!({"tls": true, "tlsInsecure": "true", "tlsAllowInvalidHostnames": false}),
            json!({"tlsAllowInvalidCertificates": false, "tlsDisableOCSPEndpointCheck": false}),
            json!({"tls": false, "tlsAllowInvalidCertificates": false}),
            json!({"tls": "false", "tlsAllowInvalidHostnames": "false"}),
            json!({"ssl": false, "tlsInsecure": false}),
            json!({"tls": false, "tlsDisableOCSPEndpointCheck": false}),
            json!({"tls": false, "tlsCAFile": "ca.pem"}),
            json!({"loadBalanced": true, "directConnection": true}),
            json!({"minPoolSize": 200}),
            json!({"w": 0, "journal": true}),
        ] {
            let fields = json!({"login": "u", "password": "p", "extra": extra});
            let refusal = plan(&fields).err().unwrap_or_else(|| panic!("{extra} was taken"));
            assert_eq!(refusal.class, Class::Definition, "{extra}");
            let named = refusal.problems.iter().flat_map(|problem| &problem.fields);
            assert!(
                named.into_iter().all(|field| extra.get(&field.as_str()["extra.".len()..]).is_some()
                    || field.as_str() == "extra.maxPoolSize"),
                "{extra}: {:?}",
                refusal.problems
            );
        }
    }

    #[test]
    fn what_pymongo_takes_is_no_problem() {
        for extra in [
            json!({"authMechanism": "SCRAM-SHA-1", "authSource": "", "replicaSet": ""}),
            json!({"maxPoolSize": null, "maxIdleTimeMS": null, "connectTimeoutMS": null}),
            json!({"maxPoolSize": "50", "minPoolSize": 50, "maxConnecting": true}),
            json!({"maxPoolSize": 0, "minPoolSize": 200}),
            json!({"heartbeatFrequencyMS": "10000", "localThresholdMS": 0, "waitQueueTimeoutMS": 0.5}),
            json!({"maxStalenessSeconds": -1, "zlibCompressionLevel": -1}),
            json!({"readPreference": "nearest", "uuidRepresentation": "standard", "w": "majority"}),
            json!({"w": 0, "journal": false, "retryWrites": "false"}),
            json!({"tls": true, "tlsAllowInvalidCertificates": true, "tlsAllowInvalidHostnames": true}),
            json!({"tls": false, "tlsAllowInvalidCertificates": true, "tlsAllowInvalidHostnames": true}),
            json!({"srv": true, "srvMaxHosts": 2}),
            json!({"srvMaxHosts": 0}),
        ] {
            let planned = plan(&json!({"host": "a.example.com", "login": "u", "password": "p", "extra": extra}));
            assert!(planned.is_ok(), "{extra}: {:?}", planned.err().map(|refusal| refusal.problems));
        }
    }
}
