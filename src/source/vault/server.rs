//! `Vault`: one server and one token, used through the HTTP API.

use http::header::{HeaderName, HeaderValue};
use http::{Request, StatusCode};
use http_body_util::Full;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::refusal::{self, Refusal};
use crate::driver::Attempt;
use crate::driver::kit::http::{Origin, ServiceUrl};
use crate::model::failure::Failure;
use crate::model::reason;
use crate::model::secret::Secret;
use crate::net::tls::Verification;
use crate::source::backend::{self, Answer, Client, Variables};
use crate::source::error::SourceError;
use crate::source::settings::Environment;

/// The hint for a server that does not speak TLS.
const PLAIN: &str = "where Vault is to speak without TLS, on this machine only, write `VAULT_ADDR` with `http://`";

/// The characters that are escaped in a path: all except the unreserved ones of a URL and the slash.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The address of a Vault, and how to log in to it, from Vault's own environment variables.
pub(super) struct Address {
    url: ServiceUrl,
    token: Secret,
    namespace: Option<String>,
    authorities: Option<Vec<u8>>,
    verification: Verification,
}

impl Address {
    /// The scheme, host and port.
    pub(super) fn origin(&self) -> &Origin {
        self.url.origin()
    }

    /// The token, which is sent with every request.
    pub(super) fn token(&self) -> &str {
        self.token.expose()
    }

    /// Reads `VAULT_ADDR`, `VAULT_TOKEN` (or the file `VAULT_TOKEN_FILE`), `VAULT_NAMESPACE`, `VAULT_CACERT_BYTES`,
    /// `VAULT_CACERT` and `VAULT_SKIP_VERIFY`. `name` is the name of the source, for errors.
    pub(super) fn read(environment: &Environment, name: &str) -> Result<Self, SourceError> {
        let mut variables = Variables::new(environment);
        let address = variables.needed(&["VAULT_ADDR"]);
        let token = variables.needed(&["VAULT_TOKEN", "VAULT_TOKEN_FILE"]);
        let (Some(address), Some(token)) = (address, token) else { return Err(variables.incomplete(name)) };
        let token = match token {
            ("VAULT_TOKEN", token) => Secret::new(token.trim().to_owned()),
            file => Secret::new(backend::file(file, name)?.expose().trim().to_owned()),
        };
        let file = variables.any(&["VAULT_CACERT"]);
        let authorities = match variables.get("VAULT_CACERT_BYTES") {
            Some(pem) => Some(pem.as_bytes().to_vec()),
            None => backend::roots(file, name)?,
        };
        let unverified = backend::switch(variables.get("VAULT_SKIP_VERIFY"));
        Ok(Self {
            url: backend::url(address, name)?,
            token,
            namespace: variables.get("VAULT_NAMESPACE").map(str::to_owned),
            authorities,
            verification: if unverified { Verification::None } else { Verification::Full },
        })
    }
}

/// A server that accepts requests.
pub(super) struct Vault {
    client: Client,
    prefix: String,
    token: Secret,
    namespace: Option<String>,
}

impl Vault {
    pub(super) fn new(address: Address, attempt: Attempt) -> Self {
        let Address { url, token, namespace, authorities, verification } = address;
        let client = Client::new(attempt, url.origin().clone(), verification, authorities, PLAIN);
        Self { client, prefix: url.path().to_owned(), token, namespace }
    }

    /// Reads `path`, which is not yet escaped. `query` is empty or begins with `?`.
    pub(super) async fn get(&self, path: &str, query: &str) -> Result<Answer, Refusal> {
        let asked = backend::patiently(async || {
            let answer = self.client.send(self.request(path, query)?).await?;
            // Only this refusal ends by itself, so only this request is repeated. The caller handles all others.
            if answer.status == StatusCode::TOO_MANY_REQUESTS { Err(refusal::busy()) } else { Ok(answer) }
        });
        let answer = asked.await.map_err(Refusal::Failed)?;
        if answer.status.is_success() { Ok(answer) } else { Err(Refusal::of(&answer)) }
    }

    fn request(&self, path: &str, query: &str) -> Result<Request<Full<hyper::body::Bytes>>, Failure> {
        let path = utf8_percent_encode(path, RESERVED);
        let mut token =
            HeaderValue::from_str(self.token.expose()).map_err(|_invalid| Failure::of(reason::Vault::BadToken))?;
        token.set_sensitive(true);
        let mut request = Request::get(format!("{}/v1/{path}{query}", self.prefix))
            .header(HeaderName::from_static("x-vault-token"), token)
            // Without this header a Vault agent may refuse to forward the request.
            .header(HeaderName::from_static("x-vault-request"), HeaderValue::from_static("true"));
        if let Some(namespace) = &self.namespace {
            request = request.header(HeaderName::from_static("x-vault-namespace"), namespace);
        }
        request.body(Full::default()).map_err(|_invalid| Failure::of(reason::Vault::BadPath))
    }
}
