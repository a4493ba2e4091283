//! The faults of a YAML text in connprobe's words, because the parser's words may quote a character of the text.

use saphyr_parser::{Marker, ScanError};

use crate::model::document::SyntaxError;

const QUOTES: &str = "put a text that holds `: `, ` #` or begins with a special character in quotes";
const INDENT: &str = "what belongs together is indented by the same number of spaces";
const CLOSING: &str = "what closes it is missing, or the text has been cut off";
const WRONG_FILE: &str = "no definition needs that: check that it is the right file";

/// A part of the parser's message, connprobe's message, and the hint with the usual cause.
const FAULTS: [(&str, &str, &str); 28] = [
    ("mapping values are not allowed", "a second `: ` on one line, or a wrong indentation", QUOTES),
    ("unexpected character", "a character that no unquoted text begins with", QUOTES),
    ("unknown anchor", "an alias of something that is not there", "a text that begins with `*` stands in quotes"),
    ("anchor or alias", "an anchor or alias without a name", "a text that begins with `&` or `*` stands in quotes"),
    ("end of stream", "a text whose closing quote is missing", CLOSING),
    ("document indicator", "a text whose closing quote is missing", CLOSING),
    (
        "invalid trailing content",
        "something behind a closing quote",
        "in single quotes `'` is written `''`, in double ones `\"` is `\\\"`",
    ),
    (
        "unknown escape",
        "an unknown escape in a text",
        "in double quotes a backslash is written `\\\\`; in single quotes it is a plain one",
    ),
    ("hexadecimal", "an escape without its hexadecimal digits", "in double quotes a backslash is written `\\\\`"),
    ("invalid Unicode", "an escape that is no character", "in double quotes a backslash is written `\\\\`"),
    ("indentation in quoted", "a quoted text that goes on too far to the left", CLOSING),
    ("unprintable", "a control character", "write it as an escape in double quotes"),
    ("tab", "a tab in an indentation", "YAML indents by spaces only"),
    ("flow mapping", "expected `,` or `}`", "a comma or a closing brace is missing"),
    ("flow sequence", "expected `,` or `]`", "a comma or a closing bracket is missing"),
    ("misplaced bracket", "a closing bracket without an opening one", QUOTES),
    ("simple key expect", "expected `:` behind a key", "a key is followed by `: ` and its value, on the same line"),
    ("block mapping", "expected a key", INDENT),
    ("block collection", "expected `- `", INDENT),
    ("block sequence entries", "a list where none can begin", INDENT),
    ("inside a block", "a `- ` inside `[…]` or `{…}`", CLOSING),
    ("block scalar", "a malformed text block", "behind `|` or `>` the text begins on the next line, indented"),
    ("indentation", "a wrong indentation", INDENT),
    ("intercepting", "a comment inside a text", "put the text in quotes"),
    ("<document start>", "something behind the document", INDENT),
    ("tag", "a malformed tag", "a text that begins with `!` stands in quotes"),
    ("handle", "a tag whose handle is not declared", "a text that begins with `!` stands in quotes"),
    ("recursion limit", "nested too deep", WRONG_FILE),
];

/// Converts the parser's error.
pub(super) fn of_parser(error: &ScanError) -> SyntaxError {
    let known = FAULTS.iter().find(|(part, _, _)| error.info().contains(part));
    let (what, hint) = known.map_or(("not well-formed", QUOTES), |(_, what, hint)| (*what, *hint));
    fault(*error.marker(), what, hint)
}

pub(super) fn too_long(at: Marker) -> SyntaxError {
    fault(
        at,
        "a text, `{…}` or `[…]` of more than 262144 characters from here",
        "no definition is as long as that; of many, write each on lines of its own, or all as JSON",
    )
}

pub(super) fn second_document(at: Marker) -> SyntaxError {
    fault(at, "a second document", "a file of definitions is one document: remove the `---`, or split the file")
}

pub(super) fn alias_of_itself(at: Marker) -> SyntaxError {
    fault(at, "an alias of what it is a part of", "write out what it stands for")
}

pub(super) fn odd_key(at: Marker) -> SyntaxError {
    fault(at, "a key that is not a text", "a key that begins with `{`, `[`, `?` or `!` stands in quotes")
}

pub(super) fn odd_merge(at: Marker) -> SyntaxError {
    fault(at, "`<<` with something else than an object, or a list of objects", "give it an alias of an object")
}

pub(super) fn too_deep(at: Marker) -> SyntaxError {
    fault(at, "nested deeper than 128 levels", WRONG_FILE)
}

pub(super) fn too_many(at: Marker) -> SyntaxError {
    fault(at, "more values than a file of definitions can need, aliases counted for what they stand for", WRONG_FILE)
}

fn fault(at: Marker, what: &'static str, hint: &'static str) -> SyntaxError {
    SyntaxError { line: at.line(), column: at.col() + 1, what, hint: Some(hint) }
}
