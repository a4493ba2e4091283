//! `Notice`: what deserves attention, as data with a warning. Each area has its own enum: this module has those of any
//! definition or source, `driver/NAME/notices.rs` those of one driver.

use crate::model::warning::Warning;

/// Something that deserves attention, with its data.
pub trait Notice {
    /// The stable code and the message: the only place where they are made.
    fn warning(&self) -> Warning;
}

impl<N: Notice> From<N> for Warning {
    fn from(notice: N) -> Self {
        notice.warning()
    }
}
