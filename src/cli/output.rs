//! `--format`: which reports, and where they go. One at the most on standard output; files are
//! opened before the run, so that a bad path costs nothing.

use std::fs::Metadata;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::patient::{self, Patient};
use crate::model::os_error::in_words;
use crate::report::Report;
use crate::report::json::Json;
use crate::report::ndjson::Ndjson;
use crate::report::table::{Progress, Style, Table};
use crate::source::SourceSpec;

/// A way to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Table,
    Json,
    Ndjson,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "ndjson" => Ok(Self::Ndjson),
            _ => Err("must be table, json or ndjson".to_owned()),
        }
    }
}

/// `FORMAT[=FILE]`
#[derive(Clone, Debug)]
pub(super) struct FormatArgument {
    format: Format,
    file: Option<PathBuf>,
}

impl FromStr for FormatArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("the file name after = is missing".to_owned()),
            Some((format, file)) => (format, Some(PathBuf::from(file))),
            None => (text, None),
        };
        Ok(Self { format: format.parse()?, file })
    }
}

/// Opens every report of a run over `sources`. A file that takes nothing for `limit` is given up.
///
/// # Errors
///
/// What is wrong with the arguments, as a text for people.
pub(super) fn open(
    arguments: &[FormatArgument],
    sources: &[String],
    limit: Duration,
) -> Result<Vec<Box<dyn Report>>, String> {
    if arguments.iter().filter(|argument| argument.file.is_none()).count() > 1 {
        return Err(
            "only one `--format` can go to standard output; give the others a file, as `--format json=report.json`"
                .to_owned(),
        );
    }
    // Only files can be both, and a file system that hangs answers nobody.
    let named = arguments.iter().any(|argument| argument.file.is_some());
    let files = sources.iter().filter_map(|word| Some(word.parse::<SourceSpec>().ok()?.file()?.to_owned()));
    let identities = files.filter(|_| named).filter_map(|path| {
        let metadata = patient::within(limit, move || path.metadata());
        metadata.ok().map(|metadata| identity(&metadata))
    });
    let mut taken: Vec<(u64, u64)> = identities.collect();
    arguments.iter().map(|argument| open_one(argument, &mut taken, limit)).collect()
}

/// Which file it is, under whatever name.
fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Opens one report. A file that is `taken` stays as it is: it holds the definitions, or another report.
fn open_one(
    argument: &FormatArgument,
    taken: &mut Vec<(u64, u64)>,
    limit: Duration,
) -> Result<Box<dyn Report>, String> {
    match &argument.file {
        None => Ok(report(argument.format, BufWriter::new(io::stdout()), &Screen::of_stdout())),
        Some(path) => {
            let refuse = |reason: &str| format!("cannot write the report file `{}`: {reason}", path.display());
            let failed = |error: io::Error| refuse(&in_words(&error));
            let file = patient::open(path, limit).map_err(failed)?;
            let metadata = file.metadata().map_err(failed)?;
            if metadata.is_file() {
                if taken.contains(&identity(&metadata)) {
                    return Err(refuse("it is a SOURCE, or another report goes there"));
                }
                taken.push(identity(&metadata));
                file.set_len(0).map_err(failed)?;
            }
            let out = Patient::new(file, limit).map_err(failed)?;
            Ok(report(argument.format, out, &Screen::FILE))
        }
    }
}

fn report(format: Format, out: impl Write + 'static, screen: &Screen) -> Box<dyn Report> {
    match format {
        Format::Table => Box::new(Table::new(out, screen.style, screen.live, screen.progress())),
        Format::Json => Box::new(Json::new(out)),
        Format::Ndjson => Box::new(Ndjson::new(out)),
    }
}

/// What a table is written on.
pub(super) struct Screen {
    pub(super) style: Style,
    live: bool,
    stderr_is_terminal: bool,
}

impl Screen {
    const FILE: Self = Self { style: Style { width: WIDTH, colour: false }, live: false, stderr_is_terminal: false };

    /// Standard output as it is.
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

    fn progress(&self) -> Option<Progress> {
        self.stderr_is_terminal.then(|| Progress::new(Box::new(io::stderr())))
    }
}

/// The width where no terminal tells another.
const WIDTH: usize = 80;
