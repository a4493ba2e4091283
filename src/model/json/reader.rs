//! The grammar of JSON, one method for each of its rules.

use super::string;
use crate::model::document::{DEPTH, Member, Node, SyntaxError, Text, VALUES, Value};

const QUOTES: &str = "JSON puts texts and keys in double quotes";
const COLON: &str = "a key is followed by `:` and its value";
const WRONG_FILE: &str = "no definition needs that: check that it is the right file";
const COMMA: &str = "a comma is missing, or a `\"` inside a text is not written `\\\"`";

/// Parses `text`, which contains one value.
pub(crate) fn parse(text: &str) -> Result<Node<'_>, SyntaxError> {
    Reader::new(text).document()
}

/// A position in the text being parsed.
pub(super) struct Reader<'a> {
    text: &'a str,
    /// The offset of the next byte.
    at: usize,
    line: usize,
    line_start: usize,
    values: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, line_start: 0, values: 0 }
    }

    pub(super) fn document(mut self) -> Result<Node<'a>, SyntaxError> {
        let node = self.node(0)?;
        self.skip_blanks();
        if self.at < self.text.len() {
            return Err(self
                .fault("expected the end")
                .because("there may be one JSON value only; several objects go into a list, `[…, …]`"));
        }
        Ok(node)
    }

    fn node(&mut self, depth: usize) -> Result<Node<'a>, SyntaxError> {
        self.skip_blanks();
        let line = self.line;
        Ok(Node { line, value: self.value(depth)? })
    }

    /// Parses the value that begins at the next byte; blanks have been skipped.
    fn value(&mut self, depth: usize) -> Result<Value<'a>, SyntaxError> {
        self.values += 1;
        if self.values > VALUES {
            return Err(self.fault("more values than a file of definitions can need").because(WRONG_FILE));
        }
        if depth > DEPTH {
            return Err(self.fault("nested deeper than 128 levels").because(WRONG_FILE));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Value::Text),
            _ => self.word_or_number(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, SyntaxError> {
        let mut members = Vec::new();
        self.at += 1;
        if self.next_is(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'"') {
                let what = if members.is_empty() { "expected a key or `}`" } else { "expected a key" };
                return Err(self.fault(what).because(QUOTES));
            }
            let line = self.line;
            let key = self.string()?;
            if !self.next_is(b':') {
                return Err(self.fault("expected `:`").because(COLON));
            }
            self.skip_blanks();
            members.push(Member { line, key, key_kind: None, value: self.value(depth + 1)? });
            if self.next_is(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.next_is(b',') {
                return Err(self.fault("expected `,` or `}`").because(COMMA));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value<'a>, SyntaxError> {
        let mut nodes = Vec::new();
        self.at += 1;
        if self.next_is(b']') {
            return Ok(Value::List(nodes));
        }
        loop {
            nodes.push(self.node(depth + 1)?);
            if self.next_is(b']') {
                return Ok(Value::List(nodes));
            }
            if !self.next_is(b',') {
                return Err(self.fault("expected `,` or `]`").because(COMMA));
            }
        }
    }

    /// Parses the string whose opening quote is the next byte.
    fn string(&mut self) -> Result<Text<'a>, SyntaxError> {
        let opening = self.at;
        let (inside, has_escapes) = match string::extent(&self.text[opening + 1..]) {
            Ok(extent) => extent,
            Err(None) => {
                return Err(self
                    .fault("the text that begins here has no closing `\"`")
                    .because("a text ends on the line that it begins on"));
            }
            Err(Some(control)) => {
                self.at = opening + 1 + control;
                return Err(self
                    .fault("a control character inside a text")
                    .because("a line end is written \\n; or the closing `\"` is missing"));
            }
        };
        self.at = opening + 1 + inside.len() + 1;
        if !has_escapes {
            return Ok(Text::Plain(inside));
        }
        string::unescape(inside).map(Text::Unescaped).map_err(|(offset, what)| {
            self.at = opening + 1 + offset;
            self.fault(what).because("a backslash is written \\\\")
        })
    }

    fn word_or_number(&mut self) -> Result<Value<'a>, SyntaxError> {
        let rest = &self.text[self.at..];
        let end = rest.find(|character: char| !character.is_ascii_alphanumeric() && !"+-.".contains(character));
        let word = &rest[..end.unwrap_or(rest.len())];
        let value = match word {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "NaN" | "Infinity" | "-Infinity" => Value::Number(Text::Plain(word)),
            _ if is_number(word) => Value::Number(Text::Plain(word)),
            _ if word.starts_with(|character: char| character == '-' || character.is_ascii_digit()) => {
                return Err(self
                    .fault("a malformed number")
                    .because("a text stands in `\"`; a number begins with no 0 and no +"));
            }
            _ => return Err(self.fault("expected a value").because(QUOTES)),
        };
        self.at += word.len();
        Ok(value)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips blanks, and then `byte` if it is there.
    fn next_is(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn skip_blanks(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            self.at += 1;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.at;
            }
        }
    }

    /// An error at the next byte, with the usual reason as its hint.
    fn fault(&self, what: &'static str) -> SyntaxError {
        let column = self.text[self.line_start..self.at].chars().count() + 1;
        SyntaxError { line: self.line, column, what, hint: self.usual_reason() }
    }

    fn usual_reason(&self) -> Option<&'static str> {
        let rest = &self.text[self.at..];
        let starts = |words: &[&str]| words.iter().any(|word| rest.starts_with(word));
        if rest.is_empty() {
            Some("the end is missing: the text may have been cut off")
        } else if starts(&["}", "]"]) && self.text[..self.at].trim_end().ends_with(',') {
            Some("the comma before it has to go")
        } else if starts(&["//", "/*", "#"]) {
            Some("JSON has no comments")
        } else if starts(&["'"]) {
            Some(QUOTES)
        } else if starts(&["True", "False", "None"]) {
            Some("JSON writes true, false and null")
        } else {
            None
        }
    }
}

impl SyntaxError {
    /// Sets the hint, unless there is one already.
    fn because(mut self, hint: &'static str) -> Self {
        self.hint.get_or_insert(hint);
        self
    }
}

/// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}
