//! Whether a text may contain a password, and which part of it that is.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use super::pasted::pasted;
use super::reading::others;

/// The placeholder for a plain field that must not be shown.
pub const HIDDEN: &str = "…";

/// The maximum length of a text that is shown. In a longer one, passwords are searched for up to this length.
pub(super) const LONGEST: usize = 1 << 20;

/// The kinds of fields that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// `conn_id`.
    Name,
    /// `conn_type`.
    Type,
    /// `host`.
    Host,
    /// `schema`, `description`, or an extra's text that is not secret.
    Text,
    /// `login`.
    Login,
    /// A key of `extra`.
    Key,
}

/// `text` as it may be shown: all of it, or the placeholder.
#[must_use]
pub fn shown(plain: Plain, text: &str) -> &str {
    if has_secret(plain, text) { HIDDEN } else { text }
}

/// The host `text` as it may be shown: of one with a login before it, only the name.
#[must_use]
pub(super) fn shown_host(text: &str) -> Cow<'_, str> {
    match text.rsplit_once('@') {
        // The name of an abstract socket begins with `@`.
        Some((before, name)) if !before.is_empty() && !has_secret(Plain::Host, name) => {
            Cow::Owned(format!("{HIDDEN}@{name}"))
        }
        _ => Cow::Borrowed(shown(Plain::Host, text)),
    }
}

/// Whether `text` may contain a password.
#[must_use]
pub fn has_secret(plain: Plain, text: &str) -> bool {
    if is_bare(text) {
        return false;
    }
    if text.len() > LONGEST {
        return true;
    }
    if in_any_form(text).next().is_some() || others(text).iter().any(|other| in_any_form(other).next().is_some()) {
        return true;
    }
    match plain {
        Plain::Name | Plain::Text => false,
        Plain::Type => !text.chars().all(|letter| letter.is_alphanumeric() || "_-+. ".contains(letter)),
        Plain::Key => text.contains('=') || text.contains("://"),
        Plain::Host => text.split(',').any(|host| is_login(host.trim())),
        // ARNs and similar cloud account names contain colons.
        Plain::Login => text.contains(':') && !text.starts_with("arn:") || text.contains("://"),
    }
}

/// Whether `text` is a single name, as most plain fields are: it has no character that could join a keyword and a
/// value.
fn is_bare(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// The parts of `text` that are, or may be, passwords.
pub fn passwords(plain: Plain, text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let behind = match plain {
        Plain::Login | Plain::Host => text.split_once(':').map(|(_, behind)| behind),
        Plain::Name | Plain::Type | Plain::Text | Plain::Key => None,
    };
    let decoded = others(text).into_iter().flat_map(|other| {
        let found: Vec<Cow<'_, str>> = in_any_form(&other).map(|password| Cow::Owned(password.to_owned())).collect();
        found
    });
    in_any_form(text).chain(behind.filter(|behind| !behind.is_empty())).map(Cow::Borrowed).chain(decoded)
}

/// The passwords in `text`, in any form, without decoding.
fn in_any_form(text: &str) -> impl Iterator<Item = &str> {
    let of_settings = settings(text).filter(|(key, _)| is_secret(key)).map(|(_, value)| value);
    of_settings.chain(password(text)).chain(pasted(text)).filter(|password| !password.is_empty())
}

/// Whether `text` contains a login with a password: `user:password@host`.
pub(super) fn has_login(text: &str) -> bool {
    password(text).is_some()
}

/// The password of `user:password@host`.
fn password(text: &str) -> Option<&str> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (before, _) = rest.rsplit_once('@')?;
    before.split_once(':').map(|(_, password)| password).filter(|password| !password.is_empty())
}

/// The settings of a connection string: `key=value`, separated by `;`, `?`, `&`, `,` or blanks.
pub(super) fn settings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(['?', '&', ';', ',']).flat_map(|part| {
        // Keys such as `User ID` contain blanks; values of libpq's strings end at one.
        let mut rest = part;
        std::iter::from_fn(move || {
            let (key, behind) = rest.split_once('=')?;
            let behind = behind.trim_start();
            let end = match behind.chars().next() {
                Some(quote @ ('\'' | '"')) => behind[1..].find(quote).map_or(behind.len(), |end| end + 2),
                _ => behind.find(char::is_whitespace).unwrap_or(behind.len()),
            };
            rest = &behind[end..];
            Some((key.trim(), behind[..end].trim_matches(['\'', '"'])))
        })
    })
}

/// Whether the value of a setting named `key` is a secret.
pub(super) fn is_secret(key: &str) -> bool {
    const WORDS: [&str; 16] = [
        "password",
        "passwd",
        "passphrase",
        "passwort",
        "pwd",
        "pass",
        "pw",
        "secret",
        "token",
        "accesskey",
        "accountkey",
        "apikey",
        "privatekey",
        "signature",
        "credential",
        "sig",
    ];
    let key = squeezed(key);
    let key = key.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let last = key.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    WORDS.iter().any(|word| last.ends_with(word)) || last == "key" || last == "auth"
}

/// `key` in lower case, without blanks and word separators.
pub(super) fn squeezed(key: &str) -> String {
    key.chars()
        .filter(|letter| !letter.is_whitespace() && !"_-.".contains(*letter))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether `host` looks like `login:password` instead of a host with a port.
fn is_login(host: &str) -> bool {
    const PROTOCOLS: [&str; 4] = ["tcp:", "np:", "lpc:", "admin:"];
    if host.starts_with(['/', '@', '[']) || host.contains("://") {
        return false;
    }
    let start =
        PROTOCOLS.iter().find(|word| host.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)));
    let host = &host[start.map_or(0, |word| word.len())..];
    // A zone or an instance may follow the address.
    let address = host.split_once(['%', '\\']).map_or(host, |(address, _)| address);
    match host.split_once(':') {
        None => false,
        Some(_) if address.parse::<Ipv6Addr>().is_ok() => false,
        Some((_, port)) => {
            let port = port.split(['/', '?', '\\']).next().unwrap_or_default();
            !port.trim().bytes().all(|byte| byte.is_ascii_digit())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Sup3rS3cret";

    #[test]
    fn a_bare_name_holds_nothing() {
        for text in ["", "db-1.example", "password", "secret_key-7", "-pSup3rS3cret", "--password", "token.x", "AKIA0"]
        {
            assert!(is_bare(text), "{text}");
            assert_eq!(in_any_form(text).chain(others(text).iter().map(String::as_str)).next(), None, "{text}");
        }
        for joined in
            ["a b", "a=b", "a:b", "a@b", "a/b", "a%3Db", "a>b", "a\tb", "ä", "a\u{200b}b", "a,b", "a(b", "a'b"]
        {
            assert!(!is_bare(joined), "{joined}");
        }
    }

    #[test]
    fn what_has_a_secret_in_it_is_hidden_and_known_as_a_secret() {
        for (plain, text) in [
            // https://learn.microsoft.com/dotnet/framework/data/adonet/connection-string-syntax
            (Plain::Host, "Server=tcp:127.0.0.1,1433;Initial Catalog=master;Password=Sup3rS3cret;"),
            (Plain::Host, "127.0.0.1,1433;Password=Sup3rS3cret"),
            // https://jdbc.postgresql.org/documentation/use
            (Plain::Host, "jdbc:postgresql://127.0.0.1:5432/app?user=etl&password=Sup3rS3cret"),
            // https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
            (Plain::Host, "host=127.0.0.1 password=Sup3rS3cret dbname=app"),
            (Plain::Host, "host=127.0.0.1 password = 'Sup3rS3cret' dbname=app"),
            (Plain::Host, "db.example?password=Sup3rS3cret"),
            (Plain::Host, "db.example?passwd=Sup3rS3cret"),
            (Plain::Host, "db.example?pwd=Sup3rS3cret"),
            // https://learn.microsoft.com/azure/storage/common/storage-sas-overview
            (Plain::Host, "x.blob.core.windows.net/c?sv=2024&sig=Sup3rS3cret"),
            // https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas
            (Plain::Host, "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=Sup3rS3cret"),
            // https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
            (Plain::Host, "AccountName=x;AccountKey=Sup3rS3cret"),
            (Plain::Host, "db.example?token=Sup3rS3cret"),
            // https://www.postgresql.org/docs/current/libpq-envars.html
            (Plain::Host, "db.example?PGPASSWORD=Sup3rS3cret"),
            (Plain::Host, "db.example?access_key=Sup3rS3cret"),
            (Plain::Host, "sa:Sup3rS3cret"),
            (Plain::Host, "a,sa:Sup3rS3cret"),
            (Plain::Text, "app?password=Sup3rS3cret"),
            (Plain::Text, "postgresql://etl:Sup3rS3cret@db/app"),
            (Plain::Login, "etl:Sup3rS3cret"),
            (Plain::Login, "mysql://etl:Sup3rS3cret@db"),
            (Plain::Type, "postgres://etl:Sup3rS3cret@db/app"),
            (Plain::Name, "postgres://etl:Sup3rS3cret@db/app"),
            (Plain::Name, "warehouse?password=Sup3rS3cret"),
            (Plain::Key, "password=Sup3rS3cret"),
            (Plain::Key, "password: Sup3rS3cret"),
            (Plain::Text, "{\"password\": \"Sup3rS3cret\"}"),
            (Plain::Host, "mysql -u etl -pSup3rS3cret -h db"),
            (Plain::Login, "Bearer Sup3rS3cret"),
            (Plain::Host, "\"password\"=\"Sup3rS3cret\""),
            (Plain::Host, "password：Sup3rS3cret"),
            (Plain::Host, "pass\u{200b}word=Sup3rS3cret"),
            (Plain::Text, "postgres%3A%2F%2Fetl%3ASup3rS3cret%40db"),
            (Plain::Text, "a%253Asu:Sup3rS3cret@db"),
        ] {
            assert_eq!(shown(plain, text), HIDDEN, "{text}");
            let mut found = passwords(plain, text);
            assert!(plain == Plain::Type || plain == Plain::Name || found.any(|found| found == SECRET), "{text}");
        }
        assert_eq!(shown_host("etl:Sup3rS3cret@db:1"), "…@db:1");
        assert_eq!(shown_host("a:b@c@d"), "…@d");
        assert_eq!(shown_host("etl@db"), "…@db");
        assert_eq!(shown_host("etl:Sup3rS3cret@db?password=x"), "…");
    }

    #[test]
    fn what_has_none_is_shown() {
        for (plain, texts) in [
            (
                Plain::Host,
                &[
                    "db.example",
                    "db.example:5432",
                    "h1:27017, h2:27018,h3",
                    "::1",
                    "[::1]:5432",
                    "fe80::1%eth0",
                    "::ffff:10.0.0.7\\SALES",
                    "10.0.0.1",
                    "tcp:db,1433",
                    "db\\SQLEXPRESS",
                    "db,1433",
                    "/run/postgresql",
                    "@socket",
                    "http://127.0.0.1:9000",
                    "https://s3.example/?x-id=1",
                    "h:1/db?tls=true",
                    "np:\\\\db\\pipe",
                ][..],
            ),
            (Plain::Login, &["etl", "etl@server", "DOMAIN\\etl", "arn:aws:iam::1:user/x", "user@example.com"]),
            (
                Plain::Text,
                &[
                    "sales",
                    "a/b",
                    "endpoint=x",
                    "the pass is in the vault",
                    "key for the door",
                    "12:30",
                    "100%",
                    "a%20b",
                    "%2Fvar%2Frun",
                    "Zürich",
                ],
            ),
            (Plain::Type, &["postgres", "postgresql+psycopg2", "azure-sql", "My Type"]),
            (Plain::Name, &["warehouse", "a:b", "a@b"]),
            (Plain::Key, &["sslmode", "extra__jdbc__drv_path"]),
        ] {
            for text in texts {
                assert_eq!(shown(plain, text), *text, "{plain:?}");
                assert!(plain != Plain::Host || shown_host(text) == *text, "{text}");
            }
        }
    }
}
