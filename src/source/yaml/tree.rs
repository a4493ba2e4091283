//! Builds the tree from the parser's events. Aliases are replaced by copies of their values.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, ScalarStyle, Tag};
use zeroize::Zeroizing;

use super::merge::{self, MERGE};
use super::{fault, scalar};
use crate::model::document::{DEPTH, Meaning, Member, Node, SyntaxError, Text, VALUES, Value};

/// The maximum number of bytes that aliases may copy.
const COPIED: usize = 64 << 20;

/// A key that waits for its value.
struct Key {
    line: usize,
    text: Text<'static>,
    kind: Option<&'static str>,
    is_merge: bool,
}

/// A list or object whose end was not reached yet.
struct Open {
    line: usize,
    anchor: usize,
    has_tag: bool,
    /// The number of levels in its content so far.
    height: usize,
    content: Content,
}

enum Content {
    List(Vec<Node<'static>>),
    Object { members: Vec<Member<'static>>, merged: Vec<Value<'static>>, key: Option<Key> },
}

/// A value that aliases refer to, and the number of its levels.
struct Anchored {
    value: Value<'static>,
    height: usize,
}

#[derive(Default)]
pub(super) struct Tree {
    open: Vec<Open>,
    root: Option<Node<'static>>,
    anchors: HashMap<usize, Anchored>,
    values: usize,
    copied: usize,
}

impl Tree {
    /// Whether a document is complete.
    pub(super) fn is_complete(&self) -> bool {
        self.root.is_some()
    }

    pub(super) fn into_root(self) -> Option<Node<'static>> {
        self.root
    }

    pub(super) fn add(&mut self, event: Event<'_>, at: Marker) -> Result<(), SyntaxError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text = Text::Unescaped(Zeroizing::new(text.into_owned()));
                if self.awaits_key() {
                    return self.add_key(text, style, anchor, tag.as_deref(), at);
                }
                let value = scalar::value(text, style, tag.as_deref());
                self.anchor(anchor, &value, 0, at)?;
                self.place(value, 0, at)
            }
            Event::Alias(anchor) => {
                let Some(Anchored { value, height }) = self.anchors.remove(&anchor) else {
                    return Err(fault::alias_of_itself(at));
                };
                let result = self.add_copy(&value, height, at);
                self.anchors.insert(anchor, Anchored { value, height });
                result
            }
            Event::SequenceStart(anchor, tag) => {
                let has_tag = tag.is_some_and(|tag| !scalar::is_own(&tag, "seq"));
                self.begin(anchor, has_tag, Content::List(Vec::new()), at)
            }
            Event::MappingStart(anchor, tag) => {
                let has_tag = tag.is_some_and(|tag| !scalar::is_own(&tag, "map"));
                let content = Content::Object { members: Vec::new(), merged: Vec::new(), key: None };
                self.begin(anchor, has_tag, content, at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Object { key: None, .. }, .. }))
    }

    fn add_key(
        &mut self,
        text: Text<'static>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Marker,
    ) -> Result<(), SyntaxError> {
        let is_merge = &*text == MERGE && style == ScalarStyle::Plain && tag.is_none();
        let value = scalar::value(text, style, tag);
        self.anchor(anchor, &value, 0, at)?;
        self.set_key(value, is_merge, at)
    }

    /// Makes `value` the key of the next value.
    fn set_key(&mut self, value: Value<'static>, is_merge: bool, at: Marker) -> Result<(), SyntaxError> {
        let kind = value.kind();
        let (text, kind) = match value {
            Value::Text(text) => (text, None),
            Value::Number(text) | Value::Word { text, .. } => (text, Some(kind)),
            Value::Bool(flag) => (Text::Plain(if flag { "true" } else { "false" }), Some(kind)),
            Value::Null => (Text::Plain(""), Some(kind)),
            Value::List(_) | Value::Object(_) | Value::Tagged => return Err(fault::odd_key(at)),
        };
        if let Some(Open { content: Content::Object { key, .. }, .. }) = self.open.last_mut() {
            *key = Some(Key { line: at.line(), text, kind, is_merge });
        }
        Ok(())
    }

    fn begin(&mut self, anchor: usize, has_tag: bool, content: Content, at: Marker) -> Result<(), SyntaxError> {
        if self.awaits_key() {
            return Err(fault::odd_key(at));
        }
        if self.open.len() > DEPTH {
            return Err(fault::too_deep(at));
        }
        self.open.push(Open { line: at.line(), anchor, has_tag, height: 0, content });
        Ok(())
    }

    fn end(&mut self, at: Marker) -> Result<(), SyntaxError> {
        let Some(Open { line, anchor, has_tag, height, content }) = self.open.pop() else {
            unreachable!("what ends has begun");
        };
        let value = match content {
            _ if has_tag => Value::Tagged,
            Content::List(nodes) => Value::List(nodes),
            Content::Object { members, merged, .. } => Value::Object(merge::into(members, merged)),
        };
        self.anchor(anchor, &value, height + 1, at)?;
        self.place_on(line, value, height + 1, at)
    }

    /// Adds a value to the innermost open list or object. If none is open, the value is the root.
    fn place(&mut self, value: Value<'static>, height: usize, at: Marker) -> Result<(), SyntaxError> {
        self.place_on(at.line(), value, height, at)
    }

    fn place_on(&mut self, line: usize, value: Value<'static>, height: usize, at: Marker) -> Result<(), SyntaxError> {
        self.count(1, at)?;
        if self.open.len() + height > DEPTH + 1 {
            return Err(fault::too_deep(at));
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(Node { line, value });
            return Ok(());
        };
        open.height = open.height.max(height);
        match &mut open.content {
            Content::List(nodes) => nodes.push(Node { line, value }),
            Content::Object { members, merged, key } => match key.take() {
                Some(Key { is_merge: true, .. }) => {
                    merged.extend(merge::checked(value).ok_or_else(|| fault::odd_merge(at))?);
                }
                Some(Key { line, text, kind, .. }) => members.push(Member { line, key: text, key_kind: kind, value }),
                None => unreachable!("a key stands before its value"),
            },
        }
        Ok(())
    }

    fn count(&mut self, values: usize, at: Marker) -> Result<(), SyntaxError> {
        self.values += values;
        if self.values > VALUES { Err(fault::too_many(at)) } else { Ok(()) }
    }

    /// Keeps a copy of `value` for its aliases.
    fn anchor(&mut self, anchor: usize, value: &Value<'static>, height: usize, at: Marker) -> Result<(), SyntaxError> {
        if anchor > 0 {
            let value = self.copy(value, at)?;
            self.anchors.insert(anchor, Anchored { value, height });
        }
        Ok(())
    }

    fn add_copy(&mut self, value: &Value<'static>, height: usize, at: Marker) -> Result<(), SyntaxError> {
        let value = self.copy(value, at)?;
        if self.awaits_key() { self.set_key(value, false, at) } else { self.place(value, height, at) }
    }

    fn copy(&mut self, value: &Value<'static>, at: Marker) -> Result<Value<'static>, SyntaxError> {
        self.count(1, at)?;
        Ok(match value {
            Value::Null => Value::Null,
            Value::Bool(flag) => Value::Bool(*flag),
            Value::Number(text) => Value::Number(self.copy_text(text, at)?),
            Value::Text(text) => Value::Text(self.copy_text(text, at)?),
            Value::Word { text, meaning } => {
                let meaning = match meaning {
                    Meaning::Flag(flag) => Meaning::Flag(*flag),
                    Meaning::Number(number) => Meaning::Number(number.clone()),
                    Meaning::Time => Meaning::Time,
                };
                Value::Word { text: self.copy_text(text, at)?, meaning }
            }
            Value::Tagged => Value::Tagged,
            Value::List(nodes) => Value::List(
                nodes
                    .iter()
                    .map(|node| Ok(Node { line: node.line, value: self.copy(&node.value, at)? }))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|member| {
                        Ok(Member {
                            line: member.line,
                            key: self.copy_text(&member.key, at)?,
                            key_kind: member.key_kind,
                            value: self.copy(&member.value, at)?,
                        })
                    })
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    fn copy_text(&mut self, text: &str, at: Marker) -> Result<Text<'static>, SyntaxError> {
        self.copied += text.len();
        if self.copied > COPIED {
            return Err(fault::too_many(at));
        }
        Ok(Text::Unescaped(Zeroizing::new(text.to_owned())))
    }
}
