//! Names of files that a command makes: a URL with a password in it would be one, and stay. And how they are shown.

use std::path::Path;

use super::exit::Exit;
use super::say;
use crate::model::plain::shown_name;
use crate::source::holds_password;

/// `path` as it may be said.
pub(super) fn shown(path: &Path) -> String {
    shown_name(&path.to_string_lossy())
}

/// Whether `path`, which `what` names, may be one.
pub(super) fn check(what: &str, path: &Path) -> Result<(), Exit> {
    if !holds_password(&path.to_string_lossy()) {
        return Ok(());
    }
    say::error(
        format!("{what} holds a password, and names a file"),
        Some("change the password if others can see it there, and name a file without one"),
    );
    Err(Exit::Usage)
}
