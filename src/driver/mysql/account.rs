//! The login as the server compares it: which spellings are the same account.

/// MariaDB keeps this many characters of a login (`USERNAME_CHAR_LENGTH`), and reads this many bytes of it.
const MARIADB: (usize, usize) = (128, 3 * 128);
/// The longest name of a MySQL account, and how many bytes of a login the server reads.
const MYSQL: (usize, usize) = (32, 3 * 32);

/// `login` as the server looks it up. Both servers convert it to the three-byte UTF-8 of their tables, read at most
/// `USERNAME_LENGTH` bytes of it, and remove one pair of single quotes (`parse_client_handshake_packet` in MySQL's
/// `sql/auth/sql_authentication.cc` and in MariaDB's `sql/sql_acl.cc`; MariaDB also truncates to 128 characters there).
/// It is not known beforehand which of the two answers, so a login that MySQL reads as a valid name is folded to that
/// name.
pub(super) fn folded(login: &str) -> String {
    // The servers convert characters that do not fit in three bytes to a question mark.
    let login: String = login.chars().map(|letter| if letter > '\u{ffff}' { '?' } else { letter }).collect();
    let (longest, bytes) = MYSQL;
    if login.len() > bytes {
        let read = unquoted(cut(&login, bytes));
        if read.chars().count() <= longest {
            return read.to_owned();
        }
    }
    let (longest, bytes) = MARIADB;
    unquoted(cut(&login, bytes)).chars().take(longest).collect()
}

fn cut(login: &str, bytes: usize) -> &str {
    &login[..login.floor_char_boundary(bytes)]
}

fn unquoted(login: &str) -> &str {
    login.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_servers_read_as_one_name_is_one_account() {
        let (long, wide) = ("x".repeat(128), "大".repeat(32));
        for (login, account) in [
            ("app", "app"),
            ("App", "App"),
            ("'app'", "app"),
            ("''app''", "'app'"),
            ("'app", "'app"),
            ("app'", "app'"),
            ("\"app\"", "\"app\""),
            ("''", ""),
            ("'", "'"),
            ("app😀", "app?"),
            (&long, &long),
            (&format!("{long}a"), &long),
            (&format!("'{long}a'"), &long),
            // MySQL reads 96 bytes, and the last of them may be a quote.
            (&wide, &wide),
            (&format!("{wide}a"), &wide),
            (&format!("'{wide}'"), &format!("'{}", "大".repeat(31))),
            (&format!("'{}'", "x".repeat(95)), &"x".repeat(95)),
            (&format!("'{}a'b", "大".repeat(31)), &format!("{}a", "大".repeat(31))),
        ] {
            assert_eq!(folded(login), account, "{login}");
        }
    }
}
