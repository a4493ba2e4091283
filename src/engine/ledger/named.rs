//! Whether two texts name the same account, as the user writes them: they are folded as the server folds its login, and
//! no further.

use percent_encoding::percent_decode_str;

use super::account::place_named;
use crate::driver::Registry;

/// Whether `asked` names the account `shown`, in the form `DRIVER://LOGIN@PLACE`.
pub(super) fn names(asked: &str, shown: &str) -> bool {
    if asked == shown {
        return true;
    }
    let (Some(asked), Some(shown)) = (parts(asked), parts(shown)) else { return false };
    asked.0 == shown.0 && is_one_place(asked.2, shown.2) && folded(asked.0, asked.1) == folded(shown.0, shown.1)
}

/// Whether `asked` names the server `shown`, in the form `DRIVER://PLACE`. `asked` may also be an account at that
/// server, even one of another driver: its definition has the wrong type, and its result is withheld because of that
/// server.
pub(super) fn is_server(asked: &str, shown: &str) -> bool {
    let (Some((asked_driver, asked)), Some((driver, shown))) = (asked.split_once("://"), shown.split_once("://"))
    else {
        return false;
    };
    match asked.rsplit_once('@') {
        Some((_login, place)) => is_one_place(place, shown),
        None => asked_driver.eq_ignore_ascii_case(driver) && is_one_place(asked, shown),
    }
}

fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let (driver, rest) = text.split_once("://")?;
    let (login, place) = rest.rsplit_once('@')?;
    Some((driver, login, place))
}

/// All spellings of a host are one place, and so are all addresses of the local machine.
fn is_one_place(one: &str, other: &str) -> bool {
    one == other || place_named(one) == place_named(other)
}

fn folded(driver: &str, login: &str) -> String {
    let login = percent_decode_str(login).decode_utf8_lossy();
    let driver = Registry::builtin().drivers().find(|known| known.spec().name == driver);
    driver.map_or_else(|| login.to_string(), |driver| driver.folded_login(&login))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_named_as_its_server_compares_logins() {
        for (asked, shown, named) in [
            ("postgres://etl@db:5432", "postgres://etl@db:5432", true),
            ("postgres://etl@DB:5432", "postgres://etl@db:5432", true),
            ("postgres://ETL@db:5432", "postgres://etl@db:5432", false),
            ("mysql://ETL@db:3306", "mysql://etl@db:3306", false),
            ("mysql://'etl'@db:3306", "mysql://etl@db:3306", true),
            ("mssql://SA@db:1433", "mssql://sa@db:1433", true),
            ("mssql://s%C3%84@db:1433", "mssql://sä@db:1433", true),
            ("mssql://sa@db:1433", "postgres://sa@db:1433", false),
            ("postgres://etl@db:5433", "postgres://etl@db:5432", false),
            ("mysql://etl@%2Frun%2FA.sock", "mysql://etl@%2Frun%2Fa.sock", false),
            ("s3://AKIA…zzzz@a:443", "s3://AKIA…ZZZZ@a:443", false),
            ("postgres://etl@127.0.0.1:5432", "postgres://etl@localhost:5432", true),
            ("postgres://etl@[::1]:5432", "postgres://etl@localhost:5432", true),
            ("postgres://etl@127.0.0.1:5433", "postgres://etl@localhost:5432", false),
            ("postgres://etl@[::ffff:10.0.0.7]:5432", "postgres://etl@10.0.0.7:5432", true),
            ("postgres://etl@10.0.0.8:5432", "postgres://etl@10.0.0.7:5432", false),
            ("postgres://etl@db.:5432", "postgres://etl@db:5432", true),
            ("postgres://etl@%2Frun%2Fpostgresql%2F.s.PGSQL.5432", "postgres://etl@localhost:5432", true),
            ("etl", "postgres://etl@db:5432", false),
        ] {
            assert_eq!(names(asked, shown), named, "{asked} {shown}");
        }
    }

    #[test]
    fn a_server_is_named_in_any_spelling_and_by_each_account_there() {
        for (asked, named) in [
            ("mysql://localhost:3306", true),
            ("MySQL://LOCALHOST:3306", true),
            ("mysql://127.0.0.1:3306", true),
            ("mysql://[::1]:3306", true),
            ("mysql://127.0.1.1:3306", true),
            ("mysql://localhost.:3306", true),
            ("mysql://etl@127.0.0.1:3306", true),
            ("http://etl@127.0.0.1:3306", true),
            ("http://@localhost:3306", true),
            ("postgres://localhost:3306", false),
            ("mysql://localhost:3307", false),
            ("mysql://10.0.0.7:3306", false),
            ("http://etl@localhost:3307", false),
            ("localhost:3306", false),
        ] {
            assert_eq!(is_server(asked, "mysql://localhost:3306"), named, "{asked}");
        }
        assert!(is_server("mysql://[::ffff:10.0.0.7]:3306", "mysql://10.0.0.7:3306"));
    }
}
