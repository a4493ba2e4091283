//! What the dialogue with a server revealed, whatever the outcome of the login.

use serde::{Deserialize, Serialize};

use super::redact::Kind;

/// Facts of one probe. Text in here came over the wire; the engine scrubs it before it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Facts {
    /// The server's product, as `PostgreSQL` or `MariaDB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// `server` is a word of the server's own (a header of S3), not the name of a product that connprobe knows.
    #[serde(skip)]
    pub server_said: bool,
    /// The server's version, as it says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The user that the session really has (S3: the caller's ARN).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The database that the session really has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// The authentication method that was really used: a driver's own word, never the server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_method: Option<String>,
    /// Whether the server proved who it is: verified TLS, or a SCRAM signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_proved: Option<bool>,
    /// Whether the session can only read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<bool>,
    /// The region of the bucket (S3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The encrypted channel, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFacts>,
}

/// The encrypted channel, as far as it got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TlsFacts {
    /// `TLSv1.3` or `TLSv1.2`; absent when the handshake did not complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The cipher suite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cipher: Option<String>,
    /// Chain and name were both checked.
    pub verified: bool,
    /// The certificates that the server presented, its own first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Certificate>,
}

/// One certificate of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Certificate {
    /// Subject, as an X.509 name.
    pub subject: String,
    /// Issuer, as an X.509 name.
    pub issuer: String,
    /// The names it is valid for; at most ten are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// RFC 3339 in UTC.
    pub not_before: String,
    /// RFC 3339 in UTC.
    pub not_after: String,
}

impl Facts {
    /// Removes foreign text; what remains is connprobe's own.
    pub fn without_foreign_texts(&mut self) {
        let Self { server, server_said, version, user, database, region, tls, .. } = self;
        if *server_said {
            *server = None;
        }
        for text in [version, user, database, region] {
            *text = None;
        }
        // A product's name is from connprobe's own list; the version after it is foreign text.
        *server = server.take().and_then(|name| {
            let known = name.split(|letter: char| letter.is_ascii_digit()).next().unwrap_or_default().trim();
            Some(known.to_owned()).filter(|name| !name.is_empty())
        });
        if let Some(tls) = tls {
            tls.chain.clear();
        }
    }

    /// All foreign texts, each with its kind.
    pub fn foreign_texts(&mut self) -> impl Iterator<Item = (Kind, &mut String)> {
        let Self { server, version, user, database, region, tls, .. } = self;
        let certificates = tls.iter_mut().flat_map(|tls| &mut tls.chain);
        let of_certificates = certificates
            .flat_map(|Certificate { subject, issuer, names, .. }| [subject, issuer].into_iter().chain(names));
        let products = [server, version].into_iter().flatten().map(|text| (Kind::Product, text));
        let names = [user, database, region].into_iter().flatten().chain(of_certificates);
        products.chain(names.map(|text| (Kind::Name, text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_foreign_texts_only_words_of_our_own_are_left() {
        let text = |text: &str| Some(text.to_owned());
        let facts = |server: &str, server_said: bool| Facts {
            server: text(server),
            server_said,
            version: text("16.4 of theirs"),
            user: text("theirs"),
            database: text("theirs"),
            auth_method: text("scram-sha-256"),
            server_proved: Some(true),
            read_only: Some(false),
            region: text("theirs-1"),
            tls: Some(TlsFacts {
                version: text("TLSv1.3"),
                chain: vec![Certificate::default()],
                ..TlsFacts::default()
            }),
        };
        for (server, server_said, shown) in [
            ("PostgreSQL 16.4", false, Some("PostgreSQL")),
            ("MariaDB", false, Some("MariaDB")),
            ("Their own S3", true, None),
            ("9.9", false, None),
        ] {
            let mut facts = facts(server, server_said);
            facts.without_foreign_texts();
            assert_eq!((facts.server.as_deref(), facts.auth_method.as_deref()), (shown, Some("scram-sha-256")));
            let Facts { version, user, database, region, tls, server_proved, read_only, .. } = facts;
            assert_eq!([version, user, database, region], [None, None, None, None]);
            assert_eq!((server_proved, read_only), (Some(true), Some(false)));
            assert!(tls.is_some_and(|tls| tls.chain.is_empty() && tls.version.is_some()));
        }
    }
}
