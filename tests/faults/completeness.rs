//! Rules of the matrix: the number of faults does not fall, and each fault has enough cells.

use std::collections::BTreeSet;

use connprobe::driver::Registry;

use crate::matrix::{self, ENOUGH, REFUSALS, Seam, owned};
use crate::speech::{Driver, Wire};

/// The minimum number of faults. It may only grow.
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

/// Each exception of a driver names a fault of a seam. (`Fault::at` asserts that its result differs.)
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

/// Every driver has the fault `a wrong password`: the endurance tests use it.
#[test]
fn every_driver_is_refused_a_wrong_password() {
    let chapters = matrix::chapters();
    let mut refusals = chapters.iter().filter(|chapter| chapter.title == REFUSALS).flat_map(|chapter| &chapter.faults);
    let wrong = refusals.find(|fault| fault.name == "a wrong password").expect("a fault");
    let missing: Vec<Driver> = matrix::drivers().filter(|driver| wrong.on_driver(driver).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
