//! Extras of any driver: the words for those that are not read.

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
}

impl ExtraNotice {
    pub(super) fn warning(&self) -> Warning {
        let message = match self {
            Self::Unknown { key, product, guess } => {
                let guess = guess.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default();
                format!("extra `{key}` is not known for {product} and was ignored{guess}")
            }
            Self::MoreUnknown { count } => format!("{count} more unknown extras were ignored"),
        };
        Warning::new(Code::UnknownExtra, message)
    }
}
