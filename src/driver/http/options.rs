//! `Options`: the parameters of a definition, read field by field.

use http::HeaderMap;
use serde_json::Value;

use super::auth::{self, Credential};
use crate::driver::Fields;
use crate::driver::kit::http::HttpFlaw;
use crate::driver::kit::http::HttpNotice;
use crate::driver::kit::http::{BaseUrl, Headers, Verify};
use crate::driver::tls_file::TlsFile;
use crate::net::tls::Verification;

/// All parameters of a check.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) url: BaseUrl,
    /// The headers of every request.
    pub(super) headers: HeaderMap,
    pub(super) credential: Option<Credential>,
    pub(super) verification: Verification,
    pub(super) ca: Option<TlsFile>,
    /// The client's certificate, and its key if that is in a file of its own.
    pub(super) certificate: Vec<TlsFile>,
}

/// Reads `fields`; `None` after at least one problem was added to them.
pub(super) fn read(fields: &mut Fields<'_>) -> Option<Options> {
    let https = fields.connection().normalized_type().as_deref() == Some("https");
    if https
        && fields.schema().is_none()
        && fields.connection().host.as_deref().is_some_and(|host| !host.contains("://"))
    {
        fields.warn(HttpNotice::SchemeOfType);
    }
    let url = BaseUrl::read(fields, if https { "https" } else { "http" });
    let mut headers = Headers::read(fields);
    let credential = auth::read(fields, headers.credential);
    headers.common.extend(credential.iter().flat_map(|credential| credential.others.clone()));
    let (verification, ca) = verify(fields);
    let certificate = certificate(fields);
    timeout(fields);
    Some(Options { url: url?, headers: headers.common, credential, verification, ca, certificate })
}

fn verify(fields: &mut Fields<'_>) -> (Verification, Option<TlsFile>) {
    for key in ["verify", "verify_ssl"] {
        let Some(value) = fields.value(key) else { continue };
        match Verify::read(value) {
            Some(Verify::Authorities(text)) => return (Verification::Full, Some(file(fields, key, text))),
            Some(Verify::Flag { checked, as_text }) => {
                if as_text {
                    fields.warn(HttpNotice::TextFlag { key, read: checked });
                }
                return (if checked { Verification::Full } else { Verification::None }, None);
            }
            None => fields.problem(HttpFlaw::BadVerify { key }),
        }
    }
    (Verification::Full, None)
}

fn certificate(fields: &mut Fields<'_>) -> Vec<TlsFile> {
    let names = match fields.value("cert") {
        None => Some(Vec::new()),
        Some(Value::String(name)) if !name.is_empty() => Some(vec![name.clone()]),
        Some(Value::Array(names)) if names.len() == 2 => {
            names.iter().map(|name| name.as_str().filter(|name| !name.is_empty()).map(str::to_owned)).collect()
        }
        Some(_) => None,
    };
    if names.is_none() {
        fields.problem(HttpFlaw::BadCert);
    }
    names.unwrap_or_default().into_iter().map(|name| file(fields, "cert", name)).collect()
}

/// Checks `timeout`: it limits the requests of Airflow's tasks, which fail before they are sent if it is invalid.
fn timeout(fields: &mut Fields<'_>) {
    let is_good = |value: &Value| value.as_f64().is_some_and(|seconds| seconds > 0.0);
    if fields.value("timeout").is_some_and(|value| !is_good(value)) {
        fields.problem(HttpFlaw::BadTimeout);
    }
}

fn file(fields: &Fields<'_>, key: &'static str, text: String) -> TlsFile {
    TlsFile::new(key, text, fields.connection().directory.as_deref())
}
