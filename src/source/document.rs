//! `Node`: a parsed document as a tree that still knows lines, order and repeated keys. Owns no
//! text where it can borrow it, wipes what it owns, and has no `Debug`: it is full of secrets.

use std::ops::Deref;

use zeroize::Zeroizing;

/// One value, and the line it begins on.
pub(super) struct Node<'a> {
    pub(super) line: usize,
    pub(super) value: Value<'a>,
}

/// What a document holds.
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    /// As written, which may be `NaN` or `-Infinity`.
    Number(&'a str),
    Text(Text<'a>),
    List(Vec<Node<'a>>),
    /// In order, repeated keys included.
    Object(Vec<Member<'a>>),
}

/// One key of an object with its value.
pub(super) struct Member<'a> {
    pub(super) line: usize,
    pub(super) key: Text<'a>,
    pub(super) value: Value<'a>,
}

/// A text, borrowed from the document unless it holds escapes.
pub(super) enum Text<'a> {
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
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }

    /// The value of the member `key` of an object; of several the last.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().rev().find(|member| *member.key == *key).map(|member| &member.value)
            }
            _ => None,
        }
    }

    /// `null` and the empty text, which mean the same in every stored format.
    pub(super) fn is_absent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The text of a text or number.
    pub(super) fn scalar(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(number) => Some(number),
            _ => None,
        }
    }
}
