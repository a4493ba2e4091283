//! Checks the variables in a URL: no secret may become part of a host name that is looked up in DNS, and no message may
//! show a value.

use super::expansion::{ROUNDS, reference, set, variables};
use crate::model::secret::Secret;
use crate::source::settings::Environment;

/// The variables whose values are not hidden, since messages show them anyway.
const SHOWN: [&str; 2] = ["HOME", "AIRFLOW_HOME"];

/// The facts about the variables in a text.
#[derive(Default)]
pub(super) struct Expanded {
    /// The name of a variable that is named like a secret and is part of the host of the URL.
    pub(super) secret_in_host: Option<String>,
    /// The values that no message may contain.
    pub(super) values: Vec<Secret>,
}

/// Examines the variables in `text`, and those in their values.
pub(super) fn expanded(text: &str, environment: &Environment) -> Expanded {
    let mut expanded = Expanded::default();
    let mut text = zeroize::Zeroizing::new(text.to_owned());
    for _ in 0..ROUNDS {
        for (at, _) in text.match_indices('$') {
            let Some((name, _)) = reference(&text[at..]) else { continue };
            let Some(value) = set(environment, name).filter(|value| !value.is_empty()) else { continue };
            if is_in_host(&text, at) && is_secret(name) {
                expanded.secret_in_host.get_or_insert_with(|| name.to_owned());
            }
            if !SHOWN.contains(&name) {
                expanded.values.push(Secret::new(value.to_owned()));
            }
        }
        match variables(&text, environment) {
            Some(next) if next != text => text = next,
            _ => break,
        }
    }
    expanded
}

/// Whether position `at` is in the host of a URL, or in a parameter that names a host.
fn is_in_host(url: &str, at: usize) -> bool {
    let Some(start) = url.find("://").map(|start| start + 3).filter(|start| *start <= at) else { return false };
    let before = &url[start..at];
    match before.split_once('?') {
        Some((_, parameters)) => {
            let parameter = parameters.rsplit('&').next().unwrap_or_default();
            ["host", "hostaddr", "unix_socket"].contains(&parameter.split('=').next().unwrap_or_default())
        }
        // A user name and a password may contain `/`, but what follows the last `@` belongs to neither.
        None => !url[at..].contains('@') && !before.rsplit('@').next().unwrap_or_default().contains('/'),
    }
}

/// Whether a variable with this name holds a secret.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words = ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "CREDENTIAL"];
    words.iter().any(|word| name.contains(word))
        || name.split('_').any(|word| word.ends_with("KEY") || word.ends_with("KEYS") || word == "PWD")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_s_variable_in_a_host_is_found() {
        let variables = [
            ("AWS_SECRET_ACCESS_KEY", "wJalr"),
            ("DB_HOST", "db1"),
            ("PW", "word"),
            ("X", "$MY_TOKEN"),
            ("MY_TOKEN", "tok"),
            ("DB_PASSWORD", "word1"),
            ("FERNET_KEY", "key1"),
            ("KEYSPACE", "sales"),
        ];
        let environment = Environment::of(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())));
        for (url, found) in [
            ("postgresql://u:p@$AWS_SECRET_ACCESS_KEY.evil.test/x", Some("AWS_SECRET_ACCESS_KEY")),
            ("postgresql://${AWS_SECRET_ACCESS_KEY}.evil.test/x", Some("AWS_SECRET_ACCESS_KEY")),
            ("postgresql://u:p@h.$X.evil.test/x", Some("MY_TOKEN")),
            ("postgresql://u:p@/x?host=$MY_TOKEN.evil.test", Some("MY_TOKEN")),
            ("postgresql://u:p@/x?a=b&hostaddr=$MY_TOKEN", Some("MY_TOKEN")),
            ("postgresql://u:p@$DB_PASSWORD.evil.test/x", Some("DB_PASSWORD")),
            ("postgresql://u:p@x.$FERNET_KEY/x", Some("FERNET_KEY")),
            ("postgresql://u:p@$KEYSPACE.test/x", None),
            ("postgresql://u:$AWS_SECRET_ACCESS_KEY@db/x", None),
            ("postgresql://u:a/$AWS_SECRET_ACCESS_KEY@db/x", None),
            ("postgresql://u:p@$DB_HOST/x", None),
            ("postgresql://u:p@db/x?password=$MY_TOKEN", None),
            ("postgresql://u:p@$NO_TOKEN/x", None),
            ("$X", None),
        ] {
            assert_eq!(expanded(url, &environment).secret_in_host.as_deref(), found, "{url}");
        }
        let values = expanded("postgresql://u:$PW@$DB_HOST/$X", &environment).values;
        let values: Vec<&str> = values.iter().map(Secret::expose).collect();
        assert_eq!(values, ["word", "db1", "$MY_TOKEN", "tok"]);
    }
}
