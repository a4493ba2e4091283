//! The authentication methods that a PostgreSQL server may request, and which of them a definition admits.

use super::flaws::PostgresFlaw;
use crate::driver::Fields;

/// The method that a server requests, named as in libpq's `require_auth`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Nothing: `trust`, `peer`, or a client certificate that was presented before.
    None,
    /// The password itself.
    Password,
    /// Its MD5 digest.
    Md5,
    /// A SCRAM-SHA-256 exchange.
    Scram,
}

impl Method {
    const ALL: [Self; 4] = [Self::None, Self::Password, Self::Md5, Self::Scram];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Password => "password",
            Self::Md5 => "md5",
            Self::Scram => "scram-sha-256",
        }
    }
}

/// The other methods of libpq, which connprobe does not support.
const LACKING: [&str; 3] = ["gss", "sspi", "oauth"];

/// The methods that `require_auth` admits; `None` when it is absent.
pub(super) fn required(fields: &mut Fields<'_>) -> Option<Vec<Method>> {
    let text = fields.text("require_auth")?;
    let words: Vec<&str> = text.split(',').collect();
    let excluding = words[0].starts_with('!');
    let mut named = Vec::new();
    for word in &words {
        let name = word.strip_prefix('!').unwrap_or(word);
        let method = Method::ALL.into_iter().find(|method| method.as_str() == name);
        if word.starts_with('!') != excluding || method.is_none() && !LACKING.contains(&name) {
            fields.problem(PostgresFlaw::BadRequireAuth);
            return None;
        }
        named.extend(method);
    }
    let admitted: Vec<Method> = Method::ALL.into_iter().filter(|method| named.contains(method) != excluding).collect();
    if admitted.is_empty() {
        fields.unsupported(PostgresFlaw::RequireAuthLacking);
    }
    Some(admitted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::driver::postgres::spec::SPEC;
    use crate::driver::postgres::tests::{connection, problems};
    use crate::model::problem::Problem;

    #[test]
    fn require_auth_admits_what_it_names_or_all_else() {
        for (text, expected) in [
            ("scram-sha-256", vec![Method::Scram]),
            ("scram-sha-256,gss", vec![Method::Scram]),
            ("password,md5", vec![Method::Password, Method::Md5]),
            ("!password,!md5", vec![Method::None, Method::Scram]),
        ] {
            let connection = connection(&json!({"host": "db", "extra": {"require_auth": text}}));
            assert_eq!(required(&mut Fields::new(&SPEC, &connection)), Some(expected), "{text}");
        }
    }

    #[test]
    fn require_auth_is_checked() {
        for (text, expected) in [
            ("scram", PostgresFlaw::BadRequireAuth),
            ("md5,!password", PostgresFlaw::BadRequireAuth),
            ("scram-sha-256, gss", PostgresFlaw::BadRequireAuth),
            ("gss", PostgresFlaw::RequireAuthLacking),
        ] {
            let definition = json!({"host": "db", "login": "etl", "extra": {"require_auth": text}});
            assert_eq!(problems(&definition), [Problem::from(expected)], "{text}");
        }
    }
}
