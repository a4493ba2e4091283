//! Finds the servers of a login before its turn: first by way of the network where the definition does not name them
//! (SRV records, SQL Browser), then the addresses of all names. So every address that may be dialled is a key of the
//! account before anything is dialled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::task::AbortOnDropHandle;

use super::check::{GRACE, Shared};
use super::group::Group;
use super::lookup::{Resolved, look_up};
use crate::driver::attempt::Recorder;
use crate::driver::{Attempt, Located, Probe};
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Machine, Timeout};
use crate::net::Network;

/// The servers of a login, and the probe for them.
pub(super) struct Found {
    pub(super) resolved: Resolved,
    pub(super) probe: Arc<dyn Probe>,
}

/// Finds the servers of `group` within `limit`.
///
/// # Errors
///
/// Why there is no server to dial.
pub(super) async fn find(
    group: &Arc<Group>,
    shared: &Shared,
    network: &Network,
    recorder: &Arc<Recorder>,
    limit: Duration,
) -> Result<Found, Failure> {
    let asked = Instant::now();
    // Most definitions name their servers themselves, which takes no task on the workers.
    let located =
        if group.plan.endpoints.is_empty() { locate(group, shared, network, recorder, limit).await? } else { None };
    let (endpoints, probe) = match located {
        Some(Located { endpoints, probe }) => (endpoints, probe),
        None => (group.plan.endpoints.clone(), Arc::clone(&group.plan.probe)),
    };
    let took = asked.elapsed();
    let mut resolved = look_up(&endpoints, network, limit.saturating_sub(took)).await?;
    if group.plan.endpoints.is_empty() {
        resolved.elapsed += took;
    }
    Ok(Found { resolved, probe })
}

/// Runs the driver's `locate` on the workers, like a probe.
async fn locate(
    group: &Arc<Group>,
    shared: &Shared,
    network: &Network,
    recorder: &Arc<Recorder>,
    limit: Duration,
) -> Result<Option<Located>, Failure> {
    let deadline = Instant::now() + limit;
    let attempt = Attempt {
        network: Arc::new(network.clone()),
        policy: shared.settings.policy.clone(),
        deadline,
        recorder: Arc::clone(recorder),
        controls: Arc::clone(&shared.controls),
        expected: Arc::default(),
    };
    let running = Arc::clone(group);
    let task = shared.workers.spawn(async move { running.plan.probe.locate(&attempt).await });
    let located = match tokio::time::timeout_at((deadline + GRACE).into(), AbortOnDropHandle::new(task)).await {
        Ok(Ok(located)) => located,
        Ok(Err(_panicked)) => Err(Failure::of(Machine::DriverPanicked { driver: group.driver.spec().name })),
        Err(_elapsed) => Err(Failure::of(Timeout::Resolve { limit })),
    };
    located.map_err(|failure| if failure.phase.is_none() { failure.at(Phase::Resolve) } else { failure })
}
