//! Every form in which a secret may stand in foreign text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

/// Everything that is not unreserved in a URL.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same, `/` kept, as many clients encode.
const KEEP_SLASH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b':')
    .add(b'@')
    .add(b'[')
    .add(b']')
    .add(b'^')
    .add(b'|')
    .add(b'&')
    .add(b'=')
    .add(b'+')
    .add(b'$')
    .add(b',')
    .add(b';');

fn hexadecimal(secret: &str) -> String {
    let mut digits = String::with_capacity(2 * secret.len());
    for digit in secret.bytes().flat_map(|byte| [byte >> 4, byte & 15]) {
        digits.extend(char::from_digit(digit.into(), 16));
    }
    digits
}

/// Every form in which a peer, an encoder or a log may show `secret`.
pub(super) fn forms_of(secret: &str) -> impl Iterator<Item = Zeroizing<String>> {
    let mut forms = Vec::with_capacity(16);
    forms.extend([
        secret.to_owned(),
        secret.chars().rev().collect(),
        hexadecimal(secret),
        secret.chars().flat_map(|character| [character, '\0']).collect(),
    ]);
    // Letters and digits are left as they are by every encoder of these.
    if !secret.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        forms.extend([
            secret.trim().to_owned(),
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            utf8_percent_encode(secret, RESERVED).to_string(),
            utf8_percent_encode(secret, KEEP_SLASH).to_string(),
            secret.replace(' ', "+"),
            secret.escape_default().to_string(),
            secret.escape_debug().to_string(),
        ]);
        if let Ok(json) = serde_json::to_string(secret) {
            forms.push(json.trim_matches('"').to_owned());
        }
    }
    // A secret inside a larger base64 text starts at any of three alignments; the characters that
    // it shares with its neighbours are left out.
    let led = Zeroizing::new([&[0, 0], secret.as_bytes()].concat());
    for lead in 0..3 {
        let bytes = &led[2 - lead..];
        let mut encoded = STANDARD_NO_PAD.encode(bytes);
        if bytes.len() % 3 != 0 {
            encoded.pop();
        }
        if encoded.len() > [0, 2, 3][lead] {
            encoded.drain(..[0, 2, 3][lead]);
            if encoded.contains(['+', '/']) {
                forms.push(encoded.replace('+', "-").replace('/', "_"));
            }
            forms.push(encoded);
        }
    }
    forms.into_iter().map(Zeroizing::new)
}
