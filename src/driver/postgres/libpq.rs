//! Values as libpq accepts them: exact words and whole numbers, nothing trimmed or corrected. With a value that libpq
//! refuses, the application of the definition cannot log in.

use super::flaws::PostgresFlaw;
use crate::driver::Fields;
use crate::model::extra;

/// Boolean and numeric options of libpq that do not affect a login, but must be whole numbers nevertheless.
pub(super) const NUMBERS: [&str; 5] =
    ["keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"];

/// An extra that must be one of `choices`. As in libpq, an empty text is not one of them.
pub(super) fn choice<T: Copy>(fields: &mut Fields<'_>, key: &str, choices: &[(&str, T)]) -> Option<T> {
    let text = extra::text(fields.value(key)?);
    let chosen = choices.iter().find(|(word, _)| text.as_deref() == Some(*word));
    if chosen.is_none() {
        let words = choices.iter().map(|(word, _)| (*word).to_owned()).collect();
        let empty = text.as_deref() == Some("");
        fields.problem(PostgresFlaw::NotOneOf { key: key.to_owned(), words, empty });
    }
    chosen.map(|(_, value)| *value)
}

/// An extra that must be a whole number of 32 bits.
pub(super) fn integer(fields: &mut Fields<'_>, key: &str) -> Option<i32> {
    let text = extra::text(fields.value(key)?);
    let number = text.as_deref().and_then(|text| text.trim_ascii().parse().ok());
    if number.is_none() {
        fields.problem(PostgresFlaw::NotANumber { key: key.to_owned() });
    }
    number
}

/// The encodings that a PostgreSQL server accepts, in lower case, with letters and digits only (src/common/encnames.c).
const ENCODINGS: &str = " abc alt big5 euccn eucjis2004 eucjp euckr euctw gb18030 gbk iso88591 iso885910 iso885913 \
    iso885914 iso885915 iso885916 iso88592 iso88593 iso88594 iso88595 iso88596 iso88597 iso88598 iso88599 johab koi8 \
    koi8r koi8u latin1 latin10 latin2 latin3 latin4 latin5 latin6 latin7 latin8 latin9 mskanji muleinternal shiftjis \
    shiftjis2004 sjis sqlascii tcvn tcvn5712 uhc unicode utf8 vscii win win1250 win1251 win1252 win1253 win1254 win1255 \
    win1256 win1257 win1258 win866 win874 win932 win936 win949 win950 windows1250 windows1251 windows1252 windows1253 \
    windows1254 windows1255 windows1256 windows1257 windows1258 windows866 windows874 windows932 windows936 windows949 \
    windows950 ";

/// Checks `client_encoding`. connprobe does not send it, but libpq does, and the server refuses an unknown one.
pub(super) fn encoding(fields: &mut Fields<'_>) {
    let Some(text) = fields.text("client_encoding") else { return };
    let name: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    // libpq replaces `auto` by the encoding of the client's locale.
    if text != "auto" && !ENCODINGS.split_ascii_whitespace().any(|known| known == name) {
        fields.problem(PostgresFlaw::BadEncoding { written: text });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::driver::postgres::Postgres;
    use crate::driver::postgres::tests::connection;
    use crate::driver::{Driver, Refusal};
    use crate::model::reason::Field;

    fn plan(extra: &Value) -> Result<(), Refusal> {
        Postgres
            .plan(&connection(&json!({"host": "db", "login": "etl", "password": "hunter2", "extra": extra})))
            .map(|_| ())
    }

    #[test]
    fn what_libpq_refuses_is_a_problem_of_the_definition_that_names_its_field() {
        // PostgreSQL `src/interfaces/libpq/fe-connect.c` (`connectOptions2`, `parse_int_param`), checked with psql 15
        // and psycopg2.
        for (key, value) in [
            ("sslmode", json!("REQUIRE")),
            ("sslmode", json!("")),
            ("sslmode", json!("require ")),
            ("sslmode", json!(true)),
            ("sslnegotiation", json!("Direct")),
            ("sslcertmode", json!("")),
            ("channel_binding", json!("Prefer")),
            ("target_session_attrs", json!("read_write")),
            ("target_session_attrs", json!("")),
            ("gssencmode", json!("Disable")),
            ("load_balance_hosts", json!("true")),
            ("keepalives", json!(true)),
            ("keepalives", json!(false)),
            ("keepalives", json!("true")),
            ("keepalives_idle", json!(2.5)),
            ("keepalives_count", json!("")),
            ("tcp_user_timeout", json!("5s")),
            ("connect_timeout", json!(5.5)),
            ("connect_timeout", json!("")),
            ("connect_timeout", json!("5s")),
            ("connect_timeout", json!(3_000_000_000_u32)),
            ("ssl_min_protocol_version", json!("1.3")),
            ("require_auth", json!("scram-sha-256, md5")),
            ("client_encoding", json!("utf9")),
            ("client_encoding", json!("Auto")),
            ("client_encoding", json!("utf8mb4")),
            ("client_encoding", json!(1252)),
        ] {
            let refusal = plan(&json!({key: value})).unwrap_err();
            assert_eq!(refusal.class.as_str(), "definition", "{key} {value}");
            let fields: Vec<&str> =
                refusal.problems.iter().flat_map(|problem| &problem.fields).map(Field::as_str).collect();
            assert_eq!(fields, [format!("extra.{key}")], "{key} {value}");
        }
    }

    #[test]
    fn what_libpq_takes_is_no_problem() {
        // https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
        for extra in [
            json!({"sslmode": "require", "keepalives": 1, "keepalives_idle": " 5 ", "connect_timeout": "5"}),
            json!({"keepalives": "0", "tcp_user_timeout": 0, "load_balance_hosts": "random", "gssencmode": "disable"}),
            json!({"connect_timeout": -1}),
            json!({"connect_timeout": 0, "ssl_min_protocol_version": "", "require_auth": ""}),
            json!({"ssl_min_protocol_version": "tlsv1.3", "ssl_max_protocol_version": "TLSv1.3"}),
            json!({"passfile": "/home/etl/.pgpass"}),
            json!({"client_encoding": "utf-8"}),
            json!({"client_encoding": "ISO_8859-1"}),
            json!({"client_encoding": "auto"}),
            json!({"client_encoding": ""}),
            json!({"sslpassword": "hunter2"}),
            json!({"sslpassword": "hunter2", "sslcert": "c.pem", "sslkey": "k.pem"}),
            json!({"sslmode": null, "keepalives": null}),
        ] {
            assert!(plan(&extra).is_ok(), "{extra}");
        }
    }

    #[test]
    fn no_limit_of_its_own_leaves_that_of_the_run() {
        for (seconds, limit) in [(-1, None), (0, None), (7, Some(7))] {
            let definition = json!({"host": "db", "login": "etl", "extra": {"connect_timeout": seconds}});
            let plan = Postgres.plan(&connection(&definition)).unwrap();
            assert_eq!(plan.timeout.map(|limit| limit.as_secs()), limit, "{seconds}");
        }
    }
}
