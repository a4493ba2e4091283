//! The S3 and STS services of a definition: Airflow's extras, their older spellings, and `host` with `port` for the
//! user's own servers.

use std::net::Ipv6Addr;

use http::Uri;
use http::uri::Authority;
use serde_json::Value;

use super::boto3;
use super::endpoint::Service;
use super::flaws::S3Flaw;
use super::notices::S3Notice;
use crate::driver::Fields;
use crate::driver::aws::is_aws_region;
use crate::driver::host;
use crate::driver::kit::http::ServiceUrl;
use crate::model::extra;
use crate::model::problem::{Flaw, OptionFlaw};
use crate::model::reason::Field;

/// A problem about the value was already added to the fields.
pub(super) struct Noted;

/// The S3 service of a definition: `service_config.s3.endpoint_url`, else `endpoint_url`, else `host` and `port` if the
/// type is not AWS's own.
pub(super) fn s3(fields: &mut Fields<'_>, region: &str) -> Result<Service, Noted> {
    let connection = fields.connection();
    let host = connection.host.as_deref().filter(|host| !host.trim().is_empty());
    let named = match configured(fields, "s3")? {
        Some(service) => Some(service),
        None => global(fields)?.map(Service::At),
    };
    if let Some(service) = named {
        if host.is_some() {
            fields.warn(S3Notice::HostIgnored);
        }
        return Ok(service);
    }
    match (connection.normalized_type().unwrap_or_default().as_str(), host) {
        ("aws", Some(_)) => {
            fields.warn(S3Notice::HostNotRead);
            Ok(Service::Aws)
        }
        ("minio", Some(host)) => own(fields, host, 9000),
        (_, Some(host)) => own(fields, host, 443),
        ("minio", None) => Err(noted(fields, S3Flaw::NoHost)),
        ("wasabi", None) if is_aws_region(region) => {
            url(fields, Field::extra("region_name"), &format!("https://s3.{region}.wasabisys.com")).map(Service::At)
        }
        ("wasabi", None) => Err(noted(fields, S3Flaw::NotOfWasabi { region: region.to_owned() })),
        _ => Ok(Service::Aws),
    }
}

/// The field that gives the S3 service of a definition, in the order of [`s3`].
pub(super) fn endpoint(fields: &Fields<'_>) -> Field {
    let extra = &fields.connection().extra;
    let own = ["service_config", "s3", "endpoint_url"];
    let is_set = |key: &&str| extra.get(key).is_some_and(|value| value.as_str() != Some(""));
    if extra.at(&own).is_some() {
        return Field::named("extra.service_config.s3.endpoint_url");
    }
    ["endpoint_url", "host"].iter().find(|key| is_set(key)).map_or(Field::HOST, |key| Field::extra(key))
}

/// The STS service of a definition: its own, else the same as S3.
pub(super) fn sts(fields: &mut Fields<'_>, s3: &Service) -> Result<Service, Noted> {
    Ok(configured(fields, "sts")?.unwrap_or_else(|| s3.clone()))
}

/// `service_config.NAME.endpoint_url`, where `null` means AWS even if there is a global endpoint.
fn configured(fields: &mut Fields<'_>, name: &str) -> Result<Option<Service>, Noted> {
    let config = fields.connection().extra.object().get("service_config");
    let Some(value) = config.and_then(|config| config.get(name)?.get("endpoint_url")) else { return Ok(None) };
    let path = format!("service_config.{name}.endpoint_url");
    match value {
        Value::Null => Ok(Some(Service::Aws)),
        Value::String(text) => url(fields, Field::extra(&path), text).map(|url| Some(Service::At(url))),
        _ => Err(noted(fields, OptionFlaw::NotText { key: path })),
    }
}

/// The endpoint of all services, also under its former name in Airflow.
fn global(fields: &mut Fields<'_>) -> Result<Option<ServiceUrl>, Noted> {
    if let Some(text) = fields.text("endpoint_url") {
        return url(fields, Field::extra("endpoint_url"), &text).map(Some);
    }
    match renamed(fields, "host", "endpoint_url") {
        Some(text) => url(fields, Field::extra("host"), &text).map(Some),
        None => Ok(None),
    }
}

/// `host` and `port`; `host` is a name or, just as often, a URL.
fn own(fields: &mut Fields<'_>, host: &str, default_port: u16) -> Result<Service, Noted> {
    if let Some(flaw) = host::wrong(host).filter(|_| !host.contains("://")) {
        return Err(noted(fields, flaw));
    }
    let text = if host.contains("://") {
        with_port(host.trim_start().to_owned(), fields.connection().port)
    } else if host.parse::<Ipv6Addr>().is_ok() {
        with_port(format!("https://[{host}]"), Some(fields.port(default_port)))
    } else {
        with_port(format!("https://{host}"), Some(fields.port(default_port)))
    };
    url(fields, Field::HOST, &text).map(Service::At)
}

/// `url`, with `port` if it has none.
fn with_port(url: String, port: Option<u16>) -> String {
    match (url.parse::<Uri>(), port) {
        (Ok(uri), Some(port)) if uri.port().is_none() => {
            let scheme = uri.scheme_str().unwrap_or_default();
            let authority = uri.authority().map_or("", Authority::as_str);
            format!("{scheme}://{authority}:{port}{}", uri.path())
        }
        _ => url,
    }
}

fn url(fields: &mut Fields<'_>, field: Field, text: &str) -> Result<ServiceUrl, Noted> {
    let url =
        ServiceUrl::parse(text).map_err(|why| noted(fields, S3Flaw::BadEndpoint { field: field.clone(), why }))?;
    if !boto3::takes_endpoint(text) {
        return Err(noted(fields, S3Flaw::EndpointNotTaken { field }));
    }
    Ok(url)
}

fn noted(fields: &mut Fields<'_>, flaw: impl Flaw) -> Noted {
    fields.problem(flaw);
    Noted
}

/// An extra that Airflow no longer reads, with a warning that gives its current name.
pub(super) fn renamed(fields: &mut Fields<'_>, old: &str, current: &str) -> Option<String> {
    let text = fields.text(old)?;
    fields.warn(S3Notice::Renamed { old: old.to_owned(), current: current.to_owned() });
    Some(text)
}

/// The text at `path` in the extras.
pub(super) fn nested(fields: &Fields<'_>, path: &[&str]) -> Option<String> {
    fields.connection().extra.at(path).and_then(extra::text).filter(|text| !text.is_empty())
}
