//! `Caller`: signed requests to one service in AWS's JSON protocol.

use std::time::SystemTime;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use http::header::CONTENT_TYPE;
use http::{HeaderName, Request, Uri};
use http_body_util::Full;
use hyper::body::Bytes;
use serde_json::Value as Json;

use super::account::{Account, Service};
use super::refusal;
use crate::driver::Attempt;
use crate::model::failure::Failure;
use crate::model::reason::Machine;
use crate::model::redact::Redactor;
use crate::net::tls::Verification;
use crate::source::backend::{self, Answer, Client};

/// The hint for an endpoint that does not speak TLS.
const PLAIN: &str = "where the endpoint is to speak without TLS, on this machine only, write it with `http://`";

const JSON: &str = "application/x-amz-json-1.1";

/// Sends requests to one service, signed with the keys of one account.
pub(super) struct Caller {
    client: Client,
    service: &'static Service,
    identity: Identity,
    region: String,
    /// The address of the service, as a signature covers it.
    origin: String,
    path: String,
    /// Removes the keys that sign the requests from the texts of failures.
    redactor: Redactor,
}

impl Caller {
    pub(super) fn new(service: &'static Service, account: Account, attempt: Attempt) -> Self {
        let keys = account.credentials();
        let redactor = Redactor::new([keys.secret_access_key(), keys.session_token().unwrap_or_default()], &[]);
        let identity = keys.into();
        let Account { region, origin: at, path, authorities, .. } = account;
        let origin = format!("{}://{}", at.scheme(), at.authority());
        let client = Client::new(attempt, at, Verification::Full, authorities, PLAIN);
        Self { client, service, identity, region, origin, path: format!("{path}/"), redactor }
    }

    /// Calls `operation` with `parameters`. Tries again while the service is busy.
    pub(super) async fn call(&self, operation: &str, parameters: &Json) -> Result<Answer, Failure> {
        let body = Bytes::from(parameters.to_string());
        backend::patiently(async || {
            let answer = self.client.send(self.request(operation, &body)?).await?;
            if answer.status.is_success() {
                return Ok(answer);
            }
            let mut failure = refusal::failure(&answer, self.service);
            failure.scrub(&self.redactor);
            Err(failure)
        })
        .await
    }

    fn request(&self, operation: &str, body: &Bytes) -> Result<Request<Full<Bytes>>, Failure> {
        let bug = || Failure::of(Machine::Bug { what: "the request could not be signed".to_owned() });
        let uri = format!("{}{}", self.origin, self.path);
        let target = format!("{}.{operation}", self.service.target);
        let parameters = SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(self.service.name)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|_incomplete| bug())?
            .into();
        let headers = [("content-type", JSON), ("x-amz-target", target.as_str())];
        let signable = SignableRequest::new("POST", &uri, headers.into_iter(), SignableBody::Bytes(body));
        let signed = sign(signable.map_err(|_invalid| bug())?, &parameters).map_err(|_invalid| bug())?;
        let mut request = Request::post(&uri)
            .header(CONTENT_TYPE, JSON)
            .header(HeaderName::from_static("x-amz-target"), &target)
            .body(Full::new(body.clone()))
            .map_err(|_invalid| bug())?;
        signed.into_parts().0.apply_to_request_http1x(&mut request);
        *request.uri_mut() = self.path.parse::<Uri>().map_err(|_invalid| bug())?;
        Ok(request)
    }
}
