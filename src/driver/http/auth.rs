//! The credential of a definition: HTTP Basic of login and password, and the headers in `extra` that may identify the
//! client.

use http::header::{AUTHORIZATION, HeaderMap, HeaderName};

use super::identity::{Identity, take_others};
use crate::driver::Fields;
use crate::driver::kit::http::{self as kit, BASIC, HttpFlaw, HttpNotice, LONGEST, basic};
use crate::model::reason::Field;
use crate::model::secret::Secret;

/// The credential and its headers.
#[derive(Debug)]
pub(super) struct Credential {
    /// The login as in the definition. One in a header is not shown.
    pub(super) login: Option<String>,
    pub(super) identity: Identity,
    pub(super) lines: kit::Credential,
    /// Headers of the definition that do not identify the client: they are sent without the credential too.
    pub(super) others: HeaderMap,
}

/// The credential of a definition with these `headers`. As in Airflow, a login overrides an `Authorization` header, and
/// a password without a login is ignored.
pub(super) fn read(fields: &mut Fields<'_>, mut headers: HeaderMap) -> Option<Credential> {
    let password = fields.password().map_or("", Secret::expose);
    let Some(login) = fields.login() else {
        if !password.is_empty() {
            fields.warn(HttpNotice::PasswordAlone);
        }
        let others = take_others(&mut headers);
        let method = method(&headers)?;
        let identity = Identity::of(&headers)?;
        let stored = identity.lines.iter().map(|name| stored(fields, name)).collect();
        return Some(Credential {
            login: None,
            identity,
            lines: kit::Credential { headers, method, fields: stored },
            others,
        });
    };
    let too_long =
        [(Field::LOGIN, login), (Field::PASSWORD, password)].into_iter().find(|(_, text)| text.len() > LONGEST);
    if let Some((field, _)) = too_long {
        fields.problem(HttpFlaw::TooLong { field });
        return None;
    }
    match basic(login, password) {
        Ok(value) => {
            if headers.insert(AUTHORIZATION, value).is_some() {
                fields.warn(HttpNotice::AuthorizationIgnored);
            }
        }
        Err(field) => fields.problem(HttpFlaw::NotBasic { field }),
    }
    let others = take_others(&mut headers);
    let identity = Identity::of(&headers)?;
    // A key beside the login is refused as the login is.
    let beside = headers.keys().filter(|name| **name != AUTHORIZATION).map(|name| stored(fields, name));
    let fields = [Field::LOGIN, Field::PASSWORD].into_iter().chain(beside).collect();
    Some(Credential {
        login: Some(login.to_owned()),
        identity,
        lines: kit::Credential { headers, method: BASIC, fields },
        others,
    })
}

/// The field of the definition that has the header `name`.
fn stored(fields: &Fields<'_>, name: &HeaderName) -> Field {
    let keys = fields.connection().extra.keys();
    Field::extra(keys.filter(|key| key.eq_ignore_ascii_case(name.as_str())).last().unwrap_or(name.as_str()))
}

/// The method's name for the credential in `headers`; `None` if there is none.
fn method(headers: &HeaderMap) -> Option<&'static str> {
    const SCHEMES: [&str; 4] = [BASIC, "Bearer", "Token", "ApiKey"];
    let Some(value) = headers.get(AUTHORIZATION) else { return (!headers.is_empty()).then_some("header") };
    let scheme = value.to_str().ok().and_then(|text| text.split_whitespace().next()).unwrap_or_default();
    Some(SCHEMES.into_iter().find(|known| known.eq_ignore_ascii_case(scheme)).unwrap_or("Authorization"))
}
