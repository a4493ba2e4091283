//! A definition, whatever its driver: the words for what is odd about it.

use crate::model::warning::{Warning, WarningCode as Code};

/// What is odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanNotice {
    /// A blank around the type.
    PaddedType,
}

impl PlanNotice {
    pub(super) fn warning(self) -> Warning {
        let Self::PaddedType = self;
        Warning::new(
            Code::ClientDiffers,
            "`conn_type` has a blank or line end before or after it: connprobe reads it without, and Airflow knows no such type",
        )
    }
}
