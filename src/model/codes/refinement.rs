//! `Refinement`: what a server's text adds to its code. Poolers, proxies and clouds put many refusals under one code;
//! a row says which text of whom stands for what.
//!
//! The text is the server's, so it is not trusted: it chooses among refusals, and never makes a login `ok`. Rows of one
//! driver stand in one file below `refined`, the first that fits counts.

use super::{CheckedCredential, CodeEntry};
use crate::model::class::Class;
use crate::model::reason::ReasonCode;

/// As much of a server's text is looked at.
const LOOKED_AT: usize = 2048;

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
pub(super) const fn says(from: &'static str, codes: &'static [&'static str], text: Text) -> Refinement {
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
    #[cfg_attr(not(test), expect(dead_code, reason = "for products that say who they are before they refuse"))]
    pub(super) const fn where_known(mut self) -> Self {
        if let From::Whom(product) = self.from {
            self.from = From::Known(product);
        }
        self
    }

    /// It does not count where the dialogue has shown that it is this product.
    pub(super) const fn elsewhere_than(mut self, product: &'static str) -> Self {
        self.except = Some(product);
        self
    }

    /// It is said at that time.
    pub(super) const fn checked(mut self, checked: CheckedCredential) -> Self {
        self.checked = checked;
        self
    }

    /// What it means: class, reason and message.
    pub(super) const fn means(mut self, class: Class, reason: ReasonCode, message: &'static str) -> Self {
        self.entry.class = class;
        self.entry.reason = reason;
        self.entry.message = message;
        self
    }

    /// It points at these fields too.
    pub(super) const fn at(mut self, fields: &'static [&'static str]) -> Self {
        self.fields = fields;
        self
    }

    /// What to do, and the longer text with its source.
    pub(super) const fn hint(mut self, hint: &'static str, explanation: &'static str) -> Self {
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
    fn fits(&self, said: Said<'_>, text: &str) -> bool {
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

/// The row of `driver` for what was `said`.
#[must_use]
pub fn refine(driver: &str, said: Said<'_>) -> Option<&'static Refinement> {
    let end = said.text.floor_char_boundary(LOOKED_AT);
    let text = said.text[..end].trim().to_lowercase();
    refinements(driver).find(|row| row.fits(said, &text))
}

/// All rows of `driver`.
pub fn refinements(driver: &str) -> impl Iterator<Item = &'static Refinement> {
    let tables = super::refined::TABLES.iter().filter(move |(name, _)| *name == driver);
    tables.flat_map(|(_, tables)| tables.iter().copied().flatten())
}

#[cfg(test)]
mod tests {
    use super::super::{Context, TABLES, failure, refusal};
    use super::*;

    fn said<'a>(code: &'a str, text: &'a str) -> Said<'a> {
        Said { code, product: None, text }
    }

    #[test]
    fn a_text_is_compared_without_case_and_only_with_its_codes() {
        for (code, text, expected) in [
            ("08P01", "SASL authentication failed", Some(ReasonCode::LoginRefused)),
            ("08p01", "sasl Authentication failed\n", Some(ReasonCode::LoginRefused)),
            ("08P01", "it says: SSL required", None),
            ("57P01", "SASL authentication failed", None),
            ("08P01", "", None),
            ("XX000", "ERROR: all backend nodes are down, pgpool", Some(ReasonCode::BackendDown)),
            ("3D000", "database \"SSL required\" does not exist", None),
        ] {
            assert_eq!(refine("postgres", said(code, text)).map(|row| row.entry.reason), expected, "{code} {text}");
        }
        assert!(refine("mysql", said("08P01", "SASL authentication failed")).is_none());
        let long = "é".repeat(LOOKED_AT) + "all backend nodes are down";
        assert!(refine("postgres", said("XX000", &long)).is_none(), "a long text costs no more than a short one");
    }

    /// Whose row it is: some rows have the class and reason of the bare code, and only their words differ.
    #[test]
    fn the_row_of_a_product_is_the_one_that_counts() {
        for (driver, code, text, product, names) in [
            // https://proxysql.com/documentation/main-runtime/#mysql_users
            (
                "mysql",
                "1045",
                "ProxySQL Error: Access denied for user 'etl'@'10.0.0.7' (using password: YES)",
                "ProxySQL",
                "mysql_users",
            ),
            // https://neon.com/docs/connect/connection-errors
            (
                "postgres",
                "XX000",
                "Endpoint ID is not specified. Either please upgrade the postgres client library",
                "Neon",
                "extra `options`",
            ),
            // https://learn.microsoft.com/azure/postgresql/single-server/how-to-troubleshoot-common-connection-issues
            (
                "postgres",
                "28000",
                "Invalid Username specified. Please check the Username and retry connection. The Username should be in <username@hostname> format.",
                "Azure Database for PostgreSQL",
                "@",
            ),
        ] {
            let row = refine(driver, said(code, text)).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(row.product(), product, "{text}");
            assert!(row.entry.hint.contains(names), "{product}: {}", row.entry.hint);
        }
    }

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

    #[test]
    fn the_text_comes_before_the_variant_and_the_variant_before_the_code() {
        let message =
            |said, variant| refusal("postgres", said, variant, Context::default()).map(|failure| failure.message);
        let by_code = |code: &str| failure("postgres", code, Context::default()).map(|failure| failure.message);
        let variant = Some("ClientAuthentication");
        assert_eq!(message(said("28000", "no"), None), by_code("28000"));
        assert_eq!(message(said("28000", "no"), variant), by_code("28000/ClientAuthentication"));
        let by_text = message(said("28000", "Cloud SQL IAM user authentication failed"), variant);
        assert!(by_text.is_some() && by_text != by_code("28000/ClientAuthentication"));
        assert_eq!(message(said("99999", "no"), None), None);
    }

    #[test]
    fn a_refined_code_is_shown_as_the_server_gave_it() {
        let failure =
            refusal("postgres", said("28P01", "SASL authentication failed"), None, Context::default()).unwrap();
        assert_eq!(failure.code.as_deref(), Some("28P01"));
    }

    #[test]
    fn every_row_is_reached_and_is_whole() {
        for (driver, _) in TABLES {
            for row in refinements(driver) {
                let at = format!("{driver} {} {:?}", row.product(), row.text);
                let text = match row.text {
                    Text::Starts(start) => start.to_owned(),
                    Text::Has(words) => words.join(" … "),
                    Text::Empty | Text::Any => String::new(),
                };
                let product = match row.from {
                    From::Known(product) => Some(product),
                    From::Whom(_) => None,
                };
                // Where a code is shared, a text that stands first may be as good.
                let codes = if row.codes.is_empty() { &["any"] } else { row.codes };
                let found = codes.iter().filter_map(|code| refine(driver, Said { code, product, text: &text }));
                assert!(found.into_iter().any(|found| std::ptr::eq(found, row)), "{at} is never reached");
                let entry = &row.entry;
                assert!(!entry.message.is_empty() && !entry.message.ends_with('.'), "{at}");
                assert!(!entry.hint.is_empty() && !entry.hint.ends_with('.'), "{at}");
                assert!(entry.explanation.len() > 30 && entry.explanation.ends_with('.'), "{at}");
            }
        }
    }
}
