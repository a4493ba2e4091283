//! Opens connections to the server of a definition.

use std::sync::Arc;

use super::options::Options;
use crate::driver::kit::http::NetworkConnector;
use crate::driver::tls_file::{self, TlsFile};
use crate::driver::{Attempt, Circumstances, Encryption};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::{Field, ReasonCode};
use crate::model::secret::Secret;
use crate::net::tls::Verification;

/// The hint for a server without TLS.
const PLAIN: &str = "set `schema` to `http` if that is what the server should speak, or check the port";

/// The connector for `options`. Reads the files first.
pub(super) fn connector(options: &Options, attempt: &Attempt) -> Result<NetworkConnector, Failure> {
    let ca = options.ca.as_ref().map(TlsFile::read).transpose()?;
    let parts = options.certificate.iter().map(TlsFile::read).collect::<Result<Vec<_>, _>>()?;
    let texts: Vec<&str> = parts.iter().map(Secret::expose).collect();
    Ok(NetworkConnector {
        attempt: attempt.clone(),
        verification: options.verification,
        roots: attempt.roots(ca.map(|pem| pem.expose().as_bytes().to_vec())),
        certificate: (!texts.is_empty()).then(|| Arc::new(Secret::new(texts.join("\n")))),
        plain_hint: PLAIN,
    })
}

/// Adds to the `failure` of a login the part of the definition that is at fault.
pub(super) fn blame(options: &Options, failure: Failure) -> Failure {
    let ca = options.ca.as_ref().filter(|_| options.verification > Verification::None);
    let mut failure = tls_file::blame(failure, ca, options.certificate.first(), options.certificate.last());
    match failure.reason {
        ReasonCode::ClientCertificateRequired | ReasonCode::ClientCertificateRefused => {
            failure.point_at([Field::extra("cert")]);
        }
        // The definition's scheme is wrong: the intended server has answered.
        ReasonCode::TlsExpected => {
            failure.class = Class::Tls;
            failure.point_at([Field::SCHEMA]);
        }
        _ => {}
    }
    failure
}

/// The host and the path, TLS or not, and the client's certificate: a server may admit a user to one path, or as one
/// host, and not to another.
pub(super) fn circumstances(options: &Options) -> Circumstances {
    let origin = &options.url.origin;
    let encryption = if origin.tls { Encryption::Always } else { Encryption::Never };
    let address = format!("{}{}", origin.authority(), options.url.path);
    Circumstances::of(encryption).with(address).presenting(options.certificate.iter().map(TlsFile::identity))
}
