//! `Refinement`: what a server's text adds to its code. Poolers, proxies and clouds put many refusals under one code;
//! a row says which text of whom stands for what.
//!
//! The text is the server's, so it is not trusted: it chooses among refusals, and never makes a login `ok`. The rows are
//! the drivers'; the first that fits counts.

use super::{CheckedCredential, CodeEntry};
use crate::model::class::Class;
use crate::model::reason::ReasonCode;

/// What a server said when it refused.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// Its code.
    pub code: &'a str,
    /// What it is, where the dialogue has shown that before.
    pub product: Option<&'a str>,
    /// Its text, all parts of it.
    pub text: &'a str,
}

/// What a text must be like, compared without case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// It begins with this.
    Starts(&'static str),
    /// All of these stand in it.
    Has(&'static [&'static str]),
    /// There is none.
    Empty,
    /// Whatever it is.
    Any,
}

/// Whose text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The text itself is its only sign.
    Whom(&'static str),
    /// The dialogue must have shown that it is this product.
    Known(&'static str),
}

/// One text of one product.
#[derive(Clone, Copy, Debug)]
pub struct Refinement {
    /// Who says it.
    pub from: From,
    /// The codes that it comes with; the first is that of `entry`. None: any code.
    pub codes: &'static [&'static str],
    /// What it is like.
    pub text: Text,
    /// Who means something else by it, where that is who speaks.
    pub except: Option<&'static str>,
    /// When it is said.
    pub checked: CheckedCredential,
    /// What it means.
    pub entry: CodeEntry,
    /// The fields that its words name, beside those of its reason.
    pub fields: &'static [&'static str],
}

/// Begins a row: `from` says `text` with one of `codes`.
#[must_use]
pub const fn says(from: &'static str, codes: &'static [&'static str], text: Text) -> Refinement {
    let name = match text {
        Text::Starts(name) => name,
        Text::Has(words) => words[0],
        Text::Empty => "no text",
        Text::Any => "any text",
    };
    Refinement {
        from: From::Whom(from),
        codes,
        text,
        except: None,
        checked: CheckedCredential::Unknown,
        entry: CodeEntry {
            code: if codes.is_empty() { "*" } else { codes[0] },
            name,
            class: Class::Server,
            reason: ReasonCode::ServerError,
            message: "",
            hint: "",
            explanation: "",
        },
        fields: &[],
    }
}

impl Refinement {
    /// It counts only where the product is known.
    #[must_use]
    pub const fn where_known(mut self) -> Self {
        if let From::Whom(product) = self.from {
            self.from = From::Known(product);
        }
        self
    }

    /// It does not count where the dialogue has shown that it is this product.
    #[must_use]
    pub const fn elsewhere_than(mut self, product: &'static str) -> Self {
        self.except = Some(product);
        self
    }

    /// It is said at that time.
    #[must_use]
    pub const fn checked(mut self, checked: CheckedCredential) -> Self {
        self.checked = checked;
        self
    }

    /// What it means: class, reason and message.
    #[must_use]
    pub const fn means(mut self, class: Class, reason: ReasonCode, message: &'static str) -> Self {
        self.entry.class = class;
        self.entry.reason = reason;
        self.entry.message = message;
        self
    }

    /// It points at these fields too.
    #[must_use]
    pub const fn at(mut self, fields: &'static [&'static str]) -> Self {
        self.fields = fields;
        self
    }

    /// What to do, and the longer text with its source.
    #[must_use]
    pub const fn hint(mut self, hint: &'static str, explanation: &'static str) -> Self {
        self.entry.hint = hint;
        self.entry.explanation = explanation;
        self
    }

    /// Who says it.
    #[must_use]
    pub fn product(&self) -> &'static str {
        match self.from {
            From::Whom(product) | From::Known(product) => product,
        }
    }

    /// Whether it may come with `code`.
    #[must_use]
    pub fn comes_with(&self, code: &str) -> bool {
        self.codes.is_empty() || self.codes.iter().any(|own| own.eq_ignore_ascii_case(code))
    }

    /// Whether it is what was `said`, whose text in lower case is `text`.
    pub(super) fn fits(&self, said: Said<'_>, text: &str) -> bool {
        let known = match self.from {
            From::Whom(_) => true,
            From::Known(product) => said.product == Some(product),
        };
        known
            && (self.except.is_none() || said.product != self.except)
            && self.comes_with(said.code)
            && match self.text {
                Text::Starts(start) => text.starts_with(&start.to_lowercase()),
                Text::Has(words) => words.iter().all(|word| text.contains(&word.to_lowercase())),
                Text::Empty => text.is_empty(),
                Text::Any => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_that_must_be_known_is_not_taken_from_the_text() {
        let row = says("Product", &["1"], Text::Empty).where_known();
        for (product, fits) in [(None, false), (Some("Another"), false), (Some("Product"), true)] {
            assert_eq!(row.fits(Said { code: "1", product, text: "" }, ""), fits, "{product:?}");
        }
    }

    #[test]
    fn who_means_something_else_is_passed_over() {
        let row = says("Others", &["1"], Text::Any).elsewhere_than("Product");
        for (product, fits) in [(None, true), (Some("Another"), true), (Some("Product"), false)] {
            assert_eq!(row.fits(Said { code: "1", product, text: "x" }, "x"), fits, "{product:?}");
        }
    }
}
