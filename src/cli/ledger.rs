//! Locates and opens the ledger of accounts: the file of `--state`, else of the environment, else the default one. If
//! there is no place for a file, the ledger stays in this process, with a warning. A file in its place that is no
//! ledger ends the run.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::args::StateArguments;
use super::deadline::Deadline;
use super::exit::Exit;
use super::signals::Caught;
use super::{diagnostics, file_name};
use crate::engine::Logins;
use crate::engine::ledger::{Clock, FileLedger, Ledger, MemoryLedger, OpenError};
use crate::model::shell::quoted;
use crate::source::Environment;
use crate::threads;

/// The variable that names the file if no argument does.
const STATE: &str = "CONNPROBE_STATE";
/// The value for a ledger that is not kept in a file.
const NONE: &str = "none";
/// The name of the file in the default directory.
const FILE: &str = "accounts";
/// How long `connprobe state` waits for other processes that hold the file's lock.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest time that opening a ledger may take.
const LONGEST: Duration = Duration::from_mins(1);
const GRACE: Duration = Duration::from_millis(50);
/// The interval between looks for a signal.
const BEAT: Duration = Duration::from_millis(20);
/// The file system of a container's own layer, which is deleted with the container (`OVERLAYFS_SUPER_MAGIC`).
const OVERLAY: u32 = 0x794c_7630;

/// The limits on opening the ledger.
#[derive(Clone, Copy)]
pub(super) struct Patience<'a> {
    /// How long to wait for other processes that hold the file's lock.
    pub(super) timeout: Duration,
    /// The end of the run.
    pub(super) deadline: Deadline,
    /// The signals that end the opening. With `None`, a signal ends the process.
    pub(super) caught: Option<&'a Caught>,
}

/// The reason why the default file cannot be used.
#[derive(Debug)]
enum Absent {
    /// There is no place for a file, or none that outlasts the container.
    NoPlace(String),
    /// The file that is there cannot be used. It may be a ledger with recorded refusals.
    Unusable(OpenError),
}

/// The outcome of opening.
enum Opened<T> {
    Done(T),
    /// The opening took too long.
    Late,
    /// A signal came before the opening ended.
    Interrupted,
}

impl Patience<'_> {
    /// Opens the ledger on a thread, which is abandoned if that takes too long: a file system may hang, or the file may
    /// be large.
    fn wait<T: Send + 'static>(self, open: impl FnOnce(Duration) -> T + Send + 'static) -> Opened<T> {
        // Starting a thread while the process ends is unsafe: AWS-LC aborts if a thread asks it for randomness then.
        if self.caught.is_some_and(|caught| caught.exit().is_some()) {
            return Opened::Interrupted;
        }
        let (sender, opened) = channel();
        let patience = self.deadline.left(self.timeout);
        // The opening gets some extra time, since its own error says more exactly what it waited for.
        let until = Instant::now() + self.deadline.left(LONGEST) + GRACE;
        threads::spawn_or_do("ledger", move || drop(sender.send(open(patience))));
        while self.caught.is_none_or(|caught| caught.exit().is_none()) {
            let left = until.saturating_duration_since(Instant::now());
            match opened.recv_timeout(left.min(BEAT)) {
                Ok(opened) => return Opened::Done(opened),
                Err(RecvTimeoutError::Timeout) if left > BEAT => {}
                Err(_) => return Opened::Late,
            }
        }
        Opened::Interrupted
    }
}

/// Opens the ledger for logins. With `force`, records of earlier runs do not count. After a signal, when no login
/// begins any more, the ledger is empty.
pub(super) fn open(arguments: &StateArguments, force: bool, patience: Patience<'_>) -> Result<Arc<dyn Ledger>, Exit> {
    let environment = Environment::of_process();
    let Some(word) = named(arguments, &environment) else {
        let path = match usual(&environment, is_root()) {
            Ok(path) => path,
            Err(reason) => return Ok(in_memory(MemoryLedger::instead_of_file(reason), force)),
        };
        let there = path.clone();
        let opened = match patience.wait(move |patience| open_usual(&there, patience)) {
            Opened::Done(opened) => opened,
            Opened::Late => Err(Absent::Unusable(OpenError::late(&path))),
            Opened::Interrupted => return Ok(Arc::new(MemoryLedger::new(Clock::default()))),
        };
        return match opened {
            Ok(ledger) => Ok(Arc::new(if force { ledger.overlooking_earlier_runs() } else { ledger })),
            Err(Absent::NoPlace(reason)) => Ok(in_memory(MemoryLedger::instead_of_file(reason), force)),
            Err(Absent::Unusable(error)) => Err(unusable(&error)),
        };
    };
    if word == NONE {
        return Ok(in_memory(MemoryLedger::new(Clock::default()), force));
    }
    check_named(&word)?;
    let path = PathBuf::from(&word);
    let opened = patience.wait(move |patience| FileLedger::open_within(&path, Clock::default(), patience));
    let opened = match opened {
        Opened::Done(opened) => opened,
        Opened::Late => Err(OpenError::late(Path::new(&word))),
        Opened::Interrupted => return Ok(Arc::new(MemoryLedger::new(Clock::default()))),
    };
    let ledger = judge_named(opened, &word, arguments)?;
    Ok(Arc::new(if force { ledger.overlooking_earlier_runs() } else { ledger }))
}

/// Returns `ledger`. With `force`, it ignores earlier runs and the store's own count.
fn in_memory(ledger: MemoryLedger, force: bool) -> Arc<dyn Ledger> {
    Arc::new(if force { ledger.overlooking_earlier_runs() } else { ledger })
}

/// Returns the ledger that a login of `logins` has opened, or else opens it like [`open`].
pub(super) fn of_run(
    logins: &Logins,
    arguments: &StateArguments,
    force: bool,
    patience: Patience<'_>,
) -> Result<Arc<dyn Ledger>, Exit> {
    logins.ledger().map_or_else(|| open(arguments, force, patience), Ok)
}

/// The logins of sources and of the store. Their ledger is opened with the first login, and its errors are reported
/// then.
pub(super) fn logins(arguments: &StateArguments, force: bool, timeout: Duration, deadline: Deadline) -> Arc<Logins> {
    let arguments = arguments.clone();
    Arc::new(Logins::over(move || {
        let patience = Patience { timeout, deadline, caught: None };
        open(&arguments, force, patience).map_err(|_said| "its file cannot be used".to_owned())
    }))
}

/// Opens the ledger for reading or forgetting; `None` if no run has created it yet. A ledger that an argument names has
/// to exist.
pub(super) fn open_file(arguments: &StateArguments) -> Result<Option<FileLedger>, Exit> {
    let environment = Environment::of_process();
    let is_absent = |path: &Path| path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    match named(arguments, &environment) {
        Some(word) if word == NONE => {
            diagnostics::error(
                "`none` is no ledger to look into",
                Some("name its file with --state, or leave the option out"),
            );
            Err(Exit::Usage)
        }
        Some(word) => {
            check_named(&word)?;
            let path = Path::new(&word);
            if is_absent(path) && arguments.state.is_some() {
                diagnostics::error(
                    format!("there is no ledger at `{}`", file_name::shown(path)),
                    Some("check the name; the first run that is given it with --state makes it"),
                );
                return Err(Exit::Source);
            }
            if is_absent(path) {
                return Ok(None);
            }
            judge_named(FileLedger::open_within(path, Clock::default(), PATIENCE), &word, arguments).map(Some)
        }
        None => {
            let place = usual(&environment, is_root()).map_err(Absent::NoPlace);
            if place.as_ref().is_ok_and(|path| is_absent(path)) {
                return Ok(None);
            }
            let opened = place.and_then(|path| open_usual(&path, PATIENCE)).map(Some);
            opened.map_err(|absent| {
                let reason = match absent {
                    Absent::NoPlace(reason) => reason,
                    Absent::Unusable(error) => error.to_string(),
                };
                diagnostics::error(format!("there is no ledger: {reason}"), Some("name its file with --state"));
                Exit::Broken
            })
        }
    }
}

/// The files of the ledger. No output may overwrite them.
pub(super) fn files(arguments: &StateArguments) -> Vec<PathBuf> {
    let environment = Environment::of_process();
    let path = match named(arguments, &environment) {
        Some(word) if word == NONE => None,
        Some(word) => Some(PathBuf::from(word)),
        None => usual(&environment, is_root()).ok(),
    };
    path.iter().flat_map(|path| crate::engine::ledger::files(path)).collect()
}

fn named(arguments: &StateArguments, environment: &Environment) -> Option<String> {
    let word = arguments.state.clone().or_else(|| environment.get(STATE).map(str::to_owned));
    word.filter(|word| !word.is_empty())
}

fn check_named(word: &str) -> Result<(), Exit> {
    file_name::check("`--state`, or `CONNPROBE_STATE`,", Path::new(word))
}

/// The opened ledger that `word` names, or the exit status after its error is reported.
fn judge_named(
    opened: Result<FileLedger, OpenError>,
    word: &str,
    arguments: &StateArguments,
) -> Result<FileLedger, Exit> {
    match opened {
        Ok(ledger) if arguments.state.is_some() => {
            Ok(ledger.ended_by(format!("connprobe state forget --state {}", quoted(word))))
        }
        Ok(ledger) => Ok(ledger),
        Err(error) => Err(unusable(&error)),
    }
}

fn unusable(error: &OpenError) -> Exit {
    let hint = "name a file that this user can write, in a directory with room for it, or `none` to keep nothing";
    diagnostics::error(error, Some(hint));
    Exit::Broken
}

/// The path of the default ledger.
fn usual(environment: &Environment, is_root: bool) -> Result<PathBuf, String> {
    let absolute = |name: &str| environment.get(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let directory = match absolute("XDG_STATE_HOME") {
        Some(state) => state.join("connprobe"),
        None if is_root => PathBuf::from("/var/lib/connprobe"),
        None => absolute("HOME").ok_or("neither HOME nor XDG_STATE_HOME is set")?.join(".local/state/connprobe"),
    };
    Ok(directory.join(FILE))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn open_usual(path: &Path, patience: Duration) -> Result<FileLedger, Absent> {
    let directory = path.parent().unwrap_or(path);
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(|error| match error.kind() {
        // Another file has the directory's name, or the disk is full.
        io::ErrorKind::AlreadyExists | io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Absent::Unusable(OpenError::without_directory(path, error))
        }
        _ => Absent::NoPlace(format!("`{}` cannot be made: {error}", directory.display())),
    })?;
    if is_container_layer(directory).unwrap_or(false) {
        return Err(Absent::NoPlace(format!("`{}` ends with this container", directory.display())));
    }
    FileLedger::open_within(path, Clock::default(), patience)
        .map_err(|error| if error.is_nowhere() { Absent::NoPlace(error.to_string()) } else { Absent::Unusable(error) })
}

fn is_container_layer(directory: &Path) -> io::Result<bool> {
    let directory = fs::File::open(directory)?;
    let found = rustix::fs::fstatfs(&directory)?;
    Ok(u32::try_from(found.f_type).is_ok_and(|kind| kind == OVERLAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_place_is_the_user_s_own() {
        let nowhere = "neither HOME nor XDG_STATE_HOME is set".to_owned();
        for (variables, is_root, expected) in [
            (&[("XDG_STATE_HOME", "/x"), ("HOME", "/h")][..], false, Ok("/x/connprobe/accounts")),
            (&[("XDG_STATE_HOME", "/x")], true, Ok("/x/connprobe/accounts")),
            (&[("HOME", "/h")], false, Ok("/h/.local/state/connprobe/accounts")),
            (&[("HOME", "/h")], true, Ok("/var/lib/connprobe/accounts")),
            (&[], true, Ok("/var/lib/connprobe/accounts")),
            // A path that is not absolute counts as unset, as the XDG Base Directory Specification requires.
            (&[("XDG_STATE_HOME", "x"), ("HOME", "/h")], false, Ok("/h/.local/state/connprobe/accounts")),
            (&[("XDG_STATE_HOME", ""), ("HOME", "/h")], false, Ok("/h/.local/state/connprobe/accounts")),
            (&[("HOME", "h")], false, Err(nowhere.clone())),
            (&[], false, Err(nowhere)),
        ] {
            let environment = Environment::of(variables.iter().map(|(name, value)| (name.into(), value.into())));
            assert_eq!(usual(&environment, is_root), expected.map(PathBuf::from), "{variables:?} {is_root}");
        }
    }

    #[test]
    fn where_it_cannot_be_made_or_does_not_last_there_is_none() {
        let opened = |path: &Path| open_usual(path, PATIENCE).map(|ledger| ledger.path().to_owned());
        assert!(matches!(opened(Path::new("/proc/nowhere/accounts")), Err(Absent::NoPlace(_))));
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(opened(&file.path().join("connprobe/accounts")), Err(Absent::NoPlace(_))));
        // Another file has the directory's name.
        assert!(matches!(opened(&file.path().join("accounts")), Err(Absent::Unusable(_))));
        // A file in memory lasts as long as the machine runs, also in a container.
        assert!(!is_container_layer(Path::new("/dev/shm")).unwrap());
        let directory = tempfile::tempdir_in("/dev/shm").unwrap();
        let path = directory.path().join("connprobe/accounts");
        assert!(opened(&path).is_ok_and(|opened| opened == path));
    }
}
