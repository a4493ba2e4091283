//! `Login`: the two steps of a login over HTTP, at servers that may not care who asks: first without the credential, then,
//! where that was refused, with it. Only what the second answer differs in proves the credential.

use http::HeaderMap;
use http::uri::PathAndQuery;

use super::challenge::dialogue_demanded;
use super::{Answer, Client, Connector, Origin, Redirect};
use crate::driver::Attempt;
use crate::model::codes::{CheckedCredential, CodeTable, Context};
use crate::model::failure::Failure;
use crate::model::reason::{Dialogue, Http, Login as Reason};

/// The credential of a login: lines of a request.
#[derive(Debug)]
pub struct Credential {
    /// The lines.
    pub headers: HeaderMap,
    /// What it is called: a scheme of `Authorization`, or the kind of line.
    pub method: &'static str,
}

/// The method of a credential that is a user and a password.
pub const BASIC: &str = "Basic";

/// A login.
pub struct Login<'a> {
    /// Whose it is.
    pub attempt: &'a Attempt,
    /// What opens connections.
    pub connector: &'a dyn Connector,
    /// Where.
    pub origin: &'a Origin,
    /// What is asked for.
    pub path: &'a PathAndQuery,
    /// The lines of both requests.
    pub headers: &'a HeaderMap,
    /// What the definition has.
    pub credential: Option<&'a Credential>,
    /// What statuses mean: [`super::STATUSES`], and whatever the product adds.
    pub codes: &'static CodeTable,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The last answer.
    pub answer: Answer,
    /// The server has refused the request without the credential, and taken it with the credential.
    pub demanded: bool,
}

impl Login<'_> {
    /// Logs in. What the server says of the credential is noted in the attempt.
    ///
    /// # Errors
    ///
    /// Why there is no answer of the service, or why it refuses the credential, or the lack of one.
    pub async fn run(&self) -> Result<Outcome, Failure> {
        let mut client = Client::new(self.attempt, self.connector, self.origin);
        let first = self.ask(&mut client, None).await?;
        self.judge(&first)?;
        let Some(credential) = self.credential else { return self.without(first) };
        if first.is_success() {
            return Ok(Outcome { answer: first, demanded: false });
        }
        if let Some(what) = dialogue_demanded(&first.headers).filter(|_| credential.method == BASIC) {
            return Err(Failure::of(Reason::MethodUnsupported { what: what.into(), hint: DIALOGUE }));
        }
        self.attempt.learn(|facts| facts.auth_method = Some(credential.method.to_owned()));
        let second = self.ask(&mut client, Some(&credential.headers)).await?;
        self.conclude(&first, second)
    }

    /// What an answer to nobody comes to, where the definition has nothing to log in with.
    fn without(&self, answer: Answer) -> Result<Outcome, Failure> {
        match answer.status {
            401 => Err(self.code("401/Anonymous")),
            403 => Err(self.code("403/Anonymous")),
            _ => Ok(Outcome { answer, demanded: false }),
        }
    }

    fn conclude(&self, first: &Answer, second: Answer) -> Result<Outcome, Failure> {
        let demanded = matches!(first.status, 401 | 403);
        let proved = proves(first.status, second.status);
        if proved {
            self.attempt.credential_accepted();
        }
        match (first.status, second.status) {
            (_, 401) => {
                self.attempt.credential_refused();
                return Err(self.code("401"));
            }
            (403, 403) => return Err(self.code("403/Both")),
            _ => self.judge(&second)?,
        }
        if !proved && (demanded || first.status != second.status) {
            return Err(
                Failure::of(Http::CredentialNotTaken { status: second.status }).known_code(second.status.to_string())
            );
        }
        if !proved {
            self.attempt.credential_ignored();
        }
        Ok(Outcome { answer: second, demanded: proved })
    }

    /// Whether `answer` is one of the service that was asked.
    fn judge(&self, answer: &Answer) -> Result<(), Failure> {
        let status = answer.status;
        if status < 200 {
            // Nobody has asked for another protocol.
            return Err(Failure::of(Dialogue::NotUnderstood { product: "HTTP" }));
        }
        if answer.wants_tls() {
            let behind = self.origin.tls;
            return Err(Failure::of(if behind { Http::TlsExpectedBehind } else { Http::TlsExpected { hint: TLS } }));
        }
        if let Some(redirect) = Redirect::of(answer, self.origin) {
            if let Redirect::Elsewhere(Some(to)) = &redirect {
                self.attempt.heard(to);
            }
            return Err(Failure::of(match redirect {
                Redirect::ToTls => Http::RedirectToTls { status },
                Redirect::Elsewhere(to) => Http::RedirectElsewhere { status, to },
            }));
        }
        if !matches!(status, 407 | 408 | 421 | 425 | 429 | 500..) {
            return Ok(());
        }
        let known = self.codes.failure(&status.to_string(), Context::default());
        let unknown =
            || Failure::of(Http::CodeUnknown { service: "the server", status }).known_code(status.to_string());
        Err(Failure { checked: CheckedCredential::Instead, ..known.unwrap_or_else(unknown) })
    }

    /// The failure that a row of the table is.
    fn code(&self, code: &str) -> Failure {
        let unknown = || Failure::of(Http::CodeUnknown { service: "the server", status: 401 });
        self.codes.failure(code, Context::default()).unwrap_or_else(unknown)
    }

    /// One answer, and what it says of the server.
    async fn ask(&self, client: &mut Client<'_>, credential: Option<&HeaderMap>) -> Result<Answer, Failure> {
        let answer = client.get(self.path, self.headers, credential).await?;
        if let Some((name, version)) = answer.product() {
            self.attempt.learn(|facts| {
                (facts.server, facts.server_said) = (Some(name.to_owned()), true);
                facts.version = version.map(str::to_owned);
            });
        }
        Ok(answer)
    }
}

/// Whether a server that answered `without` the credential, and `with` it, has taken it. Everything but a refusal would do
/// where it was asked for, if some did not answer to wrong keys with statuses of malformed requests.
fn proves(without: u16, with: u16) -> bool {
    matches!(
        (without, with),
        (_, 200..=299) | (401, 403) | (401 | 403, 300..=399 | 404..=406 | 410 | 415)
    )
}

/// What to do about a server that wants TLS.
const TLS: &str = "set `schema` to `https`, or begin `host` with `https://`";

/// What to do about a server that wants a dialogue.
const DIALOGUE: &str =
    "an administrator can let the server take Basic too, or a token in a header, which the definition can hold";
