//! `Node`: a parsed document as a tree with lines, order and repeated keys. It borrows text where possible, and wipes
//! the text that it owns. It has no `Debug`, because it is full of secrets. [`SyntaxError`]: why a text cannot be
//! parsed.

use std::ops::Deref;

use zeroize::Zeroizing;

/// The maximum nesting depth of lists and objects.
pub(crate) const DEPTH: usize = 128;

/// The maximum number of values in a document: far more than definitions need, and few enough that 64 MiB of `[],[],[]`
/// do not become gigabytes.
pub(crate) const VALUES: usize = 2_000_000;

/// Why a text cannot be parsed, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {what}")]
pub struct SyntaxError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What was expected there, or what is not allowed there.
    pub what: &'static str,
    /// One sentence on the usual reason.
    pub hint: Option<&'static str>,
}

/// A value, and the line that it begins on.
pub(crate) struct Node<'a> {
    pub(crate) line: usize,
    pub(crate) value: Value<'a>,
}

/// A value of a document.
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// As written; may be `NaN` or `-Infinity`.
    Number(Text<'a>),
    Text(Text<'a>),
    /// An unquoted word that YAML does not read as text, although text may be meant.
    Word {
        text: Text<'a>,
        meaning: Meaning,
    },
    /// A value with a YAML tag that connprobe does not interpret.
    Tagged,
    List(Vec<Node<'a>>),
    /// The members in order, including repeated keys.
    Object(Vec<Member<'a>>),
}

/// How YAML reads an unquoted word.
pub(crate) enum Meaning {
    /// `yes`, `off`
    Flag(bool),
    /// `0x1F`, `1_000`, or `012`, which is ten; in JSON's notation.
    Number(String),
    /// `2024-01-01`
    Time,
}

/// A key of an object, and its value.
pub(crate) struct Member<'a> {
    pub(crate) line: usize,
    pub(crate) key: Text<'a>,
    /// The kind of the key, if it is not text.
    pub(crate) key_kind: Option<&'static str>,
    pub(crate) value: Value<'a>,
}

/// A text, borrowed from the document unless it contains escapes.
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
    /// The kind of the value, for messages.
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

    /// The value of the member `key` of an object; the last one if the key is repeated.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().rev().find(|member| *member.key == *key).map(|member| &member.value)
            }
            _ => None,
        }
    }

    /// Whether it is `null` or an empty text, which are equivalent in every stored format.
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
