//! The reports of a run and their outputs. At most one goes to standard output. Files are opened before the
//! run, so that a bad path fails early, and get their names when the run has ended.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::format::{Format, FormatArgument};
use super::output_file::{self, OutputFile, Taken, Target};
use super::outputs::Outputs;
use super::patient::{self, Limit, Patient};
use super::stderr::Live;
use super::{file_name, signals};
use crate::model::os_error::in_words;
use crate::report::Report;
use crate::report::github::{GitHub, Roots};
use crate::report::json::Json;
use crate::report::junit::Junit;
use crate::report::metrics::{Exposition, Metrics};
use crate::report::nagios::{Demands, Nagios};
use crate::report::ndjson::Ndjson;
use crate::report::table::{Progress, Style, Table};

/// Opens every report of a run. `taken` are the files that the run reads or owns. A file that takes nothing within
/// `limit` is given up, and so is standard output after the deadline, if there is one. If a file does not open before a
/// signal comes, it is lost, and the run goes on to its end without it.
///
/// If `progress` is set, a table on a terminal shows a progress line.
///
/// # Errors
///
/// A message for people about what is wrong with the arguments.
pub(super) fn open(
    arguments: &[FormatArgument],
    taken: Vec<PathBuf>,
    limit: Limit,
    progress: bool,
    demands: &Demands,
) -> Result<Outputs, String> {
    if arguments.iter().filter(|argument| argument.file.is_none()).count() > 1 {
        return Err(
            "only one `--format` can go to standard output; give the others a file, as `--format json=report.json`"
                .to_owned(),
        );
    }
    // Only a file can be an output and an input at once. Without one nothing is looked up, since a file system may
    // hang.
    let named = arguments.iter().any(|argument| argument.file.is_some());
    let mut taken = if named { taken_within(taken, limit.most) } else { Taken::default() };
    let mut outputs = Outputs::default();
    for FormatArgument { format, file } in arguments {
        let Some(path) = file else {
            let report = to_stdout(*format, limit.deadline, arguments.len() == 1, progress, demands)?;
            outputs.add("standard output".to_owned(), report, None);
            continue;
        };
        let name = format!("the report file `{}`", file_name::shown(path));
        let refused = |reason: String| format!("cannot write {name}: {reason}");
        let failed = |error: io::Error| refused(in_words(&error));
        let (own, before, readers) = (path.clone(), taken.clone(), format.readers());
        let judged = patient::for_output(limit.most, move || {
            let mut taken = before;
            let target = output_file::judge(&own, &mut taken, false);
            let file = matches!(target, Ok(Target::File)).then(|| OutputFile::new(&own, readers)).transpose()?;
            Ok((target, file, taken))
        });
        let opened = match judged {
            Err(error) => Err(error),
            Ok((target, file, after)) => {
                taken = after;
                match (target.map_err(refused)?, file) {
                    (Target::File, Some(file)) => file.writer().map(|out| (out, Some(file))),
                    _ => patient::open(path, limit.most).map(|out| (out, None)),
                }
            }
        };
        match opened {
            Ok((out, file)) => {
                let out = Patient::new(out, limit).map_err(failed)?;
                outputs.add(name, report(*format, out, &Screen::FILE, demands), file);
            }
            Err(error) if is_ended(&error) => outputs.lose(name, error),
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(outputs)
}

/// Whether a signal ended the waiting.
fn is_ended(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut && signals::since().is_some()
}

/// Opens a report on standard output. Unless it is `alone`, a reader that takes nothing must not block the other
/// outputs.
fn to_stdout(
    format: Format,
    deadline: Option<Instant>,
    alone: bool,
    progress: bool,
    demands: &Demands,
) -> Result<Box<dyn Report>, String> {
    let limit = Limit { most: Duration::MAX, deadline };
    let out = if alone { stdout(deadline) } else { patient_stdout(limit) };
    let out = out.map_err(|error| format!("cannot write to standard output: {}", in_words(&error)))?;
    let screen = Screen::of_stdout();
    let screen = Screen { stderr_is_terminal: screen.stderr_is_terminal && progress, ..screen };
    Ok(report(format, out, &screen, demands))
}

/// Opens standard output. Its reader may take its time until the deadline of the run, if there is one, has passed.
pub(super) fn stdout(deadline: Option<Instant>) -> io::Result<Box<dyn Write>> {
    if deadline.is_none() {
        return Ok(Box::new(BufWriter::new(io::stdout())));
    }
    patient_stdout(Limit { most: Duration::MAX, deadline })
}

fn patient_stdout(limit: Limit) -> io::Result<Box<dyn Write>> {
    let out = io::stdout().as_fd().try_clone_to_owned()?;
    Ok(Box::new(Patient::new(out.into(), limit)?))
}

/// Looks up each of `paths`, all of them within `limit`.
fn taken_within(paths: Vec<PathBuf>, limit: Duration) -> Taken {
    let until = Instant::now() + limit;
    let mut taken = Taken::default();
    for path in paths {
        let left = until.saturating_duration_since(Instant::now()).max(AT_LEAST);
        // A path that cannot be looked up cannot be written to either.
        if let Ok(one) = patient::for_output(left, move || Ok(Taken::of([path]))) {
            taken.join(one);
        }
    }
    taken
}

/// The least time to look up each file, however long the earlier ones took.
const AT_LEAST: Duration = Duration::from_millis(10);

fn report(format: Format, out: impl Write + 'static, screen: &Screen, demands: &Demands) -> Box<dyn Report> {
    match format {
        Format::Table => Box::new(Table::new(out, screen.style, screen.live, screen.progress())),
        Format::Json => Box::new(Json::new(out)),
        Format::Ndjson => Box::new(Ndjson::new(out)),
        Format::Junit => Box::new(Junit::new(out)),
        Format::Prometheus => Box::new(Metrics::new(out, Exposition::Prometheus)),
        Format::OpenMetrics => Box::new(Metrics::new(out, Exposition::OpenMetrics)),
        Format::Nagios => Box::new(Nagios::new(out, demands.clone())),
        Format::GitHub => Box::new(GitHub::new(out, roots())),
    }
}

/// The variable with the directory of the repository, in a job of GitHub Actions.
const WORKSPACE: &str = "GITHUB_WORKSPACE";

fn roots() -> Roots {
    let workspace = std::env::var_os(WORKSPACE).filter(|path| !path.is_empty()).map(PathBuf::from);
    // Without a working directory, only absolute names can be related to the repository.
    Roots { directory: std::env::current_dir().unwrap_or_default(), workspace }
}

/// The properties of the output that a table is written to.
pub(super) struct Screen {
    pub(super) style: Style,
    live: bool,
    stderr_is_terminal: bool,
}

impl Screen {
    const FILE: Self = Self { style: Style { width: WIDTH, colour: false }, live: false, stderr_is_terminal: false };

    /// The properties of standard output.
    pub(super) fn of_stdout() -> Self {
        let live = io::stdout().is_terminal();
        let width = if live {
            rustix::termios::tcgetwinsize(io::stdout()).map_or(0, |size| usize::from(size.ws_col))
        } else {
            0
        };
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            style: Style { width: if width == 0 { WIDTH } else { width.clamp(60, 160) }, colour: live && !plain },
            live,
            stderr_is_terminal: io::stderr().is_terminal(),
        }
    }

    /// The style of text on standard error, and the number of its lines.
    pub(super) fn of_stderr() -> (Style, usize) {
        let size = rustix::termios::tcgetwinsize(io::stderr()).ok().filter(|size| size.ws_col > 0);
        let width = size.map_or(WIDTH, |size| usize::from(size.ws_col).min(160));
        let height = size.map_or(usize::MAX, |size| usize::from(size.ws_row));
        (Style { width, colour: false }, height)
    }

    fn progress(&self) -> Option<Progress> {
        self.stderr_is_terminal.then(|| Progress::new(Box::new(Live::default())))
    }
}

/// The width where no terminal reports one.
const WIDTH: usize = 80;
