//! What is wrong with plain fields that hold something else, in words.

use super::judgement::{Plain, has_login, has_secret, is_secret, settings, squeezed};
use super::view::{View, stored};
use crate::model::connection::{Connection, Problem};
use crate::model::extra;
use crate::model::reason::{Field, ReasonCode};

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

/// What is wrong with a connection whose plain fields are to be stored in clear: a secret stands in one. With a
/// `typed` login, what stands behind its colon is taken for a password.
#[must_use]
pub fn stored_in_clear(connection: &Connection, typed: bool) -> Option<Problem> {
    let Connection { host, schema, login, .. } = connection;
    free_text(connection).or_else(|| {
        let fields = [
            (Field::HOST, Plain::Text, host),
            (Field::SCHEMA, Plain::Text, schema),
            (Field::LOGIN, if typed { Plain::Login } else { Plain::Text }, login),
        ];
        first_problem(connection, fields)
    })
}

/// The same of the fields that no login needs, and where nobody but people expects anything.
#[must_use]
pub fn free_text(connection: &Connection) -> Option<Problem> {
    let Connection { conn_id, description, .. } = connection;
    let fields =
        [(Field::named("conn_id"), Plain::Name, conn_id), (Field::named("description"), Plain::Text, description)];
    first_problem(connection, fields)
}

fn first_problem<'a>(
    connection: &Connection,
    fields: impl IntoIterator<Item = (Field, Plain, &'a Option<String>)>,
) -> Option<Problem> {
    let view = View::of(connection);
    fields.into_iter().find_map(|(field, plain, text)| {
        let text = text.as_deref()?;
        problem(field.clone(), plain, text).or_else(|| {
            let is_held = stored(connection).any(|secret| view.misplaced().any(|text| text == secret));
            (is_held && view.hides(text)).then(|| {
                Problem::of(ReasonCode::SecretMisplaced, format!("`{field}` has a secret of the definition in it"))
                    .fields([field])
                    .hint("leave it out there: this field is stored and shown as it is")
            })
        })
    })
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
