//! `Headers`: the extras of a definition that are not options, which Airflow's hooks over HTTP send as headers
//! (providers-http, `HttpHook._configure_session_from_extra`). All of them are secrets. Must not do any I/O.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::flaws::HttpFlaw;
use super::notices::HttpNotice;
use crate::driver::Fields;
use crate::model::reason::Field;

/// Headers that do not identify the client: they are sent with every request.
const OF_ANYBODY: [HeaderName; 9] = [
    header::ACCEPT,
    header::ACCEPT_CHARSET,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::CONTENT_TYPE,
    header::ORIGIN,
    header::PRAGMA,
    header::REFERER,
    header::USER_AGENT,
];

/// Headers that would change the meaning of the request; with the last ones many servers treat it as one of another
/// method, or for another address.
const FRAMING: [HeaderName; 11] = [
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TRAILER,
    header::TE,
    HeaderName::from_static("x-http-method-override"),
    HeaderName::from_static("x-http-method"),
    HeaderName::from_static("x-method-override"),
    HeaderName::from_static("x-original-method"),
    HeaderName::from_static("x-original-url"),
    HeaderName::from_static("x-rewrite-url"),
];

/// The most bytes of a value, and of all headers together: servers accept 8 to 64 KiB.
pub const LONGEST: usize = 64 << 10;

/// Headers that do not affect a login, and that connprobe sets itself as it controls the connection.
const OF_THE_CONNECTION: [HeaderName; 5] = [
    header::CONNECTION,
    header::ACCEPT_ENCODING,
    header::EXPECT,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
];

/// The headers of a definition.
#[derive(Debug, Default)]
pub struct Headers {
    /// The headers of every request.
    pub common: HeaderMap,
    /// The headers that may identify the client: they are sent only with the credential.
    pub credential: HeaderMap,
}

impl Headers {
    /// Reads them; problems go to `fields`.
    pub fn read(fields: &mut Fields<'_>) -> Self {
        let mut headers = Self::default();
        let connection = fields.connection();
        let mut length = 0;
        for (key, value) in connection.extra.object().iter().filter(|(_, value)| !value.is_null()) {
            if !fields.is_open(key) {
                continue;
            }
            let Ok(name) = HeaderName::from_bytes(key.as_bytes()) else {
                fields.problem(HttpFlaw::BadHeaderName { key: key.clone() });
                continue;
            };
            // Many servers take an underscore for a hyphen.
            let spelled = name.as_str().replace('_', "-");
            if FRAMING.iter().any(|framing| framing.as_str() == spelled) {
                fields.problem(HttpFlaw::Framing { key: key.clone() });
            } else if name == header::HOST {
                fields.unsupported(HttpFlaw::OtherHost { key: key.clone() });
            } else if OF_THE_CONNECTION.contains(&name) {
                fields.warn(HttpNotice::HeaderNotSent { key: key.clone() });
            } else {
                match line(value) {
                    Ok(None) => {}
                    Ok(Some(value)) if length + key.len() + value.len() > LONGEST => {
                        fields.problem(HttpFlaw::TooLong { field: Field::extra(key) });
                    }
                    Ok(Some(value)) => {
                        length += key.len() + value.len();
                        let common = OF_ANYBODY.contains(&name);
                        let into = if common { &mut headers.common } else { &mut headers.credential };
                        into.insert(name, value);
                    }
                    Err(why) => fields.problem(HttpFlaw::BadHeader { key: key.clone(), text: why }),
                }
            }
        }
        headers
    }
}

/// The value of a header; `None` for an empty one.
///
/// # Errors
///
/// The usual client does not accept the value: it is not text (false), or it is text that does not fit in one line
/// (true).
fn line(value: &Value) -> Result<Option<HeaderValue>, bool> {
    let text = value.as_str().ok_or(false)?;
    let latin: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(letter).ok()).collect();
    let value =
        latin.filter(|_| !text.starts_with(char::is_whitespace)).and_then(|latin| HeaderValue::from_bytes(&latin).ok());
    let mut value = value.ok_or(true)?;
    value.set_sensitive(true);
    Ok((!text.is_empty()).then_some(value))
}
