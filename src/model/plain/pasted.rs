//! Passwords in what people paste where only a name belongs: a line of YAML or JSON, a command line, a header of HTTP.
//! Settings (`password=…`) and logins (`user:password@host`) are `judgement`'s.

use super::judgement::squeezed;
use crate::model::redact::is_fixed_wording;

/// The passwords that stand in `text` in any of these ways.
pub(super) fn pasted(text: &str) -> impl Iterator<Item = &str> {
    keyed(text).chain(of_command(text)).chain(of_header(text)).filter(|password| !password.is_empty())
}

/// What a key names that is a password and nothing else, so that a colon right behind it is none of a name.
fn is_password(key: &str) -> bool {
    ["password", "passwd", "passphrase", "passwort", "pwd", "pass", "pw"].contains(&key)
}

/// The last word of a key that is a secret, whatever stands before it (`db password`).
fn is_secret_key(key: &str) -> bool {
    const MORE: [&str; 6] = ["secret", "token", "accesskey", "secretkey", "apikey", "privatekey"];
    let word = squeezed(key.rsplit(|letter: char| letter.is_whitespace() || letter == '-').next().unwrap_or_default());
    let joined = squeezed(key);
    is_password(&word) || joined.ends_with("password") || MORE.iter().any(|more| joined.ends_with(more))
}

/// The values of `key: value`, as YAML and people write it, and `"key":"value"`, as JSON does.
fn keyed(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |letter: char| matches!(letter, ',' | ';' | '{' | '}' | '?' | '&' | '\n' | '\r');
    text.split(is_end).filter_map(|part| {
        let (key, value) = part.split_once(':')?;
        let is_apart = value.starts_with(char::is_whitespace) || value.trim_start().starts_with(QUOTES);
        let is_quoted = key.trim_end().ends_with(QUOTES);
        let key = key.trim_matches(|letter: char| letter.is_whitespace() || QUOTES.contains(&letter));
        let is_secret = if is_apart || is_quoted { is_secret_key(key) } else { is_password(&squeezed(key)) };
        let value = value.trim();
        let value = match value.strip_prefix(QUOTES) {
            Some(quoted) => quoted.split(QUOTES).next().unwrap_or_default(),
            None => value.split_whitespace().next().unwrap_or_default(),
        };
        is_secret.then_some(value)
    })
}

const QUOTES: [char; 2] = ['"', '\''];

/// The passwords on a command line, as `mysql -u etl -pPASSWORD -h db`.
fn of_command(text: &str) -> impl Iterator<Item = &str> {
    const CLIENTS: [&str; 14] = [
        "mysql",
        "mysqldump",
        "mysqladmin",
        "mariadb",
        "mycli",
        "psql",
        "pg_dump",
        "mongo",
        "mongosh",
        "mongodump",
        "sqlcmd",
        "bcp",
        "curl",
        "redis-cli",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_flag = |word: &str| {
        let mut letters = word.strip_prefix('-').unwrap_or_default().chars();
        letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '-')
    };
    let flags = words.iter().filter(|word| is_flag(word)).count();
    let named = words
        .first()
        .is_some_and(|first| CLIENTS.contains(&first.rsplit('/').next().unwrap_or_default()) && words.len() > 1);
    let is_command = named || flags > 1;
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate().filter(|_| is_command) {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let long = word.strip_prefix("--").map(squeezed);
        match *word {
            _ if long.as_deref().is_some_and(is_secret_key) => found.push(next),
            // A number behind it is a port.
            "-p" | "-P" if !is_number(next) && !is_flag(next) => found.push(next),
            "-pw" | "-a" => found.push(next),
            // `curl -u user:password`
            "-u" => found.extend(next.split_once(':').map(|(_, password)| password)),
            _ => {
                let attached = word.strip_prefix("-p").or_else(|| word.strip_prefix("-P"));
                found.extend(attached.filter(|password| !is_number(password)));
            }
        }
    }
    found.into_iter().map(|word| word.trim_matches(QUOTES))
}

/// The credential of a header, as `Bearer TOKEN`.
fn of_header(text: &str) -> impl Iterator<Item = &str> {
    let words = move || text.split_whitespace().map(|word| word.trim_end_matches([',', ';']));
    words().zip(words().skip(1)).filter_map(|(scheme, token)| {
        let is_scheme =
            ["bearer", "basic", "token", "apikey"].contains(&squeezed(scheme.trim_end_matches(':')).as_str());
        (is_scheme && is_token(token)).then_some(token)
    })
}

/// Whether `word` is none of a language.
fn is_token(word: &str) -> bool {
    let is_odd = |letter: char| letter.is_ascii_digit() || "+/=_.~".contains(letter);
    let capitals = word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase);
    word.len() >= 8 && (capitals || word.trim_end_matches('.').contains(is_odd)) && !is_fixed_wording(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Zq9Kanari7xW";

    #[test]
    fn what_is_pasted_is_known_as_a_secret() {
        for text in [
            "password: *",
            "password:*",
            "pwd:*",
            "db password: *",
            "DB-Password: '*'",
            "the password: * is",
            "user: etl, password: *",
            "user: etl\npassword: *",
            "{\"password\":\"*\"}",
            "{\"password\": \"*\", \"x\": 1}",
            "{'login': 'etl', 'password': '*'}",
            "secret_key: *",
            "api-token: *",
            "mysql -u etl -p* -h db",
            "mysql -u etl -p*",
            "/usr/bin/mysql -p*",
            "mongosh -u etl -p * db",
            "sqlcmd -S db -U sa -P *",
            "psql -h db --password *",
            "redis-cli -a *",
            "curl -u etl:* https://db",
            "-u etl -p*",
            "Bearer *",
            "Authorization: Bearer *",
            "Basic *",
        ] {
            let text = text.replace('*', SECRET);
            assert!(pasted(&text).any(|found| found == SECRET), "{text}: {:?}", pasted(&text).collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_is_a_name_is_shown() {
        for text in [
            "",
            "sales",
            "a:b",
            "12:30",
            "the pass is in the vault",
            "password",
            "password:",
            "secret:5432",
            "vault:secret/data/x",
            "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db",
            "token-service:8080",
            "https://token:8080/x",
            "primary key: id",
            "auth: kerberos",
            "sales -production",
            "a bearer of news",
            "uses bearer authentication",
            "Basic training for all",
            "psql",
            "mysql -h db -P 3306",
            "psql -p 5432 -h db",
            "psql -p5432 -h db",
        ] {
            assert_eq!(pasted(text).collect::<Vec<_>>(), Vec::<&str>::new(), "{text}");
        }
    }
}
