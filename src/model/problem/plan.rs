//! Problems found while planning a login, whatever the driver, and their messages.

use super::Flaw;
use super::field::{bad, missing};
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// Why a login cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanFlaw {
    /// A required field is empty.
    Missing {
        /// The field.
        field: Field,
    },
    /// There is no driver for the type.
    NoDriver {
        /// The type as written.
        written: String,
        /// A similar type.
        guess: Option<&'static str>,
        /// The available drivers.
        known: Vec<&'static str>,
    },
    /// The driver is not included in this binary.
    NotBuiltIn {
        /// The driver, whose name is also that of its cargo feature.
        driver: &'static str,
    },
    /// The driver panicked.
    DriverPanicked {
        /// The driver.
        driver: &'static str,
    },
    /// More servers are listed than one login tries.
    TooManyServers {
        /// The number of servers.
        count: usize,
        /// The maximum number.
        most: usize,
    },
}

impl Flaw for PlanFlaw {
    fn words(&self) -> Words {
        match self {
            Self::Missing { field } => missing(field.clone()),
            Self::NoDriver { written, guess, known } => {
                let guess = guess.map(|name| format!("did you mean `{name}`? ")).unwrap_or_default();
                Words::new(Code::NoDriver, format!("no driver for connection type `{written}`"))
                    .hint(format!("{guess}supported are {} and their aliases: see `connprobe types`", known.join(", ")))
            }
            Self::NotBuiltIn { driver } => {
                Words::new(Code::NotBuiltIn, format!("the driver `{driver}` is not built into this connprobe")).hint(
                    format!("use a connprobe that has it: one with all drivers, or built with the feature `{driver}`"),
                )
            }
            Self::DriverPanicked { driver } => {
                Words::new(Code::DriverPanicked, format!("the `{driver}` driver broke over this definition")).hint(
                    "this is a bug in connprobe: please report it with the keys of the definition, without its secrets",
                )
            }
            Self::TooManyServers { count, most } => bad(Field::HOST, format!("`host` lists {count} servers"))
                .hint(format!("up to {most} are tried in one login: list fewer")),
        }
    }
}
