//! Variables of the environment, of which one that is set to nothing means something too.

use crate::model::secret::Secret;
use crate::source::settings::Environment;

/// A value that is no text.
pub(super) struct NotUtf8;

/// A variable.
pub(super) fn variable<'a>(environment: &'a Environment, name: &str) -> Option<Result<&'a str, NotUtf8>> {
    let (found, value) = environment.starting_with(name).next()?;
    (found == name).then(|| value.map(Secret::expose).ok_or(NotUtf8))
}
