//! `CodeEntry`: one row of a code table, and the message and hint that it produces.

use super::spoken::Spoken;
use crate::model::class::Class;
use crate::model::reason::{ReasonCode, Words};

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeEntry {
    /// The server's own code.
    pub code: &'static str,
    /// The server's name for the code, or the manual's.
    pub name: &'static str,
    /// The class of the failure.
    pub class: Class,
    /// The meaning, in the vocabulary that all drivers share.
    pub reason: ReasonCode,
    /// connprobe's message: a lower-case fragment. `{login}`, `{database}`, `{host}` and `{target}` are filled in; for
    /// the first two, the server's names are used where they differ from the definition's.
    pub message: &'static str,
    /// One sentence on what to do. It names the field.
    pub hint: &'static str,
    /// The longer text of `connprobe explain`.
    pub explanation: &'static str,
}

/// The rows of `one` followed by those of `other`, `N` in all, for drivers with two tables.
pub(crate) const fn joined<const N: usize>(one: &[CodeEntry], other: &[CodeEntry]) -> [CodeEntry; N] {
    let mut all = [one[0]; N];
    let mut place = 0;
    while place < N {
        all[place] = if place < one.len() { one[place] } else { other[place - one.len()] };
        place += 1;
    }
    all
}

/// The values for the placeholders of a message or hint.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The user name.
    pub login: Option<&'a str>,
    /// The database or bucket.
    pub database: Option<&'a str>,
    /// The host as written in the definition.
    pub host: Option<&'a str>,
    /// Host, port and database together.
    pub target: Option<&'a str>,
}

/// Owned values for the placeholders of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    login: Option<String>,
    database: Option<String>,
    host: Option<String>,
    target: Option<String>,
    pub(super) spoken: Spoken,
}

impl From<Context<'_>> for Named {
    fn from(context: Context<'_>) -> Self {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let Context { login, database, host, target } = context;
        let spoken = Spoken::default();
        Self { login: own(login), database: own(database), host: own(host), target: own(target), spoken }
    }
}

impl Named {
    /// Adds the names that the server's text contains.
    pub(super) fn speaking(self, spoken: Spoken) -> Self {
        Self { spoken, ..self }
    }

    /// The definition's values for the names that differ in the server's text.
    fn own(&self) -> Option<String> {
        let own = |what: &str, own: &Option<String>, spoken: &Option<String>| {
            let shown = own.as_ref().map_or_else(|| format!("no {what}"), |own| format!("the {what} `{own}`"));
            spoken.is_some().then_some(shown)
        };
        let Self { login, database, spoken, .. } = self;
        let both = [own("user", login, &spoken.login), own("database", database, &spoken.database)];
        let both: Vec<String> = both.into_iter().flatten().collect();
        (!both.is_empty()).then(|| both.join(" and "))
    }

    /// The values, with the names of the server's text where it contains any.
    fn spoken(&self) -> Context<'_> {
        let Spoken { login, database } = &self.spoken;
        let own = self.context();
        Context { login: login.as_deref().or(own.login), database: database.as_deref().or(own.database), ..own }
    }

    fn context(&self) -> Context<'_> {
        Context {
            login: self.login.as_deref(),
            database: self.database.as_deref(),
            host: self.host.as_deref(),
            target: self.target.as_deref(),
        }
    }
}

impl CodeEntry {
    /// The code as shown, without the suffix that distinguishes several rows of one code.
    #[must_use]
    pub fn shown(&self) -> &'static str {
        self.code.split_once('/').map_or(self.code, |(code, _)| code)
    }

    /// The message and hint of the row, with the values of `named`.
    #[must_use]
    pub fn words(&self, named: &Named) -> Words {
        let hint = match named.own() {
            Some(own) => format!(
                "the definition names {own}, and a pooler, a proxy or a rule of the server puts the other name in its place; {}",
                fill(self.hint, named.context())
            ),
            None => fill(self.hint, named.context()),
        };
        Words::new(self.reason, fill(self.message, named.spoken())).class(self.class).hint(hint)
    }
}

/// Whether `template` contains `placeholder`.
pub(super) fn has(template: &str, placeholder: &str) -> bool {
    template.contains(placeholder)
}

fn fill(template: &str, context: Context<'_>) -> String {
    let mut text = template.to_owned();
    for (placeholder, value) in [
        ("{login}", context.login),
        ("{database}", context.database),
        ("{host}", context.host),
        ("{target}", context.target),
    ] {
        if text.contains(placeholder) {
            text = text.replace(placeholder, value.unwrap_or("(none)"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled() {
        let context = Context {
            login: Some("etl"),
            database: Some("sales"),
            host: Some("db1.example"),
            target: Some("db1.example:5432/sales"),
        };
        let text = "{login} {database} {host} {target} {login}";
        assert_eq!(fill(text, context), "etl sales db1.example db1.example:5432/sales etl");
        assert_eq!(fill("{login}", Context::default()), "(none)");
    }
}
