//! `Login`: the two steps of a login over HTTP, at servers that may not require one: first a request without the
//! credential, then, if that was refused, one with it. Only a difference between both answers says anything about the
//! credential.

use http::HeaderMap;
use http::uri::PathAndQuery;

use super::challenge::{dialogue_demanded, names_methods, offers};
use super::{Answer, Client, Connector, Origin, Redirect};
use crate::driver::Attempt;
use crate::model::codes::{CheckedCredential, CodeTable, Context};
use crate::model::failure::Failure;
use crate::model::reason::{Dialogue, Field, Http, Login as Reason};

/// The credential of a login, as headers of a request.
#[derive(Debug)]
pub struct Credential {
    /// The headers.
    pub headers: HeaderMap,
    /// The name of the method: a scheme of `Authorization`, or the kind of header.
    pub method: &'static str,
    /// The fields of the definition that hold it.
    pub fields: Vec<Field>,
}

/// The method of a credential that is a user and a password.
pub const BASIC: &str = "Basic";

/// A login.
pub struct Login<'a> {
    /// The attempt that it belongs to.
    pub attempt: &'a Attempt,
    /// Opens the connections.
    pub connector: &'a dyn Connector,
    /// The origin of the requests.
    pub origin: &'a Origin,
    /// The path that is requested.
    pub path: &'a PathAndQuery,
    /// The headers of both requests.
    pub headers: &'a HeaderMap,
    /// The credential, if the definition has one.
    pub credential: Option<&'a Credential>,
    /// The meanings of statuses: [`super::STATUSES`], and those that the product adds.
    pub codes: &'static CodeTable,
}

/// The outcome of a login that did not fail.
#[derive(Debug)]
pub struct Outcome {
    /// The last answer.
    pub answer: Answer,
    /// Whether the server refused the request without the credential, and accepted it with the credential.
    pub demanded: bool,
}

impl Login<'_> {
    /// Logs in. Whether the server accepts the credential is recorded in the attempt.
    ///
    /// # Errors
    ///
    /// Why the service did not answer, or why it refuses the credential or the lack of one.
    pub async fn run(&self) -> Result<Outcome, Failure> {
        let mut client = Client::new(self.attempt, self.connector, self.origin);
        let first = self.ask(&mut client, None).await?;
        self.judge(&first, false)?;
        let Some(credential) = self.credential else { return self.without(first) };
        if first.is_success() {
            return if first.is_login_form() {
                Err(login_page(&first))
            } else {
                Ok(Outcome { answer: first, demanded: false })
            };
        }
        if let Some(what) = dialogue_demanded(&first.headers).filter(|_| credential.method == BASIC) {
            return Err(Failure::of(Reason::MethodUnsupported { what: what.into(), hint: DIALOGUE }));
        }
        self.attempt.learn(|facts| facts.auth_method = Some(credential.method.to_owned()));
        let second = self.ask(&mut client, Some(&credential.headers)).await?;
        self.conclude(&first, second, credential)
    }

    /// The outcome of the answer to a request without a credential, where the definition has none.
    fn without(&self, answer: Answer) -> Result<Outcome, Failure> {
        match answer.status {
            401 => Err(self.code("401/Anonymous")),
            403 => Err(self.code("403/Anonymous")),
            _ => Ok(Outcome { answer, demanded: false }),
        }
    }

    fn conclude(&self, first: &Answer, second: Answer, credential: &Credential) -> Result<Outcome, Failure> {
        let with_fields = |failure: Failure| Failure { fields: credential.fields.as_slice().into(), ..failure };
        let redirect = Redirect::of(&second, self.origin);
        let login_page = || Err(login_page(&second));
        if second.status == 401 {
            self.attempt.credential_refused();
            let other = credential.method == BASIC && names_methods(&second.headers) && !offers(&second.headers, BASIC);
            if other {
                let mut failure = with_fields(self.code("401/Scheme"));
                failure.point_at([Field::extra("Authorization")]);
                return Err(failure);
            }
            return Err(with_fields(self.code("401")));
        }
        self.judge(&second, true)?;
        let status = second.status;
        let same_words = first.has_the_words_of(&second);
        if !same_words && second.refuses_credentials() {
            let failure = Failure::of(Http::CredentialNotTaken { status, of_credential: true });
            return Err(with_fields(failure.known_code(status.to_string())));
        }
        // Some servers refuse with the same status as they demand, and with other words or another target. Other pages
        // may differ from request to request.
        let alike =
            first.status == status && first.leads_where(&second) && (same_words || !matches!(status, 400 | 403));
        if alike {
            self.attempt.credential_made_no_difference();
            return match status {
                400 => Err(self.code("400/Both")),
                403 => Err(self.code("403/Both")),
                _ if redirect == Some(Redirect::Login) => login_page(),
                _ => Ok(Outcome { answer: second, demanded: false }),
            };
        }
        // The form is the application's own, if the server in front of it has demanded Basic.
        let is_behind = credential.method == BASIC && offers(&first.headers, BASIC) && first.status == 401;
        if second.is_login_form() && !is_behind || redirect == Some(Redirect::Login) {
            return login_page();
        }
        if proves(first.status, status) {
            self.attempt.credential_accepted();
            return Ok(Outcome { answer: second, demanded: true });
        }
        // A refusal with other words than the request without the credential got says nothing certain about it.
        let row = match (first.status, status) {
            (400, 400) => Some("400/Both"),
            (403, 403) => Some("403/Both"),
            (_, 403) => Some("403"),
            _ => None,
        };
        if let Some(row) = row {
            return Err(Failure { checked: CheckedCredential::Instead, ..self.code(row) });
        }
        if redirect.is_some() {
            return Err(Failure {
                checked: CheckedCredential::Instead,
                ..Failure::of(Http::RedirectWithin { status })
            });
        }
        let failure = Failure::of(Http::CredentialNotTaken { status, of_credential: false });
        let mut failure = Failure { checked: CheckedCredential::Instead, ..failure.known_code(status.to_string()) };
        failure.point_at([Field::HOST]);
        Err(failure)
    }

    /// Checks that `answer` comes from the service that was addressed. `sent` tells whether the credential was sent.
    fn judge(&self, answer: &Answer, sent: bool) -> Result<(), Failure> {
        let status = answer.status;
        if status < 200 {
            // The request did not ask for another protocol.
            return Err(Failure::of(Dialogue::NotUnderstood { product: "HTTP" }));
        }
        if answer.wants_tls() {
            let behind = self.origin.tls;
            return Err(Failure::of(if behind { Http::TlsExpectedBehind } else { Http::TlsExpected { hint: TLS } }));
        }
        if let Some(complaint) = answer.certificate_complaint() {
            return Err(Failure { checked: CheckedCredential::Instead, ..Failure::of(complaint) });
        }
        let reason = match Redirect::of(answer, self.origin) {
            Some(Redirect::ToTls) => Some(Http::RedirectToTls { status, sent }),
            Some(Redirect::Elsewhere(to)) => {
                if let Some(to) = &to {
                    self.attempt.heard(to);
                }
                Some(Http::RedirectElsewhere { status, to })
            }
            Some(Redirect::Login | Redirect::Within) | None => None,
        };
        if let Some(reason) = reason {
            return Err(Failure { checked: CheckedCredential::Instead, ..Failure::of(reason) });
        }
        if !matches!(status, 407 | 408 | 421 | 425 | 429 | 500..) {
            return Ok(());
        }
        let known = self.codes.failure(&status.to_string(), Context::default());
        let unknown =
            || Failure::of(Http::CodeUnknown { service: "the server", status }).known_code(status.to_string());
        Err(Failure { checked: CheckedCredential::Instead, ..known.unwrap_or_else(unknown) })
    }

    /// The failure that a row of the table describes.
    fn code(&self, code: &str) -> Failure {
        let unknown = || Failure::of(Http::CodeUnknown { service: "the server", status: 401 });
        self.codes.failure(code, Context::default()).unwrap_or_else(unknown)
    }

    /// Sends one request, and records the product that the answer names.
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

/// Whether a server that answered with these statuses `without` the credential and `with` it has accepted it. A
/// redirect is not proof: servers redirect unknown clients to a login page. Nor is 403: a server without its list of
/// users answers so to every client.
fn proves(without: u16, with: u16) -> bool {
    matches!((without, with), (_, 200..=299) | (401 | 403, 404..=406 | 410 | 415))
}

/// The failure for an HTML page in place of an answer.
fn login_page(answer: &Answer) -> Failure {
    Failure::of(Http::LoginPage { status: answer.status })
}

/// The hint for a server that requires TLS.
const TLS: &str = "set `schema` to `https`, or begin `host` with `https://`";

/// The hint for a server that requires a multi-step method.
const DIALOGUE: &str =
    "an administrator can let the server take Basic too, or a token in a header, which the definition can hold";
