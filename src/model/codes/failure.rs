//! From a server's code, or the text beside it, to a [`Failure`].

use super::checked::CheckedCredential;
use super::entry::{CodeEntry, Context, Named, has};
use super::refinement::Said;
use super::spoken::Spoken;
use super::table::CodeTable;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::{Field, Reason};

impl CodeEntry {
    /// The failure that the row stands for, with the values of `named`.
    fn failure(&'static self, mut named: Named) -> Failure {
        // A name that the message does not show must not be kept.
        named.spoken.login.take_if(|_| !has(self.message, "{login}"));
        named.spoken.database.take_if(|_| !has(self.message, "{database}"));
        let spoken = (named.spoken != Spoken::default()).then(|| Box::new(named.spoken.clone()));
        Failure { spoken, ..Failure::of(Reason::ServerCode(self, named)) }
    }
}

impl CodeTable {
    /// The failure that `code` stands for, with connprobe's message; `None` for an unknown code.
    #[must_use]
    pub fn failure(&self, code: &str, context: Context<'_>) -> Option<Failure> {
        self.of_code(code, context.into())
    }

    fn of_code(&self, code: &str, named: Named) -> Option<Failure> {
        let entry = self.lookup(code)?;
        let mut failure = entry.failure(named);
        let fields = self.fields.iter().find(|(row, _)| *row == entry.code).map_or(&[][..], |(_, fields)| fields);
        failure.point_at(fields.iter().map(|path| Field::named(path)));
        // A row that refuses the credential counts as a refusal, even if other rows of its code do not.
        let checked = if entry.class == Class::Auth { CheckedCredential::Unknown } else { self.when(entry.shown()) };
        Some(Failure { checked, ..failure })
    }

    /// The failure that a refusal stands for, with connprobe's message: by its text, else by the `variant` that the
    /// driver determined, else by its code. `None` for an unknown refusal.
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

impl Failure {
    /// Sets the server's code, which is known if it is in `table`.
    #[must_use]
    pub fn code_of(self, table: &CodeTable, code: impl Into<String>) -> Self {
        let code = code.into();
        Self { known_code: table.is_known(&code), ..self.code(code) }
    }
}
