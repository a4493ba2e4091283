//! `Spoken`: the user and the database that a server's text names, if they differ from those of the definition. Then a
//! pooler, a proxy or a rule of the server is involved, and the definition's own name is not at fault.
//!
//! The names are foreign text and must be scrubbed before they are shown (`Failure::spoken`).

/// The maximum length of a name; no server has longer ones.
const LONGEST: usize = 128;

/// PostgreSQL truncates longer names to this number of bytes (`NAMEDATALEN`).
const CUT_AT: usize = 63;

/// The maximum length of the text that is searched.
const LOOKED_AT: usize = 2048;

/// The words before a name, and the quotation mark around it.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The words, in lower case, each with its trailing blank.
    pub before: &'static [&'static str],
    /// The quotation mark.
    pub quote: char,
}

/// Names that differ from the definition's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    /// The user name.
    pub login: Option<String>,
    /// The database.
    pub database: Option<String>,
}

impl Spoken {
    /// The names only.
    pub(in crate::model) fn into_names(self) -> Vec<String> {
        [self.login, self.database].into_iter().flatten().collect()
    }

    /// The names in `text`, which its server writes in the forms `users` and `databases`, if they differ from `login`
    /// and `database`.
    #[must_use]
    pub fn of((users, databases): (&[Form], &[Form]), text: &str, login: Option<&str>, database: Option<&str>) -> Self {
        let text = &text[..text.floor_char_boundary(LOOKED_AT)];
        // The other lines are the server's detail and hint, which may name anything.
        let line = text.lines().next().unwrap_or_default();
        let other = |forms: &[Form], own: Option<&str>| {
            let name = named(forms, line)?;
            (!own.is_some_and(|own| is_same(name, own))).then(|| name.to_owned())
        };
        Self { login: other(users, login), database: other(databases, database) }
    }
}

/// The first name in `line` in one of `forms`.
fn named<'a>(forms: &[Form], line: &'a str) -> Option<&'a str> {
    let lower = line.to_ascii_lowercase();
    forms.iter().flat_map(|form| form.before.iter().map(|before| (*before, form.quote))).find_map(|(before, quote)| {
        let opening = format!("{before}{quote}");
        let start = lower.match_indices(&opening).map(|(at, _)| at);
        // `superuser "…"` does not match `user "…"`.
        let start =
            start.into_iter().find(|at| !lower[..*at].ends_with(|letter: char| letter.is_ascii_alphanumeric()))?;
        let (name, _) = line[start + opening.len()..].split_once(quote)?;
        // SQL Server writes `<token-identified principal>` for a user without a name.
        let fits = !name.is_empty()
            && name.chars().count() <= LONGEST
            && !name.starts_with('<')
            && !name.contains(|letter: char| letter.is_control() || letter == '`');
        fits.then_some(name)
    })
}

/// Whether `name` is a form of `own`: servers ignore case, truncate names, and drop the parts that only a proxy needs
/// (`etl@server`, `postgres.project`, `DOMAIN\etl`).
fn is_same(name: &str, own: &str) -> bool {
    let cut = || name.len() >= CUT_AT - 4 && own.to_lowercase().starts_with(&name.to_lowercase());
    let parts = |whole: &str, part: &str| {
        whole.split(['@', '.', '\\', ':', '%', '/', '#', '$']).any(|one| one.eq_ignore_ascii_case(part))
    };
    name.to_lowercase() == own.to_lowercase() || cut() || parts(own, name) || parts(name, own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parts_that_only_a_proxy_needs_is_the_same() {
        for (name, own, same) in [
            ("etl", "etl@server", true),
            ("postgres", "postgres.abcdefgh", true),
            ("etl", "CORP\\etl", true),
            ("CORP\\etl", "etl", true),
            ("defaultdb", "cluster-123.defaultdb", true),
            ("Etl", "eTL", true),
            ("etl", "etl2", false),
            ("et", "etl", false),
        ] {
            assert_eq!(is_same(name, own), same, "{name} {own}");
        }
    }
}
