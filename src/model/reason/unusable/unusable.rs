//! `Unusable`: the area of the problem. `Said`: its message and hint.

use std::borrow::Cow;

use super::{Backend, Configuration, Entries, Keys, Metadata, Sqlite, StorePlace};

/// Why an existing source cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unusable {
    /// Airflow's configuration.
    Configuration(Configuration),
    /// Airflow's metadata database, or its URL.
    Metadata(Metadata),
    /// The file of a metadata database.
    Sqlite {
        /// Its path.
        file: String,
        /// What is wrong with it.
        why: Sqlite,
    },
    /// The keys of a metadata database.
    Keys(Keys),
    /// The variables that name a secrets backend.
    Backend(Backend),
    /// The source contains no definitions, or not the part of one that it should.
    Entries(Entries),
    /// The place of connprobe's own store.
    StorePlace(StorePlace),
    /// Sources of this kind are left out of this binary.
    NotBuiltIn {
        /// The cargo feature that includes them.
        feature: &'static str,
    },
}

/// The description of a problem.
pub(super) struct Said {
    /// A lower-case fragment.
    pub(super) message: Cow<'static, str>,
    /// One sentence on what to do.
    pub(super) hint: Option<Cow<'static, str>>,
}

impl Said {
    /// A message, and a hint.
    pub(super) fn new(message: impl Into<Cow<'static, str>>, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()) }
    }
}

impl Unusable {
    /// Message and hint.
    pub(in crate::model::reason) fn said(&self) -> (Cow<'static, str>, Option<Cow<'static, str>>) {
        let Said { message, hint } = match self {
            Self::Configuration(why) => why.said(),
            Self::Metadata(why) => why.said(),
            Self::Sqlite { file, why } => why.said(file),
            Self::Keys(why) => why.said(),
            Self::Backend(why) => why.said(),
            Self::Entries(why) => why.said(),
            Self::StorePlace(why) => why.said(),
            Self::NotBuiltIn { feature } => Said::new(
                "sources of this kind are not built into this connprobe",
                format!("use a connprobe that has them: one with all sources, or built with the feature `{feature}`"),
            ),
        };
        (message, hint)
    }

    /// The texts in its data that may contain the expanded value of a variable.
    pub fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Self::Metadata(why) => why.texts(),
            Self::Sqlite { file, .. } => vec![file],
            Self::Configuration(_)
            | Self::Keys(_)
            | Self::Backend(_)
            | Self::Entries(_)
            | Self::StorePlace(_)
            | Self::NotBuiltIn { .. } => Vec::new(),
        }
    }
}

macro_rules! areas {
    ($($area:ident),*) => {
        $(impl From<$area> for Unusable {
            fn from(why: $area) -> Self {
                Self::$area(why)
            }
        })*
    };
}

areas!(Configuration, Metadata, Keys, Backend, Entries, StorePlace);
