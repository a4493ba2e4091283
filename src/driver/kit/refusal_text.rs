//! Whether the text of an answer to a credential is about the credential. Pure.

/// Words of texts about a credential.
const CREDENTIALS: [&str; 8] =
    ["credential", "password", "api key", "api_key", "apikey", "token", "authenti", "unauthorized"];

/// Words of texts about the user.
const USERS: [&str; 3] = ["account", "username", "login"];

/// Words of texts that refuse something.
const REFUSALS: [&str; 12] = [
    "invalid",
    "incorrect",
    "wrong",
    "bad ",
    "failed",
    "failure",
    "locked",
    "expired",
    "mismatch",
    "not valid",
    "unknown",
    "disabled",
];

/// Words of texts about what a client that was let in may do.
const RIGHTS: [&str; 3] = ["scope", "permission", "privilege"];

/// Whether `text`, the answer to a credential, is about the credential. Gateways and proxies also answer with errors of
/// their own, which say nothing about it.
#[must_use]
pub fn speaks_of_credentials(text: &str) -> bool {
    has(&text.to_ascii_lowercase(), &CREDENTIALS)
}

/// Whether `text` says that the credential, or its user, is refused; for answers that usually mean something else.
#[must_use]
pub fn refuses_credentials(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    (has(&text, &CREDENTIALS) || has(&text, &USERS)) && has(&text, &REFUSALS) && !has(&text, &RIGHTS)
}

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_a_missing_right() {
        for (text, expected) in [
            ("Invalid username or password", true),
            ("{\"error\":\"invalid_credentials\"}", true),
            ("Bad credentials", true),
            ("Account locked", true),
            ("authentication failed", true),
            ("token expired", true),
            ("the token has an invalid scope", false),
            ("account lacks the permission: failed", false),
            ("Not Found", false),
            ("no such page: /login", false),
            ("", false),
        ] {
            assert_eq!(refuses_credentials(text), expected, "{text}");
        }
    }
}
