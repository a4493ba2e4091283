//! Converts a row of the table `connection` to a [`Connection`]. Encrypted values are decrypted here. A value that
//! cannot be decrypted is a problem of its row only, and is never used as stored.

use serde_json::Map;

use super::fernet::looks_like_token;
use super::keyring::Keyring;
use super::row::Row;
use crate::model::connection::{Connection, Origin};
use crate::model::document::{Text, Value};
use crate::model::extra::Extra;
use crate::model::notice::SourceNotice;
use crate::model::problem::SecretFlaw;
use crate::model::secret::Secret;
use crate::source::entry;

/// Whether the row contains a Fernet token, whether or not it is marked as encrypted.
pub(super) fn needs_key(row: &Row) -> bool {
    let needs = |stored: &Option<Secret>, is_encrypted: bool| {
        stored.as_ref().is_some_and(|stored| !stored.is_empty() && (is_encrypted || looks_like_token(stored.expose())))
    };
    needs(&row.password, row.is_encrypted) || needs(&row.extra, row.is_extra_encrypted)
}

/// Converts a row of the source named `source`.
pub(super) fn connection_of(row: Row, keyring: &Keyring, source: &str) -> Connection {
    let pointer = match &row.team {
        Some(team) => format!("{team}/{}", row.id),
        None => row.id.to_string(),
    };
    let origin = Origin { source: source.to_owned(), line: None, pointer, occurrence: 0 };
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let mut connection = Connection {
        conn_id: filled(row.conn_id),
        conn_type: filled(row.conn_type),
        description: filled(row.description),
        host: filled(row.host),
        schema: filled(row.schema),
        login: filled(row.login),
        problems: row.problems,
        ..Connection::new(origin)
    };
    let port = row.port.map(|port| entry::read_port(&Value::Number(Text::Plain(&port.to_string())))).transpose();
    match port {
        Ok(port) => connection.port = port,
        Err(flaw) => connection.problems.push(flaw.into()),
    }
    connection.password = Field::PASSWORD.read(row.password, row.is_encrypted, keyring, &mut connection);
    if row.extra.as_ref().is_some_and(Secret::is_empty) {
        connection.extra = Extra::stored(Map::new(), "");
    }
    if let Some(extra) = Field::EXTRA.read(row.extra, row.is_extra_encrypted, keyring, &mut connection) {
        connection.extra = entry::read_extra(extra.expose(), Field::EXTRA.name, &mut connection).unwrap_or_default();
    }
    connection
}

/// A column that may be encrypted, and the column that marks it as encrypted.
struct Field {
    name: &'static str,
    flag: &'static str,
}

impl Field {
    const PASSWORD: Self = Self { name: "password", flag: "is_encrypted" };
    const EXTRA: Self = Self { name: "extra", flag: "is_extra_encrypted" };

    fn read(
        &self,
        stored: Option<Secret>,
        is_encrypted: bool,
        keyring: &Keyring,
        connection: &mut Connection,
    ) -> Option<Secret> {
        let Self { name, flag } = self;
        let stored = stored.filter(|stored| !stored.is_empty())?;
        if is_encrypted {
            return keyring.decrypt(&stored, name).map_err(|flaw| connection.problems.push(flaw.into())).ok();
        }
        if !looks_like_token(stored.expose()) {
            return Some(stored);
        }
        if keyring.wrote(&stored) {
            connection.problems.push(SecretFlaw::MarkedPlain { field: name, flag }.into());
            return None;
        }
        // Other systems create such tokens too. Then the token itself is the secret.
        connection.warnings.push(SourceNotice::LooksEncrypted { field: name }.into());
        Some(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fernet::tests::{KEY, OTHER, encrypt, keys};
    use super::*;
    use crate::model::class::Class;
    use crate::model::problem::{ColumnFlaw, GivenFlaw, Problem};
    use crate::model::reason::unusable::SettingPlace;
    use crate::model::reason::{Field, ReasonCode};

    fn row(password: Option<String>, extra: Option<String>) -> Row {
        Row {
            id: 12,
            conn_id: Some("warehouse".to_owned()),
            conn_type: Some("postgres".to_owned()),
            host: Some("db1.example".to_owned()),
            schema: Some(String::new()),
            login: Some("etl".to_owned()),
            port: Some(5432),
            password: password.map(Secret::new),
            extra: extra.map(Secret::new),
            ..Row::default()
        }
    }

    fn read(row: Row, with: &[&str]) -> Connection {
        let keyring = if with.is_empty() { Keyring::default() } else { Keyring::of_keys(keys(with)) };
        connection_of(row, &keyring, "airflow")
    }

    fn password(connection: &Connection) -> Option<&str> {
        connection.password.as_ref().map(Secret::expose)
    }

    #[test]
    fn fields_are_those_of_the_row() {
        let connection = read(row(None, None), &[]);
        assert_eq!(connection.conn_id.as_deref(), Some("warehouse"));
        assert_eq!(connection.conn_type.as_deref(), Some("postgres"));
        assert_eq!(connection.host.as_deref(), Some("db1.example"));
        assert_eq!((connection.schema.as_deref(), connection.login.as_deref()), (None, Some("etl")));
        assert_eq!((connection.port, password(&connection)), (Some(5432), None));
        assert_eq!(connection.origin.to_string(), "airflow#12");
        assert_eq!((&connection.problems[..], &connection.warnings[..]), (&[][..], &[][..]));
        let of_team = read(Row { team: Some("sales".to_owned()), ..row(None, None) }, &[]);
        assert_eq!(of_team.origin.to_string(), "airflow#sales/12");
    }

    #[test]
    fn each_field_is_decrypted_as_its_own_flag_says() {
        let (token, extra_token) = (encrypt("p1", KEY), encrypt(r#"{"sslmode": "require"}"#, OTHER));
        for (stored, expected) in [
            (Row { is_encrypted: true, ..row(Some(token.clone()), None) }, (Some("p1"), None)),
            (row(Some("p1".to_owned()), None), (Some("p1"), None)),
            (Row { is_encrypted: true, ..row(Some(String::new()), Some(String::new())) }, (None, None)),
            (Row { is_encrypted: true, is_extra_encrypted: true, ..row(None, None) }, (None, None)),
            (
                Row {
                    is_encrypted: true,
                    is_extra_encrypted: true,
                    ..row(Some(token.clone()), Some(extra_token.clone()))
                },
                (Some("p1"), Some("require")),
            ),
            (
                Row { is_encrypted: true, ..row(Some(token.clone()), Some(r#"{"sslmode": "require"}"#.to_owned())) },
                (Some("p1"), Some("require")),
            ),
            (
                Row { is_extra_encrypted: true, ..row(Some("p1".to_owned()), Some(extra_token.clone())) },
                (Some("p1"), Some("require")),
            ),
        ] {
            let connection = read(stored, &[OTHER, KEY]);
            assert_eq!(connection.problems, []);
            let sslmode = connection.extra.get("sslmode").and_then(|value| value.as_str());
            assert_eq!((password(&connection), sslmode), expected);
        }
    }

    #[test]
    fn what_cannot_be_decrypted_says_why_and_is_never_used() {
        let token = encrypt("p1", KEY);
        let place = || Some(SettingPlace::Variable("fernet_key".to_owned()));
        let field = "password";
        let wrong = |count| SecretFlaw::OtherFernetKey { place: place(), count, field };
        for (stored, with, flaw) in [
            (&token[..], &[][..], SecretFlaw::NoFernetKey { place: None, field }),
            (&token, &[OTHER], wrong(1)),
            (&token, &[OTHER, OTHER], wrong(2)),
            (&token[..80], &[KEY], SecretFlaw::Damaged { field }),
            ("plain", &[KEY], SecretFlaw::NotAToken { field }),
        ] {
            let connection = read(Row { is_encrypted: true, ..row(Some(stored.to_owned()), None) }, with);
            assert_eq!(connection.problems, [Problem::from(flaw)]);
            assert_eq!((password(&connection), connection.problems[0].class), (None, Class::Secret));
        }
        let both = Row { is_encrypted: true, is_extra_encrypted: true, ..row(Some(token.clone()), Some(token)) };
        let connection = read(both, &[]);
        assert_eq!(connection.problems[1], SecretFlaw::NoFernetKey { place: None, field: "extra" }.into());
        assert_eq!(connection.extra.object().len(), 0);
    }

    #[test]
    fn a_token_that_is_not_marked_as_one_is_not_sent_where_it_is_surely_airflow_s() {
        let token = encrypt("p1", KEY);
        assert!(needs_key(&row(Some(token.clone()), None)) && !needs_key(&row(Some("gAAAAA".to_owned()), None)));
        let own = read(row(Some(token.clone()), Some(token.clone())), &[KEY]);
        let plain = |field, flag| Problem::from(SecretFlaw::MarkedPlain { field, flag });
        assert_eq!(own.problems, [plain("password", "is_encrypted"), plain("extra", "is_extra_encrypted")]);
        assert_eq!(password(&own), None);
        for with in [&[OTHER][..], &[]] {
            let foreign = read(row(Some(token.clone()), None), with);
            assert_eq!((password(&foreign), foreign.warnings[0].code.as_str()), (Some(&token[..]), "looks_encrypted"));
            assert_eq!(foreign.problems, []);
        }
    }

    #[test]
    fn what_is_wrong_with_a_row_is_a_problem_as_in_a_file() {
        let unreadable = || Problem::from(ColumnFlaw::NotText { column: "host" });
        let stored = Row { port: Some(99_999), problems: vec![unreadable()], ..row(None, Some("CANARY".to_owned())) };
        let connection = read(stored, &[]);
        let [first, port, extra] = &connection.problems[..] else { panic!("{:?}", connection.problems) };
        assert_eq!(*first, unreadable());
        assert_eq!(*port, GivenFlaw::PortOutOfRange { written: "99999".to_owned() }.into());
        assert_eq!((extra.reason, &extra.fields[..]), (ReasonCode::BadField, &[Field::EXTRA][..]));
        for extra in ["", "null", "{}"] {
            assert_eq!(read(row(None, Some(extra.to_owned())), &[]).problems, [], "{extra}");
        }
        assert_eq!(read(row(None, Some("[]".to_owned())), &[]).problems.len(), 1);
    }
}
