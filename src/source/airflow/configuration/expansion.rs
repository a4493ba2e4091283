//! Expands `$NAME`, `${NAME}` and a leading `~` in a setting as Airflow does: repeatedly until nothing changes, but
//! with a limit.

use zeroize::Zeroizing;

use super::variable::variable;
use crate::source::settings::Environment;

/// The maximum length of an expanded setting, in bytes.
const LIMIT: usize = 64 << 10;

/// The maximum number of rounds, because variables that refer to each other could be expanded forever.
pub(super) const ROUNDS: usize = 32;

/// The expanded text; `None` if it exceeds a limit. References to unset variables stay as written.
pub(super) fn expand(text: &str, environment: &Environment) -> Option<Zeroizing<String>> {
    let mut text = Zeroizing::new(text.to_owned());
    for _ in 0..ROUNDS {
        let expanded = home(variables(&text, environment)?, environment);
        if expanded == text {
            return Some(text);
        }
        text = expanded;
    }
    None
}

/// Replaces every reference to a variable once; `None` if the text exceeds the limit.
pub(super) fn variables(text: &str, environment: &Environment) -> Option<Zeroizing<String>> {
    // Has its full capacity from the start: moving it would leave a copy behind.
    let mut expanded = Zeroizing::new(String::with_capacity(LIMIT));
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, length) = if let Some((name, length)) = reference(rest) {
            (set(environment, name).unwrap_or(&rest[..length]), length)
        } else {
            // Up to the next dollar sign after the first character.
            let length = rest.char_indices().skip(1).find(|(_, c)| *c == '$').map_or(rest.len(), |(at, _)| at);
            (&rest[..length], length)
        };
        if expanded.len() + piece.len() > LIMIT {
            return None;
        }
        expanded.push_str(piece);
        rest = &rest[length..];
    }
    Some(expanded)
}

/// The value of a variable that is set, even to the empty text; `None` if it is unset or not UTF-8.
pub(super) fn set<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
    variable(environment, name)?.ok()
}

/// The reference to a variable at the start of `text`: the name, and the length of the reference in bytes.
pub(super) fn reference(text: &str) -> Option<(&str, usize)> {
    let behind = text.strip_prefix('$')?;
    if let Some(braced) = behind.strip_prefix('{') {
        let (name, _) = braced.split_once('}')?;
        return Some((name, name.len() + "${}".len()));
    }
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let length = behind.bytes().take_while(|byte| is_word(*byte)).count();
    (length > 0).then(|| (&behind[..length], length + "$".len()))
}

/// Replaces a leading `~` or `~USER`.
fn home(text: Zeroizing<String>, environment: &Environment) -> Zeroizing<String> {
    let Some(behind) = text.strip_prefix('~') else { return text };
    let (user, path) = behind.split_at(behind.find('/').unwrap_or(behind.len()));
    let directory = match set(environment, "HOME") {
        Some(home) if user.is_empty() => Some(home.to_owned()),
        _ => directory_of(user),
    };
    match directory {
        Some(directory) => {
            let joined = format!("{}{path}", directory.trim_end_matches('/'));
            Zeroizing::new(if joined.is_empty() { "/".to_owned() } else { joined })
        }
        None => text,
    }
}

/// The home directory of `user` in `/etc/passwd`; that of this process's user if `user` is empty.
fn directory_of(user: &str) -> Option<String> {
    let own = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, id, _, _, directory, ..] = fields[..] else { return None };
        (if user.is_empty() { id == own } else { name == user }).then(|| directory.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::of(variables.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn variables_and_home_are_expanded_until_nothing_changes() {
        let environment =
            environment(&[("HOME", "/home/me/"), ("P", "word"), ("EMPTY", ""), ("A", "$B"), ("B", "b"), ("T", "~/t")]);
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("p$P", "pword"),
            ("p${P}s", "pwords"),
            ("$Ps", "$Ps"),
            ("p$EMPTY.", "p."),
            ("$nope${nope}$", "$nope${nope}$"),
            ("$$P", "$word"),
            ("$A", "b"),
            ("${A", "${A"),
            ("${}", "${}"),
            ("${a$P}", "${a$P}"),
            ("é$P$ü", "éword$ü"),
            ("~", "/home/me"),
            ("~/airflow", "/home/me/airflow"),
            ("a~", "a~"),
            ("$T", "/home/me/t"),
            ("~nobody-is-called-this/x", "~nobody-is-called-this/x"),
            ("~root/x", "/root/x"),
        ] {
            assert_eq!(expand(text, &environment).as_deref().map(String::as_str), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_has_no_end_is_given_up() {
        let environment = environment(&[("A", "$B"), ("B", "$A"), ("TWICE", "$TWICE$TWICE"), ("MORE", "$MORE.")]);
        for text in ["$A", "$TWICE", "$MORE"] {
            assert_eq!(expand(text, &environment), None, "{text}");
        }
    }

    #[test]
    fn without_home_the_directory_is_that_of_the_user() {
        let expanded = expand("~", &Environment::default()).unwrap();
        assert!(expanded.starts_with('/'), "{}", *expanded);
    }
}
