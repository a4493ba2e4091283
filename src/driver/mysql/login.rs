//! From a dialled wire to a session of the driver crate.
//!
//! The crate connects to a door of ours. Between it and the server stands, in this order: our own
//! greeting for the server's; TLS, of which the crate learns nothing; the login, packet by packet.
//!
//! A crate on a unix socket sends passwords as over TLS. So the door is a unix socket exactly where
//! the way to the server is as safe as one, and a loopback port everywhere else.

use std::io;
use std::net::{IpAddr, Ipv4Addr};

use mysql_async::{Conn, Opts, OptsBuilder};

use super::exchange::{Exchange, Halt, Next};
use super::greeting::{Greeting, tls_request};
use super::packet::{Packet, nonsense};
use super::refusal::Refusal;
use super::session::{Session, Stream, failure};
use super::settings::Settings;
use super::tls::{Material, SslMode};
use crate::driver::Attempt;
use crate::driver::attempt::Channel;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::result::Address;
use crate::model::secret::Secret;
use crate::net::dial::{Socket, Wire};
use crate::net::door::Door;
use crate::net::fault;
use crate::net::guard::Tap;
use crate::net::sniff::Protocol;
use crate::net::tls::{TlsSettings, Verification};

/// The most packets that a server may send during a login; a long one has five.
const ROUNDS: usize = 16;

/// How we introduce ourselves.
const PROGRAM: &str = concat!("connprobe/", env!("CARGO_PKG_VERSION"));

/// Logs in over a dialled `wire`.
pub(super) async fn log_in(
    wire: Wire,
    material: Material,
    settings: &Settings,
    attempt: &Attempt,
) -> Result<Session, Failure> {
    let mut login = Login { settings, attempt, address: wire.address.clone(), tap: wire.tap.clone(), encrypt: false };
    login.begin(wire, material).await
}

/// One login under way.
struct Login<'a> {
    settings: &'a Settings,
    attempt: &'a Attempt,
    address: Address,
    tap: Tap,
    encrypt: bool,
}

impl Login<'_> {
    async fn begin(&mut self, mut wire: Wire, material: Material) -> Result<Session, Failure> {
        let first = self.attempt.phase(Phase::Auth, Packet::read_first(&mut wire.stream)).await;
        let first = first.map_err(|error| self.broken(&error))?;
        if let Some(refusal) = Refusal::parse(&first.payload) {
            return Err(refusal.into_failure(self.settings, self.encrypt));
        }
        let greeting = Greeting::parse(&first.payload).map_err(|error| self.broken(&error))?;
        let (server, version) = greeting.server();
        self.attempt.learn(|facts| {
            facts.server = Some(server.to_owned());
            facts.version = Some(version.to_owned());
        });
        self.encrypt = self.encrypts(&greeting)?;

        let door = if self.encrypt || self.settings.is_socket() { Door::unix() } else { Door::loopback().await };
        let door = door.map_err(|error| no_door(&error))?;
        let options = self.options(&greeting, &door);
        let opening =
            async { Conn::new(options).await.map_err(|error| failure(&error, self.settings, self.encrypt, &self.tap)) };
        let (connection, (inside, server)) = tokio::try_join!(opening, self.converse(&greeting, door, wire, material))?;
        Ok(Session::begin(connection, inside, server, self.encrypt, self.tap.clone()))
    }

    /// Whether this login is encrypted. Over a unix socket only where the definition insists, as
    /// MySQL's own clients have it.
    fn encrypts(&self, greeting: &Greeting) -> Result<bool, Failure> {
        match self.settings.tls.mode {
            SslMode::Disabled => Ok(false),
            SslMode::Preferred => Ok(greeting.offers_tls() && !self.settings.is_socket()),
            _ if greeting.offers_tls() => Ok(true),
            _ => Err(Failure::new(
                Class::Tls,
                "the server offers no TLS, and the definition demands it; no credential was sent",
            )
            .at(Phase::Tls)
            .hint("turn on TLS on the server (`ssl_cert`, `ssl_key`), or set extra `ssl_mode` to `PREFERRED`")),
        }
    }

    fn verification(&self) -> Verification {
        self.attempt.verification(self.settings.tls.mode.verification(), &self.address)
    }

    fn channel(&self) -> Channel {
        match self.verification() {
            _ if !self.encrypt => Channel::Plain,
            Verification::Full => Channel::Verified,
            Verification::None | Verification::Chain => Channel::Unverified,
        }
    }

    /// Never to be formatted: it shows the password.
    fn options(&self, greeting: &Greeting, door: &Door) -> Opts {
        let settings = self.settings;
        // No packet can be larger than what the stream carries.
        let largest = usize::try_from(self.attempt.network.budget().read).unwrap_or(usize::MAX);
        let mut options = OptsBuilder::default()
            .user(Some(&settings.login))
            .pass(settings.password.as_ref().map(Secret::expose))
            .db_name(settings.database.as_deref())
            // Else the crate asks the server for a socket, and logs in again over whatever it names.
            .prefer_socket(false)
            // Else it asks the server for these.
            .max_allowed_packet(Some(largest))
            .wait_timeout(Some(28_800))
            .secure_auth(true)
            .enable_cleartext_plugin(self.channel() == Channel::Verified);
        if greeting.takes_attributes() {
            options = options.connect_attribute("program_name", PROGRAM);
        }
        let options = match (door.path(), door.port()) {
            (Some(path), _) => options.socket(path.to_str()),
            (None, port) => {
                options.resolved_ips(Some(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)])).tcp_port(port.unwrap_or_default())
            }
        };
        options.into()
    }

    /// Everything between the crate and the server until the login is done.
    async fn converse(
        &self,
        greeting: &Greeting,
        door: Door,
        wire: Wire,
        material: Material,
    ) -> Result<(Socket, Box<dyn Stream>), Failure> {
        let mut inside = door.last().await.map_err(|error| no_door(&error))?;
        Packet::new(0, greeting.for_crate()).write(&mut inside).await.map_err(|error| no_door(&error))?;
        let mut response = Packet::read(&mut inside).await.map_err(|error| no_door(&error))?;

        let mut server: Box<dyn Stream> =
            if self.encrypt { self.encrypted(&mut response, wire, material).await? } else { Box::new(wire.stream) };
        let channel = self.channel();
        self.attempt.learn(|facts| facts.server_proved = Some(channel == Channel::Verified));
        self.attempt.admit(&self.address, channel)?;
        self.attempt.phase(Phase::Auth, self.authenticate(greeting, response, &mut inside, &mut server)).await?;
        Ok((inside, server))
    }

    /// Asks for TLS in the crate's name, and shakes hands.
    async fn encrypted(
        &self,
        response: &mut Packet,
        wire: Wire,
        material: Material,
    ) -> Result<Box<dyn Stream>, Failure> {
        let Some(request) = tls_request(&mut response.payload) else {
            unreachable!("the crate's answer to a greeting begins with 32 bytes about itself");
        };
        let client = self.attempt.network.trust().client(TlsSettings {
            verification: self.verification(),
            roots: self.attempt.roots(material.ca),
            identity: material.identity,
            server_name: self.settings.server_name().to_owned(),
            alpn: Vec::new(),
        })?;
        let mut stream = wire.stream;
        let shaking = async {
            Packet::new(1, request).write(&mut stream).await?;
            client.handshake(stream).await
        };
        let shaken = self.attempt.phase(Phase::Tls, shaking).await;
        self.attempt.learn(|facts| facts.tls = Some(client.facts()));
        Ok(Box::new(shaken.map_err(|error| self.broken(&error))?))
    }

    /// Passes the packets of the login on, each after a look at it.
    async fn authenticate(
        &self,
        greeting: &Greeting,
        mut response: Packet,
        inside: &mut Socket,
        server: &mut Box<dyn Stream>,
    ) -> Result<(), Failure> {
        // The request for TLS, of which the crate knows nothing, had a number of its own.
        let ahead = u8::from(self.encrypt);
        let password = self.settings.password.as_ref().map_or(0, |secret| secret.expose().len());
        let clear = self.channel() == Channel::Verified;
        let mut exchange = Exchange::new(greeting.method(), password, clear);

        response.sequence = response.sequence.wrapping_add(ahead);
        self.attempt.credential_sent();
        response.write(server).await.map_err(|error| self.broken(&error))?;
        for _ in 0..ROUNDS {
            let mut packet = Packet::read(server).await.map_err(|error| self.broken(&error))?;
            let next = exchange.hear(&mut packet.payload);
            if let Ok(_) | Err(Halt::Refused(_)) = next {
                self.attempt.learn(|facts| facts.auth_method = Some(exchange.method().name().to_owned()));
            }
            let next = next.map_err(|halt| self.halted(halt))?;
            packet.sequence = packet.sequence.wrapping_sub(ahead);
            packet.write(inside).await.map_err(|error| no_door(&error))?;
            match next {
                Next::Done => return Ok(()),
                Next::Listen => continue,
                Next::Answer => {}
            }
            let mut answer = Packet::read(inside).await.map_err(|error| no_door(&error))?;
            exchange.say(&answer.payload);
            if exchange.key_requested() && !self.address.is_local() {
                self.attempt.warn(
                    "password_recoverable",
                    "without TLS the password was encrypted with a key that nothing proves to be the server's: whoever sits between could have read it",
                );
            }
            answer.sequence = answer.sequence.wrapping_add(ahead);
            answer.write(server).await.map_err(|error| self.broken(&error))?;
        }
        Err(self.broken(&nonsense("a login without end")))
    }

    fn halted(&self, halt: Halt) -> Failure {
        match halt {
            Halt::Refused(refusal) => refusal.into_failure(self.settings, self.encrypt),
            Halt::Failed(failure) => failure,
            Halt::Nonsense(error) => self.broken(&error),
        }
    }

    fn broken(&self, error: &io::Error) -> Failure {
        fault::classify(error, &self.tap, Protocol::Mysql)
    }
}

fn no_door(error: &io::Error) -> Failure {
    Failure::new(Class::Local, "the connection to the driver library on this machine broke")
        .hint("this machine may be short of file descriptors or of room for temporary files")
        .detail(error.to_string())
}
