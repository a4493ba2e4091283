//! The credential of a definition: HTTP Basic of login and password, and the headers in `extra` that may say who asks.

use http::header::{AUTHORIZATION, HeaderMap};

use crate::driver::Fields;
use crate::driver::kit::http::HttpFlaw;
use crate::driver::kit::http::HttpNotice;
use crate::driver::kit::http::{self as kit, BASIC, basic};
use crate::model::fingerprint::Fingerprint;
use crate::model::secret::Secret;

/// Who asks, and how that is said.
#[derive(Debug)]
pub(super) struct Credential {
    pub(super) login: Option<String>,
    pub(super) lines: kit::Credential,
}

/// The credential of a definition with these `headers`; as Airflow has it, a login comes before an `Authorization` header,
/// and without one there is no password.
pub(super) fn read(fields: &mut Fields<'_>, mut headers: HeaderMap) -> Option<Credential> {
    let password = fields.password().map_or("", Secret::expose);
    let Some(login) = fields.login() else {
        if !password.is_empty() {
            fields.warn(HttpNotice::PasswordAlone);
        }
        let method = method(&headers)?;
        return Some(Credential { login: None, lines: kit::Credential { headers, method } });
    };
    match basic(login, password) {
        Ok(value) => {
            if headers.insert(AUTHORIZATION, value).is_some() {
                fields.warn(HttpNotice::AuthorizationIgnored);
            }
        }
        Err(field) => fields.problem(HttpFlaw::NotBasic { field }),
    }
    Some(Credential { login: Some(login.to_owned()), lines: kit::Credential { headers, method: BASIC } })
}

/// What the credential in `headers` is called; `None` where there is none.
fn method(headers: &HeaderMap) -> Option<&'static str> {
    const SCHEMES: [&str; 4] = [BASIC, "Bearer", "Token", "ApiKey"];
    let Some(value) = headers.get(AUTHORIZATION) else { return (!headers.is_empty()).then_some("header") };
    let scheme = value.to_str().ok().and_then(|text| text.split(' ').next()).unwrap_or_default();
    Some(SCHEMES.into_iter().find(|known| known.eq_ignore_ascii_case(scheme)).unwrap_or("Authorization"))
}

impl Credential {
    /// The lines, by which two credentials differ.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let mut lines: Vec<String> = (self.lines.headers.iter())
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        lines.sort_unstable();
        Fingerprint::of(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A key or token is an account of its own: whose it is, it does not say.
    pub(super) fn account(&self) -> String {
        self.login.clone().unwrap_or_else(|| format!("key {}", self.fingerprint().id()))
    }
}
