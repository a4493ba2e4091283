//! Parses the text of `airflow.cfg` by the rules of Python's `configparser`.
//!
//! A comment has a line of its own. A line that is indented deeper than the setting above it continues the value of
//! that setting. Names are case-sensitive. No setting and no section except `[DEFAULT]` may occur twice. The settings
//! of `[DEFAULT]` apply to every section. A text that Python refuses is refused.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::interpolation::interpolate;
use crate::model::reason::unusable::{BadSyntax, Interpolation};

/// The section whose settings apply to all others.
const DEFAULT: &str = "DEFAULT";

/// The settings of a file, by section and name.
#[derive(Default)]
pub(super) struct File(HashMap<String, Section>);

type Section = HashMap<String, Entry>;

/// A setting as written in the file.
struct Entry {
    line: usize,
    /// Not interpolated yet: `%` begins a reference, `%%` is a percent sign.
    value: Zeroizing<String>,
}

/// A line that Python refuses.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadLine {
    /// Counted from 1.
    pub(super) line: usize,
    /// The reason.
    pub(super) what: BadSyntax,
}

impl File {
    /// Parses every setting in `text`.
    pub(super) fn parse(text: &str) -> Result<Self, BadLine> {
        let mut sections: HashMap<&str, HashMap<&str, (usize, Vec<&str>)>> = HashMap::new();
        let mut section = None;
        // The setting whose value the next line may continue, and the depth of its indentation.
        let mut open = None;
        let mut depth = 0;
        for (line, text) in (1..).zip(text.lines()) {
            let fault = |what| BadLine { line, what };
            let trimmed = text.trim();
            if trimmed.starts_with(['#', ';']) {
                continue;
            }
            let indent = text.len() - text.trim_start().len();
            if let Some((section, name)) = open.filter(|_| trimmed.is_empty() || indent > depth) {
                if let Some((_, value)) = sections.get_mut(section).and_then(|section| section.get_mut(name)) {
                    value.push(trimmed);
                }
                continue;
            }
            if trimmed.is_empty() {
                continue;
            }
            depth = indent;
            if let Some(header) = header(trimmed) {
                if sections.contains_key(header) && header != DEFAULT {
                    return Err(fault(BadSyntax::SectionTwice));
                }
                sections.entry(header).or_default();
                (section, open) = (Some(header), None);
                continue;
            }
            let section = section.ok_or(fault(BadSyntax::BeforeSection))?;
            let (name, value) = option(trimmed).ok_or(fault(BadSyntax::Neither))?;
            let options = sections.entry(section).or_default();
            if options.insert(name, (line, vec![value])).is_some() {
                return Err(fault(BadSyntax::SettingTwice));
            }
            open = Some((section, name));
        }
        let own = |(name, (line, lines)): (&str, (usize, Vec<&str>))| {
            let mut value = Zeroizing::new(lines.join("\n"));
            let end = value.trim_end().len();
            value.truncate(end);
            (name.to_owned(), Entry { line, value })
        };
        let sections =
            sections.into_iter().map(|(name, options)| (name.to_owned(), options.into_iter().map(own).collect()));
        Ok(Self(sections.collect()))
    }

    /// The line and the interpolated value of a setting; `None` if it does not exist.
    pub(super) fn get(&self, section: &str, name: &str) -> Option<(usize, Result<Zeroizing<String>, Interpolation>)> {
        let options = self.0.get(section)?;
        let find = |name: &str| options.get(name).or_else(|| self.0.get(DEFAULT)?.get(name));
        let entry = find(name)?;
        let value = interpolate(&entry.value, &|name| find(name).map(|entry| entry.value.as_str()));
        Some((entry.line, value))
    }
}

/// The name in `[name]`. Text after the last bracket is ignored.
fn header(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix('[')?.rsplit_once(']')?;
    (!name.is_empty()).then_some(name)
}

/// `name = value` or `name: value`.
fn option(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(['=', ':'])?;
    let name = name.trim_end();
    (!name.is_empty()).then(|| (name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, section: &str, name: &str) -> Option<(usize, String)> {
        let file = File::parse(text).map_err(|fault| format!("{text}: {fault:?}")).unwrap();
        file.get(section, name).map(|(line, value)| (line, value.unwrap().to_string()))
    }

    #[test]
    fn a_setting_is_found_with_its_line() {
        for (text, expected) in [
            ("[core]\nkey = value", Some((2, "value"))),
            ("[core]\nkey=value", Some((2, "value"))),
            ("[core]\nkey: value", Some((2, "value"))),
            ("[core]\r\nkey\t=\tvalue  \r\n", Some((2, "value"))),
            ("# a comment\n; another\n\n[core] # ignored\nkey = value", Some((5, "value"))),
            ("  [core]\n  key = value", Some((2, "value"))),
            ("[core]\nkey = a=b:c", Some((2, "a=b:c"))),
            ("[core]\nkey = value # not a comment", Some((2, "value # not a comment"))),
            ("[core]\nkey =", Some((2, ""))),
            ("[core]\nkey = one\n  two\n# a comment\n\n  three\n\nother = x", Some((2, "one\ntwo\n\nthree"))),
            ("[core]\nkey =\n  value", Some((2, "\nvalue"))),
            ("[core]\nKey = value", None),
            ("[Core]\nkey = value", None),
            ("[core]\nother = value", None),
            ("[database]\nkey = value", None),
            ("[DEFAULT]\nkey = value", None),
            ("[DEFAULT]\nkey = value\n[core]", Some((2, "value"))),
            ("[DEFAULT]\nkey = value\n[core]\n[DEFAULT]\nother = x", Some((2, "value"))),
            ("[DEFAULT]\nkey = value\n[core]\nkey = own", Some((4, "own"))),
            ("[core]\nkey = a%%b", Some((2, "a%b"))),
            ("[DEFAULT]\nhome = /h\n[core]\nbase = %(home)s/b\nkey = %(base)s/k", Some((5, "/h/b/k"))),
        ] {
            let found = value(text, "core", "key");
            assert_eq!(found.as_ref().map(|(line, value)| (*line, value.as_str())), expected, "{text}");
        }
    }

    #[test]
    fn what_python_refuses_is_refused_with_its_line() {
        for (text, line, what) in [
            ("key = value", 1, BadSyntax::BeforeSection),
            ("[core]\n\nstray", 3, BadSyntax::Neither),
            ("[core]\n= value", 2, BadSyntax::Neither),
            ("[]\n", 1, BadSyntax::BeforeSection),
            ("[core]\nkey = 1\nkey = 2", 3, BadSyntax::SettingTwice),
            ("[core]\nkey = 1\n[core]", 3, BadSyntax::SectionTwice),
        ] {
            assert_eq!(File::parse(text).err(), Some(BadLine { line, what }), "{text}");
        }
    }
}
