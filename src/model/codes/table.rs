//! `CodeTable`: the meanings of the refusals of one kind of server, and their conversion to failures. The driver
//! supplies the rows.

use super::checked::{Checked, CheckedCredential};
use super::entry::CodeEntry;
use super::refinement::{Refinement, Said};
use super::spoken::{Form, Spoken};

/// The maximum length of a server's text that is examined.
const LOOKED_AT: usize = 2048;

/// A code without a row of its own: it adds nothing to its HTTP status, which determines the class. It is listed only
/// for `connprobe explain` and affects no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other {
    /// The code.
    pub code: &'static str,
    /// The service that sends it, such as `S3`.
    pub service: &'static str,
    /// The HTTP status that it is sent with.
    pub status: u16,
    /// Its meaning, and what it may mean in a login, in whole sentences.
    pub explanation: &'static str,
}

/// The meanings of the codes of one driver's servers.
#[derive(Clone, Copy, Debug)]
pub struct CodeTable {
    /// The rows of single codes.
    pub rows: &'static [CodeEntry],
    refined: &'static [&'static [Refinement]],
    checked: &'static [Checked],
    pub(super) fields: &'static [(&'static str, &'static [&'static str])],
    users: &'static [Form],
    databases: &'static [Form],
    others: &'static [Other],
}

impl CodeTable {
    /// A table with the `rows` of its codes.
    #[must_use]
    pub const fn new(rows: &'static [CodeEntry]) -> Self {
        Self { rows, refined: &[], checked: &[], fields: &[], users: &[], databases: &[], others: &[] }
    }

    /// Adds refinements by text: the first matching row of the first matching table counts.
    #[must_use]
    pub const fn refined_by(mut self, tables: &'static [&'static [Refinement]]) -> Self {
        self.refined = tables;
        self
    }

    /// Adds the codes that are not an answer to the credential.
    #[must_use]
    pub const fn checked(mut self, rows: &'static [Checked]) -> Self {
        self.checked = rows;
        self
    }

    /// Adds the extras that the message or hint of a row names, by its code, as field paths.
    #[must_use]
    pub const fn fields(mut self, rows: &'static [(&'static str, &'static [&'static str])]) -> Self {
        self.fields = rows;
        self
    }

    /// Adds the forms in which the server's texts name a user and a database.
    #[must_use]
    pub const fn names(mut self, users: &'static [Form], databases: &'static [Form]) -> Self {
        self.users = users;
        self.databases = databases;
        self
    }

    /// Adds codes without a row.
    #[must_use]
    pub const fn others(mut self, others: &'static [Other]) -> Self {
        self.others = others;
        self
    }

    /// The row for `code`.
    #[must_use]
    pub fn lookup(&self, code: &str) -> Option<&'static CodeEntry> {
        self.rows.iter().find(|entry| entry.code.eq_ignore_ascii_case(code))
    }

    /// Whether the table contains `code`, in its shown form.
    #[must_use]
    pub fn is_known(&self, code: &str) -> bool {
        self.rows.iter().any(|entry| entry.shown() == code) || self.refinements().any(|row| row.codes.contains(&code))
    }

    /// All refinement rows.
    pub fn refinements(&self) -> impl Iterator<Item = &'static Refinement> + use<> {
        self.refined.iter().copied().flatten()
    }

    /// The refinement that matches the refusal `said`.
    #[must_use]
    pub fn refine(&self, said: Said<'_>) -> Option<&'static Refinement> {
        let end = said.text.floor_char_boundary(LOOKED_AT);
        let text = said.text[..end].trim().to_lowercase();
        self.refinements().find(|row| row.fits(said, &text))
    }

    /// The codes without a row that equal `word`, ignoring case.
    pub fn others_of<'a>(&self, word: &'a str) -> impl Iterator<Item = &'static Other> + use<'a> {
        self.others.iter().filter(move |other| other.code.eq_ignore_ascii_case(word))
    }

    /// The time at which the server sends `code`.
    #[must_use]
    pub fn when(&self, code: &str) -> CheckedCredential {
        self.checked_row(code).map_or(CheckedCredential::Unknown, |row| row.when)
    }

    /// The source for the time at which the server sends `code`.
    #[must_use]
    pub fn source(&self, code: &str) -> Option<&'static str> {
        self.checked_row(code).map(|row| row.source)
    }

    /// The codes that are not an answer to the credential.
    #[must_use]
    pub fn checked_rows(&self) -> &'static [Checked] {
        self.checked
    }

    /// The names in the server's `text` that differ from `login` and `database`.
    #[must_use]
    pub fn spoken(&self, text: &str, login: Option<&str>, database: Option<&str>) -> Spoken {
        Spoken::of((self.users, self.databases), text, login, database)
    }

    fn checked_row(&self, code: &str) -> Option<&'static Checked> {
        self.checked_rows().iter().find(|row| row.code == code)
    }

    /// The row for a refusal, by its text or else by its code.
    #[must_use]
    pub fn row(&self, said: Said<'_>) -> Option<&'static CodeEntry> {
        self.refine(said).map(|row| &row.entry).or_else(|| self.lookup(said.code))
    }
}
