//! Warnings about extras of any driver that are not read, or not as the client reads them.

use super::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What to warn about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtraNotice {
    /// An extra that the driver does not support.
    Unknown {
        /// The extra.
        key: String,
        /// The product of the driver.
        product: &'static str,
        /// The extra that is probably meant.
        guess: Option<&'static str>,
    },
    /// More unknown extras.
    MoreUnknown {
        /// Their number.
        count: usize,
    },
    /// A text that means no, but that Python treats as true.
    TextMeansNo {
        /// The extra.
        key: &'static str,
    },
}

impl Notice for ExtraNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::Unknown { key, product, guess } => {
                let guess = guess.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default();
                Warning::new(
                    Code::UnknownExtra,
                    format!("extra `{key}` is not known for {product} and was ignored{guess}"),
                )
            }
            Self::MoreUnknown { count } => {
                Warning::new(Code::UnknownExtra, format!("{count} more unknown extras were ignored"))
            }
            Self::TextMeansNo { key } => Warning::new(
                Code::StringlyFlag,
                format!(
                    "extra `{key}` is a text that means no: it was read so, where Airflow's hook takes every text for yes"
                ),
            ),
        }
    }
}
