//! `connprobe add`: adds one connection to the store. The definition is judged first and, on request, tried with a
//! login.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::args::{AddArguments, FieldArguments};
use super::blocking_store::Opened;
use super::deadline::Deadline;
use super::exit::Exit;
use super::history::{self, Memory};
use super::ledger::{self, Patience};
use super::preflight::{self, Demands};
use super::prompt::{self, Unasked};
use super::{diagnostics, open_store, source_settings};
use crate::driver::Registry;
use crate::engine;
use crate::model::connection::{Connection, Origin};
use crate::model::failure::Failure;
use crate::model::plain::{self, Plain};
use crate::model::reason::{Field, Source};
use crate::model::redact::escape_control;
use crate::model::result::CheckResult;
use crate::model::secret::Secret;
use crate::source::{self, SourceError, SourceSpec, single};
use crate::store::{Access, Change, RowId, StoreError, Stored};

/// The longest name, as in Airflow's own table.
const LONGEST_NAME: usize = 250;

pub(super) fn run(arguments: &AddArguments) -> Exit {
    add(arguments).unwrap_or_else(|exit| exit)
}

fn add(arguments: &AddArguments) -> Result<Exit, Exit> {
    let deadline = Deadline::after(arguments.login.deadline);
    check_name(&arguments.conn_id)?;
    let demands = Demands::of(&arguments.login, false)?;
    let limit = deadline.left(arguments.login.timeout);
    let mut settings = source_settings::of_store(&arguments.store, limit, demands.settings.policy.clone());
    settings.until = deadline.at();
    settings.logins = ledger::logins(&arguments.login.state, arguments.login.force, limit, deadline);
    let settings = Arc::new(settings);
    let mut store = open_store::open(&settings, Access::Write)?;
    let stored = store.definitions().map_err(|error| open_store::unusable(&error))?;
    let taken = stored.iter().any(|one| one.connection.conn_id.as_deref() == Some(&arguments.conn_id));
    if taken && !arguments.allow_duplicate {
        // Refuses before a password is asked for and before a login is made.
        return Err(open_store::unchanged(&StoreError::Duplicate { conn_id: arguments.conn_id.clone() }));
    }
    warn_of_exposed_files(arguments);
    let mut connection = definition(arguments, &settings)?;
    connection.conn_id = Some(arguments.conn_id.clone());
    connection.description = arguments.description.clone().or(connection.description).filter(|text| !text.is_empty());
    let target = judge(&connection)?;
    let typed = arguments.uri_file.is_none() && !arguments.from_stdin;
    if let Some(problem) = plain::stored_in_clear(&connection, typed) {
        diagnostics::error(format!("{} [{}]", problem.message, problem.class.as_str()), problem.hint.as_deref());
        return Err(Exit::NotOk);
    }
    let result = if arguments.check {
        Some(check(arguments, &connection, &stored, &settings, (demands, deadline))?)
    } else {
        None
    };
    let failure = result.as_ref().and_then(|result| result.failure.as_ref());
    if let Some(failure) = failure {
        refused(failure, arguments.save_failing);
        if !arguments.save_failing {
            return Err(Exit::NotOk);
        }
    }
    let change =
        Change::Add { connection: connection.into(), failing: failure.is_some(), unique: !arguments.allow_duplicate };
    let rows = store.apply(vec![change]).map_err(|error| open_store::unchanged(&error))?;
    let row = rows.first().copied();
    if let (Some(row), Some(result)) = (row, &result) {
        remember(&mut store, row, result);
    }
    let name = escape_control(&arguments.conn_id);
    let place = row.map(|row| format!(" as {row}")).unwrap_or_default();
    let verdict = match (&result, failure) {
        (None, _) => "",
        (Some(_), None) => ": the login works",
        (Some(_), Some(_)) => ": the login does not work",
    };
    let mut out = io::stdout().lock();
    writeln!(out, "added `{name}`{place} ({target}){verdict}")
        .and_then(|()| out.flush())
        .map_err(|error| diagnostics::unwritten("the answer", &error))?;
    Ok(if failure.is_some() { Exit::NotOk } else { Exit::Success })
}

fn check_name(name: &str) -> Result<(), Exit> {
    let wrong = |message: &str, hint: &str| {
        diagnostics::error(message, Some(hint));
        Err(Exit::Usage)
    };
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return wrong("CONN_ID is not a name", "choose one of letters, digits, `_`, `-` and `.`");
    }
    if is_secret_bearing(name) || name.contains("://") || plain::has_secret(Plain::Name, name) {
        return wrong(
            "CONN_ID is the connection's name, not its URI",
            "give the URI with --uri-file or --from-stdin: arguments are seen by everybody on this machine",
        );
    }
    if name.len() > LONGEST_NAME {
        return wrong("CONN_ID is longer than 250 bytes", "choose a shorter name");
    }
    if !name.chars().all(|letter| letter.is_alphanumeric() || "_#!()-.:/\\".contains(letter)) {
        diagnostics::warning(format!("Airflow takes no connection of the name `{}`", escape_control(name)));
    }
    Ok(())
}

/// Whether an argument has the form of a URI with a password.
fn is_secret_bearing(word: &str) -> bool {
    matches!(word.parse::<SourceSpec>(), Err(SourceError::Own(Source::PasswordInArgument)))
}

/// The definition that the arguments give.
fn definition(arguments: &AddArguments, settings: &source::Settings) -> Result<Connection, Exit> {
    let unreadable = |error: SourceError| {
        diagnostics::error(&error, error.hint().as_deref());
        Exit::Source
    };
    if let Some(file) = &arguments.uri_file {
        return single::definition(file, settings).map_err(unreadable);
    }
    if arguments.from_stdin {
        return single::definition(Path::new("-"), settings).map_err(unreadable);
    }
    let fields = &arguments.fields;
    let mut connection = from_fields(fields)?;
    if let Some(file) = &fields.extra_file {
        single::extra(file, &mut connection, settings).map_err(unreadable)?;
    }
    connection.password = match &fields.password_file {
        Some(file) => Some(single::password(file, settings).map_err(unreadable)?),
        None if fields.no_password => None,
        None => ask_password(&arguments.conn_id, settings.until)?,
    };
    Ok(connection)
}

/// Warns of each file with secrets that every user can read.
fn warn_of_exposed_files(arguments: &AddArguments) {
    let fields = &arguments.fields;
    let files = [&arguments.uri_file, &fields.extra_file, &fields.password_file].into_iter().flatten();
    for warning in files.filter(|file| *file != Path::new("-")).filter_map(|file| source::exposed_file(file)) {
        diagnostics::warning(warning.message);
    }
}

fn from_fields(fields: &FieldArguments) -> Result<Connection, Exit> {
    let FieldArguments { conn_type, host, port, user, schema, extra_file, password_file, .. } = fields;
    if conn_type.is_none() {
        diagnostics::error(
            "nothing says what to add",
            Some("give --conn-type with --host, --login and so on, or --uri-file FILE, or --from-stdin"),
        );
        return Err(Exit::Usage);
    }
    if [host, user, schema].into_iter().flatten().any(|word| is_secret_bearing(word)) {
        diagnostics::error(
            "an argument holds what looks like a password",
            Some(
                "everybody on this machine can see arguments: change the password if others work here, and give it with --password-file or when asked",
            ),
        );
        return Err(Exit::Usage);
    }
    let stdin = [extra_file, password_file].into_iter().flatten().filter(|file| *file == Path::new("-"));
    if stdin.count() > 1 {
        diagnostics::error(
            "standard input cannot be two files",
            Some("give one of --extra-file and --password-file a file"),
        );
        return Err(Exit::Usage);
    }
    let origin = Origin { source: "the command line".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    let text = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
    Ok(Connection {
        conn_type: text(conn_type),
        host: text(host),
        schema: text(schema),
        login: text(user),
        port: *port,
        ..Connection::new(origin)
    })
}

fn ask_password(name: &str, until: Option<Instant>) -> Result<Option<Secret>, Exit> {
    let unaskable = || {
        diagnostics::error(
            "there is no terminal to ask for the password",
            Some("give --password-file FILE (- for standard input), or --no-password"),
        );
        Exit::Usage
    };
    if !io::stdin().is_terminal() {
        return Err(unaskable());
    }
    let prompt = format!("password of `{}` (empty for none): ", escape_control(name));
    let password = prompt::password(&prompt, until).map_err(|error| match error {
        Unasked::NoTerminal => unaskable(),
        Unasked::Signal(exit) => exit,
        Unasked::Late => {
            diagnostics::error(
                "no password was given before the `--deadline`; nothing is saved",
                Some("give a longer one, or --password-file FILE (- for standard input)"),
            );
            Exit::NotOk
        }
        Unasked::Ended => {
            diagnostics::error(
                "the input ended before a password was given; nothing is saved",
                Some("for a connection without one press Enter, or give --no-password"),
            );
            Exit::NotOk
        }
        Unasked::NoText => {
            diagnostics::error(
                "what was typed is no password: it is not UTF-8; nothing is saved",
                Some("check the encoding of the terminal, or give --password-file FILE (- for standard input)"),
            );
            Exit::NotOk
        }
        Unasked::TooLong => {
            diagnostics::error(
                "what was typed is too long for a line of a terminal, which cuts it off; nothing is saved",
                Some("give it with --password-file FILE (- for standard input)"),
            );
            Exit::NotOk
        }
    })?;
    Ok(Some(password).filter(|password| !password.is_empty()))
}

/// Reports every problem of the definition, or returns a description of its target.
fn judge(connection: &Connection) -> Result<String, Exit> {
    let (driver, planned) = engine::plan(connection, Registry::builtin());
    let (mut warnings, judged) = match planned {
        Ok(plan) => {
            let name = driver.map_or("", |driver| driver.spec().name);
            (plan.warnings, Ok(format!("{name}, {}", escape_control(&plan.target.to_string()))))
        }
        Err(refusal) => (refusal.warnings.clone(), Err(refusal.into_failure())),
    };
    warnings.extend(connection.warnings.iter().cloned());
    for warning in warnings {
        diagnostics::warning(warning.message);
    }
    judged.map_err(|failure| {
        let hint = [missing(connection, &failure), failure.hint].into_iter().flatten().collect::<Vec<_>>().join("; ");
        let hint = Some(hint.as_str()).filter(|hint| !hint.is_empty());
        diagnostics::error(format!("{} [{}]", failure.message, failure.class.as_str()), hint);
        Exit::NotOk
    })
}

/// The options that give the fields which `failure` reports as missing.
fn missing(connection: &Connection, failure: &Failure) -> Option<String> {
    let options = [
        (Field::CONN_TYPE, "--conn-type", connection.conn_type.is_none()),
        (Field::HOST, "--host", connection.host.is_none()),
        (Field::LOGIN, "--login", connection.login.is_none()),
        (Field::SCHEMA, "--schema", connection.schema.is_none()),
    ];
    let lacking = options.iter().filter(|(field, _, absent)| *absent && failure.fields.contains(field));
    let lacking: Vec<&str> = lacking.map(|(_, option, _)| *option).collect();
    (!lacking.is_empty()).then(|| format!("give {}", lacking.join(" and ")))
}

fn check(
    arguments: &AddArguments,
    connection: &Connection,
    stored: &[Stored],
    from: &source::Settings,
    (demands, deadline): (Demands, Deadline),
) -> Result<CheckResult, Exit> {
    let patience = Patience { timeout: arguments.login.timeout, deadline, caught: None };
    let ledger = ledger::of_run(&from.logins, &arguments.login.state, arguments.login.force, patience)?;
    history::take_over(&*ledger, from, stored.iter().map(|one| (&one.connection, one.history.as_ref())), None);
    preflight::log_in_alone(connection, &ledger, &from.sent.take(), demands, deadline)
}

fn refused(failure: &Failure, saved: bool) {
    let code = failure.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    let consequence = if saved { "it is saved all the same" } else { "nothing is saved" };
    let message = format!("{} [{}{code}]; {consequence}", failure.message, failure.class.as_str());
    if saved {
        diagnostics::warning(message);
    } else {
        diagnostics::failed(message, failure);
    }
}

fn remember(store: &mut Opened, row: RowId, result: &CheckResult) {
    let mut memory = Memory::default();
    memory.note_saved(row, result);
    if let Err(error) = memory.keep_in(store) {
        diagnostics::warning(format!("the result is not remembered: {error}"));
    }
}
