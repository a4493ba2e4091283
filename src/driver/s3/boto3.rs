//! Options of `config_kwargs`, addresses and regions as boto3 reads them. Airflow's hook passes all of them to it, and
//! with a value that boto3 refuses, the application of the definition cannot log in.
//!
//! Source: botocore 1.44 `botocore/config.py` (`Config`), `botocore/args.py` and `botocore/utils.py`
//! (`is_valid_endpoint_url`, `validate_region_name`); urllib3 `urllib3/util/timeout.py`; Airflow
//! `providers/amazon/src/airflow/providers/amazon/aws/utils/connection_wrapper.py`. The cases of the tests were checked
//! with boto3 1.44.8.

use std::net::Ipv6Addr;

use serde_json::{Map, Value};

use super::flaws::S3Flaw;
use super::notices::S3Notice;
use super::services::nested;
use super::verdict::is_region;
use crate::driver::Fields;
use crate::driver::tls_file::TlsFile;
use crate::model::plain::{self, Plain};
use crate::model::problem::Taken;
use crate::model::reason::Field;

/// The options with the values that they accept, each with its path in `config_kwargs`.
const OPTIONS: &[(&[&str], Taken)] = &[
    (&["signature_version"], Taken::Text),
    (&["user_agent"], Taken::OneLine),
    (&["user_agent_extra"], Taken::OneLine),
    (&["user_agent_appid"], Taken::OneLine),
    (&["connect_timeout"], Taken::SecondsAboveZero),
    (&["read_timeout"], Taken::SecondsAboveZero),
    (&["max_pool_connections"], Taken::Number),
    (&["proxies"], Taken::Object),
    (&["retries"], Taken::ObjectOf(&["max_attempts", "mode", "total_max_attempts"])),
    (&["retries", "max_attempts"], Taken::NumberFrom(0)),
    (&["retries", "total_max_attempts"], Taken::NumberFrom(1)),
    (&["retries", "mode"], Taken::OneOf(&["legacy", "standard", "adaptive"])),
    (&["s3"], Taken::Object),
    (&["s3", "addressing_style"], Taken::OneOf(&["path", "virtual", "auto"])),
    (&["s3", "us_east_1_regional_endpoint"], Taken::OneOf(&["legacy", "regional"])),
    (&["s3", "use_accelerate_endpoint"], Taken::Flag),
    (&["s3", "use_arn_region"], Taken::Flag),
    (&["defaults_mode"], Taken::AnyCase(&["legacy", "auto", "standard", "in-region", "cross-region", "mobile"])),
    (&["request_min_compression_size_bytes"], Taken::NumberBetween(1, 1_048_576)),
    (&["client_context_params"], Taken::Object),
    (&["request_checksum_calculation"], Taken::AnyCase(&["when_supported", "when_required"])),
    (&["response_checksum_validation"], Taken::AnyCase(&["when_supported", "when_required"])),
    (&["account_id_endpoint_mode"], Taken::AnyCase(&["preferred", "disabled", "required"])),
    (&["auth_scheme_preference"], Taken::Text),
];

/// Options that do not accept null.
const NEVER_NULL: [&[&str]; 5] = [
    &["max_pool_connections"],
    &["retries", "max_attempts"],
    &["retries", "total_max_attempts"],
    &["retries", "mode"],
    &["s3", "us_east_1_regional_endpoint"],
];

/// Options that accept any value, or that are read as regions.
const ANYTHING: [&str; 13] = [
    "region_name",
    "parameter_validation",
    "proxies_config",
    "s3_disable_express_session_auth",
    "client_cert",
    "inject_host_prefix",
    "endpoint_discovery_enabled",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
    "ignore_configured_endpoint_urls",
    "tcp_keepalive",
    "disable_request_compression",
    "sigv4a_signing_region_set",
];

/// Signatures that botocore supports (`botocore/auth.py`, and those of its CRT) besides version 4, and connprobe does
/// not.
const OTHER_SIGNATURES: [&str; 16] = [
    "bearer",
    "s3",
    "s3-presign-post",
    "s3-query",
    "s3v4-presign-post",
    "s3v4-query",
    "v2",
    "v3",
    "v3https",
    "v4-query",
    "v4-s3express",
    "v4-s3express-presign-post",
    "v4-s3express-query",
    "v4a",
    "s3v4a",
    "s3v4a-query",
];

/// An option that only AWS supports.
const ACCELERATE: &[&str] = &["s3", "use_accelerate_endpoint"];

/// How many characters of the name of an unknown argument are shown.
const SHOWN: usize = 64;

/// Adds a problem for each value of `config_kwargs` that boto3 refuses; `at_endpoint` tells that the definition names a
/// server.
pub(super) fn check(fields: &mut Fields<'_>, at_endpoint: bool) {
    let config = match fields.value("config_kwargs") {
        Some(Value::Object(config)) => config,
        Some(value) if !is_nothing(value) => return refuse(fields, &[], Taken::Object),
        _ => return,
    };
    for name in config.keys().filter(|name| !is_known(name)) {
        fields.warn(S3Notice::UnknownArgument { of: "config_kwargs", name: shown(name) });
    }
    for (path, what) in OPTIONS {
        let Some(value) = at(config, path) else { continue };
        let absent = value.is_null() && !NEVER_NULL.contains(path);
        if !absent && !takes(what, value) {
            refuse(fields, path, what.clone());
        }
    }
    if at_endpoint && at(config, ACCELERATE) == Some(&Value::Bool(true)) {
        refuse(fields, ACCELERATE, Taken::AbsentAtEndpoint);
    }
}

/// The arguments of `boto3.Session` besides the keys and the region.
const SESSION: [&str; 7] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "region_name",
    "botocore_session",
    "profile_name",
    "aws_account_id",
];

/// Refuses a profile: boto3 looks it up before the keys, and fails if this machine does not have it; connprobe reads no
/// profiles.
pub(super) fn session(fields: &mut Fields<'_>) {
    let Some(Value::Object(session)) = fields.value("session_kwargs") else { return };
    if session.get("profile_name").is_some_and(|profile| !profile.is_null()) {
        fields.unsupported(S3Flaw::SessionProfile);
    }
    for name in session.keys().filter(|name| !SESSION.contains(&name.as_str())) {
        fields.warn(S3Notice::UnknownArgument { of: "session_kwargs", name: shown(name) });
    }
}

/// Notes the proxies of requests to `schemes`. botocore selects one by the scheme of each request
/// (`botocore/httpsession.py`, `ProxyConfiguration.proxy_url_for`), so those of other schemes have no effect.
pub(super) fn proxies(fields: &mut Fields<'_>, schemes: &[&str]) {
    let Some(Value::Object(proxies)) = fields.connection().extra.at(&["config_kwargs", "proxies"]) else { return };
    let used = schemes.iter().filter_map(|scheme| proxies.get(*scheme)).find(|proxy| !is_nothing(proxy));
    fields.route("config_kwargs.proxies", used);
}

/// Refuses unsigned requests, which prove nothing, and signatures other than version 4, which connprobe does not
/// support.
pub(super) fn signature(fields: &mut Fields<'_>) {
    match fields.connection().extra.at(&["config_kwargs", "signature_version"]).and_then(Value::as_str) {
        None | Some("s3v4" | "v4") => {}
        Some("unsigned") => fields.unsupported(S3Flaw::Unsigned),
        Some(other) if OTHER_SIGNATURES.contains(&other) => fields.unsupported(S3Flaw::OtherSignature),
        Some(_) => refuse(fields, &["signature_version"], Taken::OneOf(&["s3v4", "v4"])),
    }
}

/// The region that boto3 signs for: the one in `config_kwargs`, else the extra. boto3 accepts what `is_region` does,
/// without trimming.
pub(super) fn region(fields: &mut Fields<'_>) -> Option<String> {
    for (path, field) in [
        (&["config_kwargs", "region_name"][..], "config_kwargs.region_name"),
        (&["region_name"], "region_name"),
        (&["session_kwargs", "region_name"], "session_kwargs.region_name"),
    ] {
        match fields.connection().extra.at(path) {
            Some(Value::String(region)) if is_region(region) => return Some(region.clone()),
            Some(Value::String(region)) => {
                fields.problem(S3Flaw::BadRegion { field: Field::extra(field), region: region.clone() });
                return None;
            }
            Some(_) => {
                fields.problem(S3Flaw::NotTaken { key: field.to_owned(), what: Taken::Text });
                return None;
            }
            None => {}
        }
    }
    None
}

/// Whether boto3 accepts `url` as an endpoint: it trims only leading blanks, and has its own rule for names.
pub(super) fn takes_endpoint(url: &str) -> bool {
    let text = url.trim_start_matches(|letter: char| letter.is_ascii_whitespace());
    let authority = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    if url.contains(['\t', '\r', '\n']) || text.ends_with(char::is_whitespace) {
        return false;
    }
    if let Some(address) = authority.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
        let bare = address.split('%').next().unwrap_or_default();
        return bare.parse::<Ipv6Addr>().is_ok();
    }
    let host = authority.split(':').next().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    host.len() <= 255
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// The file with the client certificate and its key. boto3 accepts a text; it also accepts a tuple, but a JSON list is
/// not one and has no effect.
pub(super) fn certificate(fields: &mut Fields<'_>) -> Option<TlsFile> {
    let connection = fields.connection();
    let value = connection.extra.at(&["config_kwargs", "client_cert"]).filter(|value| !value.is_null())?;
    let Some(name) = value.as_str() else {
        fields.warn(S3Notice::CertificateNotRead);
        return None;
    };
    (!name.is_empty())
        .then(|| TlsFile::new("config_kwargs.client_cert", name.to_owned(), connection.directory.as_deref()))
}

/// Whether the bucket is part of the path. By default it is part of the host name at AWS, and of the path elsewhere.
pub(super) fn path_style(fields: &Fields<'_>, elsewhere: bool) -> bool {
    match nested(fields, &["config_kwargs", "s3", "addressing_style"]).as_deref() {
        Some("path") => true,
        Some("virtual") => false,
        _ => elsewhere,
    }
}

fn shown(name: &str) -> String {
    plain::shown(Plain::Key, name).chars().take(SHOWN).collect()
}

fn is_known(name: &str) -> bool {
    ANYTHING.contains(&name) || OPTIONS.iter().any(|(path, _)| path[0] == name)
}

fn at<'a>(config: &'a Map<String, Value>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(config.get(*first)?, |value, key| value.get(key))
}

/// Whether a value is false in Python; Airflow's hook then treats it as absent.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        _ => false,
    }
}

fn takes(what: &Taken, value: &Value) -> bool {
    let text = value.as_str();
    match what {
        Taken::Text => text.is_some(),
        Taken::OneLine => text.is_some_and(|text| !text.contains(['\r', '\n'])),
        Taken::SecondsAboveZero => value.as_f64().is_some_and(|seconds| seconds > 0.0),
        Taken::Number => value.is_i64() || value.is_u64() || value.is_boolean(),
        Taken::NumberFrom(least) => number(value).is_some_and(|number| number >= float(*least)),
        // Only here is text read as a number.
        Taken::NumberBetween(least, most) => number(value)
            .or_else(|| text?.trim().parse().ok().map(float))
            .is_some_and(|number| (float(*least)..=float(*most)).contains(&number)),
        Taken::OneOf(words) => text.is_some_and(|text| words.contains(&text)),
        Taken::AnyCase(words) => text.is_some_and(|text| words.iter().any(|word| word.eq_ignore_ascii_case(text))),
        Taken::Flag => value.is_boolean(),
        Taken::ObjectOf(keys) => value.as_object().is_some_and(|of| of.keys().all(|key| keys.contains(&key.as_str()))),
        _ => value.is_object(),
    }
}

/// Python's true and false are numbers.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_bool().map(|flag| f64::from(u8::from(flag))))
}

/// Converts a bound; none has more digits than 32 bits hold.
fn float(number: i64) -> f64 {
    i32::try_from(number).map_or(f64::MAX, f64::from)
}

pub(super) fn refuse(fields: &mut Fields<'_>, path: &[&str], what: Taken) {
    let key = ["config_kwargs"].iter().chain(path).copied().collect::<Vec<_>>().join(".");
    fields.problem(S3Flaw::NotTaken { key, what });
}

#[cfg(test)]
mod tests;
