//! What a server makes of a login, and what its refusals mean.

use super::codes::CODES;
use super::notices::RedisNotice;
use super::options::Options;
use super::wire::Reply;
use crate::driver::Attempt;
use crate::model::codes::Context;
use crate::model::codes::refinement::Said;
use crate::model::failure::Failure;
use crate::model::reason::{Login, ReasonCode};

/// Where in the dialogue a server refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Auth,
    Ping,
    Select,
}

/// Judges the `reply` to AUTH; `None` where it is none that a server gives.
pub(super) fn judge(reply: &Reply, options: &Options, host: &str, attempt: &Attempt) -> Option<Result<(), Failure>> {
    let text = match reply {
        Reply::Values(values) if values.as_slice() == ["OK"] => {
            attempt.credential_accepted();
            return Some(Ok(()));
        }
        Reply::Values(_) => return None,
        Reply::Refused(text) => text,
    };
    let failure = refusal(text, Stage::Auth, options, host);
    if failure.reason == ReasonCode::LoginNotAsked {
        attempt.credential_ignored();
        attempt.warn(RedisNotice::NoPasswordSet);
        return Some(Ok(()));
    }
    Some(Err(failure))
}

/// The failure that the error `text` means at `stage`.
pub(super) fn refusal(text: &str, stage: Stage, options: &Options, host: &str) -> Failure {
    let first = text.split(' ').next().unwrap_or_default();
    let code = if first.len() <= 20 && first.bytes().all(|byte| byte.is_ascii_uppercase()) { first } else { "" };
    let db = options.db.to_string();
    let context = Context { login: Some(options.user()), database: Some(&db), host: Some(host), target: Some(host) };
    let variant = match stage {
        Stage::Auth => options.password.is_none().then_some("no-password"),
        Stage::Ping => None,
        Stage::Select => Some("select"),
    };
    let said = Said { code, product: None, text: text.strip_prefix(code).unwrap_or(text).trim_start() };
    let known = CODES.refusal(said, variant, context);
    let failure = known.unwrap_or_else(|| {
        let code = (!code.is_empty()).then(|| code.to_owned());
        let failure =
            Failure::of(Login::ServerError { code: code.clone(), hint: "see the server's own words and its log" });
        code.map_or(failure.clone(), |code| failure.code_of(&CODES, code))
    });
    failure.detail(text)
}
