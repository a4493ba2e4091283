//! From the first byte to the channel for a login: PRELOGIN and TLS, in the order that the level of encryption
//! requires, and the run's policy.

use std::io;
use std::time::Duration;

use rustls::CertificateError;
use tokio::time::timeout;

use super::auth::{Channel, Handover};
use super::encryption::{Level, Security};
use super::envelope::Envelope;
use super::notices::MssqlNotice;
use super::prelogin::{self, Agreed, Answer};
use super::sniff::PROTOCOL;
use crate::driver::attempt::Protection;
use crate::driver::early::after_offer;
use crate::driver::kit::wire::{TlsHandshake, hear_out};
use crate::driver::{Attempt, tls_file};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::notice::ReadablePassword;
use crate::model::phase::Phase;
use crate::model::reason::{self, ReasonCode};
use crate::model::result::Address;
use crate::model::secret::Secret;
use crate::net::dial::{Endpoint, Socket, Wire};
use crate::net::fault;
use crate::net::guard::{Guarded, Tap};
use crate::net::sniff::TLS;
use crate::net::tls::{TlsSettings, Verification};

/// The ALPN name of TDS 8.0.
const TDS_8: &[u8] = b"tds/8.0";

/// How long a server may leave the `ClientHello` unanswered before connprobe checks whether it uses TDS without TLS.
const PATIENCE: Duration = Duration::from_secs(1);

type Stream = Guarded<Socket>;

/// The server, as the definition (or a route) names it.
#[derive(Clone, Copy)]
pub(super) struct Peer<'a> {
    /// Its host name or address.
    pub(super) host: &'a str,
    /// The expected instance.
    pub(super) instance: Option<&'a str>,
    /// The encryption settings.
    pub(super) security: &'a Security,
    /// The trusted authorities, as PEM text; no others are.
    pub(super) authorities: Option<&'a Secret>,
}

impl Peer<'_> {
    /// Prepares `wire` for LOGIN7.
    ///
    /// # Errors
    ///
    /// `tls` if the two sides cannot agree, or the channel does not meet the run's policy; otherwise whatever broke the
    /// dialogue. No credential was sent.
    pub(super) async fn greet(self, attempt: &Attempt, wire: Wire) -> Result<Handover<Stream>, Failure> {
        let Wire { mut stream, address, tap } = wire;
        match self.security.level {
            Level::Strict => {
                let tls = match self.tls(attempt, &address, Verification::Full, vec![TDS_8.to_vec()]) {
                    Ok(tls) => tls,
                    Err(failure) => {
                        hear_out(&mut stream, &tap).await;
                        return Err(failure);
                    }
                };
                attempt.if_silent(reason::Tls::STRICT_HINT);
                let shaking = unless_in_clear(attempt, &address, &tap, tls.run(Envelope::opened(stream)));
                let shaken = attempt.phase(Phase::Tls, shaking).await?;
                let mut stream = shaken.map_err(|error| not_strict(broken(&error, &tap)))?;
                let exchange = prelogin::exchange(&mut stream, Level::Strict, self.instance);
                let answer = attempt.phase(Phase::Auth, exchange).await.map_err(|error| broken(&error, &tap))?;
                self.learn(attempt, &answer);
                admit(attempt, &address, Agreed::Everything, tls.protection())?;
                Ok(Handover::new(Channel::Tls(Box::new(stream)), false))
            }
            level => {
                // TLS is not requested where the definition turns it off.
                let phase = if level == Level::Off { Phase::Auth } else { Phase::Tls };
                let exchange = prelogin::exchange(&mut stream, level, self.instance);
                let answer =
                    attempt.phase(phase, exchange).await.map_err(|error| strict_only(broken(&error, &tap), &tap))?;
                self.learn(attempt, &answer);
                let agreed = answer.agree(level)?;
                if agreed == Agreed::Nothing {
                    if let Some(field) = self.security.demanded_by() {
                        return Err(Failure::of(reason::Tls::LessOffered { login_only: false, field }));
                    }
                    attempt.admit(&address, Protection::Plain)?;
                    let how = ReadablePassword::Disguised;
                    attempt.warn_of_readable_password(&address, Protection::Plain, how);
                    return Ok(Handover::new(Channel::Plain(stream), false));
                }
                if level == Level::Off {
                    attempt.warn(MssqlNotice::EncryptionForced);
                    attempt.recorder.enter(Phase::Tls);
                }
                let wanted = self.security.verification(agreed == Agreed::Everything);
                let tls = self.tls(attempt, &address, wanted, Vec::new())?;
                let shaken = tls.run(Envelope::sealed(stream)).await;
                let mut stream =
                    shaken.map_err(|error| too_old(self_issued(after_offer(broken(&error, &tap)), &error)))?;
                stream.get_mut().0.open();
                admit(attempt, &address, agreed, tls.protection())?;
                Ok(Handover::new(Channel::Tls(Box::new(stream)), agreed == Agreed::Login))
            }
        }
    }

    fn learn(self, attempt: &Attempt, answer: &Answer) {
        attempt.learn(|facts| {
            facts.server = Some("SQL Server".to_owned());
            facts.version = Some(answer.version.clone());
        });
        if let (Some(instance), false) = (self.instance, answer.right_instance) {
            attempt.warn(MssqlNotice::OtherInstance { instance: instance.to_owned() });
        }
    }

    fn tls<'t>(
        self,
        attempt: &'t Attempt,
        address: &Address,
        verification: Verification,
        alpn: Vec<Vec<u8>>,
    ) -> Result<TlsHandshake<'t>, Failure> {
        let roots = attempt.roots(self.authorities.map(|pem| pem.expose().as_bytes().to_vec()));
        let name = self.security.name.as_deref().unwrap_or(self.host);
        let settings = TlsSettings { alpn, ..TlsSettings::new(verification, roots, name) };
        let prepared = TlsHandshake::prepare(attempt, address, settings);
        prepared.map_err(|failure| tls_file::blame(failure, self.security.ca.as_ref(), None, None))
    }
}

fn admit(attempt: &Attempt, address: &Address, agreed: Agreed, protection: Protection) -> Result<(), Failure> {
    attempt.learn(|facts| facts.server_proved = Some(protection == Protection::Verified));
    if agreed == Agreed::Login && !address.is_local() {
        attempt.warn(MssqlNotice::LoginOnly);
    }
    attempt.admit(address, protection)
}

/// The result of `shaking`, unless the server sends nothing and turns out to answer PRELOGIN in clear on a second
/// connection: then it does not support TDS 8.0, and would not answer before the deadline. No credential is sent on
/// that connection.
async fn unless_in_clear<T>(
    attempt: &Attempt,
    address: &Address,
    tap: &Tap,
    shaking: impl Future<Output = io::Result<T>>,
) -> Result<io::Result<T>, Failure> {
    tokio::pin!(shaking);
    let patience = PATIENCE.min(attempt.remaining() / 2);
    if let Ok(shaken) = timeout(patience, &mut shaking).await {
        return Ok(shaken);
    }
    if tap.received() == 0 && answers_in_clear(attempt, address).await {
        return Err(Failure::of(reason::Tls::NotStrict));
    }
    Ok(shaking.await)
}

/// Whether a server with SQL Server's protocol at `address` answers without TLS.
async fn answers_in_clear(attempt: &Attempt, address: &Address) -> bool {
    let Address::Ip(socket) = address else { return false };
    let endpoint = Endpoint::Tcp { host: socket.ip().to_string(), port: socket.port() };
    let Ok(mut wire) = attempt.network.connect(&endpoint, &[socket.ip()], attempt.deadline).await else { return false };
    attempt.recorder.listens(&wire);
    prelogin::exchange(&mut wire.stream, Level::Request, None).await.is_ok()
}

fn broken(error: &io::Error, tap: &Tap) -> Failure {
    fault::classify(error, tap, &PROTOCOL)
}

/// Adds a hint about self-signed certificates: without a configured one, SQL Server generates its own.
fn self_issued(failure: Failure, error: &io::Error) -> Failure {
    match fault::find::<rustls::Error>(error) {
        Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => failure.hint(
            "unless it was given one, SQL Server presents a certificate that it made itself: install one, name its CA in extra `cafile` (or with `--tls-ca`), or accept any with extra `TrustServerCertificate`",
        ),
        _ => failure,
    }
}

/// Adds a hint about TDS 8.0: a server that does not support it closes the connection. So does a proxy that reaches no
/// server.
fn not_strict(failure: Failure) -> Failure {
    if !matches!(failure.class, Class::Closed | Class::Unreachable) {
        return failure;
    }
    failure.hint(format!("{}; a proxy without a live server behind it hangs up as well", reason::Tls::STRICT_HINT))
}

/// Adds a hint for servers that accept only TDS 8.0: these close the connection, or answer with a TLS alert.
fn strict_only(failure: Failure, tap: &Tap) -> Failure {
    let alerted = PROTOCOL.answering(&tap.first_bytes()) == Some(&TLS);
    if !alerted && !matches!(failure.class, Class::Closed | Class::Unreachable) {
        return failure;
    }
    failure.hint("a proxy without a live server behind it does this, and so does a server that accepts strict encryption only (TDS 8.0): check the server behind the proxy, or try extra `Encrypt` with `strict`, which ODBC's clients read and pymssql does not")
}

/// Adds a hint for servers that support at most TLS 1.1: these close the connection on the first message of TLS 1.2.
fn too_old(failure: Failure) -> Failure {
    if failure.reason != ReasonCode::ClosedDuringTls {
        return failure;
    }
    let hint = "the server, or the Windows that it runs on, is probably too old for TLS 1.2 (SQL Server 2012 and 2014 need an update for it), which is the oldest that connprobe speaks: update it, or have TLS 1.2 turned on; its error log says why it closed the connection";
    Failure { reason: ReasonCode::TlsVersionUnsupported, ..failure }.hint(hint)
}
