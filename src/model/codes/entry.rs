//! `CodeEntry`: one row of a code table, and the words that it comes to.

use super::spoken::Spoken;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::{Reason, ReasonCode, Words};

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeEntry {
    /// The server's own code.
    pub code: &'static str,
    /// The server's name for it, or what the manual calls it.
    pub name: &'static str,
    /// Who or what is at fault.
    pub class: Class,
    /// What it means, in the vocabulary that all drivers share.
    pub reason: ReasonCode,
    /// Our words: a lower-case fragment; `{login}`, `{database}`, `{host}` and `{target}` are filled in, the first two with
    /// what the server names where that is another than the definition's.
    pub message: &'static str,
    /// One sentence on what to do, naming the field.
    pub hint: &'static str,
    /// The longer text of `connprobe explain`.
    pub explanation: &'static str,
}

/// The rows of `one` and then of `other`, `N` in all, where those of a driver stand in two files.
pub(crate) const fn joined<const N: usize>(one: &[CodeEntry], other: &[CodeEntry]) -> [CodeEntry; N] {
    let mut all = [one[0]; N];
    let mut place = 0;
    while place < N {
        all[place] = if place < one.len() { one[place] } else { other[place - one.len()] };
        place += 1;
    }
    all
}

/// What fills the placeholders of a message or hint.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The user.
    pub login: Option<&'a str>,
    /// The database or bucket.
    pub database: Option<&'a str>,
    /// The host as stored.
    pub host: Option<&'a str>,
    /// Host, port and database together.
    pub target: Option<&'a str>,
}

/// What fills the placeholders of a row, kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    login: Option<String>,
    database: Option<String>,
    host: Option<String>,
    target: Option<String>,
    spoken: Spoken,
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
    /// The same, with the names that the server speaks of.
    pub(super) fn speaking(self, spoken: Spoken) -> Self {
        Self { spoken, ..self }
    }

    /// What the definition has in place of the names that the server speaks of.
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

    /// The same, with the names that the server speaks of.
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
    /// The code without what tells several rows of one code apart.
    #[must_use]
    pub fn shown(&self) -> &'static str {
        self.code.split_once('/').map_or(self.code, |(code, _)| code)
    }

    /// The row's words, about what `named` names.
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

    /// The failure that it is, about what `named` names.
    pub(super) fn failure(&'static self, mut named: Named) -> Failure {
        // A name that the message does not show is nobody's business.
        named.spoken.login.take_if(|_| !has(self.message, "{login}"));
        named.spoken.database.take_if(|_| !has(self.message, "{database}"));
        let spoken = (named.spoken != Spoken::default()).then(|| Box::new(named.spoken.clone()));
        Failure { spoken, ..Failure::of(Reason::ServerCode(self, named)) }
    }
}

/// Whether `template` leaves room for what `placeholder` stands for.
fn has(template: &str, placeholder: &str) -> bool {
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
