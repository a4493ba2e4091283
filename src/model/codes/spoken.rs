//! `Spoken`: the user and the database that a server's text is about, where they are others than those of the definition.
//! A pooler, a proxy or a rule of the server stands in between then, and the definition's own name is not at fault.
//!
//! The names are the server's words: whoever shows one has it scrubbed first (`Failure::spoken`).

/// The longest name that is looked at: no server has longer ones.
const LONGEST: usize = 128;

/// PostgreSQL cuts longer names to this many bytes (`NAMEDATALEN`).
const CUT_AT: usize = 63;

/// As much of a text as is looked at.
const LOOKED_AT: usize = 2048;

/// Words before a name, and the quote around it.
struct Form {
    driver: &'static str,
    before: &'static [&'static str],
    quote: char,
}

/// Words before the name of a user.
const USERS: &[Form] = &[
    Form { driver: "postgres", before: &["role ", "user "], quote: '"' },
    Form { driver: "mysql", before: &["user "], quote: '\'' },
    Form { driver: "mssql", before: &["server principal "], quote: '"' },
    Form { driver: "mssql", before: &["user "], quote: '\'' },
];

/// Words before the name of a database.
const DATABASES: &[Form] = &[
    Form { driver: "postgres", before: &["database "], quote: '"' },
    Form { driver: "mysql", before: &["database "], quote: '\'' },
    Form { driver: "mssql", before: &["database "], quote: '"' },
];

/// Other names than the definition's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken {
    pub(super) login: Option<String>,
    pub(super) database: Option<String>,
}

impl Spoken {
    /// The names alone.
    pub(in crate::model) fn into_names(self) -> Vec<String> {
        [self.login, self.database].into_iter().flatten().collect()
    }

    /// The names in `text`, which a server of `driver` said, where they are neither `login` nor `database`.
    pub(super) fn of(driver: &str, text: &str, login: Option<&str>, database: Option<&str>) -> Self {
        let text = &text[..text.floor_char_boundary(LOOKED_AT)];
        // What stands below is the server's detail and hint, which may be about anything.
        let line = text.lines().next().unwrap_or_default();
        let other = |forms, own: Option<&str>| {
            let name = named(driver, forms, line)?;
            (!own.is_some_and(|own| is_same(name, own))).then(|| name.to_owned())
        };
        Self { login: other(USERS, login), database: other(DATABASES, database) }
    }
}

/// The first name in `line` that stands in one of `forms`.
fn named<'a>(driver: &str, forms: &[Form], line: &'a str) -> Option<&'a str> {
    let lower = line.to_ascii_lowercase();
    let forms = forms.iter().filter(|form| form.driver == driver);
    forms.flat_map(|form| form.before.iter().map(|before| (*before, form.quote))).find_map(|(before, quote)| {
        let opening = format!("{before}{quote}");
        let start = lower.match_indices(&opening).map(|(at, _)| at);
        // `superuser "…"` is no `user "…"`.
        let start =
            start.into_iter().find(|at| !lower[..*at].ends_with(|letter: char| letter.is_ascii_alphanumeric()))?;
        let (name, _) = line[start + opening.len()..].split_once(quote)?;
        // `<token-identified principal>` is what SQL Server calls a user without a name.
        let fits = !name.is_empty()
            && name.chars().count() <= LONGEST
            && !name.starts_with('<')
            && !name.contains(|letter: char| letter.is_control() || letter == '`');
        fits.then_some(name)
    })
}

/// Whether `name` is what `own` comes to: servers compare without case, cut names, and drop the parts that only a proxy
/// needs (`etl@server`, `postgres.project`, `DOMAIN\etl`).
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
    fn only_another_name_than_the_definitions_is_taken_from_a_text() {
        let long = "x".repeat(80);
        for (driver, text, login, database) in [
            ("postgres", "database \"other\" does not exist", None, Some("other")),
            ("postgres", "database \"app\" does not exist", None, None),
            ("postgres", "database \"APP\" does not exist", None, None),
            ("postgres", "role \"ghost\" is not permitted to log in", Some("ghost"), None),
            ("postgres", "password authentication failed for user \"ghost\"", Some("ghost"), None),
            ("postgres", "password authentication failed for user \"etl\"", None, None),
            ("postgres", "must be superuser \"ghost\"", None, None),
            (
                "postgres",
                "no pg_hba.conf entry for host \"10.0.0.7\", user \"ghost\", database \"other\", no encryption",
                Some("ghost"),
                Some("other"),
            ),
            ("postgres", "no such database\ndatabase \"other\" has one", None, None),
            ("postgres", "Datenbank »other« existiert nicht", None, None),
            ("postgres", "database \"\" does not exist", None, None),
            ("postgres", "database \"a`b\" does not exist", None, None),
            ("postgres", "database \"a\u{1}b\" does not exist", None, None),
            ("postgres", "database \"other", None, None),
            ("mysql", "Unknown database 'other'", None, Some("other")),
            ("mysql", "Access denied for user 'ghost'@'%' to database 'app'", Some("ghost"), None),
            ("mysql", "Access denied for user ''@'localhost'", None, None),
            ("mssql", "Cannot open database \"other\" requested by the login.", None, Some("other")),
            ("mssql", "Login failed for user 'ghost'.", Some("ghost"), None),
            ("mssql", "Login failed for user '<token-identified principal>'.", None, None),
            ("mssql", "The server principal \"ghost\" is not able to access the database \"app\"", Some("ghost"), None),
            ("mongodb", "user \"ghost\" of database \"other\"", None, None),
        ] {
            let spoken = Spoken::of(driver, text, Some("etl"), Some("app"));
            assert_eq!((spoken.login.as_deref(), spoken.database.as_deref()), (login, database), "{driver}: {text}");
        }
        let text = format!("database \"{}\" does not exist", &long[..CUT_AT]);
        assert_eq!(Spoken::of("postgres", &text, None, Some(&long)).database, None, "a name that the server has cut");
        let text = format!("database \"{}\" does not exist", "x".repeat(LONGEST + 1));
        assert_eq!(Spoken::of("postgres", &text, None, Some("app")).database, None);
    }

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
