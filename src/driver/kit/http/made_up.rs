//! A credential that does not exist, in the form of a given one. A server's answer to it tells what its answer to the
//! given one proves. Pure, but for the random numbers.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

/// The number of random letters that a made-up value has at least, so that nobody has it.
const LETTERS: usize = 20;

/// The headers of `credential` with made-up values: no header of it keeps its user or its secret. `None` without random
/// numbers.
pub(super) fn headers(credential: &HeaderMap) -> Option<HeaderMap> {
    let mut made_up = HeaderMap::new();
    for (name, value) in credential {
        let text = value.to_str().unwrap_or_default().trim();
        let value = match text.split_once(' ').filter(|_| name == AUTHORIZATION) {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("basic") => {
                format!("{scheme} {}", STANDARD.encode(format!("{}:{}", word("", LETTERS)?, word("", LETTERS)?)))
            }
            Some((scheme, token)) => format!("{scheme} {}", word(token, LETTERS)?),
            None => word(text, LETTERS)?,
        };
        made_up.insert(name, HeaderValue::from_str(&value).ok()?);
    }
    Some(made_up)
}

/// Another word of the form of `like`: letters and digits are replaced, signs stay. Letters are added up to `shortest`.
fn word(like: &str, shortest: usize) -> Option<String> {
    let length = like.chars().count().max(shortest);
    let mut random = vec![0; length];
    rand::fill(&mut random).ok()?;
    let like = like.chars().map(Some).chain(std::iter::repeat(None));
    let letter = |(like, byte): (Option<char>, &u8)| match like {
        Some(sign @ ('.' | '-' | '_' | '/' | '+' | '=' | ':')) => sign,
        Some('0'..='9') => char::from(b'0' + byte % 10),
        Some('A'..='Z') => char::from(b'A' + byte % 26),
        _ => char::from(b'a' + byte % 26),
    };
    Some(like.zip(&random).map(letter).collect())
}

#[cfg(test)]
mod tests {
    use http::header::HeaderName;

    use super::*;

    #[test]
    fn a_made_up_credential_has_the_form_of_the_given_one_and_nothing_else_of_it() {
        for (name, value, expected) in [
            ("authorization", "Basic ZXRsOmh1bnRlcjI=", "Basic "),
            ("authorization", "Bearer eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl", "Bearer "),
            ("authorization", "abcdefabcdef", ""),
            ("x-api-key", "AKIA-1234-abcd", ""),
            ("x-user", "etl", ""),
        ] {
            let given: HeaderMap =
                [(HeaderName::from_static(name), HeaderValue::from_static(value))].into_iter().collect();
            let made_up = headers(&given).unwrap();
            let text = made_up[name].to_str().unwrap();
            assert!(text.starts_with(expected) && text.len() >= LETTERS, "{value}: {text}");
            let (secret, other) = (value.trim_start_matches(expected), text.trim_start_matches(expected));
            assert!(!other.contains(&secret[..3]), "{value}: {text}");
            assert_ne!(headers(&given).unwrap()[name], text, "{value}");
        }
        let token = "Bearer eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl";
        let given: HeaderMap = [(AUTHORIZATION, HeaderValue::from_static(token))].into_iter().collect();
        let made_up = headers(&given).unwrap();
        assert_eq!(made_up[AUTHORIZATION].to_str().unwrap().matches('.').count(), 2);
    }
}
