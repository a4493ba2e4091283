//! Columns, wrapping and colour.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style as Paint};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::model::class::Status;

/// The width and colour of the output.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The number of columns. Only a single word or command that is longer exceeds it.
    pub width: usize,
    /// Whether the output is coloured.
    pub colour: bool,
}

impl Style {
    /// `text` in the colour of `status`.
    pub(in crate::report) fn paint(&self, text: &str, status: Status) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let colour = match status {
            Status::Ok => AnsiColor::Green,
            Status::Failed => AnsiColor::Red,
            Status::Error => AnsiColor::Magenta,
            Status::Skipped => AnsiColor::Yellow,
        };
        let paint = Paint::new().fg_color(Some(colour.into()));
        format!("{paint}{text}{paint:#}")
    }

    /// Writes `text`, wrapped at blanks, with `first` before the first line and `rest` before the others.
    pub(crate) fn wrapped(&self, out: &mut impl Write, text: &str, first: &str, rest: &str) -> io::Result<()> {
        let mut line = first.to_owned();
        let mut bare = true;
        for word in words(text) {
            if !bare && line.width() + 1 + word.width() > self.width {
                writeln!(out, "{line}")?;
                rest.clone_into(&mut line);
                bare = true;
            }
            if !bare {
                line.push(' ');
            }
            line.push_str(&word);
            bare = false;
        }
        writeln!(out, "{line}")
    }
}

/// The words of `text`, between which it may wrap. A command of connprobe in backticks is one word, so that it can be
/// copied.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_command = false;
    for word in text.split_whitespace() {
        match words.last_mut().filter(|_| in_command) {
            Some(command) => {
                command.push(' ');
                command.push_str(word);
            }
            None => words.push(word.to_owned()),
        }
        in_command = (in_command || word == "`connprobe") && !(in_command && word.contains('`'));
    }
    words
}

/// `text` in exactly `width` columns: padded, or truncated with an ellipsis.
pub(in crate::report) fn column(text: &str, width: usize) -> String {
    let mut cell = shortened(text, width);
    let padding = width.saturating_sub(self::width(&cell));
    cell.extend(std::iter::repeat_n(' ', padding));
    cell
}

/// The number of columns that `text` takes; in most texts, one for each byte.
pub(in crate::report) fn width(text: &str) -> usize {
    let is_plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_plain { text.len() } else { text.width() }
}

/// `text` in at most `width` columns, truncated with an ellipsis if necessary.
pub(in crate::report) fn shortened(text: &str, width: usize) -> String {
    if self::width(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if used + wide + 1 > width {
            break;
        }
        used += wide;
        kept.push(character);
    }
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_exact_for_wide_and_long_text() {
        for (text, expected) in [("ab", "ab   "), ("abcdef", "abcd…"), ("数据库", "数据…"), ("", "     ")] {
            assert_eq!(column(text, 5), expected, "{text}");
        }
    }

    #[test]
    fn text_wraps_at_blanks_within_the_width() {
        let style = Style { width: 12, colour: false };
        let mut out = Vec::new();
        style.wrapped(&mut out, "one two three four", "- ", "  ").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "- one two\n  three four\n");
        let mut out = Vec::new();
        style.wrapped(&mut out, "so `connprobe state forget x`, or `go to bed` now", "", "  ").unwrap();
        let expected = "so\n  `connprobe state forget x`,\n  or `go to\n  bed` now\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
