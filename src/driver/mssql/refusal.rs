//! What tiberius reports → a failure in our words.

use tiberius::error::{Error, TokenError};

use super::handover::Broken;
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
    let key = if has_password { code.clone() } else { format!("{code}/no-password") };
    codes::failure("mssql", &key, context)
        .or_else(|| codes::failure("mssql", &code, context))
        .unwrap_or_else(|| {
            Failure::of(Login::ServerError {
                code: Some(code.clone()),
                hint: "look the number up in Microsoft's list of database engine errors, and in the server's error log",
            })
            .code(code)
        })
        .detail(token.message())
}
