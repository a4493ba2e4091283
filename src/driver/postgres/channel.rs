//! From the host to a channel that a login may go over: dialled, and encrypted as `sslmode` has it.
//!
//! The request for TLS is made here, not in the driver crate, which goes on in clear after any
//! answer but `S`.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::hosts::Host;
use super::tls_options::{Root, SslMode, TlsOptions};
use crate::driver::Attempt;
use crate::driver::attempt::Channel;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{ReasonCode, Tls, Words};
use crate::model::result::Address;
use crate::model::warning::WarningCode;
use crate::net::dial::{Endpoint, Socket, Wire};
use crate::net::fault::classify;
use crate::net::guard::{Guarded, Tap};
use crate::net::sniff::{self, Protocol};
use crate::net::tls::{ClientIdentity, Roots, TlsClient, TlsSettings, Verification};

/// The message that asks for TLS: its length, and a version number that stands for the request.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const ALPN: &[u8] = b"postgresql";

/// How long a peer that is no PostgreSQL server may go on, so that it can be recognised.
const LISTEN: Duration = Duration::from_millis(100);

/// A stream of either kind.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// A channel to one host.
pub(super) struct Opened {
    pub(super) stream: Box<dyn Duplex>,
    pub(super) channel: Channel,
    /// What SCRAM can be bound to.
    pub(super) end_point: Option<Vec<u8>>,
    pub(super) address: Address,
    pub(super) tap: Tap,
}

/// Whether TLS is to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// In clear.
    Plain,
    /// Encrypted; in clear only where `sslmode` allows it and the server has no TLS.
    Tls,
}

/// Opens a channel to `host`.
pub(super) async fn open(attempt: &Attempt, tls: &TlsOptions, host: &Host, way: Way) -> Result<Opened, Failure> {
    let Wire { stream, address, tap } = attempt.dial(&host.endpoint).await?;
    if way == Way::Plain || matches!(host.endpoint, Endpoint::Unix(_)) {
        return Ok(plain(stream, address, tap));
    }
    attempt.phase(Phase::Tls, encrypt(attempt, tls, host, Wire { stream, address, tap })).await
}

fn plain(stream: Guarded<Socket>, address: Address, tap: Tap) -> Opened {
    Opened { stream: Box::new(stream), channel: Channel::Plain, end_point: None, address, tap }
}

async fn encrypt(attempt: &Attempt, tls: &TlsOptions, host: &Host, wire: Wire) -> Result<Opened, Failure> {
    let Wire { mut stream, address, tap } = wire;
    let verification = attempt.verification(tls.verification(), &address);
    let client = client(attempt, tls, host, verification)?;
    if !tls.direct && !offers_tls(&mut stream, &tap).await? {
        return match tls.mode {
            SslMode::Disable | SslMode::Allow | SslMode::Prefer => Ok(plain(stream, address, tap)),
            _demanded => Err(no_tls()),
        };
    }
    let shaken = client.handshake(stream).await;
    attempt.learn(|facts| facts.tls = Some(client.facts()));
    let stream =
        shaken.map_err(|error| handshake_failed(tls, verification, classify(&error, &tap, Protocol::Postgres)))?;
    if tls.direct && stream.get_ref().1.alpn_protocol() != Some(ALPN) {
        return Err(Failure::of(Tls::ProtocolNotAgreed {
            product: "PostgreSQL",
            hint: "`sslnegotiation=direct` needs PostgreSQL 17 or later, without a proxy that ends the TLS in between",
        }));
    }
    let channel = if verification == Verification::Full { Channel::Verified } else { Channel::Unverified };
    Ok(Opened { stream: Box::new(stream), channel, end_point: client.end_point(), address, tap })
}

fn client(attempt: &Attempt, tls: &TlsOptions, host: &Host, verification: Verification) -> Result<TlsClient, Failure> {
    let roots = match &tls.root {
        Some(Root::System) => Roots::System,
        Some(Root::File(file)) => attempt.roots(Some(file.read()?.expose().as_bytes().to_vec())),
        None => attempt.roots(None),
    };
    if tls.mode >= SslMode::VerifyCa && tls.root.is_none() && roots == Roots::System {
        attempt.warn(
            WarningCode::SystemRoots,
            format!(
                "`sslmode` is `{}` without `sslrootcert`: the system's authorities were trusted, while libpq would look for ~/.postgresql/root.crt",
                tls.mode.as_str()
            ),
        );
    }
    let identity = match &tls.identity {
        Some(pair) => Some(ClientIdentity { certificates: pair.certificate.read()?, key: pair.key.read()? }),
        None => None,
    };
    attempt.network.trust().client(TlsSettings {
        verification,
        roots,
        identity,
        server_name: host.name.clone(),
        alpn: vec![ALPN.to_vec()],
    })
}

/// Asks for TLS. Not a byte more than the answer is read: what follows must be the handshake.
async fn offers_tls(stream: &mut Guarded<Socket>, tap: &Tap) -> Result<bool, Failure> {
    let broken = |error: io::Error| classify(&error, tap, Protocol::Postgres);
    let mut answer = [0];
    stream.write_all(&SSL_REQUEST).await.map_err(broken)?;
    stream.flush().await.map_err(broken)?;
    stream.read_exact(&mut answer).await.map_err(broken)?;
    match answer {
        [b'S'] => return Ok(true),
        [b'N'] => return Ok(false),
        _ => {}
    }
    // Only for the first bytes to be seen; what they are does not matter here.
    let _heard = tokio::time::timeout(LISTEN, stream.read(&mut [0; 63])).await;
    let first = tap.first_bytes();
    if first.starts_with(b"Ecould not fork") || answer == [b'E'] && sniff::recognise(&first) == Some(Protocol::Postgres)
    {
        return Err(Failure::of(
            Words::new(ReasonCode::ServerShort, "the server could not start a session")
                .hint("it answered the request for TLS with an error: it is short of processes or memory; see its log"),
        ));
    }
    Err(broken(io::Error::new(
        io::ErrorKind::InvalidData,
        "an answer to the request for TLS that no PostgreSQL server gives",
    )))
}

fn no_tls() -> Failure {
    Failure::of(Tls::NotOffered {
        field: "extra.sslmode",
        hint: "turn `ssl` on in the server's postgresql.conf, or weaken extra `sslmode`",
    })
}

fn handshake_failed(tls: &TlsOptions, verification: Verification, failure: Failure) -> Failure {
    if tls.direct && failure.class != Class::Tls {
        return failure.hint("`sslnegotiation=direct` needs PostgreSQL 17 or later; leave it out for older servers");
    }
    // Where nobody asked for more than encryption, libpq's answer to a failed handshake is clear text.
    if failure.class == Class::Tls && tls.mode <= SslMode::Prefer && verification == Verification::None {
        return failure.hint(format!(
            "libpq goes on in clear here, because `sslmode` is `{}`, though anybody on the way can bring that about: mend the server's TLS, or set `disable`",
            tls.mode.as_str()
        ));
    }
    failure
}
