//! Parses the only document of a text, within bounds.

use std::cell::Cell;
use std::str::Chars;

use saphyr_parser::{Event, Parser};

use super::fault;
use super::tree::Tree;
use crate::model::document::{Node, SyntaxError};
use crate::model::json;

/// The maximum number of characters that the parser may read for one event. It buffers all of a `{…}` or `[…]` that may
/// still be a key, with a hundred bytes for each character.
const AHEAD: usize = 1 << 18;

/// Parses the only document in `text`; `None` if there are only comments.
pub(in crate::source) fn parse(text: &str) -> Result<Option<Node<'_>>, SyntaxError> {
    // JSON is YAML too. connprobe's JSON parser has its own bounds, and buffers nothing ahead.
    if text.trim_start().starts_with(['{', '['])
        && let Ok(document) = json::parse(text)
    {
        return Ok(Some(document));
    }
    let left = Cell::new(AHEAD);
    let mut parser = Parser::new_from_iter(Metered { characters: text.chars(), left: &left });
    let mut tree = Tree::default();
    while let Some(event) = parser.next_event() {
        if left.get() == 0 {
            let start = event.as_ref().map_or_else(|error| *error.marker(), |(_, span)| span.start);
            return Err(fault::too_long(start));
        }
        left.set(AHEAD);
        let (event, span) = event.map_err(|error| fault::of_parser(&error))?;
        match event {
            Event::DocumentStart(_) if tree.is_complete() => return Err(fault::second_document(span.start)),
            event => tree.add(event, span.start)?,
        }
    }
    Ok(tree.into_root())
}

/// An iterator over characters that ends when too many were read.
struct Metered<'a> {
    characters: Chars<'a>,
    left: &'a Cell<usize>,
}

impl Iterator for Metered<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let character = self.characters.next()?;
        let left = self.left.get().checked_sub(1)?;
        self.left.set(left);
        (left > 0).then_some(character)
    }
}
