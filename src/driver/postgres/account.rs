//! The account that a definition logs in to, its credential, and its circumstances.

use super::options::{self, Options};
use super::tls_options::SslMode;
use crate::driver::fields::without_server;
use crate::driver::tls_file::TlsFile;
use crate::driver::{Circumstances, Encryption};
use crate::model::connection::Connection;
use crate::model::fingerprint::Fingerprint;
use crate::model::secret::Secret;
use crate::net::dial::Endpoint;

/// The user as the server knows it: the server truncates names to 63 bytes, and Azure's gateway removes the server's
/// name.
pub(super) fn named(options: &Options) -> String {
    let host = options.hosts.first().map(|host| &host.endpoint);
    let user = match host {
        Some(Endpoint::Tcp { host, .. }) => without_server(&options.user, host),
        _ => &options.user,
    };
    folded(user).to_owned()
}

pub(super) fn folded(user: &str) -> &str {
    &user[..user.floor_char_boundary(63)]
}

/// TLS or not, the client's certificate, and the server behind a shared host name. The server chooses the method, so
/// that is not part of it.
pub(super) fn circumstances(options: &Options) -> Circumstances {
    let sockets = options.hosts.iter().filter(|host| matches!(host.endpoint, Endpoint::Unix(_))).count();
    let encryption = match options.tls.mode {
        SslMode::Disable => Encryption::Never,
        _ if sockets == options.hosts.len() => Encryption::Never,
        SslMode::Allow => Encryption::IfDemanded,
        SslMode::Prefer => Encryption::IfOffered,
        _ if sockets > 0 => Encryption::IfOffered,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => Encryption::Always,
    };
    let certificate = options.tls.identity.iter().flat_map(|identity| [&identity.chain, &identity.key]);
    let server = options.settings.as_deref().map(options::routing).unwrap_or_default();
    Circumstances::of(encryption).with(server).presenting(certificate.map(TlsFile::identity))
}

/// The credential: the password, else the client's certificate.
pub(super) fn credential(connection: &Connection, password: Option<&Secret>) -> Option<Fingerprint> {
    if let Some(password) = password {
        return Some(Fingerprint::of(&[password.expose()]));
    }
    let pair: Vec<&str> = ["sslcert", "sslkey"].iter().filter_map(|key| connection.extra.get(key)?.as_str()).collect();
    (!pair.is_empty()).then(|| Fingerprint::of(&pair))
}
