//! Which driver takes which conn type: the one place that names the drivers. One whose feature is not built in is known by
//! what it says of itself.

use std::fmt;
use std::sync::{Arc, LazyLock};

use super::absent::Absent;
use super::{Driver, Spec, http, mongodb, mssql, mysql, postgres, redis, s3};
use crate::model::codes::CodeTable;
use crate::net::sniff::{Protocol, TELLING, foreign, recognise};

/// Each driver by its feature, its folder and its type.
macro_rules! drivers {
    ($($feature:literal $folder:ident $driver:ident),*) => {
        /// Those that connprobe brings.
        fn drivers() -> Arc<[Arc<dyn Driver>]> {
            Arc::new([$(
                #[cfg(feature = $feature)]
                Arc::new($folder::$driver),
                #[cfg(not(feature = $feature))]
                Arc::new(Absent(&$folder::SPEC)),
            )*])
        }

        /// Each driver without its feature: what it says of itself.
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

/// Every protocol that is known by its first bytes: those that no driver has for itself, then those of the drivers.
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

/// The drivers whose servers count handshakes that are not finished, whatever protocol the client means to speak, and block
/// its host after some.
pub fn counting_interruptions() -> impl Iterator<Item = &'static Spec> {
    SPECS.iter().map(Driver::spec).filter(|spec| spec.blocks_after_interruptions)
}

/// The driver whose servers speak `protocol`, where they count handshakes that are not finished.
#[must_use]
pub fn counter_of(protocol: &Protocol) -> Option<&'static str> {
    counting_interruptions().find(|spec| spec.protocol == Some(protocol)).map(|spec| spec.name)
}

/// What the `first` bytes of a peer say of whether it counts handshakes that are not finished: the driver of its protocol, where
/// it does; `None` as long as they are too few.
#[must_use]
pub fn counting(first: &[u8]) -> Option<Option<&'static str>> {
    match recognise(first, protocols()) {
        Some(protocol) => Some(counter_of(protocol)),
        None => (first.len() >= TELLING).then_some(None),
    }
}

/// Drivers by the conn types they take. A clone shares them.
#[derive(Clone)]
pub struct Registry {
    drivers: Arc<[Arc<dyn Driver>]>,
}

impl Registry {
    /// The drivers that connprobe brings.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static BUILTIN: LazyLock<Registry> = LazyLock::new(|| Registry { drivers: drivers() });
        &BUILTIN
    }

    /// These drivers and `driver`, which comes first: of several that take a type the last that was added is asked.
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

    /// The driver for a normalised conn type, to be kept.
    #[must_use]
    pub fn get(&self, conn_type: &str) -> Option<Arc<dyn Driver>> {
        self.drivers.iter().find(|driver| port(&***driver, conn_type).is_some()).cloned()
    }

    /// The code tables of all drivers, with their names.
    pub fn code_tables(&self) -> impl Iterator<Item = (&'static str, &'static CodeTable)> {
        self.drivers().map(|driver| (driver.spec().name, driver.spec().codes))
    }

    /// The known conn type that `word` looks like a misspelling of.
    #[must_use]
    pub fn nearest(&self, word: &str) -> Option<&'static str> {
        super::extras::nearest(
            word,
            self.drivers().flat_map(|driver| driver.spec().types.iter().map(|(name, _)| *name)),
        )
    }
}

/// The port that `driver` uses for `conn_type`, if it takes that.
fn port(driver: &dyn Driver, conn_type: &str) -> Option<u16> {
    driver.spec().types.iter().find(|(name, _)| *name == conn_type).map(|(_, port)| *port)
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.drivers().map(|driver| driver.spec().name)).finish()
    }
}
