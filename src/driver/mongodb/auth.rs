//! One login by the mongodb crate, over one connection that is already open.

use std::io;
use std::path::Path;
use std::time::Duration;

use mongodb::Client;
use mongodb::bson::{Document, doc};
use mongodb::options::{AuthMechanism, ClientOptions, Credential, ServerAddress, ServerMonitoringMode};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::dialogue::{Dialogue, stand_in};
use super::expected::Collection;
use super::options::{Login, Mechanism};
use super::refusal;
use crate::driver::kit::CLIENT_NAME;
use crate::driver::kit::wire::Stream;
use crate::model::failure::Failure;
use crate::model::reason::Machine;
use crate::net::crate_socket::CrateSocket;
use crate::net::dial::Socket;

/// How long the crate may take to close its connections.
const FAREWELL: Duration = Duration::from_millis(250);

/// Longer than any probe: the engine and the wire limit the login, never the crate.
const NEVER: Duration = Duration::from_hours(24);

/// The parameters of one login.
pub(super) struct Session<'a> {
    /// The login and its authentication database; `None` without a login.
    pub(super) login: Option<(&'a Login, &'a str)>,
    /// Whether the server is behind a load balancer; the client must then announce that it knows.
    pub(super) load_balanced: bool,
    /// The collections that must exist.
    pub(super) collections: &'a [Collection],
}

impl Session<'_> {
    /// Logs in over `server` through `dialogue`, and proves that the session works.
    ///
    /// # Errors
    ///
    /// Why the login failed: what the dialogue found, else the error of the crate.
    pub(super) async fn run(&self, server: Box<dyn Stream>, dialogue: Dialogue<'_>) -> Result<(), Failure> {
        let socket = CrateSocket::open().map_err(|error| no_crate_socket(&error))?;
        let options = self.options(socket.path());
        let (done, crate_is_done) = oneshot::channel::<()>();
        let login = async {
            let outcome = self.log_in(options).await;
            drop(done);
            outcome
        };
        // When the crate is done, its end of the dialogue closes; that may happen before it has connected.
        let talk = async {
            let inside = tokio::select! {
                inside = self.admit(socket) => inside.map_err(|error| no_crate_socket(&error))?,
                _ = crate_is_done => return Ok(()),
            };
            dialogue.run(inside, server).await
        };
        let (outcome, found) = tokio::join!(login, talk);
        found?;
        // The crate's errors are never formatted: their text may contain the server's whole answer.
        outcome.map(|_answer| ()).map_err(|error| refusal::of_crate(&error))
    }

    async fn log_in(&self, options: ClientOptions) -> mongodb::error::Result<Document> {
        let client = Client::with_options(options)?;
        let mut outcome = client.database(self.database()).run_command(self.proof()).await;
        for collection in self.collections {
            // The dialogue judges the answers, and ends where one is missing.
            if outcome.is_ok() {
                outcome = client.database(&collection.database).run_command(collection.command()).await;
            }
        }
        timeout(FAREWELL, client.shutdown().immediate(true)).await.ok();
        outcome
    }

    /// Accepts the crate's connection that logs in. Its monitor connects first, and the stand-in answers that; behind a
    /// load balancer there is no monitor. A third connection is not accepted.
    async fn admit(&self, socket: CrateSocket) -> io::Result<Socket> {
        if !self.load_balanced {
            tokio::spawn(stand_in(socket.next().await?));
        }
        socket.last().await
    }

    fn options(&self, socket: &Path) -> ClientOptions {
        let mut options = ClientOptions::builder()
            .hosts(vec![ServerAddress::Unix { path: socket.to_owned() }])
            .app_name(CLIENT_NAME.to_owned())
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
        // Without one of these the crate would connect to the hosts that the server names.
        if self.load_balanced {
            options.load_balanced = Some(true);
        } else {
            options.direct_connection = Some(true);
        }
        options
    }

    /// The cheapest command that shows whether the session works: after a login, one that also returns the version;
    /// without a login, one that a server which requires a login refuses.
    fn proof(&self) -> Document {
        if self.login.is_some() {
            return doc! { "buildInfo": 1 };
        }
        let anywhere = doc! { "mode": "primaryPreferred" };
        doc! { "listDatabases": 1, "nameOnly": true, "filter": { "name": "admin" }, "$readPreference": anywhere }
    }

    /// The database of that command: none can be sent to `$external`.
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

fn no_crate_socket(error: &io::Error) -> Failure {
    Failure::of(Machine::NoSocket).remark(error.to_string())
}
