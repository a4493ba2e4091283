//! Whether the text of an answer to a credential refuses the credential. Pure.

/// Words for a credential.
const CREDENTIALS: [&str; 16] = [
    "credential",
    "password",
    "passwd",
    "api key",
    "api_key",
    "apikey",
    "api-key",
    "api token",
    "access token",
    "access_token",
    "auth token",
    "bearer",
    "authentication",
    "unauthorized",
    "secret key",
    "auth failed",
];

/// Words for the user.
const USERS: [&str; 5] = ["account", "username", "user name", "login", "user"];

/// Words of texts that refuse something.
const REFUSALS: [&str; 19] = [
    "invalid",
    "incorrect",
    "wrong",
    "bad ",
    "failed",
    "locked",
    "expired",
    "mismatch",
    "not match",
    "not valid",
    "unknown",
    "disabled",
    "suspended",
    "revoked",
    "no such",
    "not found",
    "not exist",
    "rejected",
    "not recognized",
];

/// A token is also a part of many other things.
const TOKENS: [&str; 12] = [
    "invalid token",
    "invalid_token",
    "bad token",
    "unknown token",
    "expired token",
    "revoked token",
    "token expired",
    "token_expired",
    "token has expired",
    "token is expired",
    "token is invalid",
    "token revoked",
];

/// Words of texts about what a client that was let in may do.
const RIGHTS: [&str; 3] = ["scope", "permission", "privilege"];

/// Words of sentences about the request.
const OTHERWISE: [&str; 5] = ["parameter", "csrf", "bad request", "not allowed", "method"];

/// Other words of errors in answer to a credential.
const ERRORS: [&str; 4] = ["auth", "token", "denied", "wrongpass"];

/// Words of texts about a server that cannot look at the credential now, or here.
const TROUBLES: [&str; 18] = [
    "unavailable",
    "retry",
    "try again",
    "limit",
    "too many",
    "tls",
    "upstream",
    "backend",
    "shard",
    "timeout",
    "timed out",
    "no server",
    "no healthy",
    "overload",
    "memory",
    "internal",
    "connection",
    "authentication is disabled",
];

/// Whether a sentence of `text` says that the credential, or its user, is refused. Paths are no words of it.
#[must_use]
pub fn refuses_credentials(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    !has(&text, &RIGHTS)
        && text.split(['.', ';', ',', '\n', '{', '}', '"', '<', '>']).any(|sentence| {
            let words: Vec<&str> = sentence.split_whitespace().filter(|word| !word.contains(['/', '?', '='])).collect();
            let sentence = words.join(" ");
            let about = has(&sentence, &CREDENTIALS) || has(&sentence, &USERS);
            (about && has(&sentence, &REFUSALS) || has(&sentence, &TOKENS)) && !has(&sentence, &OTHERWISE)
        })
}

/// Whether `text`, an error in answer to nothing but a credential, is about the credential: not about the server, which
/// cannot look at it now, or here.
#[must_use]
pub fn is_about_credentials(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    (has(&text, &CREDENTIALS) || has(&text, &USERS) || has(&text, &ERRORS)) && !has(&text, &TROUBLES)
}

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_from_everything_else() {
        for (text, expected) in [
            ("Invalid username or password", true),
            ("{\"error\":\"invalid_credentials\"}", true),
            ("Bad credentials", true),
            ("Account locked", true),
            ("authentication failed", true),
            ("token expired", true),
            ("{\"message\":\"User not found\"}", true),
            ("Password does not match", true),
            ("the token has an invalid scope", false),
            ("Invalid access token, does not contain scopes:[meeting:read]", false),
            ("account lacks the permission: failed", false),
            ("Not Found", false),
            ("no such page: /login", false),
            ("Invalid method for /login; use POST", false),
            ("Required parameter 'pageToken' is not present", false),
            ("unexpected token at line 1", false),
            ("/me request is only valid with delegated authentication flow.", false),
            (
                "{\"status\":\"Failure\",\"message\":\"forbidden: User \\\"system:serviceaccount:data:etl\\\" cannot get path\"}",
                false,
            ),
            ("Bad Request", false),
            ("", false),
        ] {
            assert_eq!(refuses_credentials(text), expected, "{text}");
        }
    }

    #[test]
    fn trouble_of_the_server_is_not_about_the_credential() {
        for (text, expected) in [
            ("ERR authentication service is unavailable", false),
            ("ERR backend authentication to shard 3 failed, retry later", false),
            ("ERR rate limit exceeded: no token left in bucket", false),
            ("ERR authentication requires a TLS connection", false),
            ("ERR password authentication is disabled", false),
            ("ERR server closed connection", false),
            ("ERR something else", false),
            ("ERR AUTH failed", true),
            ("ERR Login incorrect", true),
            ("ERR no such user", true),
            ("ERR account locked", true),
            ("ERR access denied", true),
        ] {
            assert_eq!(is_about_credentials(text), expected, "{text}");
        }
    }
}
