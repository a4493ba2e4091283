//! What tiberius reports → a failure in our words.

use tiberius::error::{Error, TokenError};

use super::handover::Broken;
use crate::model::codes::refinement::Said;
use crate::model::codes::{self, Context};
use crate::model::failure::Failure;
use crate::model::reason::Login;
use crate::net::fault;
use crate::net::guard::Tap;
use crate::net::sniff::Protocol;

/// The failure for `error`, which ended a dialogue.
pub(super) fn failure(error: &Error, broken: &Broken, tap: &Tap, context: Context<'_>, has_password: bool) -> Failure {
    match error {
        Error::Server(token) => refused(token, context, has_password),
        // The crate keeps only the text of an I/O error; its own errors are about what the server sent.
        error => match broken.take() {
            Some(io) => fault::classify(&io, tap, Protocol::Tds),
            None => fault::classify(error, tap, Protocol::Tds),
        },
    }
}

fn refused(token: &TokenError, context: Context<'_>, has_password: bool) -> Failure {
    let code = token.code().to_string();
    let variant = match token.code() {
        _ if !has_password => Some("no-password"),
        // Its text names the database, which may be another than the definition's.
        911 if !context.database.is_some_and(|database| token.message().contains(database)) => Some("other"),
        _ => None,
    };
    let said = Said { code: &code, product: None, text: token.message() };
    codes::refusal("mssql", said, variant, context)
        .unwrap_or_else(|| {
            let hint =
                "look the number up in Microsoft's list of database engine errors, and in the server's error log";
            Failure::of(Login::ServerError { code: Some(code.clone()), hint }).code(code.clone())
        })
        .detail(token.message())
}
