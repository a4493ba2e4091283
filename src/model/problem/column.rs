//! A column of Airflow's table: what its value should be, and the words for it. Values are not quoted.

use super::Flaw;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnFlaw {
    /// More than 1 MiB.
    TooLong {
        /// The column.
        column: &'static str,
    },
    /// Bytes that are no UTF-8.
    NotText {
        /// The column.
        column: &'static str,
    },
    /// No whole number.
    NotANumber {
        /// The column.
        column: &'static str,
    },
    /// Neither true nor false.
    NotAFlag {
        /// The column.
        column: &'static str,
    },
}

impl Flaw for ColumnFlaw {
    fn words(&self) -> Words {
        let (column, what) = match self {
            Self::TooLong { column } => (column, "holds more than 1 MiB"),
            Self::NotText { column } => (column, "holds bytes that are no UTF-8 text"),
            Self::NotANumber { column } => (column, "does not hold a whole number"),
            Self::NotAFlag { column } => (column, "does not hold true or false"),
        };
        let code = match self {
            Self::TooLong { .. } | Self::NotText { .. } if ["password", "extra"].contains(column) => {
                Code::SecretUnreadable
            }
            _ => Code::BadField,
        };
        Words::new(code, format!("the column `{column}` {what}"))
            .fields([Field::named(column)])
            .hint("correct the connection in Airflow")
    }
}
