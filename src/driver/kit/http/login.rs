//! `Login`: the two steps of a login over HTTP, at servers that may not care who asks: first without the credential, then,
//! where that was refused, with it. Only what the second answer differs in says something of the credential.

use http::HeaderMap;
use http::uri::PathAndQuery;

use super::challenge::dialogue_demanded;
use super::{Answer, Client, Connector, Origin, Redirect};
use crate::driver::Attempt;
use crate::model::codes::{CheckedCredential, CodeTable, Context};
use crate::model::failure::Failure;
use crate::model::reason::{Dialogue, Field, Http, Login as Reason};

/// The credential of a login: lines of a request.
#[derive(Debug)]
pub struct Credential {
    /// The lines.
    pub headers: HeaderMap,
    /// What it is called: a scheme of `Authorization`, or the kind of line.
    pub method: &'static str,
    /// Where the definition has it.
    pub fields: Vec<Field>,
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

    /// What an answer to nobody comes to, where the definition has nothing to log in with.
    fn without(&self, answer: Answer) -> Result<Outcome, Failure> {
        match answer.status {
            401 => Err(self.code("401/Anonymous")),
            403 => Err(self.code("403/Anonymous")),
            _ => Ok(Outcome { answer, demanded: false }),
        }
    }

    fn conclude(&self, first: &Answer, second: Answer, credential: &Credential) -> Result<Outcome, Failure> {
        let refused = |failure: Failure| Failure { fields: credential.fields.as_slice().into(), ..failure };
        let redirect = Redirect::of(&second, self.origin);
        let login_page = || Err(login_page(&second));
        if second.status == 401 {
            self.attempt.credential_refused();
            return Err(refused(self.code("401")));
        }
        let before = Redirect::of(first, self.origin);
        let alike = redirect == before && (redirect.is_some() || first.status == second.status);
        // What is answered to everybody says nothing of the credential.
        if alike {
            self.attempt.credential_ignored();
            return match second.status {
                400 => Err(self.code("400/Both")),
                403 => Err(self.code("403/Both")),
                _ if redirect == Some(Redirect::Login) => login_page(),
                _ => {
                    self.judge(&second, true)?;
                    Ok(Outcome { answer: second, demanded: false })
                }
            };
        }
        self.judge(&second, true)?;
        if second.is_login_form() || redirect == Some(Redirect::Login) {
            return login_page();
        }
        let status = second.status;
        if proves(first.status, status) {
            self.attempt.credential_accepted();
            return Ok(Outcome { answer: second, demanded: true });
        }
        if status == 403 {
            return Err(self.code("403"));
        }
        if redirect.is_some() {
            return Err(Failure {
                checked: CheckedCredential::Instead,
                ..Failure::of(Http::RedirectWithin { status })
            });
        }
        Err(refused(Failure::of(Http::CredentialNotTaken { status }).known_code(status.to_string())))
    }

    /// Whether `answer`, to the credential where it was `sent`, is one of the service that was asked.
    fn judge(&self, answer: &Answer, sent: bool) -> Result<(), Failure> {
        let status = answer.status;
        if status < 200 {
            // Nobody has asked for another protocol.
            return Err(Failure::of(Dialogue::NotUnderstood { product: "HTTP" }));
        }
        if answer.wants_tls() {
            let behind = self.origin.tls;
            return Err(Failure::of(if behind { Http::TlsExpectedBehind } else { Http::TlsExpected { hint: TLS } }));
        }
        if let Some(complaint) = answer.certificate_complaint() {
            return Err(Failure::of(complaint));
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

/// Whether a server that answered `without` the credential, and `with` it, has taken it. A redirect is none: whoever is not known
/// is sent to where people log in. Nor is 403: a server that lacks its list of users says so of everybody.
fn proves(without: u16, with: u16) -> bool {
    matches!((without, with), (_, 200..=299) | (401 | 403, 404..=406 | 410 | 415))
}

/// A page for people, in place of an answer.
fn login_page(answer: &Answer) -> Failure {
    Failure::of(Http::LoginPage { status: answer.status })
}

/// What to do about a server that wants TLS.
const TLS: &str = "set `schema` to `https`, or begin `host` with `https://`";

/// What to do about a server that wants a dialogue.
const DIALOGUE: &str =
    "an administrator can let the server take Basic too, or a token in a header, which the definition can hold";
