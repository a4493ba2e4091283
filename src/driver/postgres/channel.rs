//! Opens the channel for a login: dials the host, and encrypts the stream as `sslmode` requires.
//!
//! The request for TLS is sent here, not by the driver crate, which goes on in clear after any answer but `S`.

use std::io;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::failure::{Login, Stage as Asked};
use super::flaws::PostgresFlaw;
use super::hosts::Host;
use super::notices::PostgresNotice;
use super::refused::Refused;
use super::session::{Ended, Unopened};
use super::sniff::PROTOCOL;
use super::tls_options::{Root, SslMode, TlsOptions};
use crate::driver::attempt::Protection;
use crate::driver::early::{after_offer, premature};
use crate::driver::kit::wire::{Stream, TlsHandshake, hear_out};
use crate::driver::{Attempt, tls_file};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{self, Definition, ReasonCode};
use crate::model::result::Address;
use crate::net::dial::{Endpoint, Socket, Wire};
use crate::net::fault::classify;
use crate::net::guard::{Guarded, Tap};
use crate::net::tls::{ClientIdentity, Roots, TlsSettings, Verification, Versions, is_encrypted};

/// The `SSLRequest` message: its length, and a version number that stands for the request.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const ALPN: &[u8] = b"postgresql";

/// How long a peer that is not a PostgreSQL server is read on, so that it can be recognised.
const LISTEN: Duration = Duration::from_millis(100);
/// How many bytes of its answer are read.
const LONGEST_ERROR: usize = 2 << 10;

/// The likely cause of silence with direct TLS: a server without it takes the bytes for a message and waits for its
/// end.
const NOT_DIRECT: &str = "the server may be overloaded or stopped, or not know TLS from the first byte and wait for more: `sslnegotiation=direct` needs PostgreSQL 17 or later; leave it out for older servers";

/// A channel to one host.
pub(super) struct Opened {
    pub(super) stream: Box<dyn Stream>,
    pub(super) channel: Protection,
    /// The certificate hash for SCRAM's channel binding.
    pub(super) end_point: Option<Vec<u8>>,
    pub(super) address: Address,
    pub(super) tap: Tap,
}

/// Whether to request TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChannelKind {
    /// In clear.
    Plain,
    /// Encrypted; in clear only if `sslmode` allows it and the server does not offer TLS.
    Tls,
}

/// Opens a channel for `login`.
pub(super) async fn open(login: &Login<'_>, kind: ChannelKind) -> Result<Opened, Unopened> {
    let Login { attempt, options, host, .. } = login;
    if kind == ChannelKind::Plain {
        attempt.admit_in_clear(&host.endpoint)?;
    }
    let Wire { stream, address, tap } = attempt.dial(&host.endpoint).await?;
    if kind == ChannelKind::Plain || matches!(host.endpoint, Endpoint::Unix(_)) {
        return Ok(plain(&options.tls, stream, address, tap).await?);
    }
    attempt.phase(Phase::Tls, encrypt(login, Wire { stream, address, tap })).await
}

async fn plain(tls: &TlsOptions, mut stream: Guarded<Socket>, address: Address, tap: Tap) -> Result<Opened, Failure> {
    if let Err(unasked) = certificate_asked(tls, false) {
        hear_out(&mut stream, &tap).await;
        return Err(unasked);
    }
    Ok(Opened { stream: Box::new(stream), channel: Protection::Plain, end_point: None, address, tap })
}

/// Checks that the server requested the client's certificate if `sslcertmode=require`. libpq checks this at the end of
/// the login; here no credential was sent yet.
fn certificate_asked(tls: &TlsOptions, asked: bool) -> Result<(), Failure> {
    if tls.must_ask && !asked { Err(Failure::of(reason::Tls::ClientCertificateUnasked).at(Phase::Tls)) } else { Ok(()) }
}

async fn encrypt(login: &Login<'_>, wire: Wire) -> Result<Opened, Unopened> {
    let Login { attempt, options, host, .. } = login;
    let tls = &options.tls;
    let Wire { mut stream, address, tap } = wire;
    let encryption = match prepare(attempt, tls, host, &address) {
        Ok(encryption) => encryption,
        Err(failure) => {
            hear_out(&mut stream, &tap).await;
            return Err(failure.into());
        }
    };
    if tls.direct {
        attempt.if_silent(NOT_DIRECT);
    } else if !offers_tls(login, &mut stream, &tap).await? {
        return match tls.mode {
            SslMode::Disable | SslMode::Allow | SslMode::Prefer => Ok(plain(tls, stream, address, tap).await?),
            _demanded => Err(no_tls().into()),
        };
    }
    let stream = encryption.run(stream).await.map_err(|error| {
        let failure = handshake_failed(tls, encryption.verification(), classify(&error, &tap, &PROTOCOL));
        Unopened { failure, ended: Ended::InHandshake }
    })?;
    if tls.direct && stream.get_ref().1.alpn_protocol() != Some(ALPN) {
        return Err(Failure::of(reason::Tls::ProtocolNotAgreed {
            product: "PostgreSQL",
            hint: "`sslnegotiation=direct` needs PostgreSQL 17 or later, without a proxy that ends the TLS in between",
        })
        .into());
    }
    certificate_asked(tls, encryption.was_asked_for_certificate())?;
    let channel = encryption.protection();
    Ok(Opened { stream: Box::new(stream), channel, end_point: encryption.end_point(), address, tap })
}

/// The trusted authorities, and how much of the server's certificate is checked against them.
fn trust(attempt: &Attempt, tls: &TlsOptions) -> Result<(Roots, Verification), Failure> {
    let verification = tls.verification();
    let file = match &tls.root {
        Some(Root::System) => return Ok((Roots::System, verification)),
        None => return Ok((attempt.roots(None), verification)),
        Some(Root::File(file)) => file,
    };
    match file.read() {
        Ok(pem) => Ok((attempt.roots(Some(pem.expose().as_bytes().to_vec())), verification)),
        Err(_unusable) if tls.mode < SslMode::VerifyCa => {
            // The warning does not tell whether the file exists: a definition could ask that for any file.
            attempt.warn(PostgresNotice::RootUnused);
            Ok((attempt.roots(None), Verification::None))
        }
        Err(unusable) => Err(unusable),
    }
}

fn prepare<'a>(
    attempt: &'a Attempt,
    tls: &TlsOptions,
    host: &Host,
    address: &Address,
) -> Result<TlsHandshake<'a>, Failure> {
    let (roots, verification) = trust(attempt, tls)?;
    if tls.mode >= SslMode::VerifyCa && tls.root.is_none() && roots == Roots::System {
        attempt.warn(PostgresNotice::SystemRoots { mode: tls.mode.as_str() });
    }
    let settings = TlsSettings {
        identity: identity(attempt, tls)?,
        alpn: vec![ALPN.to_vec()],
        versions: tls.versions,
        ..TlsSettings::new(verification, roots, &host.name)
    };
    let ca = tls.root.as_ref().and_then(Root::file).filter(|_| verification > Verification::None);
    let (chain, key) = tls.identity.as_ref().map(|pair| (&pair.chain, &pair.key)).unzip();
    TlsHandshake::prepare(attempt, address, settings).map_err(|failure| tls_file::blame(failure, ca, chain, key))
}

/// The client's certificate. Like libpq, goes on without one that cannot be read, unless it must be presented.
fn identity(attempt: &Attempt, tls: &TlsOptions) -> Result<Option<ClientIdentity>, Failure> {
    let Some(pair) = &tls.identity else { return Ok(None) };
    match pair.chain.read() {
        Ok(certificates) => {
            let key = pair.key.read()?;
            if pair.has_password && is_encrypted(key.expose()) {
                let problems = vec![PostgresFlaw::EncryptedKey.into()];
                return Err(Failure::of(Definition::Problems { class: Class::Unsupported, problems }));
            }
            Ok(Some(ClientIdentity { certificates, key }))
        }
        Err(_unusable) if !tls.must_ask => {
            attempt.warn(PostgresNotice::CertificateUnused);
            Ok(None)
        }
        Err(unusable) => Err(unusable),
    }
}

/// Requests TLS. Reads only the one byte of the answer: what follows must be the handshake.
async fn offers_tls(login: &Login<'_>, stream: &mut Guarded<Socket>, tap: &Tap) -> Result<bool, Failure> {
    let broken = |error: io::Error| classify(&error, tap, &PROTOCOL);
    let mut answer = [0];
    stream.write_all(&SSL_REQUEST).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    stream.read_exact(&mut answer).await.map_err(broken)?;
    let stuffed = match answer {
        [b'S'] => matches!(stream.read(&mut [0]).now_or_never(), Some(Ok(1..))),
        _ => false,
    };
    match answer {
        [b'S'] if !stuffed => return Ok(true),
        [b'N'] => return Ok(false),
        _ => {}
    }
    let mut said = answer.to_vec();
    let listen =
        async { while said.len() < LONGEST_ERROR && stream.read_buf(&mut said).await.is_ok_and(|read| read > 0) {} };
    let _heard = tokio::time::timeout(LISTEN, listen).await;
    let other = || {
        broken(io::Error::new(
            io::ErrorKind::InvalidData,
            "an answer to the request for TLS that no PostgreSQL server gives",
        ))
    };
    if stuffed {
        // libpq: "received unencrypted data after SSL response", whatever `sslmode` (fe-connect.c; CVE-2021-23222). The
        // name of another service may begin with the same letter; that is not this case.
        let failure = other();
        let is_other = matches!(failure.reason, ReasonCode::OtherProtocol | ReasonCode::TlsExpected);
        return Err(if is_other { failure } else { Failure::of(reason::Tls::Stuffed) });
    }
    // An error in place of the answer, of either form, gives the reason. libpq refuses it too, but does not show its
    // text (fe-connect.c, "server sent an error response during SSL exchange"; CVE-2024-10977).
    if let Some(refused) = Refused::read(&said) {
        let known = if refused.is_old() {
            login.old_refusal(&refused, Asked::Login)
        } else {
            Some(login.refusal(&refused, Asked::Login))
        };
        if let Some(failure) = known {
            return Err(premature(failure));
        }
    }
    Err(other())
}

fn no_tls() -> Failure {
    Failure::of(reason::Tls::NotOffered {
        field: "extra.sslmode",
        hint: "turn `ssl` on in the server's postgresql.conf, or weaken extra `sslmode`",
    })
}

fn handshake_failed(tls: &TlsOptions, verification: Verification, failure: Failure) -> Failure {
    if tls.direct && failure.class != Class::Tls {
        return failure.hint("`sslnegotiation=direct` needs PostgreSQL 17 or later; leave it out for older servers");
    }
    if failure.reason == ReasonCode::TlsVersionUnsupported && tls.versions != Versions::Both {
        let Failure { detail, speaker, .. } = failure;
        return Failure { detail, speaker, ..Failure::of(reason::Tls::VersionExcluded { keys: tls.limits.clone() }) };
    }
    let failure = if tls.direct { failure } else { after_offer(failure) };
    if failure.reason == ReasonCode::CertificateOutdated {
        return failure.hint(
            "libpq may still take it, as OpenSSL does, so that applications log in: issue a new one all the same (X.509 version 3, an RSA key of 2048 bits or more, SHA-256)",
        );
    }
    // Where the definition does not require encryption or verification, libpq goes on in clear after a failed
    // handshake.
    if failure.class == Class::Tls && tls.mode <= SslMode::Prefer && verification == Verification::None {
        return failure.hint(format!(
            "libpq goes on in clear here, because `sslmode` is `{}`, though anybody on the way can bring that about: mend the server's TLS, or set `disable`",
            tls.mode.as_str()
        ));
    }
    failure
}
