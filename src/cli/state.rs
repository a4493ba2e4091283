//! `connprobe state`: shows the ledger of accounts, and removes entries from it.

use std::io::{self, BufWriter, Write};

use super::args::{StateCommand, StateCommandArguments};
use super::exit::Exit;
use super::{diagnostics, ledger, runtime};
use crate::engine::ledger::{Ledger, Line, Moment, NotForgotten, ServerLine, Why};
use crate::model::os_error::in_words;
use crate::model::redact::escape_control;

pub(super) fn run(arguments: &StateCommandArguments) -> Exit {
    let written = match &arguments.command {
        None => ledger::open_file(&arguments.state).map(|ledger| {
            let Some(ledger) = ledger else { return list(&[], &[]) };
            if let Some(at) = ledger.lost() {
                diagnostics::warning(format!(
                    "what was remembered before {:.0} was lost, all or a part of it",
                    at.timestamp()
                ));
            }
            list(&ledger.lines(), &ledger.servers())
        }),
        Some(StateCommand::Forget { account, state }) => {
            let state = if state.state.is_some() { state } else { &arguments.state };
            ledger::open_file(state).and_then(|ledger| match ledger {
                Some(ledger) => forget(&ledger, account),
                None => Err(unknown(account)),
            })
        }
    };
    match written {
        Ok(Ok(())) => Exit::Success,
        Ok(Err(error)) => diagnostics::unwritten("the answer", &error),
        Err(exit) => exit,
    }
}

fn list(lines: &[Line], servers: &[ServerLine]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    if lines.is_empty() && servers.is_empty() {
        writeln!(out, "nothing is known of any account")?;
    }
    for line in servers {
        let count = line.interrupted;
        write!(out, "{}  {}  {count} interrupted handshakes in a row", line.id, escape_control(&line.server))?;
        match line.until {
            Some(until) => writeln!(out, "; not tried before {:.0}", until.timestamp())?,
            None => writeln!(out, "; not held")?,
        }
    }
    for line in lines {
        let moment = |moment: Moment| format!("{:.0}", moment.timestamp());
        write!(out, "{}  {}  {} refused or unanswered", line.id, escape_control(&line.account), line.refusals)?;
        if let Some(since) = line.since {
            write!(out, ", the last at {}", moment(since))?;
        }
        match (line.until, line.why) {
            (Some(until), Some(why)) => writeln!(out, "; until {}: {}", moment(until), meaning(why, line.secrets))?,
            _ => writeln!(out, "; not held")?,
        }
    }
    out.flush()
}

fn meaning(why: Why, secrets: usize) -> String {
    match why {
        Why::Account => "no secret but those accepted in the last two days".to_owned(),
        Why::Many => "sixteen secrets refused within a day; none but accepted ones".to_owned(),
        Why::Refused if secrets == 1 => "one refused secret is not sent again".to_owned(),
        Why::Refused => format!("{secrets} refused secrets are not sent again"),
        Why::UnderWay => "another process logs in".to_owned(),
        Why::Unclear => "a secret that got no answer is not sent again".to_owned(),
    }
}

/// Forgets the account `named`; if there is none, the server of that name.
async fn forgotten(ledger: &dyn Ledger, named: &str) -> Result<Vec<String>, NotForgotten> {
    let accounts = ledger.forget(named).await?;
    Ok(if accounts.is_empty() { ledger.forget_server(named).await?.into_iter().collect() } else { accounts })
}

fn forget(ledger: &dyn Ledger, account: &str) -> Result<io::Result<()>, Exit> {
    let forgotten = runtime::wait(forgotten(ledger, account))
        .unwrap_or_else(|error| Err(NotForgotten::Unwritten(in_words(&error))))
        .map_err(|why| match why {
            NotForgotten::Unwritten(reason) => {
                diagnostics::error(format!("the ledger cannot be written: {reason}"), None);
                Exit::Broken
            }
            NotForgotten::Several(ids) => {
                let (shown, ids) = (escape_control(account), ids.join(", "));
                diagnostics::error(
                    format!("several accounts are shown as `{shown}`, and nothing was forgotten: {ids}"),
                    Some("give one of these ids, or the `id` of the result that is held"),
                );
                Exit::NotOk
            }
        })?;
    if forgotten.is_empty() {
        return Err(unknown(account));
    }
    let mut out = io::stdout().lock();
    let written = forgotten.iter().try_for_each(|account| writeln!(out, "forgotten: {}", escape_control(account)));
    Ok(written.and_then(|()| out.flush()))
}

fn unknown(account: &str) -> Exit {
    diagnostics::error(
        format!("nothing is known of `{}`", escape_control(account)),
        Some("give the `account` of a result or its id; `connprobe state` lists them"),
    );
    Exit::NotOk
}
