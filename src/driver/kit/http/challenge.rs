//! The login methods that a server offers in `WWW-Authenticate` (RFC 9110, 11.6.1). Pure.

use http::header::{HeaderMap, WWW_AUTHENTICATE};

/// Methods that take more than one header of one request.
const DIALOGUES: [&str; 4] = ["Negotiate", "NTLM", "Kerberos", "Digest"];

/// The multi-step method that the server demands, if it offers no other; `None` where one header may suffice, or where
/// the server offers nothing.
#[must_use]
pub fn dialogue_demanded(headers: &HeaderMap) -> Option<&'static str> {
    let mut demanded = None;
    for scheme in offered(headers) {
        let known = DIALOGUES.into_iter().find(|known| known.eq_ignore_ascii_case(scheme));
        demanded = demanded.or(Some(known?));
    }
    demanded
}

/// Whether the server names the methods that it accepts.
#[must_use]
pub fn names_methods(headers: &HeaderMap) -> bool {
    offered(headers).next().is_some()
}

/// Whether the server offers `method`.
#[must_use]
pub fn offers(headers: &HeaderMap, method: &str) -> bool {
    offered(headers).any(|scheme| scheme.eq_ignore_ascii_case(method))
}

/// Every scheme that the server offers.
fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(schemes)
}

/// The schemes of one header: words without `=` at its beginning or after a comma.
fn schemes(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    let parts = line.split(move |letter| {
        let end = letter == ',' && !quoted;
        match letter {
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = letter == '\\' && quoted && !escaped;
        end
    });
    parts.filter_map(|part| {
        let mut words = part.split_whitespace();
        let first = words.next()?;
        // `Negotiate YII==` is a scheme with a token, `realm="x"` and `realm = "x"` are parameters.
        (!first.contains('=') && !words.next().is_some_and(|next| next.starts_with('='))).then_some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dialogue_is_one_that_is_lacking() {
        let rows: [(&[&str], _); 11] = [
            (&[], None),
            (&["Basic realm=\"x\""], None),
            (&["Negotiate"], Some("Negotiate")),
            (&["negotiate", "NTLM"], Some("Negotiate")),
            (&["Negotiate, Basic realm=\"x\""], None),
            (&["Negotiate", "Basic realm=\"x\""], None),
            (&["Digest realm=\"Basic, of all\", qop=\"auth\", nonce=\"1\""], Some("Digest")),
            (&["Digest realm=\"a \\\" , Basic\", nonce=\"1\""], Some("Digest")),
            (&["Negotiate YIIZ=="], Some("Negotiate")),
            (&["NTLM, Bearer"], None),
            (&[""], None),
        ];
        for (lines, expected) in rows {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(WWW_AUTHENTICATE, line.parse().unwrap());
            }
            assert_eq!(dialogue_demanded(&headers), expected, "{lines:?}");
        }
    }
}
