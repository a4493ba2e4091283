//! The chapters of the matrix, in their published order.

use super::fault::Fault;
use super::own::owned;
use super::{banners, dialogue, dns, network, tls};

/// A group of faults.
pub struct Chapter {
    pub title: String,
    pub faults: Vec<Fault>,
}

impl Chapter {
    fn new(title: impl Into<String>, faults: Vec<Fault>) -> Self {
        Self { title: title.into(), faults }
    }
}

/// The title of the chapter with the refusals, which each driver's server sends in its own protocol.
pub const REFUSALS: &str = "The server says no";

/// The whole matrix.
pub fn chapters() -> Vec<Chapter> {
    let seams = [
        Chapter::new("The network", network::faults()),
        Chapter::new("Names", dns::faults()),
        Chapter::new("Something else answers", banners::faults()),
        Chapter::new("The dialogue breaks", dialogue::faults()),
        Chapter::new("TLS", tls::faults()),
        Chapter::new(REFUSALS, refusals()),
    ];
    let own = owned().map(|own| Chapter::new(format!("What only {} can do", own.title), (own.faults)()));
    seams.into_iter().chain(own).collect()
}

/// The refusals of all drivers. Refusals with the same name are one fault.
fn refusals() -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for refusal in owned().flat_map(|own| (own.refusals)()) {
        match faults.iter_mut().find(|fault| fault.name == refusal.name) {
            Some(fault) => fault.cells.extend(refusal.cells),
            None => faults.push(refusal),
        }
    }
    faults
}
