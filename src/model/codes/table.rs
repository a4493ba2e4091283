//! `CodeTable`: what the refusals of one kind of server mean, and the failure that one stands for. The rows are the
//! driver's.

use super::checked::{Checked, CheckedCredential};
use super::entry::{CodeEntry, Context, Named};
use super::refinement::{Refinement, Said};
use super::spoken::{Form, Spoken};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::Field;

/// As much of a server's text is looked at.
const LOOKED_AT: usize = 2048;

/// A code that no row tells apart: what it says adds nothing to its HTTP status, which classes it. It stands in a table for
/// `connprobe explain` only; nothing is judged by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other {
    /// The code.
    pub code: &'static str,
    /// The service that says it, as `S3`.
    pub service: &'static str,
    /// The HTTP status that it comes with.
    pub status: u16,
    /// What it says, and what that may be in a login, in whole sentences.
    pub explanation: &'static str,
}

/// What the codes of one driver's servers mean.
#[derive(Clone, Copy, Debug)]
pub struct CodeTable {
    /// The rows of single codes.
    pub rows: &'static [CodeEntry],
    refined: &'static [&'static [Refinement]],
    checked: &'static [Checked],
    fields: &'static [(&'static str, &'static [&'static str])],
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

    /// What texts add to codes: the first row of the first table that fits counts.
    #[must_use]
    pub const fn refined_by(mut self, tables: &'static [&'static [Refinement]]) -> Self {
        self.refined = tables;
        self
    }

    /// Which codes are no answer to the credential.
    #[must_use]
    pub const fn checked(mut self, rows: &'static [Checked]) -> Self {
        self.checked = rows;
        self
    }

    /// The extras that the words of a row name, by its code, as paths of fields.
    #[must_use]
    pub const fn fields(mut self, rows: &'static [(&'static str, &'static [&'static str])]) -> Self {
        self.fields = rows;
        self
    }

    /// How the server's texts name a user and a database.
    #[must_use]
    pub const fn names(mut self, users: &'static [Form], databases: &'static [Form]) -> Self {
        self.users = users;
        self.databases = databases;
        self
    }

    /// Codes that no row tells apart.
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

    /// Whether the table has `code`, as it is shown.
    #[must_use]
    pub fn is_known(&self, code: &str) -> bool {
        self.rows.iter().any(|entry| entry.shown() == code) || self.refinements().any(|row| row.codes.contains(&code))
    }

    /// All rows of texts.
    pub fn refinements(&self) -> impl Iterator<Item = &'static Refinement> + use<> {
        self.refined.iter().copied().flatten()
    }

    /// The row for the text of what was `said`.
    #[must_use]
    pub fn refine(&self, said: Said<'_>) -> Option<&'static Refinement> {
        let end = said.text.floor_char_boundary(LOOKED_AT);
        let text = said.text[..end].trim().to_lowercase();
        self.refinements().find(|row| row.fits(said, &text))
    }

    /// The codes that `word` names and that no row tells apart, without regard to case.
    pub fn others_of<'a>(&self, word: &'a str) -> impl Iterator<Item = &'static Other> + use<'a> {
        self.others.iter().filter(move |other| other.code.eq_ignore_ascii_case(word))
    }

    /// When the server sends `code`.
    #[must_use]
    pub fn when(&self, code: &str) -> CheckedCredential {
        self.checked_row(code).map_or(CheckedCredential::Unknown, |row| row.when)
    }

    /// Where it can be read that the server sends `code` at that time.
    #[must_use]
    pub fn source(&self, code: &str) -> Option<&'static str> {
        self.checked_row(code).map(|row| row.source)
    }

    /// The codes that are no answer to the credential.
    #[must_use]
    pub fn checked_rows(&self) -> &'static [Checked] {
        self.checked
    }

    /// The other names than `login` and `database` that the server's `text` is about.
    #[must_use]
    pub fn spoken(&self, text: &str, login: Option<&str>, database: Option<&str>) -> Spoken {
        Spoken::of((self.users, self.databases), text, login, database)
    }

    fn checked_row(&self, code: &str) -> Option<&'static Checked> {
        self.checked_rows().iter().find(|row| row.code == code)
    }

    /// The failure that `code` stands for, in our words; `None` for a code that the table lacks.
    #[must_use]
    pub fn failure(&self, code: &str, context: Context<'_>) -> Option<Failure> {
        self.of_code(code, context.into())
    }

    fn of_code(&self, code: &str, named: Named) -> Option<Failure> {
        let entry = self.lookup(code)?;
        let mut failure = entry.failure(named);
        let fields = self.fields.iter().find(|(row, _)| *row == entry.code).map_or(&[][..], |(_, fields)| fields);
        failure.point_at(fields.iter().map(|path| Field::named(path)));
        // A row that refuses the credential says so, whatever others of its code do.
        let checked = if entry.class == Class::Auth { CheckedCredential::Unknown } else { self.when(entry.shown()) };
        Some(Failure { checked, ..failure })
    }

    /// The row that a refusal is, by its text or else by its code.
    #[must_use]
    pub fn row(&self, said: Said<'_>) -> Option<&'static CodeEntry> {
        self.refine(said).map(|row| &row.entry).or_else(|| self.lookup(said.code))
    }

    /// The failure that a refusal stands for, in our words: what its text says, else what the driver knows of its
    /// `variant`, else what its code says. `None` where the table lacks it.
    #[must_use]
    pub fn refusal(&self, said: Said<'_>, variant: Option<&str>, context: Context<'_>) -> Option<Failure> {
        let spoken = self.spoken(said.text, context.login, context.database);
        let named = Named::from(context).speaking(spoken);
        if let Some(row) = self.refine(said) {
            let mut failure = row.entry.failure(named);
            failure.point_at(row.fields.iter().map(|path| Field::named(path)));
            let code = (!said.code.is_empty()).then(|| said.code.to_owned());
            let known_code = self.is_known(said.code);
            return Some(Failure { checked: row.checked, code, known_code, ..failure });
        }
        let of_variant = variant.and_then(|variant| self.of_code(&format!("{}/{variant}", said.code), named.clone()));
        of_variant.or_else(|| self.of_code(said.code, named))
    }
}
