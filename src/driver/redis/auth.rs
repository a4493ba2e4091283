//! Judges replies to a login, and gives the meaning of refusals.

use super::codes::CODES;
use super::notices::RedisNotice;
use super::options::Options;
use super::wire::Reply;
use crate::driver::Attempt;
use crate::driver::kit::refusal_text::is_about_credentials;
use crate::model::codes::refinement::Said;
use crate::model::codes::{CheckedCredential, Context};
use crate::model::failure::Failure;
use crate::model::reason::{Login, ReasonCode};

/// The stage of the dialogue at which a server refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before the credential is sent.
    Greeting,
    Auth,
    Ping,
    Select,
}

/// The meaning of a reply to AUTH.
pub(super) enum Judgement {
    /// The dialogue goes on.
    Admitted,
    /// The server does not support users: redis-py then sends the password alone.
    WithoutUser,
    Refused(Failure),
    /// Not a reply that a server gives.
    Nonsense,
}

impl Judgement {
    /// The verdict; `None` if there is none.
    pub(super) fn verdict(self) -> Option<Result<(), Failure>> {
        match self {
            Self::Admitted => Some(Ok(())),
            Self::Refused(failure) => Some(Err(failure)),
            Self::WithoutUser | Self::Nonsense => None,
        }
    }
}

/// Judges the `reply` to AUTH.
pub(super) fn judge(reply: &Reply, options: &Options, host: &str, attempt: &Attempt) -> Judgement {
    let text = match reply {
        Reply::Text(text) if text == "OK" => {
            attempt.credential_accepted();
            return Judgement::Admitted;
        }
        Reply::Text(_) | Reply::Values(_) => return Judgement::Nonsense,
        Reply::Refused(text) => text,
    };
    if knows_no_users(text) {
        match (&options.login, &options.password) {
            (Some(_), Some(_)) => {
                attempt.credential_ignored();
                return Judgement::WithoutUser;
            }
            (Some(_), None) => {}
            (None, _) => return Judgement::Nonsense,
        }
    }
    let failure = refusal(text, Stage::Auth, options, host);
    // A server sends such a refusal before it runs the command, or before it has read one.
    if failure.checked == CheckedCredential::Before {
        attempt.credential_ignored();
    }
    match failure.reason {
        ReasonCode::LoginNotAsked => {
            attempt.warn(RedisNotice::NoPasswordSet);
            Judgement::Admitted
        }
        _ => Judgement::Refused(failure),
    }
}

/// Whether the server reports that AUTH takes the password only.
fn knows_no_users(text: &str) -> bool {
    text.to_ascii_lowercase().starts_with("err wrong number of arguments for 'auth'")
}

/// The failure for the error `text` at `stage`.
pub(super) fn refusal(text: &str, stage: Stage, options: &Options, host: &str) -> Failure {
    let first = text.split(' ').next().unwrap_or_default();
    let code = if first.len() <= 20 && first.bytes().all(|byte| byte.is_ascii_uppercase()) { first } else { "" };
    let db = options.db.to_string();
    let context = Context { login: Some(options.user()), database: Some(&db), host: Some(host), target: Some(host) };
    let variant = match stage {
        Stage::Auth if options.password.is_none() => Some("no-password"),
        Stage::Auth => Some("sent"),
        Stage::Greeting => None,
        Stage::Ping => options.password.is_some().then_some("sent"),
        // A proxy may look at the password only now.
        Stage::Select if code == "NOAUTH" => Some("sent"),
        Stage::Select => Some("select"),
    };
    let said = Said { code, product: None, text: text.strip_prefix(code).unwrap_or(text).trim_start() };
    let known = CODES.refusal(said, variant, context);
    // Proxies refuse a password in words of their own, and answer with errors about themselves.
    let is_refusal = known.is_none() && stage == Stage::Auth && is_about_credentials(text);
    let known = known.or_else(|| {
        let row = if options.password.is_none() { "WRONGPASS/no-password" } else { "WRONGPASS" };
        CODES.failure(row, context).filter(|_| is_refusal).map(|failure| Failure {
            code: (!code.is_empty()).then(|| code.to_owned()),
            known_code: false,
            ..failure
        })
    });
    let failure = known.unwrap_or_else(|| {
        let code = (!code.is_empty()).then(|| code.to_owned());
        let failure =
            Failure::of(Login::ServerError { code: code.clone(), hint: "see the server's own words and its log" });
        let failure = code.map_or(failure.clone(), |code| failure.code_of(&CODES, code));
        // Proxies also answer AUTH with errors of their own: no server behind them, a rate limit.
        Failure { checked: CheckedCredential::Instead, ..failure }
    });
    failure.detail(text)
}
