//! The second look of this driver: the parts of the definition that make a failure likely, as its hint. Must not change
//! the verdict.

use super::options::Options;
use super::request::Request;
use crate::driver::tls_file;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::{Field, Http, ReasonCode};

/// Adds to the `failure` of `request` the hint that `options` suggest.
pub(super) fn refine(options: &Options, request: Request<'_>, mut failure: Failure) -> Failure {
    if let Some(misnamed) = options.misnamed_endpoint.as_deref().filter(|_| request.service(options).is_aws()) {
        failure.point_at([Field::extra(misnamed)]);
        return failure.hint(format!(
            "extra `{misnamed}` is not read, so that AWS itself was asked: call it `endpoint_url` to reach the server that it names"
        ));
    }
    let (ca, identity) = (options.ca.as_ref(), options.certificate.as_ref());
    let mut failure = tls_file::blame(failure, ca, identity, identity);
    if failure.reason == ReasonCode::TlsExpected {
        failure.point_at([Field::extra("endpoint_url")]);
        return failure.hint("write the endpoint as `https://host:port` in extra `endpoint_url`");
    }
    if failure.reason == ReasonCode::ClientCertificateRequired {
        failure.point_at([Field::named("extra.config_kwargs.client_cert")]);
        return failure
            .hint("name a PEM file with the certificate and its key as `client_cert` in extra `config_kwargs`");
    }
    if let Some(bucket) = options.bucket_in_path(request).filter(|_| failure.reason == ReasonCode::BucketNotFound) {
        let twice = Failure::of(Http::BucketTwice { bucket: bucket.to_owned() });
        let Failure { code, known_code, detail, speaker, checked, .. } = failure;
        let mut twice = Failure { code, known_code, detail, speaker, checked, ..twice };
        twice.point_at([options.endpoint.clone(), Field::SCHEMA]);
        return twice;
    }
    let named = match failure.class {
        Class::Auth if options.keys.lacks_token() => Some("aws_session_token"),
        Class::Resolve | Class::Tls if options.bucket_is_in_host(request) => Some("config_kwargs.s3.addressing_style"),
        _ => None,
    };
    failure.point_at(named.map(Field::extra));
    match failure.class {
        Class::Auth if options.keys.lacks_token() => failure.hint(
            "a key id that begins with `ASIA` is a temporary one: store its session token in extra `aws_session_token`, or permanent keys",
        ),
        Class::Resolve | Class::Tls if options.bucket_is_in_host(request) => failure.hint(
            "the bucket was put before the name of the endpoint: set `addressing_style` to `path` in extra `config_kwargs.s3`, unless the name and its certificate are made for that",
        ),
        Class::Unreachable | Class::Closed if options.is_plain(request) => failure.hint(
            "if the endpoint speaks TLS there, write it as `https://host:port` in extra `endpoint_url`; otherwise a proxy without a working server, or another service, may own the port",
        ),
        _ => failure,
    }
}
