//! `Own`: the part of the matrix that belongs to one driver. Its values are in the driver's folder.

use super::expected::Expected;
use super::fault::Fault;
use crate::drivers::ALL;
use crate::speech::Driver;

/// The part of the matrix that belongs to one driver.
pub struct Own {
    pub driver: Driver,
    /// The name in the title of its chapter.
    pub title: &'static str,
    /// Faults that can happen to no other driver.
    pub faults: fn() -> Vec<Fault>,
    /// Refusals of its server. Refusals of several drivers with the same name are one fault.
    pub refusals: fn() -> Vec<Fault>,
    /// Faults of seams, by name, whose result differs from that of the seam's representatives.
    pub otherwise: &'static [(&'static str, Otherwise)],
}

/// How a driver's result for a fault of a seam differs from that of the representatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// The result is this one.
    As(Expected),
    /// The fault cannot happen to this driver, or is not a fault for it.
    Never,
}

/// The part of each driver, in the order of the registry.
pub fn owned() -> impl Iterator<Item = &'static Own> {
    ALL.iter().map(|(_, own)| own)
}

/// The drivers, in the order of the registry.
pub fn drivers() -> impl Iterator<Item = Driver> {
    owned().map(|own| own.driver)
}

/// The result of `fault` in `driver`, if it differs from the representatives of the seam.
pub(super) fn otherwise(driver: Driver, fault: &str) -> Option<Otherwise> {
    let own = owned().find(|own| own.driver == driver)?;
    own.otherwise.iter().find(|(name, _)| *name == fault).map(|(_, otherwise)| *otherwise)
}
