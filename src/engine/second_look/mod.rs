//! The second look: what in a definition may be the reason of its failure, found by looking at it again,
//! without another login. It makes the failure's hint sharper and points at fields; it changes no verdict.

mod observation;
mod placeholder;
#[cfg(test)]
mod tests;
mod text;

use self::observation::observe;
use crate::driver::Driver;
use crate::model::connection::Connection;
use crate::model::failure::Failure;

/// What looks wrong in `connection` stands first in the hint of `failure`, before what is usual, and its
/// field is among those at fault.
pub(super) fn refine_hint(failure: &mut Failure, connection: &Connection, driver: Option<&'static dyn Driver>) {
    let Some(observation) = observe(failure, connection, driver) else { return };
    failure.point_at([observation.field()]);
    let words = observation.words();
    failure.hint = Some(match failure.hint.take() {
        Some(usual) => format!("{words}; otherwise {usual}"),
        None => words,
    });
}
