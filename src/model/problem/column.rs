//! Problems of a column's value in Airflow's table, and their messages. Values are not quoted.

use super::Flaw;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnFlaw {
    /// It is longer than 1 MiB.
    TooLong {
        /// The column.
        column: &'static str,
    },
    /// It is not valid UTF-8.
    NotText {
        /// The column.
        column: &'static str,
    },
    /// It is not a whole number.
    NotANumber {
        /// The column.
        column: &'static str,
    },
    /// It is neither true nor false.
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
