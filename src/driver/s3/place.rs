//! The position of the bucket and of the endpoint's path in a request's URL, as in botocore. The SDK's rules differ
//! (they join the last part of the path and the bucket). Must not do any I/O.
//!
//! Source: botocore 1.44 `botocore/endpoint_provider.py` (`parse_url`), `botocore/utils.py` (`remove_dot_segments`) and
//! `botocore/data/s3/2006-03-01/endpoint-rule-set-1.json`; the cases of the tests were checked with boto3 1.44.8.

use aws_sdk_s3::config::endpoint::{DefaultResolver, EndpointFuture, Params, ResolveEndpoint};
use http::Uri;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::driver::kit::http::ServiceUrl;

/// The characters that Python's `quote` encodes.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');

/// The endpoint of requests for `bucket` at `url`, where the SDK's rules give `resolved` for the address without its
/// path.
pub(super) fn place(url: &ServiceUrl, resolved: &Uri, bucket: Option<&str>, path_style: bool) -> Option<String> {
    let (scheme, authority) = (resolved.scheme_str()?, resolved.authority()?.as_str());
    let Some(bucket) = bucket.filter(|_| resolved.path().len() > 1) else {
        return Some(format!("{scheme}://{authority}{}", sent(url.path())));
    };
    if !path_style && scheme == "http" && is_in_host(bucket) {
        return Some(format!("{scheme}://{bucket}.{authority}{}", sent(url.path())));
    }
    let path = utf8_percent_encode(&without_dots(url.path(), false), QUOTED).to_string();
    Some(format!("{scheme}://{authority}{path}/{bucket}"))
}

/// Whether a bucket with dots in its name is put before the host; this is possible only without TLS, since no
/// certificate would be valid for that name. The SDK requires three characters in each part.
fn is_in_host(bucket: &str) -> bool {
    let is_ip =
        bucket.split('.').count() == 4 && bucket.split('.').all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    bucket.contains('.')
        && (3..=63).contains(&bucket.len())
        && !is_ip
        && bucket.split('.').all(|part| {
            part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                && !part.is_empty()
                && !part.starts_with('-')
                && !part.ends_with('-')
        })
}

/// Whether a bucket can be one label of a host name.
pub(super) fn is_label(bucket: &str) -> bool {
    (3..=63).contains(&bucket.len())
        && bucket.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !bucket.starts_with('-')
        && !bucket.ends_with('-')
}

/// A path as urllib3 sends it: what is already encoded stays so.
fn sent(path: &str) -> String {
    utf8_percent_encode(&without_dots(path, true), CONTROLS).to_string()
}

/// `path` without `.` and `..` (RFC 3986, 5.2.4) and without a slash at its end. botocore also removes empty parts;
/// urllib3 keeps them.
fn without_dots(path: &str, empty: bool) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.strip_prefix('/').unwrap_or(path).split('/') {
        match part {
            "." => {}
            "" if !empty => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let whole = parts.join("/");
    let whole = whole.trim_end_matches('/');
    if whole.is_empty() { String::new() } else { format!("/{whole}") }
}

/// The SDK's rules with another URL: the signing parameters stay theirs.
#[derive(Debug)]
pub(super) struct Placed {
    rules: DefaultResolver,
    url: String,
}

impl Placed {
    pub(super) fn at(url: String) -> Self {
        Self { rules: DefaultResolver::new(), url }
    }
}

impl ResolveEndpoint for Placed {
    fn resolve_endpoint<'a>(&'a self, params: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::new(async move {
            let endpoint = self.rules.resolve_endpoint(params).await?;
            Ok(endpoint.into_builder().url(self.url.clone()).build())
        })
    }
}
