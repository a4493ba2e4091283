//! `Refinement`: the meaning of a code in combination with the server's text. Poolers, proxies and clouds use one code
//! for many refusals; a row maps a text of one product to a meaning.
//!
//! The text comes from the server, so it is not trusted: it chooses among refusals, and never makes a login `ok`. The
//! drivers supply the rows; the first match counts.

use super::{CheckedCredential, CodeEntry};
use crate::model::class::Class;
use crate::model::reason::ReasonCode;

/// A server's refusal.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The server's code.
    pub code: &'a str,
    /// The product, if the dialogue has revealed it.
    pub product: Option<&'a str>,
    /// The server's text, with all its parts.
    pub text: &'a str,
}

/// A condition on the text, compared without case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The text begins with this.
    Starts(&'static str),
    /// The text contains all of these.
    Has(&'static [&'static str]),
    /// The text is empty.
    Empty,
    /// Any text matches.
    Any,
}

/// The product that sends the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// The product is recognised by the text alone.
    Whom(&'static str),
    /// The dialogue must have identified the product.
    Known(&'static str),
}

/// One text of one product.
#[derive(Clone, Copy, Debug)]
pub struct Refinement {
    /// The product that sends it.
    pub from: From,
    /// The codes that it is sent with; the first is that of `entry`. If empty, any code matches.
    pub codes: &'static [&'static str],
    /// The condition on the text.
    pub text: Text,
    /// A product for which the row does not match, because there the text means something else.
    pub except: Option<&'static str>,
    /// The time at which the server sends it.
    pub checked: CheckedCredential,
    /// The meaning.
    pub entry: CodeEntry,
    /// The fields that the message or hint names, besides those of the reason.
    pub fields: &'static [&'static str],
}

/// Starts a row for a `text` that the product `from` sends with one of `codes`.
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
    /// Requires that the dialogue has identified the product.
    #[must_use]
    pub const fn where_known(mut self) -> Self {
        if let From::Whom(product) = self.from {
            self.from = From::Known(product);
        }
        self
    }

    /// Excludes servers that the dialogue has identified as `product`.
    #[must_use]
    pub const fn elsewhere_than(mut self, product: &'static str) -> Self {
        self.except = Some(product);
        self
    }

    /// Sets the time at which the server sends the text.
    #[must_use]
    pub const fn checked(mut self, checked: CheckedCredential) -> Self {
        self.checked = checked;
        self
    }

    /// Sets the meaning: class, reason and message.
    #[must_use]
    pub const fn means(mut self, class: Class, reason: ReasonCode, message: &'static str) -> Self {
        self.entry.class = class;
        self.entry.reason = reason;
        self.entry.message = message;
        self
    }

    /// Adds `fields` to those that the failure points at.
    #[must_use]
    pub const fn at(mut self, fields: &'static [&'static str]) -> Self {
        self.fields = fields;
        self
    }

    /// Sets the hint, and the longer explanation with its source.
    #[must_use]
    pub const fn hint(mut self, hint: &'static str, explanation: &'static str) -> Self {
        self.entry.hint = hint;
        self.entry.explanation = explanation;
        self
    }

    /// The product that sends the text.
    #[must_use]
    pub fn product(&self) -> &'static str {
        match self.from {
            From::Whom(product) | From::Known(product) => product,
        }
    }

    /// Whether the row applies to `code`.
    #[must_use]
    pub fn comes_with(&self, code: &str) -> bool {
        self.codes.is_empty() || self.codes.iter().any(|own| own.eq_ignore_ascii_case(code))
    }

    /// Whether the row matches the refusal `said`, whose text in lower case is `text`.
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
