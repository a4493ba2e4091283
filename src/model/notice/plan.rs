//! Warnings about a definition, whatever its driver, or about one of its hosts.

use super::Notice;
use crate::model::warning::{Warning, WarningCode as Code};

/// What to warn about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanNotice {
    /// Blanks around the type.
    PaddedType,
    /// A host of the list did not answer.
    HostSkipped {
        /// The host.
        host: String,
        /// The message of its failure.
        why: String,
    },
}

impl Notice for PlanNotice {
    fn warning(&self) -> Warning {
        match self {
            Self::PaddedType => Warning::new(
                Code::ClientDiffers,
                "`conn_type` has a blank or line end before or after it: connprobe reads it without, and Airflow knows no such type",
            ),
            Self::HostSkipped { host, why } => {
                Warning::new(Code::HostSkipped, format!("`{host}` was passed over: {why}"))
            }
        }
    }
}
