//! What the HTTP driver says of itself, and the plan that it makes of a definition.

use std::sync::Arc;

use super::codes::CODES;
use super::options::{self, Options};
use super::probe::HttpProbe;
use super::{auth, wire};
use crate::driver::extras::{ExtraSpec, irrelevant, secret, unsupported, used};
use crate::driver::{Driver, Fields, Plan, Proof, Refusal, Spec, Target};
use crate::model::connection::Connection;

/// The HTTP driver.
pub struct Http;

pub(super) static SPEC: Spec = Spec::new("http", "HTTP", &[("http", 80), ("https", 443)], PROOF)
    .schema("the scheme, `http` or `https`, where `host` is no URL")
    .extras(EXTRAS)
    .open_extras("a request header, and a secret")
    .codes(&CODES);

const PROOF: Proof = Proof::explicit(
    "a GET request that is refused without the credentials (401, 403) and answered with them; where it is answered without them, or refused alike, warning `login_not_demanded`",
);

const EXTRAS: &[ExtraSpec] = &[
    used("verify", "false to accept any certificate, or a file of certificates to trust"),
    used("verify_ssl", "the same, where there is no `verify`"),
    secret("cert", "the client's certificate: a file that holds its key too, or a list of both files"),
    irrelevant("timeout", "bounds requests of tasks; `--timeout` bounds the check"),
    irrelevant("stream", "says how bodies are read"),
    irrelevant("allow_redirects", "redirects are answers here"),
    irrelevant("max_redirects", "redirects are answers here"),
    irrelevant("trust_env", "nothing of the environment is used"),
    irrelevant("check_response", "says what tasks make of an answer"),
    unsupported("srv_lookup", "the server by an SRV record: name it in `host` and `port`"),
];

impl Driver for Http {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let options = options::read(&mut fields);
        let warnings = fields.finish()?;
        let Some(options) = options else { unreachable!("what could not be read was noted as a problem") };
        let Options { url, credential, .. } = &options;
        let origin = &url.origin;
        Ok(Plan {
            target: Target { host: Some(origin.host.clone()), port: Some(origin.port), database: None },
            endpoints: vec![origin.endpoint()],
            aliases: Vec::new(),
            account: credential.as_ref().map(auth::Credential::account).unwrap_or_default(),
            credential: credential.as_ref().map(auth::Credential::fingerprint),
            circumstances: wire::circumstances(&options),
            login: credential.as_ref().and_then(|credential| credential.login.clone()),
            timeout: None,
            warnings,
            probe: Arc::new(HttpProbe(options)),
        })
    }
}
