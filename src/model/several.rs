//! Long lists in messages: the first few items are named and the others counted, unless only one would be left to
//! count.

use std::fmt;

/// The number of items to name out of `count`, if at most `most` should be named: one more if only one would be left.
#[must_use]
pub fn named(count: usize, most: usize) -> usize {
    if count == most + 1 { count } else { count.min(most) }
}

/// `a, b, c`, or `a, b and 4 more`, with about `most` of `names`; see [`named`].
#[must_use]
pub fn listed(names: &[String], most: usize) -> String {
    text(names, names.len(), most)
}

/// Like [`listed`], for `count` names of which `first` yields as many as are shown. Creating all names for each of many
/// lists would take quadratic time.
#[must_use]
pub fn listed_of(first: impl Iterator<Item = String>, count: usize, most: usize) -> String {
    text(&first.take(named(count, most)).collect::<Vec<_>>(), count, most)
}

/// A growing list that keeps only the names to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    most: usize,
    first: Vec<String>,
    count: usize,
}

impl Names {
    /// An empty list that shows `most` names.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, first: Vec::new(), count: 0 }
    }

    /// Adds `name`, unless it equals the last one.
    pub fn push(&mut self, name: &str) {
        if self.count == self.first.len() && self.first.last().is_some_and(|last| last == name) {
            return;
        }
        self.count += 1;
        if self.first.len() <= self.most {
            self.first.push(name.to_owned());
        }
    }
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(&self.first, self.count, self.most))
    }
}

/// The text for a list of `count` names, of which `first` contains at least those that are shown.
fn text(first: &[String], count: usize, most: usize) -> String {
    let shown = named(count, most);
    let list = first[..shown].join(", ");
    match count - shown {
        0 => list,
        more => format!("{list} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_two_at_least() {
        let names: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).into();
        for (count, most, expected) in [
            (0, 2, ""),
            (1, 2, "a"),
            (2, 2, "a, b"),
            (3, 2, "a, b, c"),
            (4, 2, "a, b and 2 more"),
            (4, 3, "a, b, c, d"),
        ] {
            assert_eq!(listed(&names[..count], most), expected, "{count} of {most}");
            let mut list = Names::new(most);
            names[..count].iter().for_each(|name| list.push(name));
            assert_eq!(list.to_string(), expected, "{count} of {most}");
        }
    }

    #[test]
    fn a_name_that_comes_twice_in_a_row_counts_once() {
        let mut list = Names::new(3);
        for name in ["a", "a", "b", "a"] {
            list.push(name);
        }
        assert_eq!(list.to_string(), "a, b, a");
    }
}
