//! What planning a login finds, whatever the driver: the words for it.

use super::Flaw;
use super::field::{bad, missing};
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanFlaw {
    /// An empty field.
    Missing {
        /// The field.
        field: Field,
    },
    /// No driver for the type.
    NoDriver {
        /// The type as it is written.
        written: String,
        /// A type that it resembles.
        guess: Option<&'static str>,
        /// The drivers that there are.
        known: Vec<&'static str>,
    },
    /// The driver is left out of this binary.
    NotBuiltIn {
        /// The driver, which is its cargo feature too.
        driver: &'static str,
    },
    /// The driver panicked.
    DriverPanicked {
        /// The driver.
        driver: &'static str,
    },
    /// More servers than one login tries.
    TooManyServers {
        /// How many are listed.
        count: usize,
        /// How many are tried.
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
