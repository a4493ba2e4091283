//! `Node`: a parsed document as a tree that still knows lines, order and repeated keys. Owns no
//! text where it can borrow it, wipes what it owns, and has no `Debug`: it is full of secrets.
//! [`SyntaxError`]: why a text is no such document.

use std::ops::Deref;

use zeroize::Zeroizing;

/// How deep lists and objects may nest.
pub(crate) const DEPTH: usize = 128;

/// How many values a document may hold: far more than definitions need, and few enough that 64 MiB
/// of `[],[],[]` do not become gigabytes.
pub(crate) const VALUES: usize = 2_000_000;

/// Why a text is not of its format, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct SyntaxError {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// What was expected there, or what may not stand there.
    pub what: &'static str,
    /// One sentence on the usual reason.
    pub hint: Option<&'static str>,
}

/// One value, and the line it begins on.
pub(crate) struct Node<'a> {
    pub(crate) line: usize,
    pub(crate) value: Value<'a>,
}

/// What a document holds.
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// As written, which may be `NaN` or `-Infinity`.
    Number(Text<'a>),
    Text(Text<'a>),
    /// What YAML takes for something else than the text that people may mean by it.
    Word {
        text: Text<'a>,
        meaning: Meaning,
    },
    /// What only a reader that knows its tag could read.
    Tagged,
    List(Vec<Node<'a>>),
    /// In order, repeated keys included.
    Object(Vec<Member<'a>>),
}

/// What YAML takes an unquoted word for.
pub(crate) enum Meaning {
    /// `yes`, `off`
    Flag(bool),
    /// `0x1F`, `1_000`, and `012`, which is ten: as JSON writes it.
    Number(String),
    /// `2024-01-01`
    Time,
}

/// One key of an object with its value.
pub(crate) struct Member<'a> {
    pub(crate) line: usize,
    pub(crate) key: Text<'a>,
    /// What the key is, where it is no text.
    pub(crate) key_kind: Option<&'static str>,
    pub(crate) value: Value<'a>,
}

/// A text, borrowed from the document unless it holds escapes.
pub(crate) enum Text<'a> {
    Plain(&'a str),
    Unescaped(Zeroizing<String>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Unescaped(text) => text,
        }
    }
}

impl Value<'_> {
    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) | Self::Word { meaning: Meaning::Flag(_), .. } => "true or false",
            Self::Number(_) | Self::Word { meaning: Meaning::Number(_), .. } => "a number",
            Self::Text(_) => "a text",
            Self::Word { meaning: Meaning::Time, .. } => "a date",
            Self::Tagged => "a value with a tag",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The value of the member `key` of an object; of several the last.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().rev().find(|member| *member.key == *key).map(|member| &member.value)
            }
            _ => None,
        }
    }

    /// `null` and the empty text, which mean the same in every stored format.
    pub(crate) fn is_absent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The text of a text, word or number, as written.
    pub(crate) fn scalar(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Word { text, .. } => Some(text),
            _ => None,
        }
    }
}
