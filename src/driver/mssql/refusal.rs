//! What tiberius reports → a failure in our words.

use tiberius::error::{Error, TokenError};

use super::handover::Broken;
use crate::model::class::Class;
use crate::model::codes::{self, Context};
use crate::model::failure::Failure;
use crate::net::fault;
use crate::net::guard::Tap;
use crate::net::sniff::Protocol;

/// The failure for `error`, which ended a dialogue.
pub(super) fn failure(error: &Error, broken: &Broken, tap: &Tap, context: Context<'_>) -> Failure {
    match error {
        Error::Server(token) => refused(token, context),
        // What a server sent that is no TDS shows before the connection ends for it.
        Error::Protocol(_) => fault::classify(error, tap, Protocol::Tds),
        error => match broken.take() {
            Some(io) => fault::classify(&io, tap, Protocol::Tds),
            None => fault::classify(error, tap, Protocol::Tds),
        },
    }
}

fn refused(token: &TokenError, context: Context<'_>) -> Failure {
    let code = token.code().to_string();
    let known = codes::failure("mssql", &code, context);
    known
        .unwrap_or_else(|| {
            Failure::new(Class::Server, format!("SQL Server ended the login with error {code}"))
                .code(code)
                .hint("look the number up in Microsoft's list of database engine errors, and in the server's error log")
        })
        .detail(token.message())
}
