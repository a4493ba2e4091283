//! Extras of any driver: the words for those that are not read, or otherwise than the client reads them.

use super::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtraNotice {
    /// An extra that the driver does not know.
    Unknown {
        /// The extra.
        key: String,
        /// The driver's product.
        product: &'static str,
        /// The extra that may be meant.
        guess: Option<&'static str>,
    },
    /// More of them.
    MoreUnknown {
        /// How many.
        count: usize,
    },
    /// A text that means no, which Python takes for yes.
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
