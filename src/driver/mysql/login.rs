//! From a dialled wire to a session.
//!
//! The driver crate connects to a socket on this machine. Between the crate and the server this module puts, in this
//! order: connprobe's own greeting in place of the server's; TLS, which the crate does not see; the login, packet by
//! packet. Then the crate is dropped.

use std::error::Error;
use std::io;

use mysql_async::{Conn, Opts, OptsBuilder};

use super::auth::{DialogueError, Exchange, Next, Privacy};
use super::greeting::{Greeting, tls_request};
use super::notices::MysqlNotice;
use super::options::Options;
use super::query::Answers;
use super::refusal::Refusal;
use super::session::Session;
use super::sniff::PROTOCOL;
use super::tls::SslMode;
use super::wire::{Inside, Packets, Server, nonsense};
use crate::driver::attempt::Protection;
use crate::driver::early::{after_offer, premature};
use crate::driver::kit::CLIENT_NAME;
use crate::driver::kit::tls_options::Material;
use crate::driver::kit::wire::TlsHandshake;
use crate::driver::{Attempt, Evidence};
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Machine, Tls};
use crate::model::result::Address;
use crate::model::secret::Secret;
use crate::net::crate_socket::CrateSocket;
use crate::net::dial::Wire;
use crate::net::fault;
use crate::net::guard::Tap;
use crate::net::tls::Verification;

/// The most packets that a server may send during a login; a long one has five.
const ROUNDS: usize = 16;

/// Logs in over a dialled `wire`.
pub(super) async fn log_in(
    wire: Wire,
    material: &Material,
    settings: &Options,
    attempt: &Attempt,
) -> Result<Session, Failure> {
    let mut login = Login { settings, attempt, address: wire.address.clone(), tap: wire.tap.clone(), encrypt: false };
    login.begin(wire, material).await
}

/// A login in progress.
struct Login<'a> {
    settings: &'a Options,
    attempt: &'a Attempt,
    address: Address,
    tap: Tap,
    encrypt: bool,
}

impl Login<'_> {
    async fn begin(&mut self, wire: Wire, material: &Material) -> Result<Session, Failure> {
        let mut server = Packets::of_server(wire.stream);
        let first = self.attempt.phase(Phase::Auth, server.read_first()).await;
        let first = first.map_err(|error| self.broken(&error))?;
        if let Some(refusal) = Refusal::parse(&first) {
            return Err(premature(refusal.into_failure(self.settings, self.encrypt)));
        }
        let greeting = Greeting::parse(&first).map_err(|error| self.broken(&error))?;
        let (product, version) = greeting.server();
        self.attempt.learn(|facts| {
            facts.server = Some(product.to_owned());
            facts.version = Some(version.to_owned());
        });
        if self.address.is_local() {
            self.attempt.evidence(Evidence::ConnectionId(greeting.connection()));
        }
        if self.attempt.only_looks() {
            return Err(Attempt::looked());
        }
        self.encrypt = self.encrypts(&greeting)?;

        let socket = self.attempt.network.crate_sockets().open().map_err(|error| no_crate_socket(&error))?;
        let options = self.options(&greeting, &socket);
        let opening = async { Conn::new(options).await.map_err(|error| self.broken(&error)) };
        // The crate is polled first, so that its bytes need not wake a task.
        let (connection, (server, answers)) =
            tokio::try_join!(biased; opening, self.converse(&greeting, socket, server, material))?;
        // The crate has logged in, and its socket is closed. Without this call it would send its goodbye in a task of
        // its own.
        let _nobody_there = connection.disconnect().await;
        let server = server.after_login(self.attempt.network.budget().read);
        Ok(Session::begin(server, answers, self.encrypt, self.tap.clone()))
    }

    /// Whether this login is encrypted. Like MySQL's own clients, a unix socket is encrypted only if the definition
    /// requires it.
    fn encrypts(&self, greeting: &Greeting) -> Result<bool, Failure> {
        match self.settings.tls.mode {
            SslMode::Disabled => Ok(false),
            SslMode::Preferred => Ok(greeting.offers_tls() && !self.settings.is_socket()),
            _ if greeting.offers_tls() => Ok(true),
            _ => Err(Failure::of(Tls::NotOffered {
                field: "extra.ssl_mode",
                hint: "turn on TLS on the server (`ssl_cert`, `ssl_key`), or set extra `ssl_mode` to `PREFERRED`",
            })
            .at(Phase::Tls)),
        }
    }

    fn verification(&self) -> Verification {
        self.attempt.verification(self.settings.tls.mode.verification(), &self.address)
    }

    fn channel(&self) -> Protection {
        if self.encrypt { Protection::by(self.verification()) } else { Protection::Plain }
    }

    /// The options for the crate. Never format them: that shows the password.
    fn options(&self, greeting: &Greeting, socket: &CrateSocket) -> Opts {
        let settings = self.settings;
        // No packet can be larger than the byte budget of the stream.
        let largest = usize::try_from(self.attempt.network.budget().read).unwrap_or(usize::MAX);
        let mut options = OptsBuilder::default()
            .user(Some(&settings.login))
            .pass(settings.password.as_ref().map(Secret::expose))
            .db_name(settings.database.as_deref())
            // Otherwise the crate asks the server for a socket, and logs in again over whatever path it gets.
            .prefer_socket(false)
            // Otherwise the crate asks the server for these.
            .max_allowed_packet(Some(largest))
            .wait_timeout(Some(28_800))
            .secure_auth(true)
            .enable_cleartext_plugin(self.channel() == Protection::Verified);
        if greeting.takes_attributes() {
            options = options.connect_attribute("program_name", CLIENT_NAME);
        }
        options.socket(socket.path().to_str()).into()
    }

    /// The dialogue between the crate and the server until the login is complete.
    async fn converse(
        &self,
        greeting: &Greeting,
        socket: CrateSocket,
        mut server: Packets<Server>,
        material: &Material,
    ) -> Result<(Packets<Server>, Answers), Failure> {
        let mut inside = Packets::of_crate(socket.driver_end().await.map_err(|error| no_crate_socket(&error))?);
        // The crate connects once: without `prefer_socket` only the creation of a `Conn` does.
        self.attempt.network.crate_sockets().keep(socket);
        inside.write(&greeting.for_crate()).await.map_err(|error| no_crate_socket(&error))?;
        let mut response = inside.read().await.map_err(|error| no_crate_socket(&error))?;
        if self.encrypt {
            server = self.encrypted(&mut response, server, material).await?;
        }
        let channel = self.channel();
        self.attempt.learn(|facts| facts.server_proved = Some(channel == Protection::Verified));
        self.attempt.admit(&self.address, channel)?;
        let proving = self.authenticate(greeting, &response, &mut inside, &mut server);
        self.attempt.phase(Phase::Auth, proving).await?;
        Ok((server, Answers::agreed(&response)))
    }

    /// Requests TLS on behalf of the crate, and performs the handshake.
    async fn encrypted(
        &self,
        response: &mut [u8],
        mut server: Packets<Server>,
        material: &Material,
    ) -> Result<Packets<Server>, Failure> {
        let Some(request) = tls_request(response) else {
            unreachable!("the crate's answer to a greeting begins with 32 bytes about itself");
        };
        let settings = material.settings(self.attempt, self.settings.server_name());
        let tls = TlsHandshake::prepare(self.attempt, &self.address, settings)
            .map_err(|failure| self.settings.tls.blame(failure))?;
        let shaking = async {
            server.write(&request).await?;
            server.over(|stream| tls.run(stream)).await
        };
        let shaken = self.attempt.phase(Phase::Tls, shaking).await;
        shaken.map_err(|error| self.refused_in_handshake().unwrap_or_else(|| after_offer(self.broken(&error))))
    }

    /// The refusal that a server sent in clear in place of its part of the handshake: MariaDB refuses a proxy header
    /// that it does not trust, and may do so after the client has requested TLS.
    fn refused_in_handshake(&self) -> Option<Failure> {
        const HEADER: usize = 4;
        let latest = self.tap.latest_bytes();
        let (header, payload) = latest.split_at_checked(HEADER)?;
        let length = u32::from_le_bytes([header[0], header[1], header[2], 0]);
        let is_whole = usize::try_from(length).is_ok_and(|length| length == payload.len());
        Refusal::parse(payload)
            .filter(|_| is_whole)
            .map(|refusal| premature(refusal.into_failure(self.settings, self.encrypt)))
    }

    /// How private the channel for the password is.
    fn privacy(&self) -> Privacy {
        match self.channel() {
            Protection::Verified => Privacy::Proved,
            Protection::Unverified => Privacy::Unheard,
            Protection::Plain if self.settings.is_socket() => Privacy::Unheard,
            Protection::Plain if self.settings.server_key => Privacy::OpenWithServerKey,
            Protection::Plain => Privacy::Open,
        }
    }

    /// Forwards the packets of the login, each after validation.
    async fn authenticate(
        &self,
        greeting: &Greeting,
        response: &[u8],
        inside: &mut Packets<Inside>,
        server: &mut Packets<Server>,
    ) -> Result<(), Failure> {
        let password = self.settings.password.as_ref().map_or("", Secret::expose);
        let mut exchange = Exchange::new(greeting.method(), greeting.nonce(), password.as_bytes(), self.privacy());
        self.attempt.credential_sent();
        server.write(response).await.map_err(|error| self.broken(&error))?;
        for _ in 0..ROUNDS {
            let mut packet = server.read().await.map_err(|error| self.broken(&error))?;
            let next = exchange.hear(&mut packet);
            if let Ok(_) | Err(DialogueError::Refused(_)) = next {
                self.attempt.learn(|facts| facts.auth_method = Some(exchange.method().name().to_owned()));
            }
            let answer = match next.map_err(|error| error.into_failure(self.settings, self.encrypt, &self.tap))? {
                Next::Done => {
                    // Over a socket MariaDB may have asked the operating system for the user instead.
                    if self.settings.is_socket() && !exchange.is_switched() {
                        self.attempt.credential_ignored();
                    } else {
                        self.attempt.credential_accepted();
                    }
                    return inside.write(&packet).await.map_err(|error| no_crate_socket(&error));
                }
                Next::Listen => continue,
                Next::Show => {
                    inside.write(&packet).await.map_err(|error| no_crate_socket(&error))?;
                    inside.read().await.map_err(|error| no_crate_socket(&error))?
                }
                Next::Answer(answer) => answer,
            };
            if exchange.key_requested() && !self.address.is_local() {
                self.attempt.warn(MysqlNotice::PasswordRecoverable);
            }
            server.write(&answer).await.map_err(|error| self.broken(&error))?;
        }
        Err(self.broken(&nonsense("a login without end")))
    }

    fn broken(&self, error: &(dyn Error + 'static)) -> Failure {
        fault::classify(error, &self.tap, &PROTOCOL)
    }
}

fn no_crate_socket(error: &io::Error) -> Failure {
    Failure::of(Machine::NoSocket).remark(error.to_string())
}
