//! `SourceError`: why a source gives no definitions at all. Its words are those of its reason.

use super::foreign::Foreign;
use crate::model::failure::Failure;
use crate::model::plain::{HIDDEN, replace_word};
use crate::model::reason::{Reason, ReasonCode, Source, Unusable};

/// Why a source cannot be read. Its text is a lower-case fragment; [`SourceError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// What it holds, or how it was named.
    #[error("{}", Reason::from(.0.clone()).message())]
    Own(Source),
    /// A server that holds definitions, and could not be asked for them: what a probe of it would say.
    #[error("`{name}` cannot be read: {}", said(failure))]
    Server {
        /// The source's name.
        name: String,
        /// In which phase it stopped, and why.
        failure: Box<Failure>,
    },
}

fn said(failure: &Failure) -> String {
    let code = failure.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
    let phase = failure.phase.map(|phase| format!(" in phase {}", phase.as_str())).unwrap_or_default();
    format!("{} ({}{code}{phase})", failure.message, failure.class.as_str())
}

impl SourceError {
    /// The source called `name` cannot be used.
    pub(super) fn unusable(name: &str, why: impl Into<Unusable>) -> Self {
        Self::Own(Source::unusable(name, why))
    }

    /// The same without `value`, which must not be shown.
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

    /// The same without the server's own text, and without a code that nobody but the server knows.
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

    /// The stable word for it.
    #[must_use]
    pub fn reason(&self) -> ReasonCode {
        match self {
            Self::Own(source) => Reason::from(source.clone()).code(),
            Self::Server { failure, .. } => failure.reason,
        }
    }

    /// As a failure: what a server of the source said is kept as it is, phase, code and detail included.
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::Own(source) => Failure::of(source.clone()),
            Self::Server { failure, .. } => Failure::clone(failure),
        }
    }

    /// One sentence on what to do, where there is something to say.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        self.failure().hint
    }
}
