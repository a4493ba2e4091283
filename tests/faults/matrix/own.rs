//! `Own`: what the matrix has of one driver, in the driver's folder.

use super::expected::Expected;
use super::fault::Fault;
use crate::drivers::ALL;
use crate::speech::Driver;

/// What the matrix has of one driver.
pub struct Own {
    pub driver: Driver,
    /// Who does what only it can do, in the title of its chapter.
    pub title: &'static str,
    /// What nobody else can meet.
    pub faults: fn() -> Vec<Fault>,
    /// How its server says no; a fault of the same name is the same with other drivers.
    pub refusals: fn() -> Vec<Fault>,
    /// The faults of seams that it meets otherwise than those who represent the seam, by name.
    pub otherwise: &'static [(&'static str, Otherwise)],
}

/// How a driver meets a fault of a seam, where it is not as others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// With another result.
    As(Expected),
    /// To this driver it is no fault, or cannot be.
    Never,
}

/// What each driver has, in the order of the registry.
pub fn owned() -> impl Iterator<Item = &'static Own> {
    ALL.iter().map(|(_, own)| own)
}

/// The drivers, in the order of the registry.
pub fn drivers() -> impl Iterator<Item = Driver> {
    owned().map(|own| own.driver)
}

/// How `driver` meets `fault` of a seam, where it is not as others.
pub(super) fn otherwise(driver: Driver, fault: &str) -> Option<Otherwise> {
    let own = owned().find(|own| own.driver == driver)?;
    own.otherwise.iter().find(|(name, _)| *name == fault).map(|(_, otherwise)| *otherwise)
}
