//! `connprobe list`: what the sources hold, judged like a dry run.

use std::io::{self, BufWriter, Write};

use super::args::ListArguments;
use super::exit::Exit;
use super::output::{Format, Screen};
use super::say;
use super::sources::gather;
use crate::driver::Registry;
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::failure::Warning;
use crate::report::listing::{self, Listed};

pub(super) fn run(arguments: &ListArguments) -> Exit {
    let registry = Registry::builtin();
    let gathered = match gather(&arguments.select, registry, arguments.timeout) {
        Ok(gathered) => gathered,
        Err(exit) => return exit,
    };
    let listed: Vec<Listed<'_>> = gathered.connections.iter().map(|connection| judge(connection, registry)).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match arguments.format {
        Format::Table => listing::write_table(&mut out, &listed, &Screen::of_stdout().style),
        Format::Json => listing::write_json(&mut out, &listed),
        Format::Ndjson => listing::write_ndjson(&mut out, &listed),
    };
    match written.and_then(|()| out.flush()) {
        Ok(()) if gathered.source_failed() => Exit::Source,
        Ok(()) => Exit::Success,
        Err(error) => {
            if error.kind() != io::ErrorKind::BrokenPipe {
                say::error(format!("the list cannot be written: {error}"), None);
            }
            Exit::Broken
        }
    }
}

fn judge<'a>(connection: &'a Connection, registry: &Registry) -> Listed<'a> {
    let found = connection.normalized_type().and_then(|conn_type| registry.find(&conn_type));
    let planned = found.map(|(driver, _)| driver.plan(connection));
    let mut warnings: Vec<Warning> = connection.warnings.clone();
    let (target, login, problem) = match planned {
        Some(Ok(plan)) => {
            warnings.extend(plan.warnings);
            (Some(plan.target.to_string()), plan.login, None)
        }
        Some(Err(refusal)) => {
            warnings.extend(refusal.warnings.clone());
            let failure = refusal.into_failure();
            let login = connection.login.as_deref().zip(found).map(|(login, (driver, _))| driver.shown_login(login));
            (None, login, Some(format!("{}: {}", failure.class.as_str(), failure.message)))
        }
        None => {
            let problems = connection.problems.iter().map(|problem| problem.message.as_str());
            let problems: Vec<&str> = problems.chain(["no driver for this type"]).collect();
            (None, connection.login.clone(), Some(format!("{}: {}", Class::Unsupported.as_str(), problems.join("; "))))
        }
    };
    Listed {
        id: connection.origin.id(),
        conn_id: connection.conn_id.as_deref(),
        conn_type: connection.conn_type.as_deref(),
        driver: found.map(|(driver, _)| driver.spec().name),
        origin: connection.origin.to_string(),
        target,
        login,
        has_password: connection.password().is_some(),
        extra_keys: connection.extra.keys().collect(),
        problem,
        warnings,
    }
}
