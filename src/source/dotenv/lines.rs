//! Parses the lines of an environment file as shells, compose and dotenv readers do: `NAME=VALUE` with `export`,
//! quotes, blanks, comments, and values that span several lines.
//!
//! Takes linear time. A fault in a line is a [`BadLine`] of that line only, and contains no text of it.

use zeroize::Zeroizing;

use crate::model::problem::BadLine;

use crate::model::connection::is_airflow_name;
use crate::model::document::Text;

/// An assignment on one line, or on several if a quoted value spans them.
pub(super) struct Assignment<'a> {
    /// Its first line, counted from 1.
    pub(super) line: usize,
    /// The text before `=`; `None` if it is not a name, since it may then be a secret.
    pub(super) name: Option<&'a str>,
    pub(super) value: Result<Text<'a>, BadLine>,
    pub(super) style: Style,
    /// The first line itself. It may contain a secret, so it must not be shown.
    pub(super) text: &'a str,
}

/// The properties of an assignment that different readers treat differently.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is found or not, independently of the others")]
pub(super) struct Style {
    /// `export` precedes the name.
    pub(super) export: bool,
    /// There are blanks around the name or the value.
    pub(super) blanks: bool,
    /// The value is in quotes.
    pub(super) quotes: bool,
    /// A comment follows the value.
    pub(super) comment: bool,
    /// A shell or compose would expand a variable in the value.
    pub(super) expands: bool,
}

/// Reads `text` assignment by assignment. Empty lines and comments are skipped.
pub(super) fn assignments(text: &str) -> Assignments<'_> {
    Assignments { rest: text, line: 0 }
}

pub(super) struct Assignments<'a> {
    /// The text after the line that was read last.
    rest: &'a str,
    /// The number of that line.
    line: usize,
}

impl<'a> Iterator for Assignments<'a> {
    type Item = Assignment<'a>;

    fn next(&mut self) -> Option<Assignment<'a>> {
        while !self.rest.is_empty() {
            let text = self.rest;
            let line = &text[..line_end(text)];
            self.go_on_behind(line.len());
            let content = line.trim();
            if !content.is_empty() && !content.starts_with('#') {
                return Some(self.assignment(line, text));
            }
        }
        None
    }
}

impl<'a> Assignments<'a> {
    /// Skips `length` bytes and the line end that follows them.
    fn go_on_behind(&mut self, length: usize) {
        let (passed, rest) = self.rest.split_at(length);
        self.line += 1 + passed.matches('\n').count();
        self.rest = rest.strip_prefix('\n').unwrap_or_default();
    }

    /// Reads the assignment that begins on `line`. `text` is the rest of the file, from this line on.
    fn assignment(&mut self, line: &'a str, text: &'a str) -> Assignment<'a> {
        let mut assignment = Assignment {
            line: self.line,
            name: None,
            value: Err(BadLine::NoSign),
            style: Style::default(),
            text: line,
        };
        let style = &mut assignment.style;
        let Some(sign) = colon_of_compose(line).or_else(|| line.find('=')) else {
            return assignment;
        };
        let mut name = line[..sign].trim_start_matches(is_blank);
        style.blanks |= name.len() < sign;
        if let Some(exported) = name.strip_prefix("export").filter(|behind| behind.starts_with(is_blank)) {
            style.export = true;
            name = exported.trim_start_matches(is_blank);
        }
        style.blanks |= name.ends_with(is_blank);
        name = name.trim_end_matches(is_blank);
        let behind = &text[sign + 1..];
        let value = behind.trim_start_matches(is_blank);
        style.blanks |= value.len() < behind.len();
        let start = text.len() - value.len();
        assignment.value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote, &value[1..], &line[start + 1..], style),
            _ => Ok(Text::Plain(unquoted(&line[start..], style))),
        };
        if !is_airflow_name(name) {
            assignment.value = Err(BadLine::NoName);
        } else if assignment.value.as_ref().is_ok_and(|value| value.bytes().all(|byte| byte == b'=')) {
            // `name` stays `None`: the last line of a key in base64 has this form too, and must not be shown.
            assignment.value = Err(BadLine::NoValue);
        } else {
            assignment.name = Some(name);
        }
        assignment
    }

    /// Reads a value whose opening quote precedes `text`. `line` is the rest of that line only.
    fn quoted(&mut self, quote: char, text: &'a str, line: &'a str, style: &mut Style) -> Result<Text<'a>, BadLine> {
        style.quotes = true;
        let length = closing(quote, text).ok_or(BadLine::Unclosed)?;
        let (inside, behind) = (&text[..length], &text[length + 1..]);
        let behind = &behind[..line_end(behind)];
        let rest = behind.trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(BadLine::Behind);
        }
        // The value spans more lines than the one that was skipped already.
        if length > line.len() {
            self.go_on_behind(length + 1 + behind.len() - line.len() - 1);
        }
        if quote == '\'' {
            return Ok(Text::Plain(inside));
        }
        style.expands = is_expanded(inside);
        Ok(if inside.contains('\\') { Text::Unescaped(unescape(inside)) } else { Text::Plain(inside) })
    }
}

/// The position of the colon in `NAME: VALUE`, if the name is that of an Airflow variable. Compose reads this form as
/// well as `NAME=VALUE` (<https://github.com/compose-spec/compose-go>, `dotenv/parser.go`).
fn colon_of_compose(line: &str) -> Option<usize> {
    let blanks = line.len() - line.trim_start_matches(is_blank).len();
    let name = line.split_once("AIRFLOW_CONN_").filter(|(before, _)| matches!(before.trim(), "" | "export"))?.1;
    let end = name.find(|character: char| !(character.is_ascii_alphanumeric() || "_.-".contains(character)))?;
    let colon = line.len() - name.len() + end;
    let is_separator = line[colon..].starts_with(':') && line[colon + 1..].starts_with([' ', '\t', '"', '\'']);
    (colon > blanks && is_separator).then_some(colon)
}

fn line_end(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// The value on the rest of a line, without a comment.
fn unquoted<'a>(line: &'a str, style: &mut Style) -> &'a str {
    let value = line.strip_suffix('\r').unwrap_or(line);
    let end = comment(value);
    let trimmed = value[..end.unwrap_or(value.len())].trim_end_matches(is_blank);
    style.comment = end.is_some();
    style.blanks |= end.is_none() && trimmed.len() < value.len();
    style.expands = is_expanded(trimmed);
    trimmed
}

/// The position of a comment: a `#` at the start or after a blank, but not inside the texts of a JSON object.
fn comment(value: &str) -> Option<usize> {
    let is_json = value.starts_with('{');
    let (mut in_text, mut escaped, mut behind_blank) = (false, false, true);
    for (at, character) in value.char_indices() {
        match character {
            '#' if behind_blank && !in_text => return Some(at),
            '"' if is_json && !escaped => in_text = !in_text,
            _ => {}
        }
        escaped = character == '\\' && !escaped;
        behind_blank = is_blank(character);
    }
    None
}

/// The position of the closing quote in `text`.
fn closing(quote: char, text: &str) -> Option<usize> {
    if quote == '\'' {
        return text.find(quote);
    }
    let mut escaped = false;
    text.bytes().position(|byte| {
        let is_closing = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        is_closing
    })
}

/// The content of double quotes with its escapes resolved.
fn unescape(inside: &str) -> Zeroizing<String> {
    // The text is never longer than its escaped form. So the buffer is not moved, which would leave a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(inside.len()));
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match (character, characters.clone().next()) {
            ('\\', Some(escaped)) => {
                characters.next();
                match escaped {
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    '"' | '\'' | '\\' | '$' | '`' => text.push(escaped),
                    other => text.extend(['\\', other]),
                }
            }
            (character, _) => text.push(character),
        }
    }
    text
}

/// Whether `value` contains `$NAME` or `${NAME}`.
fn is_expanded(value: &str) -> bool {
    value.split('$').skip(1).any(|behind| {
        behind.starts_with(|character: char| character == '{' || character == '_' || character.is_ascii_alphabetic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line, name and value of every assignment, or the fault in place of the value.
    fn read(text: &str) -> Vec<(usize, Option<&str>, Result<String, BadLine>)> {
        assignments(text).map(|found| (found.line, found.name, found.value.map(|value| value.to_string()))).collect()
    }

    fn value(text: &str) -> Result<String, BadLine> {
        let mut found = read(text);
        assert_eq!(found.len(), 1, "{text:?}: {found:?}");
        found.remove(0).2
    }

    #[test]
    fn a_value_is_read_as_people_write_it() {
        for (text, expected) in [
            ("a=x", "x"),
            ("a=x\r\n", "x"),
            ("  a\t= x \t", "x"),
            ("export a=x", "x"),
            ("export\ta=x=y", "x=y"),
            ("a=x # why", "x"),
            ("a=x\t#why", "x"),
            ("a=x#y", "x#y"),
            ("a='x'", "x"),
            ("a=\"x\" # why", "x"),
            ("a='x'# why\r\n", "x"),
            ("a='x # y'", "x # y"),
            ("a='x\\n\"y'", "x\\n\"y"),
            (r#"a="x\n\"y\" \\ \$z \w""#, "x\n\"y\" \\ $z \\w"),
            (r#"a="\\" # "no" "#, "\\"),
            ("a='x\ny'", "x\ny"),
            (r#"a={"x": "y # z"} # why "or" #"#, r#"{"x": "y # z"}"#),
            (r#"a={"x": "\" # z"}"#, r#"{"x": "\" # z"}"#),
            ("a=x'y", "x'y"),
            ("AIRFLOW_CONN_A: x=y", "x=y"),
            ("export AIRFLOW_CONN_A: 'x' # why", "x"),
            ("AIRFLOW_CONN_A:b=x", "x"),
        ] {
            assert_eq!(value(text).as_deref(), Ok(expected), "{text:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_line_stays_with_it() {
        for (text, fault) in [
            ("CANARY", BadLine::NoSign),
            ("postgres://u:CANARY@h/db?sslmode=require", BadLine::NoName),
            ("postgres://CANARY/db?a=b", BadLine::NoName),
            ("password: CANARY=", BadLine::NoName),
            ("=CANARY", BadLine::NoName),
            ("export =CANARY", BadLine::NoName),
            ("a=", BadLine::NoValue),
            ("a=\"\"", BadLine::NoValue),
            ("a= # CANARY", BadLine::NoValue),
            ("CANARY/w==", BadLine::NoValue),
            ("a='CANARY", BadLine::Unclosed),
            ("a=\"CANARY\\\"", BadLine::Unclosed),
            ("a='x'CANARY", BadLine::Behind),
        ] {
            let (_, name, found) = read(text).remove(0);
            assert_eq!(found, Err(fault), "{text}");
            assert!(!name.unwrap_or_default().contains("CANARY"), "{text}");
            let both = format!("{text}\nb=fine");
            assert_eq!(read(&both)[1], (2, Some("b"), Ok("fine".to_owned())), "{text}");
        }
    }

    #[test]
    fn lines_are_counted_over_values_that_go_on() {
        let text = "# first\n\na='1\n2\r\n3' # why\nb=x\nc=\"never\n\nd='y\n'z\ne=z";
        let found: Vec<_> =
            read(text).into_iter().map(|(line, name, value)| (line, name.unwrap_or("-"), value.is_ok())).collect();
        assert_eq!(
            found,
            [(3, "a", true), (6, "b", true), (7, "c", false), (9, "d", false), (10, "-", false), (11, "e", true)]
        );
    }

    #[test]
    fn a_megabyte_takes_linear_time() {
        let started = std::time::Instant::now();
        for line in ["a=\"\n", "a='\n", "a=\"\\\n", "a='x'y\n", "a=\"x\nb='\n", "=\n", "a={\"\n", "export "] {
            assert!(assignments(&line.repeat((1 << 20) / line.len())).count() > 0);
        }
        assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    }
}
