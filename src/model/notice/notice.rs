//! `Notice`: what deserves attention, as data that knows its warning. Each area has an enum of its own: here what any
//! definition or source may have, in `driver/NAME/notices.rs` what only those of one driver have.

use crate::model::warning::Warning;

/// What deserves attention, with its data.
pub trait Notice {
    /// The stable word for it, and its words: the one place where they are made.
    fn warning(&self) -> Warning;
}

impl<N: Notice> From<N> for Warning {
    fn from(notice: N) -> Self {
        notice.warning()
    }
}
