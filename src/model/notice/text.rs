//! What a server says, where it is not shown: the words for why.

use super::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// Why what a server says is not shown, although no secret was found in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextNotice {
    /// It can be read in too many ways.
    TooMuch,
    /// The run ended before.
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
