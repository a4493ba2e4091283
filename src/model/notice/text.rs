//! Warnings about a server's text that is not shown.

use super::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// Why a server's text is not shown, although no secret was found in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextNotice {
    /// It has too many readings.
    TooMuch,
    /// The run ended before it was searched.
    TooLate,
}

impl Notice for TextNotice {
    fn warning(&self) -> Warning {
        Warning::new(
            Code::TextWithheld,
            match self {
                Self::TooMuch => "what the server says is not shown: to look for secrets in it would take too long",
                Self::TooLate => {
                    "what the server says is not shown: the run ended before secrets were looked for in it (a longer `--deadline` gives more time)"
                }
            },
        )
    }
}
