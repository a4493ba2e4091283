//! The result of a login that is held: since when, until when, and what ends the hold.

use super::ledger::{Hold, Ledger, Why};
use crate::driver::Plan;
use crate::model::class::Class;
use crate::model::codes::{CodeTable, Context};
use crate::model::connection::Connection;
use crate::model::failure::Failure;
use crate::model::notice::LedgerNotice;
use crate::model::phase::Phase;
use crate::model::reason::{Field, HeldBecause, ReasonCode, Run};
use crate::model::result::Held;
use crate::model::shell::quoted;
use crate::model::warning::Warning;

/// The failure of a login to `account` that is held. `login` and the driver's code `table` explain the code.
pub(super) fn failure(
    hold: &Hold,
    account: &str,
    ledger: &dyn Ledger,
    table: &CodeTable,
    login: Option<&str>,
) -> Failure {
    let (since, until) = (hold.since.timestamp(), hold.until.timestamp());
    let ends = ledger.ended_by().map(|command| format!("{command} {}", quoted(account)));
    let because = match hold.why {
        Why::Refused => {
            let context = Context { login, ..Context::default() };
            let said = hold.code.as_deref().and_then(|code| table.failure(code, context));
            // A secret was refused, so none is missing.
            let said = said.filter(|said| said.class == Class::Auth && said.reason != ReasonCode::PasswordMissing);
            let words = said.as_ref().map_or_else(|| "login refused".to_owned(), |said| said.message.clone());
            let mut failure = Failure::of(Run::SecretHeld { said: words, since, until, ends }).at(Phase::Auth);
            // The reason and the hint of the server's earlier answer still apply.
            if let Some(said) = said {
                let hint = [said.hint, failure.hint.take()].into_iter().flatten().collect::<Vec<_>>().join("; ");
                failure = Failure { reason: said.reason, fields: said.fields, hint: Some(hint), ..failure };
            }
            return match &hold.code {
                Some(code) => failure.code_of(table, code.clone()),
                None => failure,
            };
        }
        Why::Unclear => HeldBecause::NoAnswer,
        Why::Many => HeldBecause::ManySecrets,
        Why::UnderWay => HeldBecause::LoginUnderWay,
        Why::Account => HeldBecause::Refusals(hold.refusals),
    };
    Failure::of(Run::AccountHeld { because, since, until, ends })
}

/// Makes `failure` point at the fields in which `plan` found the credential of `connection`, not at an absent login or
/// password.
pub(super) fn point_at_credential(failure: &mut Failure, connection: &Connection, plan: &Plan) {
    let (of_login, others): (Vec<_>, Vec<_>) =
        failure.fields.iter().cloned().partition(|field| *field == Field::LOGIN || *field == Field::PASSWORD);
    let is_present = |field: &Field| {
        if *field == Field::LOGIN { connection.login.is_some() } else { connection.password().is_some() }
    };
    let own = match &plan.credential_fields[..] {
        _ if of_login.is_empty() => Vec::new(),
        [] => of_login.into_iter().filter(is_present).collect(),
        own => own.to_vec(),
    };
    failure.fields = own.into_iter().chain(others).collect();
}

/// The hold as a result shows it.
pub(super) fn held(hold: &Hold) -> Held {
    Held { since: hold.since.timestamp(), until: hold.until.timestamp(), refusals: hold.refusals, once: hold.once }
}

/// The warning in the result of a login that goes although it is held.
pub(super) fn overlooked(hold: &Hold) -> Warning {
    let (since, until) = (hold.since.timestamp(), hold.until.timestamp());
    LedgerNotice::Overlooked { refusals: hold.refusals, since, until }.into()
}
