//! What the matrix must hold, however its drivers share it: no fault is lost, and none is proved by too few.

use std::collections::BTreeSet;

use connprobe::driver::Registry;

use crate::matrix::{self, ENOUGH, REFUSALS, Seam, owned};
use crate::speech::{Driver, Wire};

/// So many faults there are at the least: the number may only grow.
const FAULTS: usize = 617;

#[test]
fn no_fault_is_lost_and_each_is_a_driver_s_own_or_played_by_enough() {
    let faults: Vec<_> = matrix::chapters().into_iter().flat_map(|chapter| chapter.faults).collect();
    assert!(faults.len() >= FAULTS, "{} faults", faults.len());
    for fault in faults {
        let least = fault.seam.map_or(1, |_| fault.able.min(ENOUGH));
        assert!(fault.cells.len() >= least, "{}: {} cells", fault.name, fault.cells.len());
    }
}

#[test]
fn every_driver_of_the_registry_is_in_the_matrix_and_every_cell_has_a_name_of_its_own() {
    let registered: Vec<&str> = Registry::builtin().drivers().map(|driver| driver.spec().name).collect();
    let own: Vec<&str> = owned().map(|own| own.driver.name).collect();
    assert_eq!(own, registered);
    let cells = crate::cells();
    let names: BTreeSet<&String> = cells.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), cells.len());
}

/// Whoever represents no seam plays what is its own, and what it tells otherwise.
#[test]
fn those_who_represent_a_seam_are_of_different_kinds() {
    for seam in Seam::ALL {
        let representatives: Vec<Driver> = seam.representatives().collect();
        let wires: BTreeSet<Wire> = representatives.iter().map(|driver| driver.wire).collect();
        assert!(representatives.len() >= ENOUGH && wires.len() >= ENOUGH, "{seam:?}: {wires:?}");
        if matches!(seam, Seam::Handshake | Seam::Inside) {
            let ways: BTreeSet<_> =
                representatives.iter().map(|driver| (driver.begins_with_tls(), driver.tls.in_packets)).collect();
            assert_eq!(ways.len(), 3, "{seam:?}: TLS from the first byte, after a prelude, in packets");
        }
    }
}

/// A fault of a seam that a driver tells otherwise is there, and is one that it can meet.
#[test]
fn no_exception_is_idle() {
    let chapters = matrix::chapters();
    let of_seams = chapters.iter().flat_map(|chapter| &chapter.faults).filter(|fault| fault.seam.is_some());
    let names: BTreeSet<&str> = of_seams.map(|fault| fault.name.as_str()).collect();
    for own in owned() {
        for (name, _) in own.otherwise {
            assert!(names.contains(name), "{}: {name}", own.driver.name);
        }
    }
}

/// Every driver's server has words for a wrong password, which other tests look for.
#[test]
fn every_driver_is_refused_a_wrong_password() {
    let chapters = matrix::chapters();
    let mut refusals = chapters.iter().filter(|chapter| chapter.title == REFUSALS).flat_map(|chapter| &chapter.faults);
    let wrong = refusals.find(|fault| fault.name == "a wrong password").expect("a fault");
    let missing: Vec<Driver> = matrix::drivers().filter(|driver| wrong.on_driver(driver).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
