//! Turns what tiberius reports into failures.

use tiberius::error::{Error, TokenError};

use super::auth::Broken;
use super::codes::CODES;
use super::sniff::PROTOCOL;
use super::wire;
use crate::driver::Attempt;
use crate::model::codes::Context;
use crate::model::codes::refinement::Said;
use crate::model::failure::Failure;
use crate::model::reason::Login;
use crate::net::fault;
use crate::net::guard::Tap;

/// The number of the refusal for a database that does not exist.
const NO_SUCH_DATABASE: u32 = 911;
/// The longest name that SQL Server accepts.
const LONGEST_NAME: usize = 128;

/// The login that was refused.
pub(super) struct Asker<'a> {
    /// Registers text of the server that becomes part of a message.
    pub(super) attempt: &'a Attempt,
    pub(super) has_password: bool,
}

/// The failure for the `error` that ended a dialogue.
pub(super) fn failure(error: &Error, broken: &Broken, tap: &Tap, context: Context<'_>, asker: &Asker<'_>) -> Failure {
    match error {
        Error::Server(token) => refused(token, context, asker),
        // The crate keeps only the text of an I/O error; its other errors are about data of the server.
        error => match broken.take() {
            Some(io) => fault::classify(&io, tap, &PROTOCOL),
            None if matches!(error, Error::ParseInt(_)) => {
                fault::classify(&wire::malformed("a number in a message that is none"), tap, &PROTOCOL)
            }
            None => fault::classify(error, tap, &PROTOCOL),
        },
    }
}

fn refused<'a>(token: &'a TokenError, mut context: Context<'a>, asker: &Asker<'_>) -> Failure {
    let code = token.code().to_string();
    let mut variant = (!asker.has_password).then_some("no-password");
    if token.code() == NO_SUCH_DATABASE {
        let named = named(token.message());
        // Names are compared as in the servers' usual collation.
        if !named.zip(context.database).is_some_and(|(named, own)| named.eq_ignore_ascii_case(own)) {
            variant = Some(if named.is_some() { "named" } else { "other" });
        }
        if let Some(named) = named {
            asker.attempt.heard(named);
            context.database = Some(named);
        }
    }
    let said = Said { code: &code, product: None, text: token.message() };
    CODES
        .refusal(said, variant, context)
        .unwrap_or_else(|| {
            let hint =
                "look the number up in Microsoft's list of database engine errors, and in the server's error log";
            Failure::of(Login::ServerError { code: Some(code.clone()), hint }).code_of(&CODES, code.clone())
        })
        .detail(token.message())
}

/// The database that 911 names: the quoted word in its text, in every language of the server.
fn named(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('\'')?;
    let (name, _) = rest.split_once('\'')?;
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.contains(char::is_control);
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_911_is_the_word_in_quotes() {
        let long = format!("Database '{}' does not exist.", "x".repeat(129));
        for (text, name) in [
            ("Database 'audit' does not exist. Make sure that the name is entered correctly.", Some("audit")),
            ("Die Datenbank 'audit' ist nicht vorhanden.", Some("audit")),
            ("Database '' does not exist.", None),
            ("Database 'audit", None),
            ("Database 'a\nb' does not exist.", None),
            ("No such database.", None),
            (long.as_str(), None),
        ] {
            assert_eq!(named(text), name, "{text}");
        }
    }
}
