//! How much a value looks like a definition. This distinguishes a file of connections from other files of the same
//! format if no known format of another program is recognised.

use super::entry;
use crate::driver::Registry;
use crate::model::connection::normalize_type;
use crate::model::document::Value;

/// The schemes that do not indicate a connection.
const WEB: [&str; 2] = ["http", "https"];

/// How much a value looks like a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// Not at all.
    No,
    /// It has a field of definitions, but other data may have this field too.
    Perhaps,
    /// It states the type of a connection, or its target.
    Surely,
}

/// Which entries of a document are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// All. An entry that does not look like a definition is a bad one.
    All,
    /// Only the certain definitions, since most entries are something else.
    SureOnes,
    /// None. The document is something else.
    Nothing,
}

impl Likeness {
    pub(super) fn of(value: &Value<'_>) -> Self {
        match value {
            Value::Object(members) => entry::likeness(members),
            Value::Text(text) => Self::of_text(text),
            Value::List(nodes) => nodes.iter().map(|node| Self::of(&node.value)).max().unwrap_or(Self::No),
            _ => Self::No,
        }
    }

    fn of_text(text: &str) -> Self {
        let text = text.trim();
        match text.split_once("://") {
            // Web addresses occur in files of any kind.
            Some((scheme, _)) if WEB.iter().any(|web| scheme.eq_ignore_ascii_case(web)) => Self::Perhaps,
            Some((scheme, _)) if Registry::builtin().find(&normalize_type(scheme)).is_some() => Self::Surely,
            Some(_) => Self::Perhaps,
            None if text.starts_with('{') || text == entry::MASK => Self::Perhaps,
            None => Self::No,
        }
    }
}

impl Reading {
    /// Decides by the likeness of the entries. One or two texts are always read, since they were probably meant as
    /// definitions.
    pub(super) fn of<'a>(entries: impl Iterator<Item = &'a Value<'a>>) -> Self {
        let (mut all, mut like, mut sure, mut nested) = (0_usize, 0_usize, 0_usize, false);
        for entry in entries {
            let likeness = Likeness::of(entry);
            all += 1;
            like += usize::from(likeness >= Likeness::Perhaps);
            sure += usize::from(likeness == Likeness::Surely);
            nested |= matches!(entry, Value::Object(members) if !members.is_empty());
        }
        match () {
            () if like == 0 && (nested || all > 2) => Self::Nothing,
            () if all - like <= 2 * like || like == 0 => Self::All,
            () if sure > 0 => Self::SureOnes,
            () => Self::Nothing,
        }
    }
}
