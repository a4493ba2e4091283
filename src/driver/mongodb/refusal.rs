//! Turns errors of the server and of the crate into failures.

use mongodb::error::{Error, ErrorKind};

use super::codes::CODES;
use super::reply::Reply;
use crate::driver::kit::sasl::ScramError;
use crate::model::class::Class;
use crate::model::codes::refinement::Said;
use crate::model::codes::{CheckedCredential, Context};
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Dialogue, Login, Machine, ReasonCode};

/// The login, as far as the text for a refusal needs it.
#[derive(Clone, Debug, Default)]
pub(super) struct Asker {
    /// The host, as `h1:27017`.
    pub(super) host: String,
    /// The user; `None` without a login.
    pub(super) user: Option<String>,
    /// Whether the definition logs in at all.
    pub(super) logs_in: bool,
    /// The authentication database.
    pub(super) source: String,
    /// Whether `schema` is used because no authentication database is named.
    pub(super) source_is_schema: bool,
}

/// The stage of the dialogue at which a server refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// In its answer to the greeting, before a credential was sent.
    Greeting,
    /// In its answer to the login.
    Login,
    /// After the login.
    Query,
}

/// The failure of an answer with `ok: 0` at `stage`.
pub(super) fn of_reply(reply: Reply<'_>, asker: &Asker, stage: Stage) -> Failure {
    let code = reply.number("code").map(|code| code.to_string());
    let context = Context {
        login: asker.user.as_deref(),
        database: Some(&asker.source),
        host: Some(&asker.host),
        target: Some(&asker.host),
    };
    // Servers before MongoDB 3.6, and Azure Cosmos DB, put an error's text into `$err`, and pymongo reads it there too
    // (`pymongo/message.py`, `_OpReply.raw_response`).
    let said = reply.text("errmsg").or_else(|| reply.text("$err"));
    let text = match (reply.text("codeName"), said) {
        (Some(name), Some(text)) => Some(format!("{name}: {text}")),
        (None, Some(text)) | (Some(text), None) => Some(text.to_owned()),
        (None, None) => None,
    };
    let said = Said { code: code.as_deref().unwrap_or_default(), product: None, text: said.unwrap_or_default() };
    let has = |variant: &str| CODES.lookup(&format!("{}/{variant}", said.code)).is_some();
    let demands_login = !asker.logs_in && has("anonymous");
    let during_login = asker.logs_in && stage == Stage::Login;
    let variant = if demands_login { Some("anonymous") } else { during_login.then_some("login") };
    let known = CODES.refusal(said, variant, context);
    let known = if demands_login { known.map(|failure| failure.at(Phase::Auth)) } else { known };
    // At the greeting no login has begun, so a code about a login does not apply.
    let known = known.filter(|known| stage != Stage::Greeting || !asker.logs_in || !is_of_login(known));
    let failure = known.unwrap_or_else(|| unknown(code.as_deref(), asker, stage));
    let failure = if failure.code.as_deref() == Some("18") && asker.source_is_schema {
        failure.hint(format!(
            "`schema` (`{}`) was taken as the authentication database: if the user was created in another one, name that in extra `authSource`; else check login and password",
            asker.source
        ))
    } else {
        failure
    };
    match text {
        Some(text) => failure.detail(text),
        None => failure,
    }
}

/// Whether `failure` is about a login.
fn is_of_login(failure: &Failure) -> bool {
    failure.class == Class::Auth || failure.reason == ReasonCode::PrivilegeMissing
}

/// The failure of a login whose SCRAM dialogue the server ended with an error; `None` for any other message.
pub(super) fn of_scram(message: &[u8], asker: &Asker) -> Option<Failure> {
    let error = ScramError::read(message)?;
    let code = error.name().map(str::to_owned);
    Some(if error.refuses() {
        Failure::of(Login::RefusedUnknown { login: asker.user.clone().unwrap_or_default(), code })
    } else {
        let failure = Failure::of(Login::ServerError { code, hint: "try again later; see the server's log" });
        Failure { checked: CheckedCredential::Instead, ..failure }
    })
}

/// The failure for a code that the table does not have. In answer to the login it counts as a refused login, so that
/// the credential is not sent again.
fn unknown(code: Option<&str>, asker: &Asker, stage: Stage) -> Failure {
    let own = code.map(str::to_owned);
    let failure = if asker.logs_in && stage == Stage::Login {
        Failure::of(Login::RefusedUnknown { login: asker.user.clone().unwrap_or_default(), code: own })
    } else {
        Failure::of(Login::ServerError { code: own, hint: "see the server's own words and its log" })
    };
    match code {
        Some(code) => failure.code_of(&CODES, code),
        None => failure,
    }
}

/// The failure for an error of the crate itself, without a server's answer or a broken connection as its cause. Its
/// texts are the crate's, but may contain the server's.
pub(super) fn of_crate(error: &Error) -> Failure {
    match &*error.kind {
        ErrorKind::Authentication { .. } => Failure::of(Dialogue::ServerUnproved),
        ErrorKind::InvalidResponse { .. } | ErrorKind::Bson(_) | ErrorKind::IncompatibleServer { .. } => {
            Failure::of(Dialogue::NotUnderstood { product: "MongoDB" })
        }
        _ => Failure::of(Machine::Bug { what: "the MongoDB library gave up for a reason of its own".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use mongodb::bson::{Document, doc};

    use super::*;

    fn refused(document: &Document, asker: &Asker, stage: Stage) -> Failure {
        of_reply(Reply::read(&document.to_vec().unwrap()).unwrap(), asker, stage)
    }

    fn asker() -> Asker {
        Asker {
            host: "h:1".into(),
            user: Some("etl".into()),
            logs_in: true,
            source: "admin".into(),
            source_is_schema: false,
        }
    }

    #[test]
    fn a_code_is_classed_by_where_and_who() {
        let anonymous = Asker { user: None, logs_in: false, ..asker() };
        for (code, asker, stage, class) in [
            (18, asker(), Stage::Login, Class::Auth),
            (8000, asker(), Stage::Login, Class::Auth),
            (13, asker(), Stage::Query, Class::Denied),
            (13, asker(), Stage::Login, Class::Auth),
            (13, anonymous.clone(), Stage::Query, Class::Auth),
            (13, anonymous.clone(), Stage::Greeting, Class::Auth),
            (334, asker(), Stage::Login, Class::Unsupported),
            (91, asker(), Stage::Login, Class::Busy),
            (11600, asker(), Stage::Query, Class::Busy),
            (424_242, asker(), Stage::Login, Class::Auth),
            (424_242, asker(), Stage::Query, Class::Server),
            (424_242, anonymous, Stage::Query, Class::Server),
            // No credential was sent yet, so the answer cannot be about it.
            (18, asker(), Stage::Greeting, Class::Server),
            (8000, asker(), Stage::Greeting, Class::Server),
            (11, asker(), Stage::Greeting, Class::Server),
            (13, asker(), Stage::Greeting, Class::Server),
            (391, asker(), Stage::Greeting, Class::Server),
            (11601, asker(), Stage::Greeting, Class::Server),
            (91, asker(), Stage::Greeting, Class::Busy),
            (59, asker(), Stage::Greeting, Class::Protocol),
            (354, asker(), Stage::Greeting, Class::Definition),
        ] {
            let failure = refused(&doc! { "ok": 0, "code": code, "errmsg": "no", "codeName": "No" }, &asker, stage);
            assert_eq!((failure.class, failure.code.as_deref()), (class, Some(&*code.to_string())), "{code} {stage:?}");
            assert_eq!(failure.detail.as_deref(), Some("No: no"));
        }
    }

    #[test]
    fn a_refusal_says_where_the_user_was_looked_for() {
        let refusal = doc! { "ok": 0, "code": 18 };
        let plain = refused(&refusal, &asker(), Stage::Login);
        assert!(plain.message.contains("`etl`") && plain.message.contains("`admin`"), "{}", plain.message);
        let by_schema = Asker { source: "sales".into(), source_is_schema: true, ..asker() };
        let by_schema = refused(&refusal, &by_schema, Stage::Login);
        assert!(by_schema.hint.is_some_and(|hint| hint.contains("`schema`") && hint.contains("`sales`")));
    }

    /// Before the login is complete nothing is an acceptance of its secret.
    #[test]
    fn what_follows_a_login_elsewhere_is_its_refusal_where_it_comes_in_its_place() {
        let refusal = doc! { "ok": 0, "code": 13, "$err": "Not Authenticated" };
        let [during, after] = [Stage::Login, Stage::Query].map(|stage| refused(&refusal, &asker(), stage));
        assert_eq!((during.checked, after.checked), (CheckedCredential::Unknown, CheckedCredential::After));
        assert_eq!(during.detail.as_deref(), Some("Not Authenticated"));
    }

    #[test]
    fn an_error_without_a_code_is_still_a_refusal() {
        assert_eq!(refused(&doc! { "ok": 0, "errmsg": "auth failed" }, &asker(), Stage::Login).class, Class::Auth);
    }
}
