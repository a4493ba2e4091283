//! One login by the mongodb crate, over one connection that is already up.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::options::{AuthMechanism, ClientOptions, Credential, ServerAddress, ServerMonitoringMode};
use tokio::io::DuplexStream;
use tokio::time::timeout;

use super::dialogue::{Channel, Dialogue, stand_in};
use super::options::{Login, Mechanism};
use super::refusal;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::net::relay::{Inspect, Relay, Stop};

/// How we call ourselves in the server's log and in its list of connections.
const APP_NAME: &str = concat!("connprobe/", env!("CARGO_PKG_VERSION"));

/// How long the crate may take to close its connections.
const FAREWELL: Duration = Duration::from_millis(250);

/// Beyond any probe: its limits are the engine's and the wire's, never the crate's.
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// Room for a message of a login on its way between crate and dialogue.
const BUFFER: usize = 8 << 10;

/// One login to be made.
pub(super) struct Session<'a> {
    /// Who logs in, in which authentication database; `None` without a login.
    pub(super) login: Option<(&'a Login, &'a str)>,
    /// The server is behind a load balancer, and has to be told.
    pub(super) load_balanced: bool,
}

impl Session<'_> {
    /// Logs in over `server` through `dialogue`, and proves that the session works.
    ///
    /// # Errors
    ///
    /// Why not: what the dialogue found, else what the crate objected to.
    pub(super) async fn run(&self, server: Box<dyn Channel>, dialogue: Dialogue<'_>) -> Result<(), Failure> {
        let (far, near) = tokio::io::duplex(BUFFER);
        let relay = self.relay(far).await.map_err(|error| {
            Failure::new(Class::Local, format!("this machine gives connprobe no unix socket: {}", error.kind()))
                .hint("check that the directory for temporary files can be written to")
        })?;
        // When the crate is done, its end of the dialogue closes, and the other way round.
        let (outcome, found) = tokio::join!(self.log_in(relay), dialogue.run(near, server));
        found?;
        // The crate's errors are never formatted: their text may hold the server's whole answer.
        outcome.map(|_answer| ()).map_err(|error| refusal::of_crate(&error))
    }

    async fn log_in(&self, relay: Relay) -> mongodb::error::Result<Document> {
        let client = Client::with_options(self.options(relay.path()))?;
        let outcome = client.database(self.database()).run_command(self.proof()).await;
        timeout(FAREWELL, client.shutdown().immediate(true)).await.ok();
        outcome
    }

    /// A relay whose first connection, the monitor's, ends in the stand-in; the second gets `server`,
    /// and a third nothing. Behind a load balancer the crate has no monitor.
    async fn relay(&self, server: DuplexStream) -> io::Result<Relay> {
        let mut ends = vec![server];
        if !self.load_balanced {
            let (far, near) = tokio::io::duplex(BUFFER);
            tokio::spawn(stand_in(near));
            ends.push(far);
        }
        let ends = Mutex::new(ends);
        let next = move || ends.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Relay::unix(move || std::future::ready(next().map(|end| (end, Unseen)))).await
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
            .heartbeat_freq(NEVER)
            .server_selection_timeout(NEVER)
            .connect_timeout(NEVER)
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
        if self.login.is_some() {
            return doc! { "buildInfo": 1 };
        }
        let anywhere = doc! { "mode": "primaryPreferred" };
        doc! { "listDatabases": 1, "nameOnly": true, "filter": { "name": "admin" }, "$readPreference": anywhere }
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

/// The relay need not look: the dialogue behind it does.
struct Unseen;

impl Inspect for Unseen {
    fn from_server(&mut self, _bytes: &[u8]) -> Result<(), Stop> {
        Ok(())
    }

    fn from_client(&mut self, _bytes: &[u8]) -> Result<(), Stop> {
        Ok(())
    }
}
