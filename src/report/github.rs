//! `--format github`: workflow commands of GitHub Actions, which mark the definitions in the files of the repository.
//! No text can end its command or begin another one.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use super::Report;
use super::table::{label, totals};
use super::verdict::{Verdict, circumstances, class_and_reason, explanation, message, of_failure, shown};
use crate::model::event::Event;
use crate::model::result::{CheckResult, Place, SourceSummary, Summary};
use crate::model::warning::{Warning, WarningCode};

/// The directories that relate the names of files to the repository.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// The directory that relative names start from.
    pub directory: PathBuf,
    /// The root of the repository, if it is known.
    pub workspace: Option<PathBuf>,
}

/// Collects annotations and writes them at the end: GitHub shows the first ten of each level, so that those come first
/// which tell of a cause, or of a kind of warning, that the ones before them do not tell of.
pub struct GitHub<W> {
    out: W,
    roots: Roots,
    annotations: Vec<Annotation>,
}

/// The command of an annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

/// An annotation that is written.
struct Annotation {
    level: Level,
    position: usize,
    about: About,
    text: String,
}

/// What an annotation tells.
enum About {
    /// The outcome of the connection with this id.
    Result(String),
    Warning(WarningCode),
}

impl<W: Write> GitHub<W> {
    /// A report that is written to `out`.
    pub fn new(out: W, roots: Roots) -> Self {
        Self { out, roots, annotations: Vec::new() }
    }

    fn result(&mut self, result: &CheckResult) {
        let verdict = Verdict::of(result);
        let (position, place) = (result.position, result.place.as_ref());
        let level = match verdict {
            Verdict::Passed => None,
            Verdict::Failed | Verdict::Error => Some(Level::Error),
            Verdict::Skipped => Some(Level::Notice),
        };
        if let Some(level) = level {
            let (class, reason) = class_and_reason(result);
            let title = format!("{}: {class} ({reason})", label(result));
            let mut lines = vec![message(result)];
            lines.extend(explanation(result));
            lines.extend(circumstances(result));
            let text = self.command(level, place, &title, &lines);
            self.annotations.push(Annotation { level, position, about: About::Result(result.id.clone()), text });
        }
        for Warning { code, message, .. } in &result.warnings {
            let title = format!("{}: {code}", label(result));
            let text = self.command(Level::Warning, place, &title, &[shown(message)]);
            self.annotations.push(Annotation { level: Level::Warning, position, about: About::Warning(*code), text });
        }
    }

    fn write(&mut self, summary: &Summary) -> io::Result<()> {
        self.of_sources(&summary.sources)?;
        for warning in &summary.warnings {
            let text = self.command(Level::Warning, None, warning.code.as_str(), &[shown(&warning.message)]);
            writeln!(self.out, "{text}")?;
        }
        let mut annotations = std::mem::take(&mut self.annotations);
        annotations.sort_by_key(|annotation| annotation.position);
        let of_causes: HashSet<&str> =
            summary.causes.iter().filter_map(|cause| cause.ids.first()).map(String::as_str).collect();
        let mut codes = HashSet::new();
        let is_new = |annotation: &Annotation| match &annotation.about {
            About::Result(id) => of_causes.contains(id.as_str()),
            About::Warning(code) => codes.insert(*code),
        };
        let (mut annotations, others): (Vec<_>, Vec<_>) = annotations.into_iter().partition(is_new);
        annotations.extend(others);
        annotations.sort_by_key(|annotation| annotation.level);
        for annotation in &annotations {
            writeln!(self.out, "{}", annotation.text)?;
        }
        writeln!(self.out, "{}", self.command(Level::Notice, None, "connprobe", &[totals(summary)]))?;
        self.out.flush()
    }

    fn of_sources(&mut self, sources: &[SourceSummary]) -> io::Result<()> {
        for source in sources {
            let place = source.file.as_deref().map(|file| Place { file: file.into(), line: None });
            if let Some(problem) = &source.problem {
                let mut lines = vec![shown(&problem.message)];
                lines.extend(of_failure(problem));
                let title = format!("{}: {}", source.name, problem.class.as_str());
                writeln!(self.out, "{}", self.command(Level::Error, place.as_ref(), &title, &lines))?;
            }
            for warning in &source.warnings {
                let title = format!("{}: {}", source.name, warning.code);
                let line = [shown(&warning.message)];
                writeln!(self.out, "{}", self.command(Level::Warning, place.as_ref(), &title, &line))?;
            }
        }
        Ok(())
    }

    /// A workflow command, in one line.
    fn command(&self, level: Level, place: Option<&Place>, title: &str, lines: &[String]) -> String {
        let name = match level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        };
        let mut properties = Vec::new();
        if let Some(Place { file, line }) = place {
            properties.push(format!("file={}", property(&self.roots.shown(file))));
            properties.extend(line.map(|line| format!("line={line}")));
        }
        properties.push(format!("title={}", property(&shown(title))));
        format!("::{name} {}::{}", properties.join(","), data(&lines.join("\n")))
    }
}

impl<W: Write> Report for GitHub<W> {
    fn event(&mut self, event: &Event) -> io::Result<()> {
        match event {
            Event::Started { .. } | Event::Step(_) => {}
            Event::Result(result) => self.result(result),
            Event::Finished(summary) => self.write(summary)?,
        }
        Ok(())
    }
}

impl Roots {
    /// The name of `file` from the root of the repository, if it is in there.
    fn shown(&self, file: &Path) -> String {
        let mut path = PathBuf::new();
        for component in self.directory.join(file).components() {
            match component {
                Component::ParentDir => drop(path.pop()),
                Component::CurDir => {}
                other => path.push(other),
            }
        }
        let within = self.workspace.as_ref().and_then(|workspace| path.strip_prefix(workspace).ok());
        shown(&within.unwrap_or(file).to_string_lossy())
    }
}

/// `text` as the data of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// `text` as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_root_of_the_repository() {
        let roots =
            |workspace: Option<&str>| Roots { directory: "/w/r/deploy".into(), workspace: workspace.map(Into::into) };
        for (workspace, file, expected) in [
            (Some("/w/r"), "c.json", "deploy/c.json"),
            (Some("/w/r"), "./c.json", "deploy/c.json"),
            (Some("/w/r"), "../c.json", "c.json"),
            (Some("/w/r"), "/w/r/x/c.json", "x/c.json"),
            (Some("/w/r"), "/etc/c.json", "/etc/c.json"),
            (Some("/w/r"), "../../c.json", "../../c.json"),
            (None, "../c.json", "../c.json"),
        ] {
            assert_eq!(roots(workspace).shown(Path::new(file)), expected, "{file}");
        }
    }
}
