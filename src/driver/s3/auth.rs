//! The key pair of a definition: only stored keys are used, never the environment, a profile or instance metadata.

use aws_credential_types::Credentials;

use super::flaws::S3Flaw;
use super::notices::S3Notice;
use super::services::nested;
use crate::driver::Fields;
use crate::model::fingerprint::Fingerprint;
use crate::model::reason::Field;
use crate::model::secret::Secret;

/// A stored key pair, with the session token of a temporary one.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) id: String,
    secret: Secret,
    token: Option<Secret>,
}

impl Keys {
    /// The keys as the SDK expects them.
    pub(super) fn credentials(&self) -> Credentials {
        let token = self.token.as_ref().map(|token| token.expose().to_owned());
        Credentials::new(&self.id, self.secret.expose(), token, None, "connprobe")
    }

    /// Whether they are temporary keys, by AWS's prefix, without their session token.
    pub(super) fn lacks_token(&self) -> bool {
        self.token.is_none() && self.id.starts_with("ASIA")
    }

    /// A digest that distinguishes these keys from others of the same id.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let token = self.token.as_ref().map_or("", Secret::expose);
        Fingerprint::of(&[self.secret.expose(), token])
    }
}

/// Reads the keys. Problems go to `fields`.
pub(super) fn read(fields: &mut Fields<'_>) -> Option<Keys> {
    let (id, secret) = pair(fields)?;
    let token = token(fields);
    if !id.bytes().all(|byte| byte.is_ascii_graphic()) || id.contains(['/', ',']) {
        fields.problem(S3Flaw::BadKeyId);
    }
    if secret.trim() != secret {
        fields.warn(S3Notice::SecretBlank);
    }
    match &token {
        Some(token) if !token.bytes().all(|byte| matches!(byte, b' '..=b'~')) => {
            fields.problem(S3Flaw::BadToken);
        }
        None if id.starts_with("ASIA") => fields.warn(S3Notice::TokenMissing),
        _ => {}
    }
    Some(Keys { id, secret: Secret::new(secret), token: token.map(Secret::new) })
}

/// The first place that has both halves. One half alone is a mistake; none means that the definition relies on ambient
/// credentials.
fn pair(fields: &mut Fields<'_>) -> Option<(String, String)> {
    let stored = (fields.login().map(str::to_owned), fields.password().map(|secret| secret.expose().to_owned()));
    let extras = (fields.text("aws_access_key_id"), fields.text("aws_secret_access_key"));
    let session = (session_text(fields, "aws_access_key_id"), session_text(fields, "aws_secret_access_key"));
    let mut halves = Vec::new();
    for (pair, id_field, secret_field, deprecated) in [
        (stored, Field::LOGIN, Field::PASSWORD, false),
        (extras, Field::named("extra.aws_access_key_id"), Field::named("extra.aws_secret_access_key"), false),
        (
            session,
            Field::named("extra.session_kwargs.aws_access_key_id"),
            Field::named("extra.session_kwargs.aws_secret_access_key"),
            true,
        ),
    ] {
        match pair {
            (Some(id), Some(secret)) => {
                if deprecated {
                    fields.warn(S3Notice::SessionKeys);
                }
                return Some((id, secret));
            }
            (Some(_), None) => halves.push((id_field, secret_field)),
            (None, Some(_)) => halves.push((secret_field, id_field)),
            (None, None) => {}
        }
    }
    let Some((present, absent)) = halves.into_iter().next() else {
        fields.unsupported(S3Flaw::NoKeys);
        return None;
    };
    fields.problem(S3Flaw::HalfAPair { present, absent });
    None
}

fn token(fields: &mut Fields<'_>) -> Option<String> {
    fields.text("aws_session_token").or_else(|| session_text(fields, "aws_session_token"))
}

fn session_text(fields: &Fields<'_>, key: &str) -> Option<String> {
    nested(fields, &["session_kwargs", key])
}

#[cfg(test)]
mod tests {
    use crate::driver::aws::shorten;
    use crate::model::plain::HIDDEN;

    #[test]
    fn a_key_id_is_never_shown_whole() {
        for (id, shown) in [
            ("AKIAIOSFODNN7EXAMPLE", "AKIA…MPLE"),
            ("connprobekey", "conn…ekey"),
            ("minioadmin", "mi…in"),
            ("root", "r…t"),
            ("abc", "…"),
            ("schlüsselbund", "schl…bund"),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", HIDDEN),
        ] {
            assert_eq!(shorten(id), shown, "{id}");
        }
    }
}
