//! Passwords in texts that people paste where only a name belongs: a line of a file, a command, an HTTP header, a key.
//! Settings (`password=…`) and logins (`user:password@host`) are in `judgement`.

use super::keyed;
use super::word::is_token;

const QUOTES: [char; 2] = ['"', '\''];

/// The passwords in `text` in any of these forms.
pub(super) fn pasted(text: &str) -> impl Iterator<Item = &str> {
    let found = keyed::values(text).into_iter().chain(of_command(text)).chain(of_header(text));
    found.chain(of_line(text)).chain(of_key(text)).filter(|password| !password.is_empty())
}

/// The passwords on a command line, such as `mysql -u etl -pPASSWORD -h db`.
fn of_command(text: &str) -> impl Iterator<Item = &str> {
    const CLIENTS: [&str; 19] = [
        "mysql",
        "mysqldump",
        "mysqladmin",
        "mysqlimport",
        "mysqlsh",
        "mariadb",
        "mariadb-dump",
        "mycli",
        "psql",
        "pg_dump",
        "mongo",
        "mongosh",
        "mongodump",
        "sqlcmd",
        "bcp",
        "cqlsh",
        "curl",
        "redis-cli",
        "sshpass",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let flags = words.iter().filter(|word| is_flag(word)).count();
    let named = words
        .first()
        .is_some_and(|first| CLIENTS.contains(&first.rsplit('/').next().unwrap_or_default()) && words.len() > 1);
    let is_command = named || flags > 1;
    let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate().filter(|_| is_command) {
        let next = words.get(at + 1).copied().unwrap_or_default();
        match *word {
            _ if word.starts_with("--") => {}
            // A number after it is a port.
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

/// Whether `word` is an option of a command.
pub(super) fn is_flag(word: &str) -> bool {
    let mut letters = word.strip_prefix('-').unwrap_or_default().chars();
    letters.next().is_some_and(|letter| letter.is_ascii_alphabetic() || letter == '-')
}

/// The credential of a header, such as `Bearer TOKEN`.
fn of_header(text: &str) -> impl Iterator<Item = &str> {
    let words = move || text.split_whitespace().map(|word| word.trim_end_matches([',', ';']));
    words().zip(words().skip(1)).filter_map(|(scheme, token)| {
        let scheme = scheme.trim_end_matches(':').trim_start_matches(QUOTES);
        let is_scheme =
            ["bearer", "basic", "token", "apikey", "api-key"].iter().any(|word| word.eq_ignore_ascii_case(scheme));
        (is_scheme && is_token(token)).then_some(token)
    })
}

/// The password of a line of `.pgpass`: `host:port:database:user:password`.
fn of_line(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let mut fields = line.trim().splitn(5, ':');
        let (Some(_), Some(port), Some(database), Some(user), Some(password)) =
            (fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return None;
        };
        let is_port = port == "*" || (4..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
        // IPv6 addresses and times have this form too.
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
        let is_named = !database.is_empty() && !user.is_empty() && !line.contains("://");
        (is_port && is_named && !(is_number(database) && is_number(user) && is_number(password))).then_some(password)
    })
}

/// The lines of a private key in PEM.
fn of_key(text: &str) -> impl Iterator<Item = &str> {
    let body = text.split_once("-----BEGIN ").and_then(|(_, rest)| {
        let (label, body) = rest.split_once("-----")?;
        label.ends_with("PRIVATE KEY").then(|| body.split("-----END").next().unwrap_or_default())
    });
    body.into_iter().flat_map(|body| body.split("\\n")).flat_map(str::split_whitespace)
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
            "sshpass -p * ssh db",
            "clickhouse-client --password *",
            "tool -password *",
            "db.example:5432:app:etl:*",
            "-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----",
            "-----BEGIN OPENSSH PRIVATE KEY-----\\n*\\n",
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
            "fe80:1:2:3:4:5:6:7",
            "2026-11-30T01:15:00:00:00",
            "a:1:2:3:4",
            "team:1:etl:prod:main",
            "project:region:instance",
            "db1:5432,db2:5432,db3:5432,db4:5432",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        ] {
            assert_eq!(pasted(text).collect::<Vec<_>>(), Vec::<&str>::new(), "{text}");
        }
    }
}
