//! `Identity`: the account of a credential and its secret, as the ledger identifies them, however the headers are
//! written and whatever other headers there are. Pure.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::model::fingerprint::Fingerprint;

/// Servers accept both forms, with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Words in the names of headers whose value is a secret.
const SECRETS: [&str; 11] =
    ["key", "token", "secret", "pass", "pwd", "auth", "session", "cookie", "credential", "signature", "jwt"];

/// Ends of the names of headers that identify the user, without the marks between words.
const USERS: [&str; 13] = [
    "user",
    "username",
    "userid",
    "login",
    "loginid",
    "email",
    "mail",
    "uid",
    "clientid",
    "accountid",
    "applicationid",
    "appid",
    "keyid",
];

/// The account of a credential.
#[derive(Debug)]
pub(super) struct Identity {
    /// The user, as servers compare users. A key or token without a user beside it is an account of its own: it does
    /// not tell whose it is, and no account can be locked by it.
    pub(super) account: String,
    /// The secret, including the way it is sent.
    pub(super) secret: Fingerprint,
    /// The headers that hold it.
    pub(super) lines: Vec<HeaderName>,
}

impl Identity {
    /// The identity of the credential in `headers`; `None` if there are none.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut names: Vec<&HeaderName> = headers.keys().collect();
        names.sort_unstable_by_key(|name| name.as_str());
        let those = |is: fn(&HeaderName) -> bool| names.iter().copied().filter(move |name| is(name));
        if let Some([login, password]) = headers.get(AUTHORIZATION).and_then(|value| pair(value.as_bytes())) {
            let secret = Fingerprint::of::<&[u8]>(&[b"basic", &login, &password]);
            return Some(Self { account: folded(&text(&login)), secret, lines: vec![AUTHORIZATION] });
        }
        // An `Authorization` header identifies the client, whatever else is sent. If no header is known, each of them
        // may be the secret.
        let known = [those(is_authorization).collect(), those(is_secret).collect()];
        let lines: Vec<&HeaderName> =
            known.into_iter().find(|lines: &Vec<_>| !lines.is_empty()).unwrap_or_else(|| names.clone());
        let user = those(names_user).find(|name| !lines.contains(name)).and_then(|name| headers.get(name));
        let values = lines.iter().filter_map(|name| Some(parts(name, headers.get(*name)?)));
        let parts: Vec<Zeroizing<Vec<u8>>> = values.flatten().collect();
        let secret = Fingerprint::of(&parts);
        let how: Vec<&str> = lines.iter().map(|name| name.as_str()).collect();
        let account = match user {
            Some(user) => format!("{} by {}", folded(&text(user.as_bytes())), how.join(" ")),
            None => format!("key {}", secret.id()),
        };
        (!lines.is_empty()).then(|| Self { account, secret, lines: lines.into_iter().cloned().collect() })
    }
}

/// The parts of a header that belong to the secret.
fn parts(name: &HeaderName, value: &HeaderValue) -> [Zeroizing<Vec<u8>>; 3] {
    let (scheme, token) =
        if is_authorization(name) { split(value.as_bytes()) } else { (Vec::new(), value.as_bytes().trim_ascii()) };
    [name.as_str().as_bytes().to_vec(), scheme, token.to_vec()].map(Zeroizing::new)
}

/// `login` as servers compare it. Some ignore case, and it is not known which, so all spellings are folded to one
/// account.
pub(super) fn folded(login: &str) -> String {
    login.trim().nfkc().flat_map(char::to_lowercase).collect()
}

/// The scheme of an `Authorization` value, in lower case, and the rest. A value of one word has no scheme.
fn split(value: &[u8]) -> (Vec<u8>, &[u8]) {
    let value = value.trim_ascii();
    match value.iter().position(u8::is_ascii_whitespace) {
        Some(end) => (value[..end].to_ascii_lowercase(), value[end..].trim_ascii()),
        None => (Vec::new(), value),
    }
}

/// The login and the password of HTTP Basic.
fn pair(value: &[u8]) -> Option<[Zeroizing<Vec<u8>>; 2]> {
    let (scheme, token) = split(value);
    let pair = Zeroizing::new(BASE64.decode(token).ok().filter(|_| scheme == b"basic")?);
    let colon = pair.iter().position(|byte| *byte == b':')?;
    Some([pair[..colon].to_vec(), pair[colon + 1..].to_vec()].map(Zeroizing::new))
}

/// `bytes` as text, in UTF-8 or else in Latin-1.
fn text(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_latin| bytes.iter().copied().map(char::from).collect(), str::to_owned)
}

fn is_authorization(name: &HeaderName) -> bool {
    *name == AUTHORIZATION
}

fn names_user(name: &HeaderName) -> bool {
    let name = name.as_str();
    let words = || name.split(['-', '_']);
    let last = words().next_back().unwrap_or_default();
    let two: String = words().skip(words().count().saturating_sub(2)).collect();
    USERS.iter().any(|user| last == *user || two == *user)
}

fn is_secret(name: &HeaderName) -> bool {
    // An idempotency key identifies a request, not the client.
    let other = name.as_str() == "idempotency-key" || names_user(name);
    let is_pw = name.as_str().split(['-', '_']).any(|word| word == "pw");
    !other && (is_pw || SECRETS.iter().any(|word| name.as_str().contains(word)))
}

/// Takes the headers out of `headers` that do not identify the client, if others do: a tenant, a version.
pub(super) fn take_others(headers: &mut HeaderMap) -> HeaderMap {
    let identifies = |name: &HeaderName| is_authorization(name) || is_secret(name) || names_user(name);
    let mut others = HeaderMap::new();
    if headers.keys().any(|name| is_authorization(name) || is_secret(name)) {
        let names: Vec<HeaderName> = headers.keys().filter(|name| !identifies(name)).cloned().collect();
        for name in names {
            if let Some(value) = headers.remove(&name) {
                others.insert(name, value);
            }
        }
    }
    others
}
