//! `SourceError`: why a source yields no definitions at all. Its text is that of its reason.

use super::foreign::Foreign;
use crate::model::failure::Failure;
use crate::model::plain::{HIDDEN, replace_word};
use crate::model::reason::{Reason, ReasonCode, Source, Unusable};

/// Why a source cannot be read. Its text is a lower-case fragment; [`SourceError::hint`] returns the remedy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The fault is in the content of the source, or in its name.
    #[error("{}", Reason::from(.0.clone()).message())]
    Own(Source),
    /// A server that stores definitions could not be read. The failure is the one that a probe would report.
    #[error("`{name}` cannot be read: {}", said(failure))]
    Server {
        /// The name of the source.
        name: String,
        /// The phase in which it stopped, and the reason.
        failure: Box<Failure>,
    },
}

fn said(failure: &Failure) -> String {
    let code = failure.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    let phase = failure.phase.map(|phase| format!(" in phase {}", phase.as_str())).unwrap_or_default();
    format!("{} ({}{code}{phase})", failure.message, failure.class.as_str())
}

impl SourceError {
    /// The error that the source `name` cannot be used because of `why`.
    pub(super) fn unusable(name: &str, why: impl Into<Unusable>) -> Self {
        Self::Own(Source::unusable(name, why))
    }

    /// The same error without `value`, which must not be shown.
    pub(super) fn without(mut self, value: &str) -> Self {
        match &mut self {
            Self::Server { failure, .. } => {
                failure.replace(value, HIDDEN);
                if let Some(detail) = failure.detail.take() {
                    let mut detail = detail.into_string();
                    replace_word(&mut detail, value, HIDDEN);
                    failure.detail = Some(detail.into());
                }
            }
            Self::Own(Source::Unusable { why, .. }) => {
                why.texts().into_iter().for_each(|text| replace_word(text, value, HIDDEN));
            }
            Self::Own(_) => {}
        }
        self
    }

    /// The same error without the server's own text, and without its code if connprobe does not know that code.
    #[must_use]
    pub fn without_detail(mut self) -> Self {
        if let Self::Server { failure, .. } = &mut self {
            failure.silence();
        }
        self
    }

    pub(super) fn foreign(file: &str, foreign: Foreign) -> Self {
        let Foreign { what, hint } = foreign;
        Self::Own(Source::Foreign { file: file.to_owned(), what, hint })
    }

    /// The stable code of the reason.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Own(source) => Reason::from(source.clone()).code(),
            Self::Server { failure, .. } => failure.reason,
        }
    }

    /// The error as a failure. The failure of a server is unchanged, with phase, code and detail.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::Own(source) => Failure::of(source.clone()),
            Self::Server { failure, .. } => Failure::clone(failure),
        }
    }

    /// The remedy in one sentence, if there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.failure().hint
    }
}
