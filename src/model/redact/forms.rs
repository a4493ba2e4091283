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
    secret
        .bytes()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// Every form in which a peer, an encoder or a log may show `secret`.
pub(super) fn forms_of(secret: &str) -> Vec<String> {
    let mut forms = vec![
        secret.to_owned(),
        secret.chars().rev().collect(),
        hexadecimal(secret),
        secret.chars().flat_map(|character| [character, '\0']).collect(),
    ];
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
    for lead in 0..3 {
        let bytes = Zeroizing::new([&[0, 0][..lead], secret.as_bytes()].concat());
        let encoded = Zeroizing::new(STANDARD_NO_PAD.encode(&bytes));
        let start = [0, 2, 3][lead];
        let end = if bytes.len() % 3 == 0 { encoded.len() } else { encoded.len() - 1 };
        if let Some(whole) = encoded.get(start..end) {
            forms.push(whole.to_owned());
            if whole.contains(['+', '/']) {
                forms.push(whole.replace('+', "-").replace('/', "_"));
            }
        }
    }
    forms
}
