//! Adds the observation of the second look to a failure's hint.

use super::observation::observe;
use crate::driver::Driver;
use crate::model::connection::Connection;
use crate::model::failure::Failure;

/// Puts the oddity of `connection` in front of the usual hint of `failure`, and adds its field to those at fault. If an
/// extra replaces a field, the extra is at fault.
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
