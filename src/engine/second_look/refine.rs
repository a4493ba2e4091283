//! A failure's hint, with what the second look observed before it.

use super::observation::observe;
use crate::driver::Driver;
use crate::model::connection::Connection;
use crate::model::failure::Failure;

/// What looks wrong in `connection` stands first in the hint of `failure`, before what is usual, and its
/// field is among those at fault. Where an extra stands for a field, the extra is at fault.
pub(in crate::engine) fn refine_hint(failure: &mut Failure, connection: &Connection, driver: Option<&dyn Driver>) {
    let Some(spec) = driver.map(Driver::spec) else { return };
    let named = std::mem::take(&mut failure.fields);
    failure.point_at(named.iter().map(|field| spec.place_of(field, connection)));
    let Some(observation) = observe(failure, connection, spec) else { return };
    failure.point_at(observation.fields());
    let words = observation.words();
    failure.hint = Some(match failure.hint.take() {
        Some(usual) => format!("{words}; otherwise {usual}"),
        None => words,
    });
}
