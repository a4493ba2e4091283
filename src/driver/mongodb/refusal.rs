//! A server's error, or the crate's → the failure that it means.

use mongodb::error::{Error, ErrorKind};

use super::NAME;
use super::reply::Reply;
use crate::model::codes::refinement::Said;
use crate::model::codes::{self, Context};
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Dialogue, Login, Machine};

/// What the words for a refusal need.
#[derive(Clone, Debug, Default)]
pub(super) struct Asker {
    /// `h1:27017`.
    pub(super) host: String,
    /// The user; `None` without a login.
    pub(super) user: Option<String>,
    /// Whether the definition logs in at all.
    pub(super) logs_in: bool,
    /// The authentication database.
    pub(super) source: String,
    /// `schema` stands in for an authentication database that nobody named.
    pub(super) source_is_schema: bool,
}

/// The failure that an answer with `ok: 0` means, to a login or to what came `after` it.
pub(super) fn of_reply(reply: Reply<'_>, asker: &Asker, after: bool) -> Failure {
    let code = reply.number("code").map(|code| code.to_string());
    let context = Context {
        login: asker.user.as_deref(),
        database: Some(&asker.source),
        host: Some(&asker.host),
        target: Some(&asker.host),
    };
    // Servers before MongoDB 3.6, and Azure Cosmos DB, have an error's text in `$err`; so does pymongo look for it
    // (`pymongo/message.py`, `_OpReply.raw_response`).
    let said = reply.text("errmsg").or_else(|| reply.text("$err"));
    let text = match (reply.text("codeName"), said) {
        (Some(name), Some(text)) => Some(format!("{name}: {text}")),
        (None, Some(text)) | (Some(text), None) => Some(text.to_owned()),
        (None, None) => None,
    };
    let said = Said { code: code.as_deref().unwrap_or_default(), product: None, text: said.unwrap_or_default() };
    let has = |variant: &str| codes::lookup(NAME, &format!("{}/{variant}", said.code)).is_some();
    let demands_login = !asker.logs_in && has("anonymous");
    let during_login = asker.logs_in && !after;
    let variant = if demands_login { Some("anonymous") } else { during_login.then_some("login") };
    let known = codes::refusal(NAME, said, variant, context);
    let known = if demands_login { known.map(|failure| failure.at(Phase::Auth)) } else { known };
    let failure = known.unwrap_or_else(|| unknown(code.as_deref(), asker, after));
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

/// A code that the table lacks. Before the login is done it counts as a refused login, so that it
/// is never sent again.
fn unknown(code: Option<&str>, asker: &Asker, after: bool) -> Failure {
    let own = code.map(str::to_owned);
    let failure = if asker.logs_in && !after {
        Failure::of(Login::RefusedUnknown { login: asker.user.clone().unwrap_or_default(), code: own })
    } else {
        Failure::of(Login::ServerError { code: own, hint: "see the server's own words and its log" })
    };
    match code {
        Some(code) => failure.code_of(NAME, code),
        None => failure,
    }
}

/// What the crate itself objected to, where no answer of the server and no broken wire was the
/// reason. Its texts are its own, but may hold the server's.
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
    use crate::model::class::Class;
    use crate::model::codes::CheckedCredential;

    fn refused(document: &Document, asker: &Asker, after: bool) -> Failure {
        of_reply(Reply::read(&document.to_vec().unwrap()).unwrap(), asker, after)
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
        for (code, asker, after, class) in [
            (18, asker(), false, Class::Auth),
            (8000, asker(), false, Class::Auth),
            (13, asker(), true, Class::Denied),
            (13, asker(), false, Class::Auth),
            (13, anonymous.clone(), true, Class::Auth),
            (334, asker(), false, Class::Unsupported),
            (91, asker(), false, Class::Busy),
            (11600, asker(), true, Class::Busy),
            (424_242, asker(), false, Class::Auth),
            (424_242, asker(), true, Class::Server),
            (424_242, anonymous, true, Class::Server),
        ] {
            let failure = refused(&doc! { "ok": 0, "code": code, "errmsg": "no", "codeName": "No" }, &asker, after);
            assert_eq!((failure.class, failure.code.as_deref()), (class, Some(&*code.to_string())), "{code} {after}");
            assert_eq!(failure.detail.as_deref(), Some("No: no"));
        }
    }

    #[test]
    fn a_refusal_says_where_the_user_was_looked_for() {
        let refusal = doc! { "ok": 0, "code": 18 };
        let plain = refused(&refusal, &asker(), false);
        assert!(plain.message.contains("`etl`") && plain.message.contains("`admin`"), "{}", plain.message);
        let by_schema = refused(&refusal, &Asker { source: "sales".into(), source_is_schema: true, ..asker() }, false);
        assert!(by_schema.hint.is_some_and(|hint| hint.contains("`schema`") && hint.contains("`sales`")));
    }

    /// Before the login is done nothing is an acceptance of its secret.
    #[test]
    fn what_follows_a_login_elsewhere_is_its_refusal_where_it_comes_in_its_place() {
        let refusal = doc! { "ok": 0, "code": 13, "$err": "Not Authenticated" };
        let (during, after) = (refused(&refusal, &asker(), false), refused(&refusal, &asker(), true));
        assert_eq!((during.checked, after.checked), (CheckedCredential::Unknown, CheckedCredential::After));
        assert_eq!(during.detail.as_deref(), Some("Not Authenticated"));
    }

    #[test]
    fn an_error_without_a_code_is_still_a_refusal() {
        assert_eq!(refused(&doc! { "ok": 0, "errmsg": "auth failed" }, &asker(), false).class, Class::Auth);
    }
}
