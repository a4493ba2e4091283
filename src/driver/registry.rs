//! Which driver takes which conn type: the only place that names the drivers. Of a driver whose feature is not built in
//! it has the spec.

use std::fmt;
use std::sync::{Arc, LazyLock};

use super::absent::Absent;
use super::{Driver, Spec, http, mongodb, mssql, mysql, postgres, redis, s3};
use crate::model::codes::CodeTable;
use crate::net::sniff::{Protocol, TELLING, foreign, recognise};

/// Each driver with its feature, its folder and its type.
macro_rules! drivers {
    ($($feature:literal $folder:ident $driver:ident),*) => {
        /// The drivers that connprobe provides.
        fn drivers() -> Arc<[Arc<dyn Driver>]> {
            Arc::new([$(
                #[cfg(feature = $feature)]
                Arc::new($folder::$driver),
                #[cfg(not(feature = $feature))]
                Arc::new(Absent(&$folder::SPEC)),
            )*])
        }

        /// The spec of each driver, for builds without its feature.
        const SPECS: &[Absent] = &[$(Absent(&$folder::SPEC)),*];
    };
}

drivers! {
    "postgres" postgres Postgres,
    "mysql" mysql Mysql,
    "mssql" mssql Mssql,
    "mongodb" mongodb Mongodb,
    "redis" redis Redis,
    "s3" s3 S3,
    "http" http Http
}

/// Every protocol that is recognised by its first bytes: first those without a driver, then those of the drivers.
#[must_use]
pub fn protocols() -> &'static [&'static Protocol] {
    static PROTOCOLS: LazyLock<Vec<&'static Protocol>> = LazyLock::new(|| {
        let own = SPECS.iter().filter_map(|driver| driver.0.protocol);
        let mut all = foreign().to_vec();
        all.extend(own.filter(|own| !foreign().contains(own)));
        all
    });
    &PROTOCOLS
}

/// The drivers whose servers count unfinished handshakes, whatever protocol the client speaks, and block its host after
/// a number of them.
pub fn counting_interruptions() -> impl Iterator<Item = &'static Spec> {
    SPECS.iter().map(Driver::spec).filter(|spec| spec.blocks_after_interruptions)
}

/// The driver whose servers speak `protocol`, if these count unfinished handshakes.
#[must_use]
pub fn counter_of(protocol: &Protocol) -> Option<&'static str> {
    counting_interruptions().find(|spec| spec.protocol == Some(protocol)).map(|spec| spec.name)
}

/// Whether a peer counts unfinished handshakes, by its `first` bytes: the driver of its protocol, if it does. `None` as
/// long as the bytes are too few to tell.
#[must_use]
pub fn counting(first: &[u8]) -> Option<Option<&'static str>> {
    match recognise(first, protocols()) {
        Some(protocol) => Some(counter_of(protocol)),
        None => (first.len() >= TELLING).then_some(None),
    }
}

/// Drivers by the conn types that they take. Clones share them.
#[derive(Clone)]
pub struct Registry {
    drivers: Arc<[Arc<dyn Driver>]>,
}

impl Registry {
    /// The drivers that connprobe provides.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Registry> = LazyLock::new(|| Registry { drivers: drivers() });
        &BUILTIN
    }

    /// Adds `driver` before these: if several drivers take a type, the one added last is used.
    #[must_use]
    pub fn with(&self, driver: impl Driver + 'static) -> Self {
        let own: Arc<dyn Driver> = Arc::new(driver);
        Self { drivers: std::iter::once(own).chain(self.drivers.iter().cloned()).collect() }
    }

    /// Every driver.
    pub fn drivers(&self) -> impl Iterator<Item = &dyn Driver> {
        self.drivers.iter().map(AsRef::as_ref)
    }

    /// The driver for a normalised conn type, and the port it uses when none is stored.
    #[must_use]
    pub fn find(&self, conn_type: &str) -> Option<(&dyn Driver, u16)> {
        self.drivers().find_map(|driver| Some((driver, port(driver, conn_type)?)))
    }

    /// The driver for a normalised conn type, as a shared pointer.
    #[must_use]
    pub fn get(&self, conn_type: &str) -> Option<Arc<dyn Driver>> {
        self.drivers.iter().find(|driver| port(&***driver, conn_type).is_some()).cloned()
    }

    /// The code tables of all drivers, with their names.
    pub fn code_tables(&self) -> impl Iterator<Item = (&'static str, &'static CodeTable)> {
        self.drivers().map(|driver| (driver.spec().name, driver.spec().codes))
    }

    /// The known conn type of which `word` is probably a misspelling.
    #[must_use]
    pub fn nearest(&self, word: &str) -> Option<&'static str> {
        super::extras::nearest(
            word,
            self.drivers().flat_map(|driver| driver.spec().types.iter().map(|(name, _)| *name)),
        )
    }
}

/// The port of `driver` for `conn_type`; `None` if it does not take that type.
fn port(driver: &dyn Driver, conn_type: &str) -> Option<u16> {
    driver.spec().types.iter().find(|(name, _)| *name == conn_type).map(|(_, port)| *port)
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.drivers().map(|driver| driver.spec().name)).finish()
    }
}
