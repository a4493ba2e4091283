//! Environment variables. A variable that is set to the empty text is not the same as an unset one.

use crate::model::secret::Secret;
use crate::source::settings::Environment;

/// The value is not UTF-8.
pub(super) struct NotUtf8;

/// The value of the variable `name`; `None` if it is unset.
pub(super) fn variable<'a>(environment: &'a Environment, name: &str) -> Option<Result<&'a str, NotUtf8>> {
    let (found, value) = environment.starting_with(name).next()?;
    (found == name).then(|| value.map(Secret::expose).ok_or(NotUtf8))
}
