//! Keys that do not exist, with which the control request is signed. Must not look at the answer.

use aws_credential_types::Credentials;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An id shorter than this may exist, whatever is drawn.
const SHORT: usize = 12;

/// The number of leading characters that show the kind of a key id (`AKIA`, `GK`, `LTAI`); they are kept.
const KIND: usize = 4;

const LONGER: usize = 8;
const SECRET_BYTES: usize = 30;

/// Keys of the same form as `keys`, with the same session token, that do not exist; `None` without random numbers.
///
/// A server that checks the form of a key id first must not find it invalid, or that complaint would be taken for its
/// answer to unknown keys.
pub(super) fn keys(keys: &Credentials) -> Option<Credentials> {
    let secret = STANDARD.encode(random(SECRET_BYTES)?);
    let token = keys.session_token().map(str::to_owned);
    Some(Credentials::new(id(keys.access_key_id())?, secret, token, None, "control"))
}

fn id(known: &str) -> Option<String> {
    let short = known.len() < SHORT;
    let (kind, rest) = known.split_at_checked(if short { 0 } else { KIND })?;
    let mut made_up = kind.to_owned();
    for (letter, byte) in rest.chars().zip(random(rest.chars().count())?) {
        made_up.push(other(letter, rest, byte));
    }
    if short || made_up == known {
        made_up.extend(random(LONGER)?.iter().map(|byte| char::from(b'a' + byte % 26)));
    }
    Some(made_up)
}

/// Another character of the same kind, among those that `id` consists of: a hexadecimal id stays hexadecimal.
fn other(letter: char, id: &str, byte: u8) -> char {
    let kind: fn(&char) -> bool = match letter {
        'a'..='z' => char::is_ascii_lowercase,
        'A'..='Z' => char::is_ascii_uppercase,
        '0'..='9' => char::is_ascii_digit,
        _ => return letter,
    };
    let choice: Vec<char> = id.chars().filter(kind).collect();
    choice[usize::from(byte) % choice.len()]
}

fn random(count: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; count];
    rand::fill(&mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_id_has_the_form_of_the_known_one_and_is_another() {
        let class = |letter: char| match letter {
            'a'..='f' => 'x',
            'g'..='z' => 'a',
            'A'..='Z' => 'A',
            '0'..='9' => '0',
            other => other,
        };
        for known in [
            "AKIAIOSFODNN7EXAMPLE",
            "GK31c2f218a2e44f485b94239e",
            "0123456789abcdef0123456789abcdef",
            "a-tenant:key_with.signs",
        ] {
            let made_up = id(known).unwrap();
            assert_ne!(made_up, known);
            assert_eq!(made_up.len(), known.len(), "{made_up}");
            assert_eq!(made_up[..KIND], known[..KIND], "{made_up}");
            let hexadecimal = |id: &str| !id[KIND..].chars().any(|letter| class(letter) == 'a');
            assert_eq!(hexadecimal(&made_up), hexadecimal(known), "{made_up}");
            let signs = |id: &str| id.chars().map(|letter| letter.is_ascii_alphanumeric()).collect::<Vec<_>>();
            assert_eq!(signs(&made_up), signs(known), "{made_up}");
        }
        for known in ["minioadmin", "root", "x", "éàü", "AAAAAAAAAAAAAAAAAAAA", ""] {
            let made_up = id(known).unwrap();
            assert!(made_up.chars().count() >= known.chars().count() + LONGER, "{known}: {made_up}");
        }
    }

    #[test]
    fn the_token_stays_and_the_secret_does_not() {
        let known = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", Some("token".to_owned()), None, "test");
        let made_up = keys(&known).unwrap();
        assert_eq!(made_up.session_token(), Some("token"));
        assert_ne!(made_up.secret_access_key(), "secret");
        assert_eq!(made_up.secret_access_key().len(), 40);
    }
}
