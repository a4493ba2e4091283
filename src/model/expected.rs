//! What a server must have besides a working login before a wait calls its connection ready.

use std::fmt;

/// A kind of thing that may be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExpectedKind {
    /// A table or view.
    Table,
    /// A row in the answer to a query.
    Query,
    /// A collection of MongoDB.
    Collection,
    /// An object in a bucket.
    Object,
    /// A key of Redis.
    Key,
}

impl ExpectedKind {
    /// The noun for it.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Query => "query",
            Self::Collection => "collection",
            Self::Object => "object",
            Self::Key => "key",
        }
    }

    /// The option of `connprobe wait` that asks for it.
    #[must_use]
    pub const fn option(self) -> &'static str {
        match self {
            Self::Table => "--expect-table",
            Self::Query => "--expect-query",
            Self::Collection => "--expect-collection",
            Self::Object => "--expect-object",
            Self::Key => "--expect-key",
        }
    }
}

impl fmt::Display for ExpectedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.noun())
    }
}

/// Something that a server must have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expected {
    /// What it is.
    pub kind: ExpectedKind,
    /// Its name, which may begin with the place that it is in (`SCHEMA.`, `DATABASE/`, `s3://BUCKET/`); the text of a
    /// query.
    pub name: String,
}

impl Expected {
    /// The name, and what precedes it and the first `separator`.
    #[must_use]
    pub fn split(&self, separator: char) -> (Option<&str>, &str) {
        match self.name.split_once(separator) {
            Some((place, name)) => (Some(place), name),
            None => (None, &self.name),
        }
    }
}

/// `query` without the semicolons and blanks at its end, as it may stand in parentheses. A line end has to follow it, since
/// it may end in a comment.
#[must_use]
pub fn statement(query: &str) -> &str {
    query.trim().trim_end_matches(|letter: char| letter == ';' || letter.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_no_end_of_its_own() {
        for (query, expected) in
            [("select 1", "select 1"), (" select 1 ; \n;", "select 1"), ("select ';'", "select ';'"), (";", "")]
        {
            assert_eq!(statement(query), expected, "{query}");
        }
    }
}
