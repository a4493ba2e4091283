//! The problems of plain fields that contain something else.

use super::judgement::{LONGEST, Plain, has_login, has_secret, is_secret, settings, squeezed};
use super::view::{View, stored};
use crate::model::connection::{Connection, Problem};
use crate::model::extra;
use crate::model::problem::{Misplaced, Part};
use crate::model::reason::Field;

/// The problems of plain fields of `connection` that contain something else. `extras` are the keys whose values are
/// shown.
#[must_use]
pub fn problems(connection: &Connection, extras: &[&str]) -> Vec<Problem> {
    let named = |field, plain, text: &Option<String>| text.as_deref().and_then(|text| problem(field, plain, text));
    let mut problems: Vec<Problem> = [
        named(Field::HOST, Plain::Host, &connection.host).map(|found| of_query(connection).unwrap_or(found)),
        named(Field::SCHEMA, Plain::Text, &connection.schema),
        // A colon may be part of a login if there is a separate password.
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

/// A secret in the parameters of a URL is a problem of the query: HTTP drivers take URLs, and no field takes the parts.
fn of_query(connection: &Connection) -> Option<Problem> {
    let asks_urls = connection.normalized_type().is_some_and(|word| ["http", "https"].contains(&&*word));
    let host = connection.host.as_deref().filter(|host| asks_urls && !has_login(host))?;
    let (place, _) = host.split_once('?')?;
    (host.len() <= LONGEST && !has_secret(Plain::Host, place)).then(|| Misplaced::Query { field: Field::HOST }.into())
}

/// The problem of a connection whose plain fields are to be stored unencrypted: one contains a secret. With a `typed`
/// login, the part after its colon counts as a password. A secret that equals a whole field is accepted, because
/// refusing it would reveal it.
#[must_use]
pub fn stored_in_clear(connection: &Connection, typed: bool) -> Option<Problem> {
    let Connection { conn_id, description, host, schema, login, .. } = connection;
    let view = View::of(connection);
    let fields = [
        (Field::named("conn_id"), Plain::Name, conn_id),
        (Field::named("description"), Plain::Text, description),
        (Field::HOST, Plain::Text, host),
        (Field::SCHEMA, Plain::Text, schema),
        (Field::LOGIN, if typed { Plain::Login } else { Plain::Text }, login),
    ];
    fields.into_iter().find_map(|(field, plain, text)| {
        let text = text.as_deref()?;
        problem(field.clone(), plain, text).or_else(|| {
            let is_held = stored(connection).iter().any(|secret| view.misplaced().any(|text| text == secret.as_ref()));
            (view.holds_secret(text) || is_held && view.hides(text)).then(|| Misplaced::OwnSecret { field }.into())
        })
    })
}

fn problem(field: Field, plain: Plain, text: &str) -> Option<Problem> {
    if !has_secret(plain, text) {
        return None;
    }
    if text.len() > LONGEST {
        return Some(Misplaced::TooLong { field }.into());
    }
    let parts = parts(text);
    Some(Problem::from(if parts.len() > 1 {
        Misplaced::ConnectionString { field, parts }
    } else if has_login(text) {
        Misplaced::Login { field }
    } else if field == Field::HOST && has_word_for_port(text) {
        Misplaced::BehindColon { field }
    } else {
        Misplaced::Password { field }
    }))
}

/// Whether `text` is a name, a colon and a word.
fn has_word_for_port(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && !word.contains([':', '/', '?', '=', '@', ';', ',', ' ']);
    text.split_once(':').is_some_and(|(name, word)| is_word(name) && is_word(word))
}

/// The parts of a connection string, and the field where each belongs; never a value.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut add = |part: Part| {
        if !parts.contains(&part) {
            parts.push(part);
        }
    };
    if let Some((scheme, rest)) = text.split_once("://") {
        if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.:_".contains(&byte)) {
            add(Part::Type);
        }
        let (place, path) = rest.split_once(['/', '?']).unwrap_or((rest, ""));
        if let Some((user, _)) = place.rsplit_once('@') {
            add(Part::Login { password: user.contains(':') });
        }
        add(Part::Place);
        if !path.is_empty() && !path.starts_with('?') {
            add(Part::Path);
        }
    }
    for (key, _) in settings(text) {
        let word = squeezed(key);
        let into = match word.as_str() {
            "server" | "datasource" | "addr" | "address" | "networkaddress" | "host" | "hostname" | "hostaddr" => {
                Field::HOST
            }
            "port" => Field::PORT,
            "database" | "initialcatalog" | "dbname" | "db" | "databasename" => Field::SCHEMA,
            "user" | "userid" | "uid" | "username" | "login" => Field::LOGIN,
            _ if is_secret(key) && key.len() <= 40 => Field::PASSWORD,
            _ => continue,
        };
        add(Part::Setting { key: key.trim().to_owned(), into });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::connection::Origin;
    use crate::model::reason::ReasonCode;
    use crate::model::secret::Secret;

    const SECRET: &str = "Sup3rS3cret";

    fn connection() -> Connection {
        Connection::new(Origin { source: "c.json".into(), line: None, pointer: String::new(), occurrence: 0 })
    }

    fn setting(key: &str, into: Field) -> Part {
        Part::Setting { key: key.to_owned(), into }
    }

    #[test]
    fn the_parts_of_a_connection_string_are_found() {
        for (text, expected) in [
            (
                "Server=tcp:127.0.0.1,1433;Initial Catalog=master;User ID=sa;Password=Sup3rS3cret;",
                vec![
                    setting("Server", Field::HOST),
                    setting("Initial Catalog", Field::SCHEMA),
                    setting("User ID", Field::LOGIN),
                    setting("Password", Field::PASSWORD),
                ],
            ),
            (
                "jdbc:postgresql://127.0.0.1:5432/app?user=etl&password=Sup3rS3cret",
                vec![
                    Part::Type,
                    Part::Place,
                    Part::Path,
                    setting("user", Field::LOGIN),
                    setting("password", Field::PASSWORD),
                ],
            ),
            (
                "postgres://etl:Sup3rS3cret@db/app",
                vec![Part::Type, Part::Login { password: true }, Part::Place, Part::Path],
            ),
            (
                "host=127.0.0.1 password=Sup3rS3cret dbname=app",
                vec![
                    setting("host", Field::HOST),
                    setting("password", Field::PASSWORD),
                    setting("dbname", Field::SCHEMA),
                ],
            ),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }

    #[test]
    fn a_word_in_the_place_of_a_port_is_not_called_a_password() {
        for (host, expected) in [
            ("127.0.0.1:abc", true),
            ("db.example:54x32", true),
            ("sa:Sup3rS3cret", true),
            ("db:5432 password=Sup3rS3cret", false),
            ("db?password=Sup3rS3cret", false),
        ] {
            let found = problems(&Connection { host: Some(host.into()), ..connection() }, &[]);
            assert_eq!(found == [Problem::from(Misplaced::BehindColon { field: Field::HOST })], expected, "{host}");
        }
    }

    #[test]
    fn what_a_host_is_not_is_said_without_its_secret() {
        for (host, reason) in [
            ("host=127.0.0.1 password=Sup3rS3cret dbname=app", ReasonCode::ConnectionString),
            ("postgres://etl:Sup3rS3cret@db/app", ReasonCode::ConnectionString),
            ("sa:Sup3rS3cret", ReasonCode::SecretMisplaced),
            ("db?password=Sup3rS3cret", ReasonCode::SecretMisplaced),
        ] {
            let problems = problems(&Connection { host: Some(host.into()), ..connection() }, &[]);
            let [problem] = &problems[..] else { panic!("{host}: {problems:?}") };
            assert_eq!((problem.reason, &problem.fields[..]), (reason, &[Field::HOST][..]), "{host}");
            assert!(!format!("{problem:?}").contains(SECRET), "{problem:?}");
        }
        for (conn_type, host, code) in [
            ("http", "https://a.example/v1?api_key=Sup3rS3cret", true),
            ("HTTPS", "a.example?password=Sup3rS3cret&x=1", true),
            ("http", "https://u:Sup3rS3cret@a.example/?x=1", false),
            ("mysql", "db?password=Sup3rS3cret", false),
        ] {
            let conn_type = Some(conn_type.to_owned());
            let found = problems(&Connection { conn_type, host: Some(host.into()), ..connection() }, &[]);
            assert_eq!(found == [Problem::from(Misplaced::Query { field: Field::HOST })], code, "{host}: {found:?}");
        }
        let with =
            Connection { login: Some("a:b".into()), password: Some(Secret::new("x".to_owned())), ..connection() };
        assert_eq!(problems(&with, &[]), []);
        assert_eq!(problems(&Connection { password: None, ..with }, &[]).len(), 1);
    }
}
