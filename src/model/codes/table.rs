//! The rows of all drivers, and the failure that a refusal stands for.

use super::order::{CheckedCredential, checked};
use super::refinement::{Said, refine, refinements};
use super::spoken::Spoken;
use super::{extras, mongodb, mssql, mysql, postgres, s3};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::{Field, Reason, ReasonCode, Words};

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
pub(super) const fn joined<const N: usize>(one: &[CodeEntry], other: &[CodeEntry]) -> [CodeEntry; N] {
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

/// The drivers that have a table, with their rows.
pub const TABLES: &[(&str, &[CodeEntry])] = &[
    ("postgres", postgres::CODES),
    ("mysql", mysql::CODES),
    ("mssql", mssql::CODES),
    ("mongodb", mongodb::CODES),
    ("s3", s3::CODES),
];

/// The row of `driver` for `code`.
#[must_use]
pub fn lookup(driver: &str, code: &str) -> Option<&'static CodeEntry> {
    let (_, entries) = TABLES.iter().find(|(name, _)| *name == driver)?;
    entries.iter().find(|entry| entry.code.eq_ignore_ascii_case(code))
}

/// Whether the table of `driver` has `code`, as it is shown.
#[must_use]
pub fn is_known(driver: &str, code: &str) -> bool {
    let tables = TABLES.iter().filter(|(name, _)| *name == driver);
    tables.flat_map(|(_, entries)| *entries).any(|entry| entry.shown() == code)
        || refinements(driver).any(|row| row.codes.contains(&code))
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
    /// What fills the words about a refusal that `driver`'s server puts into `text`.
    fn by(driver: &str, text: &str, context: Context<'_>) -> Self {
        Self { spoken: Spoken::of(driver, text, context.login, context.database), ..context.into() }
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
    fn failure(&'static self, mut named: Named) -> Failure {
        // A name that the message does not show is nobody's business.
        named.spoken.login.take_if(|_| !has(self.message, "{login}"));
        named.spoken.database.take_if(|_| !has(self.message, "{database}"));
        let spoken = (named.spoken != Spoken::default()).then(|| Box::new(named.spoken.clone()));
        Failure { spoken, ..Failure::of(Reason::ServerCode(self, named)) }
    }
}

/// The failure that `code` stands for, in our words; `None` for a code that the table lacks.
#[must_use]
pub fn failure(driver: &str, code: &str, context: Context<'_>) -> Option<Failure> {
    of_code(driver, code, context.into())
}

fn of_code(driver: &str, code: &str, named: Named) -> Option<Failure> {
    let entry = lookup(driver, code)?;
    let mut failure = entry.failure(named);
    failure.point_at(extras::of(driver, entry.code));
    // A row that refuses the credential says so, whatever others of its code do.
    let checked = if entry.class == Class::Auth { CheckedCredential::Unknown } else { checked(driver, entry.shown()) };
    Some(Failure { checked, ..failure })
}

/// The row that a refusal is, by its text or else by its code.
#[must_use]
pub fn row(driver: &str, said: Said<'_>) -> Option<&'static CodeEntry> {
    refine(driver, said).map(|row| &row.entry).or_else(|| lookup(driver, said.code))
}

/// The failure that a refusal stands for, in our words: what its text says, else what the driver knows of its `variant`,
/// else what its code says. `None` where no table has it.
#[must_use]
pub fn refusal(driver: &str, said: Said<'_>, variant: Option<&str>, context: Context<'_>) -> Option<Failure> {
    let named = Named::by(driver, said.text, context);
    if let Some(row) = refine(driver, said) {
        let mut failure = row.entry.failure(named);
        failure.point_at(row.fields.iter().map(|path| Field::named(path)));
        let code = (!said.code.is_empty()).then(|| said.code.to_owned());
        let known_code = is_known(driver, said.code);
        return Some(Failure { checked: row.checked, code, known_code, ..failure });
    }
    let of_variant = variant.and_then(|variant| of_code(driver, &format!("{}/{variant}", said.code), named.clone()));
    of_variant.or_else(|| of_code(driver, said.code, named))
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
    use crate::model::class::Status;

    #[test]
    fn a_code_is_known_to_its_own_driver() {
        for (driver, code, known) in [
            ("postgres", "28P01", true),
            ("postgres", "1045", false),
            ("mysql", "1045", true),
            ("mysql", "28P01", false),
            ("nobody", "28P01", false),
        ] {
            assert_eq!(is_known(driver, code), known, "{driver} {code}");
        }
    }

    #[test]
    fn every_row_is_written_in_our_grammar() {
        for (driver, entries) in TABLES {
            for entry in *entries {
                let at = format!("{driver} {}", entry.code);
                assert!(!entry.message.ends_with('.'), "{at}: a message is a fragment");
                assert!(
                    !entry.message.starts_with(char::is_uppercase) || entry.message.starts_with("TLS"),
                    "{at}: lower case"
                );
                assert!(!entry.hint.is_empty() && !entry.explanation.is_empty(), "{at}: hint and explanation");
            }
        }
    }

    /// What somebody can do who reads a hint.
    const ACTIONS: &[&str] = &[
        "add", "ask", "call", "check", "correct", "create", "drop", "find", "free", "get", "have", "let", "look",
        "lower", "make", "move", "name", "raise", "remove", "resume", "see", "set", "sign", "stop", "store", "try",
        "unblock", "use", "wait", "write",
    ];

    #[test]
    fn every_hint_says_what_to_do_and_every_explanation_says_more() {
        for (driver, entries) in TABLES {
            for entry in *entries {
                let at = format!("{driver} {}: {}", entry.code, entry.hint);
                // A field, an option or a command stands in backticks.
                let acts = entry.hint.split([';', ':', ',']).any(|clause| {
                    let clause = clause.trim();
                    let first = clause.split(' ').next().unwrap_or_default();
                    ACTIONS.contains(&first) || clause.starts_with("an administrator")
                });
                assert!(entry.hint.contains('`') || acts, "{at}");
                assert!(entry.explanation.len() > entry.hint.len(), "{at}");
                assert!(!entry.hint.starts_with(char::is_uppercase) || entry.hint.starts_with("TLS"), "{at}");
                assert!(!entry.hint.ends_with('.') && entry.explanation.ends_with('.'), "{at}");
            }
        }
    }

    #[test]
    fn what_a_server_does_not_tell_apart_is_said_so() {
        for (driver, code) in
            [("postgres", "28P01"), ("mysql", "1045"), ("mssql", "18456"), ("mssql", "4060"), ("mongodb", "18")]
        {
            let entry = lookup(driver, code).unwrap();
            let said = format!("{} {} {}", entry.message, entry.hint, entry.explanation);
            assert!(
                [
                    "does not tell",
                    "tells a wrong password from",
                    "look alike",
                    "cannot be told",
                    "without telling them apart"
                ]
                .iter()
                .any(|words| said.contains(words)),
                "{driver} {code}: {said}"
            );
        }
    }

    #[test]
    fn no_code_stands_twice() {
        for (driver, entries) in TABLES {
            let mut codes: Vec<&str> = entries.iter().map(|entry| entry.code).collect();
            codes.sort_unstable();
            let before = codes.len();
            codes.dedup();
            assert_eq!(codes.len(), before, "{driver}");
        }
    }

    #[test]
    fn a_code_is_a_failure_in_our_words() {
        let context = Context {
            login: Some("etl"),
            database: Some("sales"),
            host: Some("db1.example"),
            target: Some("db1.example:5432/sales"),
        };
        let nothing = Context::default();
        for (driver, code, context, class, shown, message) in [
            ("postgres", "28P01", context, Class::Auth, "28P01", "login refused for user `etl`"),
            ("postgres", "28p01", nothing, Class::Auth, "28P01", "login refused for user `(none)`"),
            ("mysql", "1049", context, Class::NotFound, "1049", "database `sales` does not exist"),
            (
                "mssql",
                "18456/no-password",
                context,
                Class::Auth,
                "18456",
                "login refused for user `etl`: the definition has no password",
            ),
        ] {
            let failure = failure(driver, code, context).unwrap();
            assert_eq!((failure.class, failure.code.as_deref()), (class, Some(shown)), "{driver} {code}");
            assert_eq!(failure.status, class.status(), "{driver} {code}");
            assert_eq!(failure.message, message, "{driver} {code}");
            assert!(failure.hint.is_some(), "{driver} {code}");
        }
        let text = "{login} {database} {host} {target} {login}";
        assert_eq!(fill(text, context), "etl sales db1.example db1.example:5432/sales etl");
    }

    #[test]
    fn a_code_belongs_to_its_driver() {
        for (driver, code) in [("postgres", "1049"), ("mysql", "28P01"), ("oracle", "28P01"), ("postgres", "99999")] {
            assert!(lookup(driver, code).is_none(), "{driver} {code}");
            assert_eq!(failure(driver, code, Context::default()), None, "{driver} {code}");
        }
    }

    #[test]
    fn what_only_the_server_could_tell_of_a_definition_is_a_failure_of_the_target() {
        let failure = failure("mongodb", "354", Context::default()).unwrap();
        assert_eq!((failure.class, failure.status), (Class::Definition, Status::Failed));
    }
}
