//! The target of a redirect. It is inspected, never followed. Pure.

use http::Uri;
use http::header::LOCATION;

use super::{Answer, Origin};

/// A redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// To the same host, over TLS.
    ToTls,
    /// To another origin, as far as its name could be read.
    Elsewhere(Option<String>),
    /// To a login page of the same origin.
    Login,
    /// To another path of the same origin.
    Within,
}

/// Path segments of login pages, without the marks between words.
const LOGIN: [&str; 15] = [
    "login",
    "logon",
    "signin",
    "signon",
    "auth",
    "authenticate",
    "authorize",
    "sso",
    "saml",
    "saml2",
    "oauth",
    "oauth2",
    "openid",
    "oidc",
    "adfs",
];

impl Redirect {
    /// The redirect in `answer`, which came from `origin`; `None` if there is none.
    #[must_use]
    pub fn of(answer: &Answer, origin: &Origin) -> Option<Self> {
        if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let Some(location) = answer.headers.get(LOCATION) else { return Some(Self::Elsewhere(None)) };
        let location = String::from_utf8_lossy(location.as_bytes());
        // Browsers treat a backslash as a slash.
        let location = location.trim().replace('\\', "/");
        let absolute = if location.starts_with("//") { format!("{}:{location}", origin.scheme()) } else { location };
        // A relative path: it has no scheme before its first separator.
        if !absolute.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':')) {
            return Some(Self::to_path(&absolute));
        }
        let Some((uri, to)) = absolute.parse::<Uri>().ok().and_then(|uri| Origin::of(&uri).map(|to| (uri, to))) else {
            return Some(Self::Elsewhere(None));
        };
        let same_host = to.host.eq_ignore_ascii_case(&origin.host);
        Some(match (same_host, origin.tls, to.tls) {
            (true, false, true) => Self::ToTls,
            (true, from, to_tls) if from == to_tls && to.port == origin.port => Self::to_path(uri.path()),
            _ => Self::Elsewhere(Some(format!("{}://{}", to.scheme(), to.authority()))),
        })
    }

    fn to_path(path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let is_login = |part: &str| {
            let part = part.split('.').next().unwrap_or_default().replace(['-', '_'], "");
            LOGIN.contains(&&*part) || part.starts_with("login") || part.ends_with("login")
        };
        if path.split('/').any(is_login) { Self::Login } else { Self::Within }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_told_by_its_origin() {
        let elsewhere = |to: &str| Some(Redirect::Elsewhere(Some(to.to_owned())));
        for (status, from, location, expected) in [
            (302, "http://a.example", "/login", Some(Redirect::Login)),
            (302, "http://a.example", "login?next=http://b.example/", Some(Redirect::Login)),
            (302, "http://a.example", "http://A.example:80/users/Sign_In.php?x", Some(Redirect::Login)),
            (302, "http://a.example", "/auth/realms/x", Some(Redirect::Login)),
            (302, "http://a.example", "/ui/?next=/login", Some(Redirect::Within)),
            (302, "http://a.example", "?next=/login", Some(Redirect::Within)),
            (302, "http://a.example", "", Some(Redirect::Within)),
            (302, "http://a.example", "/authors", Some(Redirect::Within)),
            (302, "http://a.example", "/\\b.example/login", elsewhere("http://b.example")),
            (302, "http://a.example", "http:/b.example", Some(Redirect::Elsewhere(None))),
            (302, "http://a.example", "http://b.example/login", elsewhere("http://b.example")),
            (302, "http://a.example", "//b.example/login", elsewhere("http://b.example")),
            (301, "http://a.example", "https://a.example/", Some(Redirect::ToTls)),
            (301, "http://a.example:8080", "https://a.example:8443/", Some(Redirect::ToTls)),
            (308, "http://a.example", "https://www.a.example/", elsewhere("https://www.a.example")),
            (307, "https://a.example", "http://a.example/", elsewhere("http://a.example")),
            (303, "https://a.example", "https://a.example:8443/", elsewhere("https://a.example:8443")),
            (302, "http://a.example", "ftp://a.example/", Some(Redirect::Elsewhere(None))),
            (302, "http://a.example", "http://b ad/", Some(Redirect::Elsewhere(None))),
            (302, "http://a.example", "javascript:alert(1)", Some(Redirect::Elsewhere(None))),
            (200, "http://a.example", "http://b.example/", None),
            (304, "http://a.example", "http://b.example/", None),
        ] {
            let headers = [(LOCATION, location.parse().unwrap())].into_iter().collect();
            let answer = Answer { status, headers, ..Answer::default() };
            let origin = Origin::of(&from.parse().unwrap()).unwrap();
            assert_eq!(Redirect::of(&answer, &origin), expected, "{status} {from} {location}");
        }
        let bare = Answer { status: 302, ..Answer::default() };
        let origin = Origin::of(&"http://a".parse().unwrap()).unwrap();
        assert_eq!(Redirect::of(&bare, &origin), Some(Redirect::Elsewhere(None)));
    }
}
