//! `Cell`: one value of a row, for callers that read rows from a server.

use std::borrow::Cow;

/// One value of a row, as the server writes it in text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// `NULL`.
    Null,
    /// Its text.
    Text(Cow<'a, str>),
    /// Bytes that are not UTF-8.
    NotText,
}

impl<'a> Cell<'a> {
    /// The value of the bytes of a cell, where `None` is `NULL`.
    #[must_use]
    pub fn of(bytes: Option<&'a [u8]>) -> Self {
        match bytes.map(std::str::from_utf8) {
            None => Self::Null,
            Some(Ok(text)) => Self::Text(Cow::Borrowed(text)),
            Some(Err(_)) => Self::NotText,
        }
    }

    /// The text, if there is one.
    #[must_use]
    pub fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.into_owned()),
            Self::Null | Self::NotText => None,
        }
    }
}
