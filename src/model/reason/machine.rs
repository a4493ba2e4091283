//! Failures of this machine and of connprobe itself, and their messages and hints.

use std::fmt;
use std::time::Duration;

use super::{ReasonCode as Code, Words};

/// A resource that this machine lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shortage {
    /// File descriptors.
    Descriptors,
    /// Local addresses and ports.
    Ports,
    /// Memory.
    Memory,
    /// Threads.
    Threads,
}

impl Shortage {
    fn code(self) -> Code {
        match self {
            Self::Descriptors => Code::OutOfDescriptors,
            Self::Ports => Code::OutOfPorts,
            Self::Memory => Code::OutOfMemory,
            Self::Threads => Code::OutOfThreads,
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Descriptors => "lower `--concurrency`, or raise the limit on open files (`ulimit -n`)",
            Self::Ports => "lower `--concurrency`, or widen the range of local ports",
            Self::Memory => "lower `--concurrency`, or free memory",
            Self::Threads => "raise the limit on threads (`ulimit -u`, or that of the container)",
        }
    }
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Descriptors => "too many open files",
            Self::Ports => "no local address or port is free",
            Self::Memory => "out of memory",
            Self::Threads => "no thread is free",
        })
    }
}

/// What failed on this side.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Machine {
    /// A name could not be looked up.
    NoLookup {
        /// The name.
        name: String,
    },
    /// A thread, socket or runtime could not be created.
    Short(Shortage),
    /// The connection to the driver crate within this process failed.
    NoSocket,
    /// The operating system returned no random numbers.
    NoRandomNumbers,
    /// The process was not scheduled for too much of a span of time.
    Busy {
        /// How long the process waited to be scheduled.
        late: Duration,
        /// The length of the span.
        took: Duration,
    },
    /// The ledger of refused logins cannot be used.
    NoLedger {
        /// Why, as a lower-case fragment.
        reason: String,
    },
    /// The clock is too far from the server's.
    ClockSkew,
    /// This machine's clock differs from the server's by this much.
    ClockOff {
        /// The difference.
        by: Duration,
        /// Whether this machine's clock is ahead of the server's.
        ahead: bool,
    },
    /// A driver panicked during a login.
    DriverPanicked {
        /// The driver's name.
        driver: &'static str,
    },
    /// A driver panicked while it planned a definition.
    PlanPanicked {
        /// The driver's name.
        driver: &'static str,
    },
    /// A bug in connprobe or in a library.
    Bug {
        /// A lower-case fragment that describes it.
        what: String,
    },
}

const CLOCK: &str = "set the clock of this machine (NTP), then try again; the keys were not judged";

impl Machine {
    /// A `message` with the code and hint of a shortage.
    pub(super) fn words_of(shortage: Shortage, message: String) -> Words {
        Words::new(shortage.code(), message).hint(shortage.hint())
    }

    pub(super) fn words(&self) -> Words {
        match self {
            Self::NoLookup { name } => Self::words_of(
                Shortage::Descriptors,
                format!("this machine could not look up `{name}`: it is out of file descriptors or memory"),
            ),
            Self::Short(shortage) => {
                Self::words_of(*shortage, format!("this machine is short of what connprobe needs: {shortage}"))
            }
            Self::NoSocket => Self::words_of(
                Shortage::Descriptors,
                "the connection to the driver library within connprobe broke".to_owned(),
            ),
            Self::NoRandomNumbers => Words::new(Code::InternalError, "this machine gives no random numbers")
                .class(crate::model::class::Class::Local)
                .hint("check that connprobe's sandbox lets it call `getrandom`"),
            Self::NoLedger { reason } => Words::new(
                Code::LedgerUnusable,
                format!("not tried, since what is remembered of refused logins cannot be had: {reason}"),
            )
            .hint("name a file that this user can write with `--state` or `$CONNPROBE_STATE`, or `none` to keep nothing"),
            Self::Busy { late, took } => Words::new(
                Code::MachineBusy,
                format!(
                    "this machine kept connprobe waiting for {:.1} of {:.1} s",
                    late.as_secs_f64(),
                    took.as_secs_f64()
                ),
            )
            .hint("nothing is known about the target; run again when the machine is less busy, with a lower `--concurrency`, or with a longer `--timeout`"),
            Self::ClockSkew => Words::new(Code::ClockSkew, "this machine's clock is too far from the server's")
                .hint(CLOCK),
            Self::ClockOff { by, ahead } => {
                let (by, direction) = (humantime::format_duration(*by), if *ahead { "ahead of" } else { "behind" });
                Words::new(Code::ClockSkew, format!("this machine's clock is {by} {direction} the server's"))
                    .hint(CLOCK)
            }
            Self::DriverPanicked { driver } => Words::new(Code::DriverPanicked, format!("the `{driver}` driver broke"))
                .hint("this is a bug in connprobe or in the driver library, not in the target: please report it with the server's version"),
            Self::PlanPanicked { driver } => {
                Words::new(Code::DriverPanicked, format!("the `{driver}` driver broke over this definition")).hint(
                    "this is a bug in connprobe: please report it with the keys of the definition, without its secrets",
                )
            }
            Self::Bug { what } => Words::new(Code::InternalError, what.clone())
                .hint("this is a bug in connprobe or in a library that it uses: please report it"),
        }
    }
}
