//! How many probes run at once: in all, and to one host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The permits of a run.
pub(super) struct Limits {
    all: Arc<Semaphore>,
    per_host: usize,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// The right to run one probe, given back on drop.
pub(super) struct Permit {
    _host: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Limits {
    pub(super) fn new(concurrency: usize, per_host: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(concurrency.max(1))), per_host: per_host.max(1), hosts: Mutex::default() }
    }

    /// Waits for a place at `host` (without port, compared without case), then for one in all: the
    /// other way round a slow host would hold the places that everybody needs.
    pub(super) async fn acquire(&self, host: &str) -> Permit {
        let host = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(hosts.entry(host.to_lowercase()).or_insert_with(|| Arc::new(Semaphore::new(self.per_host))))
        };
        Permit { _host: place(host).await, _all: place(Arc::clone(&self.all)).await }
    }
}

async fn place(semaphore: Arc<Semaphore>) -> OwnedSemaphorePermit {
    match semaphore.acquire_owned().await {
        Ok(permit) => permit,
        Err(_closed) => unreachable!("the semaphores of a run are never closed"),
    }
}
