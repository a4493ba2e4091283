//! `BaseUrl`: the URL that the host, schema and port of a definition form, by the rules of Airflow's hooks over HTTP
//! (providers-http, `HttpHook._set_base_url`). Must not do any I/O.

use std::net::Ipv6Addr;

use http::Uri;
use http::uri::PathAndQuery;

use super::Origin;
use super::flaws::HttpFlaw;
use super::notices::HttpNotice;
use crate::driver::Fields;
use crate::model::problem::{HostFlaw, PlanFlaw};
use crate::model::reason::Field;

/// Where the requests of a definition go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    /// The origin.
    pub origin: Origin,
    /// The path, as written.
    pub path: PathAndQuery,
}

impl BaseUrl {
    /// Reads it. `scheme` applies where neither host nor schema names one. Problems go to `fields`.
    pub fn read(fields: &mut Fields<'_>, scheme: &'static str) -> Option<Self> {
        let written = fields.connection().host.as_deref().unwrap_or_default();
        let host = written.trim();
        if host.is_empty() {
            fields.problem(PlanFlaw::Missing { field: Field::HOST });
            return None;
        }
        if host.len() < written.len() {
            fields.problem(HostFlaw::StoredPadded);
        }
        let stored = fields.schema();
        let (scheme, field, rest) = match host.split_once("://") {
            Some((own, rest)) => {
                if stored.is_some_and(|stored| !stored.eq_ignore_ascii_case(own)) {
                    fields.warn(HttpNotice::SchemaIgnored);
                }
                (own, Field::HOST, rest)
            }
            None => (stored.unwrap_or(scheme), Field::SCHEMA, host),
        };
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            fields.problem(HttpFlaw::BadScheme { field, scheme: scheme.to_owned() });
            return None;
        }
        // What follows `?` or `#` is not part of the host and is not checked as one; an `@` there ends a password that
        // contains one of them.
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let (place, behind) = rest.split_at(end);
        if behind.contains('@') {
            fields.problem(HostFlaw::Login);
            return None;
        }
        if !fields.is_host(place) {
            return None;
        }
        let authority = authority(fields, place, behind.starts_with('?'))?;
        // The usual client does not send what follows a `#`.
        let query = behind.split('#').next().unwrap_or_default();
        let url: Option<Uri> = format!("{}://{authority}{query}", scheme.to_ascii_lowercase()).parse().ok();
        let read = url.as_ref().and_then(|url| Some((Origin::of(url)?, url.path_and_query()?.clone())));
        if read.is_none() || !query.is_ascii() {
            fields.problem(HttpFlaw::BadUrl);
            return None;
        }
        read.map(|(origin, path)| Self { origin, path })
    }

    /// Whether the definition names no path.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.path.path() == "/"
    }
}

/// `rest` of a URL, before its `query`, followed by the port of the definition.
fn authority(fields: &mut Fields<'_>, rest: &str, query: bool) -> Option<String> {
    let name = rest.split('/').next().unwrap_or_default();
    if name.is_empty() || name.ends_with(':') && rest.parse::<Ipv6Addr>().is_err() {
        fields.problem(HttpFlaw::BadUrl);
        return None;
    }
    let bare = rest.parse::<Ipv6Addr>().is_ok();
    if bare {
        fields.warn(HttpNotice::BareAddress);
    }
    let rest = if bare { format!("[{rest}]") } else { rest.to_owned() };
    // The hook treats zero as no port.
    let Some(port) = fields.connection().port.filter(|port| *port != 0) else { return Some(rest) };
    // More than one colon is an address without brackets, and not part of a URL.
    let has_port = rest.rsplit(']').next().is_some_and(|behind| behind.matches(':').count() == 1);
    let path = query || rest.contains('/');
    if path || has_port {
        fields.problem(HttpFlaw::PortBehind { port, path });
        return None;
    }
    Some(format!("{rest}:{port}"))
}
