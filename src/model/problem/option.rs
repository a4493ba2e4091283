//! Problems of fields and extras of any driver, and their messages.

use super::Flaw;
use super::field::bad;
use crate::model::reason::{Field, ReasonCode as Code, Words};

/// What is wrong with a field or an extra.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OptionFlaw {
    /// An extra requires a feature that no driver of the type has.
    Lacking {
        /// The extra.
        key: String,
        /// The feature.
        what: &'static str,
    },
    /// An extra requires a tunnel or a proxy.
    Route {
        /// The extra.
        key: String,
    },
    /// An extra is not text.
    NotText {
        /// The extra.
        key: String,
    },
    /// An extra is neither true nor false.
    NotAFlag {
        /// The extra.
        key: String,
    },
    /// An extra is not a number, or is negative.
    NotADuration {
        /// The extra.
        key: String,
    },
    /// An extra is not one of the allowed words.
    NotOneOf {
        /// The extra.
        key: String,
        /// The allowed words.
        words: Vec<String>,
    },
}

impl Flaw for OptionFlaw {
    fn words(&self) -> Words {
        match self {
            Self::Lacking { key, what } => Words::new(
                Code::FeatureUnsupported,
                format!("extra `{key}` asks for a login that connprobe lacks: {what}"),
            )
            .fields([Field::extra(key)]),
            Self::Route { key } => Words::new(
                Code::TunnelNeeded,
                format!("extra `{key}` asks for a tunnel or proxy, which connprobe does not make"),
            )
            .fields([Field::extra(key)])
            .hint("run connprobe where the server can be reached directly, with a definition that says so"),
            Self::NotText { key } => extra(key, "must be a text"),
            Self::NotAFlag { key } => extra(key, "must be true or false"),
            Self::NotADuration { key } => extra(key, "must be a number, not negative"),
            Self::NotOneOf { key, words } => extra(key, &format!("must be one of {}", words.join(", "))),
        }
    }
}

/// The description of an extra `key` that is not what it `must` be.
pub(crate) fn extra(key: &str, must: &str) -> Words {
    bad(Field::extra(key), format!("extra `{key}` {must}"))
}
