//! The mechanisms that send the secret itself, in one message or two.

use zeroize::Zeroizing;

/// PLAIN (RFC 4616): the only message. `None` where a NUL in `user` or `password` would end it early.
#[must_use]
pub fn plain(user: &str, password: &str) -> Option<Zeroizing<Vec<u8>>> {
    let is_whole = ![user, password].iter().any(|part| part.contains('\0'));
    is_whole.then(|| Zeroizing::new([b"\0", user.as_bytes(), b"\0", password.as_bytes()].concat()))
}

/// LOGIN (draft-murchison-sasl-login): the answers to the server's two questions, in their order.
#[must_use]
pub fn login(user: &str, password: &str) -> [Zeroizing<Vec<u8>>; 2] {
    [user, password].map(|part| Zeroizing::new(part.as_bytes().to_vec()))
}

/// XOAUTH2 (Google's and Microsoft's documentation of IMAP and SMTP): the only message. `None` where a control character
/// would end a part of it early.
#[must_use]
pub fn xoauth2(user: &str, token: &str) -> Option<Zeroizing<Vec<u8>>> {
    are_plain(&[user, token]).then(|| text(&["user=", user, "\x01auth=Bearer ", token, "\x01\x01"]))
}

/// OAUTHBEARER (RFC 7628): the only message. `None` where a control character would end a part of it early.
#[must_use]
pub fn oauthbearer(user: &str, host: &str, port: u16, token: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (name, port) = (user.replace('=', "=3D").replace(',', "=2C"), port.to_string());
    are_plain(&[user, host, token])
        .then(|| text(&["n,a=", &name, ",\x01host=", host, "\x01port=", &port, "\x01auth=Bearer ", token, "\x01\x01"]))
}

fn are_plain(parts: &[&str]) -> bool {
    !parts.iter().any(|part| part.contains(char::is_control))
}

fn text(parts: &[&str]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(parts.concat().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standards() {
        assert_eq!(**plain("tim", "tanstaaftanstaaf").unwrap(), *b"\0tim\0tanstaaftanstaaf");
        assert_eq!(login("tim", "x").map(|part| part.to_vec()), [b"tim".to_vec(), b"x".to_vec()]);
        assert_eq!(
            **xoauth2("someuser@example.com", "ya29.vF9dft4").unwrap(),
            *b"user=someuser@example.com\x01auth=Bearer ya29.vF9dft4\x01\x01"
        );
        assert_eq!(
            **oauthbearer("user@example.com", "server.example.com", 143, "vF9dft4").unwrap(),
            *b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4\x01\x01"
        );
        assert!(oauthbearer("a=b,c", "h", 1, "t").unwrap().starts_with(b"n,a=a=3Db=2Cc,"));
    }

    #[test]
    fn no_part_ends_early() {
        assert!(plain("a\0b", "x").is_none() && plain("a", "x\0").is_none());
        assert!(xoauth2("a\x01auth=", "x").is_none() && xoauth2("a", "x\x01").is_none());
        assert!(oauthbearer("a", "h\x01", 1, "t").is_none() && oauthbearer("a\n", "h", 1, "t").is_none());
    }
}
