//! One login by the mongodb crate, over one connection that is already up.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::options::{AuthMechanism, ClientOptions, Credential, ServerAddress, ServerMonitoringMode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::dialogue::Dialogue;
use super::options::{Login, Mechanism};
use super::{refusal, stand_in};
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::net::relay::{Inspect, Relay, Stop};

/// How we call ourselves in the server's log and in its list of connections.
const APP_NAME: &str = concat!("connprobe/", env!("CARGO_PKG_VERSION"));

/// How long the server may take to hear that its session ends, and we to learn why it hung up.
const LINGER: Duration = Duration::from_millis(250);

/// A connection to the server, plain or encrypted.
pub(super) trait Channel: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Channel for T {}

/// One login to be made.
pub(super) struct Session<'a> {
    /// Who logs in, in which authentication database; `None` without a login.
    pub(super) login: Option<(&'a Login, &'a str)>,
    /// The server is behind a load balancer, and has to be told.
    pub(super) load_balanced: bool,
    /// The time that is left.
    pub(super) limit: Duration,
}

impl Session<'_> {
    /// Logs in over `channel`, proves that the session works, and ends it. `dialogue` reads along,
    /// and `ended` hears from it why the server hung up.
    ///
    /// # Errors
    ///
    /// Why not, by the first who knew it: our own checks, the wire, the crate.
    pub(super) async fn run(
        &self,
        channel: Box<dyn Channel>,
        dialogue: Dialogue,
        ended: oneshot::Receiver<Failure>,
    ) -> Result<(), Failure> {
        let relay = relay(channel, dialogue, self.load_balanced).await.map_err(|error| {
            Failure::new(Class::Local, format!("this machine gives connprobe no unix socket: {}", error.kind()))
                .hint("check that the directory for temporary files can be written to")
        })?;
        // No error of the crate is ever formatted: its text holds the server's whole answer.
        let outcome = match Client::with_options(self.options(relay.path())) {
            Ok(client) => {
                let outcome = client.database(self.database()).run_command(self.proof()).await;
                timeout(LINGER, client.shutdown().immediate(true)).await.ok();
                outcome
            }
            Err(error) => Err(error),
        };
        let Err(error) = outcome else { return Ok(()) };
        if let Some(Stop(failure)) = relay.stopped() {
            return Err(failure);
        }
        match timeout(LINGER, ended).await {
            Ok(Ok(failure)) => Err(failure),
            _ => Err(refusal::of_crate(&error)),
        }
    }

    fn options(&self, socket: &Path) -> ClientOptions {
        let mut options = ClientOptions::builder()
            .hosts(vec![ServerAddress::Unix { path: socket.to_owned() }])
            .app_name(APP_NAME.to_owned())
            .max_pool_size(1)
            .retry_reads(false)
            .retry_writes(false)
            .max_adaptive_retries(0)
            .server_monitoring_mode(ServerMonitoringMode::Poll)
            // The monitor asks once: a probe is over before its second heartbeat.
            .heartbeat_freq(self.limit + LINGER)
            .server_selection_timeout(self.limit)
            .connect_timeout(self.limit)
            .credential(self.login.map(|(login, source)| credential(login, source)))
            .build();
        // Without either the crate would leave for the hosts that the server names.
        if self.load_balanced {
            options.load_balanced = Some(true);
        } else {
            options.direct_connection = Some(true);
        }
        options
    }

    /// The cheapest command that shows whether the session works: after a login, one that tells the
    /// version too; without, one that a server which demands a login refuses.
    fn proof(&self) -> Document {
        match self.login {
            Some(_) => doc! { "buildInfo": 1 },
            None => doc! {
                "listDatabases": 1, "nameOnly": true, "filter": { "name": "admin" },
                "$readPreference": { "mode": "primaryPreferred" },
            },
        }
    }

    /// Where that command is sent: none can be sent to `$external`.
    fn database(&self) -> &str {
        self.login.map(|(_, source)| source).filter(|source| !source.starts_with('$')).unwrap_or("admin")
    }
}

fn credential(login: &Login, source: &str) -> Credential {
    Credential::builder()
        .username(login.user.clone())
        .password(login.password.as_ref().map(|password| password.expose().to_owned()))
        .source(source.to_owned())
        .mechanism(match login.mechanism {
            Mechanism::Negotiated => None,
            Mechanism::ScramSha1 => Some(AuthMechanism::ScramSha1),
            Mechanism::ScramSha256 => Some(AuthMechanism::ScramSha256),
            Mechanism::Plain => Some(AuthMechanism::Plain),
            Mechanism::X509 => Some(AuthMechanism::MongoDbX509),
        })
        .build()
}

/// A relay whose first connection, the monitor's, ends in the stand-in; the second gets `channel`,
/// and a third nothing. Behind a load balancer the crate has no monitor.
async fn relay(channel: Box<dyn Channel>, dialogue: Dialogue, load_balanced: bool) -> io::Result<Relay> {
    let server = (channel, Line::Server(Box::new(dialogue)));
    let monitor = (!load_balanced).then(|| (Box::new(stand_in::connect()) as Box<dyn Channel>, Line::Monitor));
    let lines = Mutex::new([Some(server)].into_iter().chain([monitor]).flatten().collect::<Vec<_>>());
    Relay::unix(move || std::future::ready(lines.lock().unwrap_or_else(PoisonError::into_inner).pop())).await
}

/// Who is at the other end of a connection of the crate's.
enum Line {
    Monitor,
    Server(Box<Dialogue>),
}

impl Inspect for Line {
    fn from_server(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        match self {
            Self::Monitor => Ok(()),
            Self::Server(dialogue) => dialogue.from_server(bytes),
        }
    }

    fn from_client(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        match self {
            Self::Monitor => Ok(()),
            Self::Server(dialogue) => dialogue.from_client(bytes),
        }
    }

    fn server_closed(&mut self, error: Option<&io::Error>) {
        if let Self::Server(dialogue) = self {
            dialogue.server_closed(error);
        }
    }
}
