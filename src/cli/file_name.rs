//! The names of files that a command creates. A URL with a password must not become a file name, since it would stay
//! readable; messages show such names without the password.

use std::path::Path;

use super::diagnostics;
use super::exit::Exit;
use crate::model::plain::shown_name;
use crate::source::holds_password;

/// `path` as messages may show it.
pub(super) fn shown(path: &Path) -> String {
    shown_name(&path.to_string_lossy())
}

/// Checks that `path`, which the option `what` names, holds no password.
pub(super) fn check(what: &str, path: &Path) -> Result<(), Exit> {
    if !holds_password(&path.to_string_lossy()) {
        return Ok(());
    }
    diagnostics::error(
        format!("{what} names a file, and holds a password, a document or a line end"),
        Some("name a file without one; if it was a password, change it where others can see it there"),
    );
    Err(Exit::Usage)
}
