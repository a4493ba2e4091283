//! Fields that are shown as they are, and what may stand in them by mistake: a password, or a whole connection
//! string. Pure judgement; every report shows a plain field through [`shown`].

use std::borrow::Cow;
use std::net::Ipv6Addr;

use super::connection::{Connection, Problem};
use super::extra;
use super::reason::{Field, ReasonCode};

/// What stands where a plain field cannot be shown.
pub const HIDDEN: &str = "…";

/// A field that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// `conn_id`.
    Name,
    /// `conn_type`.
    Type,
    /// `host`.
    Host,
    /// `schema`, `description`, or the text of an extra that is no secret.
    Text,
    /// `login`.
    Login,
    /// A key of `extra`.
    Key,
}

/// What may be shown of `text`: all of it, or a mark in its place.
#[must_use]
pub fn shown(plain: Plain, text: &str) -> &str {
    if has_secret(plain, text) { HIDDEN } else { text }
}

/// What may be shown of the host `text`: of one with a login before it the name alone.
#[must_use]
pub fn shown_host(text: &str) -> Cow<'_, str> {
    match text.rsplit_once('@') {
        // An abstract socket begins with one.
        Some((before, name)) if !before.is_empty() && !has_secret(Plain::Host, name) => {
            Cow::Owned(format!("{HIDDEN}@{name}"))
        }
        _ => Cow::Borrowed(shown(Plain::Host, text)),
    }
}

/// Whether a password may stand in `text`.
#[must_use]
pub fn has_secret(plain: Plain, text: &str) -> bool {
    if has_login(text) || settings(text).any(|(key, value)| is_secret(key) && !value.is_empty()) {
        return true;
    }
    match plain {
        Plain::Name | Plain::Text => false,
        Plain::Type => !text.chars().all(|letter| letter.is_alphanumeric() || "_-+. ".contains(letter)),
        Plain::Key => text.contains('=') || text.contains("://"),
        Plain::Host => text.split(',').any(|host| is_login(host.trim())),
        // Names of cloud accounts have colons in them.
        Plain::Login => text.contains(':') && !text.starts_with("arn:") || text.contains("://"),
    }
}

/// The texts in the plain fields of `connection` that are secrets, or may be.
#[must_use]
pub fn secrets(connection: &Connection) -> Vec<&str> {
    let mut secrets = Vec::new();
    for (plain, text) in fields(connection).filter(|(plain, text)| has_secret(*plain, text)) {
        secrets.push(text);
        secrets.extend(settings(text).filter(|(key, _)| is_secret(key)).map(|(_, value)| value));
        secrets.extend(password(text));
        if let (Plain::Login | Plain::Host, Some((_, behind))) = (plain, text.split_once(':')) {
            secrets.push(behind);
        }
    }
    secrets
}

/// What is wrong with plain fields of `connection`, where something stands in one that is no such thing: `extras` are
/// the keys whose values are shown.
#[must_use]
pub fn problems(connection: &Connection, extras: &[&str]) -> Vec<Problem> {
    let named = |field, plain, text: &Option<String>| text.as_deref().and_then(|text| problem(field, plain, text));
    let mut problems: Vec<Problem> = [
        named(Field::HOST, Plain::Host, &connection.host),
        named(Field::SCHEMA, Plain::Text, &connection.schema),
        // A colon may belong to a login, if there is a password besides.
        match connection.password() {
            Some(_) => named(Field::LOGIN, Plain::Text, &connection.login),
            None => named(Field::LOGIN, Plain::Login, &connection.login),
        },
    ]
    .into_iter()
    .flatten()
    .collect();
    for key in extras {
        let text = connection.extra.get(key).and_then(extra::text);
        problems.extend(text.and_then(|text| problem(Field::extra(key), Plain::Text, &text)));
    }
    problems
}

fn problem(field: Field, plain: Plain, text: &str) -> Option<Problem> {
    if !has_secret(plain, text) {
        return None;
    }
    let parts = parts(text);
    let named = match field.as_str().strip_prefix("extra.") {
        Some(key) => format!("extra `{key}`"),
        None => format!("`{field}`"),
    };
    let (reason, message, hint) = if parts.len() > 1 {
        let hint = format!("write each part of it into its own field: {}", parts.join(", "));
        (ReasonCode::ConnectionString, format!("{named} holds a whole connection string"), hint)
    } else if has_login(text) {
        let hint = "put only the name there, and the rest into `login` and `password`".to_owned();
        (ReasonCode::SecretMisplaced, format!("{named} has a login in it"), hint)
    } else {
        let hint = "put the password into `password`".to_owned();
        (ReasonCode::SecretMisplaced, format!("{named} has a password in it"), hint)
    };
    Some(Problem::of(reason, message).fields([field]).hint(hint))
}

/// Where each part of a connection string belongs; never a value.
fn parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut add = |part: String| {
        if !parts.contains(&part) {
            parts.push(part);
        }
    };
    if let Some((scheme, rest)) = text.split_once("://") {
        if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.:_".contains(&byte)) {
            add("the type before `://` into `conn_type`".to_owned());
        }
        let (place, path) = rest.split_once(['/', '?']).unwrap_or((rest, ""));
        if let Some((user, _)) = place.rsplit_once('@') {
            let password = if user.contains(':') { " and `password`" } else { "" };
            add(format!("what stands before `@` into `login`{password}"));
        }
        add("the name and the port into `host` and `port`".to_owned());
        if !path.is_empty() && !path.starts_with('?') {
            add("the path into `schema`".to_owned());
        }
    }
    for (key, _) in settings(text) {
        let word = squeezed(key);
        let field = match word.as_str() {
            "server" | "datasource" | "addr" | "address" | "networkaddress" | "host" | "hostname" | "hostaddr" => {
                "`host`"
            }
            "port" => "`port`",
            "database" | "initialcatalog" | "dbname" | "db" | "databasename" => "`schema`",
            "user" | "userid" | "uid" | "username" | "login" => "`login`",
            _ if is_secret(key) && key.len() <= 40 => "`password`",
            _ => continue,
        };
        add(format!("`{}` into {field}", key.trim()));
    }
    parts
}

/// The plain fields of `connection`.
fn fields(connection: &Connection) -> impl Iterator<Item = (Plain, &str)> {
    let Connection { conn_id, conn_type, description, host, schema, login, extra, .. } = connection;
    let fields = [
        (Plain::Name, conn_id),
        (Plain::Type, conn_type),
        (Plain::Text, description),
        (Plain::Host, host),
        (Plain::Text, schema),
        (Plain::Login, login),
    ];
    let fields = fields.into_iter().filter_map(|(plain, text)| Some((plain, text.as_deref()?)));
    let texts = extra.object().values().filter_map(serde_json::Value::as_str).map(|text| (Plain::Text, text));
    fields.chain(texts).chain(extra.keys().map(|key| (Plain::Key, key)))
}

/// Whether a login with a password stands in `text`: `user:password@host`.
fn has_login(text: &str) -> bool {
    password(text).is_some()
}

/// The password of `user:password@host`.
fn password(text: &str) -> Option<&str> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (before, _) = rest.rsplit_once('@')?;
    before.split_once(':').map(|(_, password)| password).filter(|password| !password.is_empty())
}

/// The settings of a connection string: `key=value` between `;`, `?`, `&`, `,` or blanks.
fn settings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(['?', '&', ';', ',']).flat_map(|part| {
        // Keys may have a blank in them, as `User ID`; values of libpq's strings end at one.
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

/// Whether a setting called `key` is a secret.
fn is_secret(key: &str) -> bool {
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
    let last = key.rsplit(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
    WORDS.iter().any(|word| last.ends_with(word)) || last == "key" || last == "auth"
}

/// `key` in lower case, without blanks and what joins words.
fn squeezed(key: &str) -> String {
    key.chars()
        .filter(|letter| !letter.is_whitespace() && !"_-.".contains(*letter))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether `host` is `login:password` and no host with a port, as far as its colon tells.
fn is_login(host: &str) -> bool {
    const PROTOCOLS: [&str; 4] = ["tcp:", "np:", "lpc:", "admin:"];
    if host.starts_with(['/', '@', '[']) || host.contains("://") {
        return false;
    }
    let start =
        PROTOCOLS.iter().find(|word| host.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)));
    let host = &host[start.map_or(0, |word| word.len())..];
    let address = host.split_once('%').map_or(host, |(address, _)| address);
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
    use crate::model::connection::Origin;
    use crate::model::secret::Secret;

    const SECRET: &str = "Sup3rS3cret";

    fn connection() -> Connection {
        Connection::new(Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 })
    }

    #[test]
    fn what_has_a_secret_in_it_is_hidden_and_known_as_a_secret() {
        for (plain, text) in [
            (Plain::Host, "Server=tcp:127.0.0.1,1433;Initial Catalog=master;Password=Sup3rS3cret;"),
            (Plain::Host, "127.0.0.1,1433;Password=Sup3rS3cret"),
            (Plain::Host, "jdbc:postgresql://127.0.0.1:5432/app?user=etl&password=Sup3rS3cret"),
            (Plain::Host, "host=127.0.0.1 password=Sup3rS3cret dbname=app"),
            (Plain::Host, "host=127.0.0.1 password = 'Sup3rS3cret' dbname=app"),
            (Plain::Host, "db.example?password=Sup3rS3cret"),
            (Plain::Host, "db.example?passwd=Sup3rS3cret"),
            (Plain::Host, "db.example?pwd=Sup3rS3cret"),
            (Plain::Host, "x.blob.core.windows.net/c?sv=2024&sig=Sup3rS3cret"),
            (Plain::Host, "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=Sup3rS3cret"),
            (Plain::Host, "AccountName=x;AccountKey=Sup3rS3cret"),
            (Plain::Host, "db.example?token=Sup3rS3cret"),
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
        ] {
            assert_eq!(shown(plain, text), HIDDEN, "{text}");
            let mut connection = connection();
            match plain {
                Plain::Name => connection.conn_id = Some(text.into()),
                Plain::Type => connection.conn_type = Some(text.into()),
                Plain::Host => connection.host = Some(text.into()),
                Plain::Text => connection.schema = Some(text.into()),
                Plain::Login => connection.login = Some(text.into()),
                Plain::Key => {
                    connection.extra = extra::Extra::new([(text.to_owned(), true.into())].into_iter().collect());
                }
            }
            let secrets = secrets(&connection);
            let is_part = |secret: &&str| *secret == SECRET || plain == Plain::Type || plain == Plain::Name;
            assert!(secrets.iter().any(is_part), "{text}: {secrets:?}");
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
            (Plain::Text, &["sales", "a/b", "endpoint=x", "the pass is in the vault", "key for the door", "12:30"]),
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

    #[test]
    fn the_parts_of_a_connection_string_are_told_where_they_belong() {
        for (host, told) in [
            (
                "Server=tcp:127.0.0.1,1433;Initial Catalog=master;User ID=sa;Password=Sup3rS3cret;",
                &[
                    "`Server` into `host`",
                    "`Initial Catalog` into `schema`",
                    "`User ID` into `login`",
                    "`Password` into `password`",
                ][..],
            ),
            (
                "jdbc:postgresql://127.0.0.1:5432/app?user=etl&password=Sup3rS3cret",
                &[
                    "`conn_type`",
                    "`port`",
                    "the path into `schema`",
                    "`user` into `login`",
                    "`password` into `password`",
                ],
            ),
            ("postgres://etl:Sup3rS3cret@db/app", &["before `@` into `login` and `password`"]),
            ("host=127.0.0.1 password=Sup3rS3cret dbname=app", &["`host` into `host`", "`dbname` into `schema`"]),
            ("sa:Sup3rS3cret", &["into `password`"]),
            ("db?password=Sup3rS3cret", &["into `password`"]),
        ] {
            let problems = problems(&Connection { host: Some(host.into()), ..connection() }, &[]);
            let [Problem { message, hint: Some(hint), .. }] = &problems[..] else { panic!("{host}: {problems:?}") };
            assert!(message.starts_with("`host` "), "{message}");
            assert!(!format!("{message} {hint}").contains(SECRET), "{hint}");
            for part in told {
                assert!(hint.contains(part), "{hint}: {part}");
            }
        }
        let with =
            Connection { login: Some("a:b".into()), password: Some(Secret::new("x".to_owned())), ..connection() };
        assert_eq!(problems(&with, &[]), []);
        assert_eq!(problems(&Connection { password: None, ..with }, &[]).len(), 1);
    }
}
