//! `connprobe export`: writes connections in Airflow's own formats. Secrets only go to outputs that no other user can
//! read.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::args::{ExportArguments, ExportFormat, StateArguments};
use super::exit::Exit;
use super::output_file::{self, OutputFile, Readers, Taken, Target};
use super::patient::{self, Limit, Patient};
use super::sources::{self, Until, gather};
use super::{diagnostics, file_name, ledger, source_settings, stderr};
use crate::driver::{Policy, Registry};
use crate::model::connection::Connection;
use crate::model::redact::escape_control;
use crate::model::warning::WarningCode;
use crate::report::export::{self, ExportError, Secrets};
use crate::source::Settings;

pub(super) fn run(arguments: &ExportArguments) -> Exit {
    export(arguments).unwrap_or_else(|exit| exit)
}

fn export(arguments: &ExportArguments) -> Result<Exit, Exit> {
    stderr::limit(Limit { most: arguments.timeout, ..patient::LIMIT });
    let settings = Arc::new(source_settings::of_sources(&arguments.select.from, arguments.timeout, Policy::default()));
    // Checked first, so that nothing is read in vain, and no secret before its destination is known to be private.
    let target = destination(arguments, &settings)?;
    let gathered = gather(&arguments.select, Registry::builtin(), &settings, Until::default())?;
    if gathered.source_failed() {
        diagnostics::error("nothing is exported, because not every source could be read", None);
        return Err(Exit::Source);
    }
    let (sound, bad): (Vec<&Connection>, Vec<&Connection>) = gathered
        .connections
        .iter()
        .partition(|connection| connection.problems.is_empty() && connection.conn_id.is_some());
    for connection in &bad {
        left_out(connection);
    }
    if sound.is_empty() {
        diagnostics::warning("no connection is exported");
    }
    write(arguments, &sound, &target)?;
    let secret = |connection: &&Connection| connection.password().is_some() || !connection.extra.is_absent();
    if !arguments.with_secrets && sound.iter().any(secret) {
        diagnostics::warning(
            "passwords and extras are left out; --with-secrets --output FILE writes them to a file that only you can read",
        );
    }
    Ok(if bad.is_empty() { Exit::Success } else { Exit::NotOk })
}

/// The target of the export.
fn destination(arguments: &ExportArguments, settings: &Settings) -> Result<Target, Exit> {
    let refuse = |message: String, hint: &str| {
        diagnostics::error(message, Some(hint));
        Err(Exit::Usage)
    };
    let Some(path) = &arguments.output else {
        return match output_file::exposure(&io::stdout()) {
            Some(how) if arguments.with_secrets => refuse(
                format!("secrets are not written to standard output: {how}"),
                "give --output FILE, which only you will be able to read, or pipe it to a program",
            ),
            _ => Ok(Target::Stream),
        };
    };
    let owned = sources::taken(&arguments.select.from.sources, settings);
    let mut taken = Taken::of(owned.into_iter().chain(ledger::files(&StateArguments::default())));
    let shown = file_name::shown(path);
    match output_file::judge(path, &mut taken, arguments.with_secrets) {
        Ok(target) => Ok(target),
        Err(reason) if path.as_os_str() == "-" => {
            refuse(format!("`-` is not written: {reason}"), "leave --output out for standard output")
        }
        Err(reason) if arguments.with_secrets => refuse(
            format!("secrets are not written to `{shown}`: {reason}"),
            "name a new file, or one that is yours and that nobody else can read (chmod 600)",
        ),
        Err(reason) => refuse(format!("`{shown}` is not written: {reason}"), "give --output another file"),
    }
}

fn left_out(connection: &Connection) {
    let origin = escape_control(&connection.origin.to_string());
    let subject = match &connection.conn_id {
        Some(name) => format!("`{}` (`{origin}`)", escape_control(name)),
        None => format!("`{origin}`"),
    };
    let (reason, hint) = match connection.problems.first() {
        Some(problem) => (problem.message.as_str(), problem.hint.as_deref()),
        None if connection.warnings.iter().any(|warning| warning.code == WarningCode::NameHidden) => {
            ("its name is not shown, since a secret may stand in it", Some("give the entry another name"))
        }
        None => ("it has no name, and an export is a mapping of names", Some("give it a `conn_id`")),
    };
    diagnostics::error(format!("{subject} is left out: {reason}"), hint);
}

fn write(arguments: &ExportArguments, connections: &[&Connection], target: &Target) -> Result<(), Exit> {
    let format = arguments.format.unwrap_or_else(|| by_name(arguments.output.as_deref()));
    let secrets = if arguments.with_secrets { Secrets::With } else { Secrets::Without };
    let to = |out: &mut dyn Write| export::write(out, format.into(), connections.iter().copied(), secrets);
    let written = match &arguments.output {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            to(&mut out).and_then(|()| Ok(out.flush()?))
        }
        Some(path) if *target == Target::File => whole(path, to),
        Some(path) => stream(path, arguments.timeout).map_err(ExportError::from).and_then(|mut out| {
            to(&mut out)?;
            Ok(out.flush()?)
        }),
    };
    written.map_err(|error| match error {
        ExportError::Io(error) => {
            let path = arguments.output.as_deref().map(|path| format!(" `{}`", file_name::shown(path)));
            diagnostics::unwritten(&format!("the export{}", path.unwrap_or_default()), &error)
        }
        error => {
            diagnostics::error(&error, error.hint());
            Exit::NotOk
        }
    })
}

fn whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), ExportError>) -> Result<(), ExportError> {
    let mut file = OutputFile::new(path, Readers::Owner)?;
    write(&mut file)?;
    Ok(file.keep()?)
}

/// Opens a pipe or device. Writing to it fails when it takes nothing within `limit`.
fn stream(path: &Path, limit: Duration) -> io::Result<Patient> {
    Patient::new(patient::open(path, limit)?, Limit { most: limit, deadline: None })
}

/// The format that a file's name implies.
fn by_name(output: Option<&Path>) -> ExportFormat {
    let extension = output.and_then(Path::extension).map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("yaml" | "yml") => ExportFormat::Yaml,
        Some("env") => ExportFormat::Env,
        _ => ExportFormat::Json,
    }
}

impl From<ExportFormat> for export::ExportFormat {
    fn from(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Json => Self::Json,
            ExportFormat::Yaml => Self::Yaml,
            ExportFormat::Env => Self::Env,
            ExportFormat::EnvJson => Self::EnvJson,
        }
    }
}
