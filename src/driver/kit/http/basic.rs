//! The credential of HTTP Basic (RFC 7617), encoded in Latin-1 as the usual client does. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

use crate::model::reason::Field;

/// The value of `Authorization` for `login` and `password`.
///
/// # Errors
///
/// The field that Basic cannot carry: a colon in the login, control characters, characters beyond Latin-1.
pub fn basic(login: &str, password: &str) -> Result<HeaderValue, Field> {
    let latin = |text: &str| -> Option<Vec<u8>> {
        text.chars().map(|letter| u8::try_from(letter).ok().filter(|_| !letter.is_control())).collect()
    };
    let user = latin(login).filter(|_| !login.contains(':')).ok_or(Field::LOGIN)?;
    let pair = [user, b":".to_vec(), latin(password).ok_or(Field::PASSWORD)?].concat();
    let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).map_err(|_none| Field::LOGIN)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_written_as_the_standard_has_it() {
        for (login, password, expected) in [
            ("Aladdin", "open sesame", Ok("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")),
            ("test", "123£", Ok("Basic dGVzdDoxMjOj")),
            ("a", "b:c", Ok("Basic YTpiOmM=")),
            ("token", "", Ok("Basic dG9rZW46")),
            ("a:b", "c", Err(Field::LOGIN)),
            ("a\r\nX: y", "c", Err(Field::LOGIN)),
            ("a", "c\0", Err(Field::PASSWORD)),
            ("a", "€", Err(Field::PASSWORD)),
        ] {
            let value = basic(login, password);
            assert_eq!(value.as_ref().map(|value| value.to_str().unwrap()), expected.as_ref().copied(), "{login}");
        }
    }
}
