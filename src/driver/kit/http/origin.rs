//! The origin of requests, and URLs as users write them. Must not do any I/O.

use http::Uri;

use crate::model::reason::unusable::BadServiceUrl;
use crate::net::dial::Endpoint;

/// One origin: a client for it connects to nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Whether the scheme is `https`.
    pub tls: bool,
    /// A name or an address, the latter without brackets.
    pub host: String,
    /// 1 to 65535.
    pub port: u16,
}

impl Origin {
    /// The origin of an absolute `http` or `https` URL.
    #[must_use]
    pub fn of(uri: &Uri) -> Option<Self> {
        let (tls, default) = match uri.scheme_str()? {
            "https" => (true, 443),
            "http" => (false, 80),
            _ => return None,
        };
        let (authority, host) = (uri.authority()?.as_str(), uri.host()?);
        let port = if authority.len() == host.len() { default } else { uri.port_u16().filter(|port| *port != 0)? };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then(|| Self { tls, host: host.to_owned(), port })
    }

    /// `http` or `https`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }

    /// Host and port as a request names them: without the port if it is the scheme's default.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == if self.tls { 443 } else { 80 } { host } else { format!("{host}:{}", self.port) }
    }

    /// What to dial.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::Tcp { host: self.host.clone(), port: self.port }
    }
}

/// The address of a service as the definition or a variable gives it, validated: `https://minio.example:9000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceUrl {
    text: String,
    origin: Origin,
    path: String,
}

impl ServiceUrl {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// Why `text` is not one; never the text itself, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, BadServiceUrl> {
        let text = text.trim();
        if !text.contains("://") {
            return Err(BadServiceUrl::NoScheme);
        }
        let uri: Uri = text.parse().map_err(|_invalid| BadServiceUrl::NotAUrl)?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(BadServiceUrl::HoldsLogin);
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(BadServiceUrl::HoldsQuery);
        }
        match Origin::of(&uri) {
            Some(origin) => Ok(Self {
                text: text.trim_end_matches('/').to_owned(),
                origin,
                path: uri.path().trim_end_matches('/').to_owned(),
            }),
            None => Err(BadServiceUrl::NotAUrl),
        }
    }

    /// The whole URL, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The service's origin.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The prefix of the path of every request; empty, or `/prefix`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_a_host_without_brackets_and_a_port() {
        for (url, tls, host, port) in [
            ("https://vault.example", true, "vault.example", 443),
            ("http://127.0.0.1:8200/prefix", false, "127.0.0.1", 8200),
            ("https://[::1]:9000/", true, "::1", 9000),
        ] {
            assert_eq!(Origin::of(&url.parse().unwrap()), Some(Origin { tls, host: host.to_owned(), port }), "{url}");
        }
    }

    #[test]
    fn a_prefix_is_kept_apart_from_the_origin() {
        for (text, kept, path) in [
            ("https://vault.example:8200", "https://vault.example:8200", ""),
            (" https://gate.example/vault/ ", "https://gate.example/vault", "/vault"),
        ] {
            let url = ServiceUrl::parse(text).unwrap();
            assert_eq!((url.as_str(), url.path()), (kept, path), "{text}");
        }
    }

    #[test]
    fn what_is_no_endpoint_is_refused_with_its_reason() {
        use BadServiceUrl::{HoldsLogin, HoldsQuery, NoScheme, NotAUrl};
        for (text, why) in [
            ("minio:9000", NoScheme),
            ("ftp://minio", NotAUrl),
            ("https://", NotAUrl),
            ("https://:9000", NotAUrl),
            ("https://minio:port", NotAUrl),
            ("https://minio:99999", NotAUrl),
            ("https://minio:0", NotAUrl),
            ("https://key:hunter2@minio", HoldsLogin),
            ("https://minio/?x=1", HoldsQuery),
            ("https://minio/#x", HoldsQuery),
            ("https://mi nio", NotAUrl),
        ] {
            assert_eq!(ServiceUrl::parse(text), Err(why), "{text}");
        }
    }
}
