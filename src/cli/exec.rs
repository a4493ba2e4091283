//! Replaces this process by the user's command (`exec`), which gets everything as connprobe found it: arguments,
//! environment, working directory, standard streams, terminal, signal mask, limits, and no open file of connprobe's.

use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStringExt;
use std::sync::Arc;

use nix::errno::Errno;
use nix::unistd::execvp;
use signal_hook::consts::SIGPIPE;
use signal_hook::flag;

use super::exit::Exit;
use super::signals::Caught;
use super::{as_found, diagnostics, repeated, stderr};

/// Becomes `command`, which has at least one word. Returns only if that fails.
pub(super) fn become_command(command: &[OsString], caught: &Caught) -> Exit {
    let words: Result<Vec<CString>, _> = command.iter().map(|word| CString::new(word.clone().into_vec())).collect();
    let name = command.first().map(|name| repeated::shown(&name.to_string_lossy())).unwrap_or_default();
    let Ok(words) = words else {
        diagnostics::error(format!("cannot run `{name}`: an argument holds a NUL byte"), None);
        return Exit::CannotRun;
    };
    let Some(program) = words.first() else { return Exit::Usage };
    stderr::settle();
    // A signal that came until now ends the wait.
    if let Some(exit) = caught.exit() {
        return exit;
    }
    as_found::restore();
    // The standard library ignores SIGPIPE from the start. A handled signal, unlike an ignored one, has its default
    // action again in the new program.
    let _where_it_cannot_be_caught = flag::register(SIGPIPE, Arc::default());
    // It returns only on failure.
    let Err(error) = execvp(program, &words);
    let (exit, hint) = match error {
        Errno::ENOENT => (Exit::CommandNotFound, "check the spelling and `$PATH`"),
        Errno::EACCES => (Exit::CannotRun, "the file may not be executed: check its mode, and that it is no directory"),
        Errno::ENOEXEC => (Exit::CannotRun, "the file is no program of this system, or a script without its `#!` line"),
        _ => (Exit::CannotRun, "check that the file is a program that this machine can run"),
    };
    diagnostics::error(format!("cannot run `{name}`: {}", error.desc().to_lowercase()), Some(hint));
    exit
}
