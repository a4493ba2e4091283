//! `Login`: the two steps of a login over HTTP, at servers that may not require one: first a request without the
//! credential, then, if that was refused, one with it. Only a difference between both answers says anything about the
//! credential. Where the second answer is neither a success nor a refusal, a third request has a credential that does
//! not exist, once a day: the server looks at credentials only if it tells the two apart.

use std::time::Duration;

use http::header::{HeaderMap, HeaderName};
use http::uri::PathAndQuery;
use tokio::time::timeout;

use super::challenge::{dialogue_demanded, names_methods, offers};
use super::{Answer, Client, Connector, Origin, Redirect, made_up};
use crate::driver::Attempt;
use crate::driver::controls::Control;
use crate::model::codes::{CheckedCredential, CodeTable, Context};
use crate::model::failure::Failure;
use crate::model::fingerprint::Fingerprint;
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
        self.conclude(&mut client, &first, second, credential).await
    }

    /// The outcome of the answer to a request without a credential, where the definition has none.
    fn without(&self, answer: Answer) -> Result<Outcome, Failure> {
        match answer.status {
            401 => Err(self.code("401/Anonymous")),
            403 => Err(self.code("403/Anonymous")),
            _ => Ok(Outcome { answer, demanded: false }),
        }
    }

    async fn conclude(
        &self,
        client: &mut Client<'_>,
        first: &Answer,
        second: Answer,
        credential: &Credential,
    ) -> Result<Outcome, Failure> {
        let status = second.status;
        if status == 401 {
            return Err(self.refused(&second, credential));
        }
        self.judge(&second, true)?;
        let redirect = Redirect::of(&second, self.origin);
        let login_page = || Err(login_page(&second));
        let same_words = first.has_the_words_of(&second);
        if first.status == status && !same_words && second.refuses_credentials() {
            return Err(self.refused(&second, credential));
        }
        // Pages may differ from request to request.
        let is_alike =
            first.status == status && first.leads_where(&second) && (same_words || !matches!(status, 400 | 403));
        if is_alike {
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
        if redirect.is_some() {
            return Err(Failure {
                checked: CheckedCredential::Instead,
                ..Failure::of(Http::RedirectWithin { status })
            });
        }
        if is_proof(status) {
            self.attempt.credential_accepted();
            return Ok(Outcome { answer: second, demanded: true });
        }
        // Whoever is locked out may get another answer than somebody who does not exist.
        if second.refuses_credentials() {
            return Err(self.refused(&second, credential));
        }
        // The same status in other words: the server looks at the credential, and does not say what it thinks of it.
        if first.status == status {
            let row = if status == 400 { "400/Both" } else { "403/Both" };
            return Err(Failure { checked: CheckedCredential::Instead, ..self.code(row) });
        }
        // From here on the credential has its answer, whatever becomes of the comparison.
        self.attempt.credential_made_no_difference();
        let proof = self.contrast(client, &second, credential).await;
        if proof == Contrast::Other {
            self.attempt.credential_accepted();
            return match status {
                202 | 203 | 404..=406 | 410 | 415 => Ok(Outcome { answer: second, demanded: true }),
                403 => Err(self.code("403")),
                _ => Err(not_taken(status)),
            };
        }
        let is_compared = proof == Contrast::Same;
        Err(match status {
            403 => self.code("403"),
            202 | 203 | 404..=406 | 410 | 415 => {
                Failure::of(Http::LoginUnproved { status, is_compared }).known_code(status.to_string())
            }
            _ => not_taken(status),
        })
    }

    /// The failure of a credential that the server refused with `answer`.
    fn refused(&self, answer: &Answer, credential: &Credential) -> Failure {
        self.attempt.credential_refused();
        let status = answer.status;
        let is_basic = credential.method == BASIC;
        let wants_other = is_basic && names_methods(&answer.headers) && !offers(&answer.headers, BASIC);
        let failure = match status {
            401 if wants_other => self.code("401/Scheme"),
            401 => self.code("401"),
            _ => Failure::of(Http::CredentialNotTaken { status, of_credential: true }).known_code(status.to_string()),
        };
        let mut failure = Failure { fields: credential.fields.as_slice().into(), ..failure };
        if status == 401 && wants_other {
            failure.point_at([Field::extra("Authorization")]);
        }
        failure
    }

    /// The question to a credential that does not exist: everything that may change the server's answer to it.
    fn question(&self, credential: &Credential) -> String {
        let scheme = if self.origin.tls { "https" } else { "http" };
        let mut names: Vec<&str> = credential.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let mut others: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        others.sort_unstable();
        let others: Vec<&[u8]> = others.iter().flat_map(|(name, value)| [name.as_bytes(), value]).collect();
        let others = Fingerprint::of(&others).id();
        let (authority, path, method) = (self.origin.authority(), self.path, credential.method);
        format!("{scheme}://{authority}{path} {method} {} {others}", names.join(" "))
    }

    /// Compares `answer`, which the credential got, with the answer to one that does not exist: only a server that looks
    /// at credentials tells them apart. The latter is asked for once a day.
    async fn contrast(&self, client: &mut Client<'_>, answer: &Answer, credential: &Credential) -> Contrast {
        let Some(made_up) = made_up::headers(&credential.headers) else { return Contrast::Unknown };
        let mut headers = self.headers.clone();
        headers.extend(made_up);
        let patience = PATIENCE.min(self.attempt.remaining() / 2);
        let ask = async {
            let asked = timeout(patience, client.get(self.path, &headers, None)).await;
            control(asked.ok()?.ok()?.status)
        };
        let question = self.question(credential);
        match self.attempt.controls.answer(&question, ask).await {
            Some(Control::Refused(status)) if status == answer.status.to_string() => Contrast::Same,
            Some(Control::Refused(status)) if REFUSED.contains(&status.as_str()) => Contrast::Other,
            _ => Contrast::Unknown,
        }
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

/// How the answer to a credential differs from the answer to one that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contrast {
    /// The one that does not exist was refused, and the other was not refused so.
    Other,
    /// Both got the same status.
    Same,
    /// Nothing follows from them.
    Unknown,
}

/// The statuses by which a server refuses a credential that does not exist.
const REFUSED: [&str; 2] = ["401", "403"];

/// How long the answer to a made-up credential is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// What `status` says as the answer to a made-up credential; `None` if it does not answer the credential.
fn control(status: u16) -> Option<Control> {
    match status {
        407 | 408 | 421 | 425 | 429 => None,
        200..=299 => Some(Control::Taken),
        300..=499 => Some(Control::Refused(status.to_string())),
        _ => None,
    }
}

/// Whether `status` proves by itself that the credential was accepted. A redirect does not: servers redirect unknown
/// clients to a login page. Nor does 202 or 203, which gateways answer with a page of their own.
fn is_proof(status: u16) -> bool {
    matches!(status, 200..=299) && !matches!(status, 202 | 203)
}

/// The failure of a request that the server does not take, although it has the credential.
fn not_taken(status: u16) -> Failure {
    let failure = Failure::of(Http::CredentialNotTaken { status, of_credential: false });
    let mut failure = failure.known_code(status.to_string());
    failure.point_at([Field::HOST]);
    failure
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
