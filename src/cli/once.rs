//! *Try once*: a person at a terminal may let one login through that is held.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::driver::Registry;
use crate::engine;
use crate::engine::ledger::{Early, Ledger};
use crate::model::connection::Connection;
use crate::model::redact::escape_control;

/// Whether the login of `connection`, which is the only one, is to be let through: asked only of a person, and only
/// where it is held.
pub(super) fn asked(connection: &Connection, ledger: &dyn Ledger) -> Option<Early> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return None;
    }
    let login = engine::login(connection, Registry::builtin())?;
    let hold = ledger.hold(&login)?;
    let account = escape_control(login.accounts().first().map_or("", |account| account.shown()));
    let (since, until) = (hold.since.timestamp(), hold.until.timestamp());
    let logins = if hold.refusals == 1 { "1 login".to_owned() } else { format!("{} logins", hold.refusals) };
    let question = format!(
        "{logins} of {account} refused or not answered, the last at {since:.0}; held until {until:.0}.\nA server may lock the account after more of them. Try once now? [y/N] "
    );
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question}").and_then(|()| stderr.flush()).ok()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).ok()?;
    matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes").then_some(Early::Once)
}
