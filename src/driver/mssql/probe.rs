//! The dialogue of one login attempt.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel};
use tokio::time::timeout_at;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

use super::auth::{Broken, Handover};
use super::encryption::{Check, Level, Security};
use super::greeting::Peer;
use super::refusal::{self, Asker};
use super::route::Route;
use super::server::Server;
use crate::driver::tls_file::TlsFile;
use crate::driver::{Attempt, Located, Probe};
use crate::model::codes::Context;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Dialogue, Timeout};
use crate::model::secret::Secret;
use crate::net::dial::{Endpoint, Socket, Wire};
use crate::net::guard::{Guarded, Tap};

/// User and database of the session, and whether the server is Babelfish. Needs no permission and no table, on every
/// edition; a property that a server does not know is NULL.
const WHO_AND_WHERE: &str = "SELECT SUSER_SNAME(), DB_NAME(), CONVERT(nvarchar(16), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')), CONVERT(nvarchar(8), SERVERPROPERTY('Babelfish'))";

/// One login.
pub(super) struct MssqlProbe {
    pub(super) asked: Arc<Asked>,
    pub(super) place: Place,
}

/// Where the server listens.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Port(u16),
    /// Only SQL Browser knows the port.
    Instance,
    /// The address and port that SQL Browser gave.
    Found(IpAddr, u16),
}

/// The parameters of a login.
pub(super) struct Asked {
    pub(super) server: Server,
    pub(super) login: String,
    pub(super) password: Option<Secret>,
    pub(super) database: Option<String>,
    pub(super) security: Security,
    pub(super) read_only: bool,
    pub(super) application: String,
    pub(super) query_limit: Option<Duration>,
}

/// Why a login did not give a session.
enum End {
    Failed(Failure),
    /// The server refers to another one.
    Routed {
        server: String,
        port: u16,
    },
}

impl From<Failure> for End {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

#[async_trait]
impl Probe for MssqlProbe {
    async fn locate(&self, attempt: &Attempt) -> Result<Option<Located>, Failure> {
        let Place::Instance = self.place else { return Ok(None) };
        let (address, port) = self.asked.locate(attempt).await?;
        let endpoints = vec![Endpoint::Tcp { host: address.to_string(), port }];
        let probe = Self { asked: Arc::clone(&self.asked), place: Place::Found(address, port) };
        Ok(Some(Located { endpoints, probe: Arc::new(probe) }))
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        let authorities = self.asked.security.ca.as_ref().map(TlsFile::read).transpose()?;
        match self.place {
            Place::Port(port) => {
                let wire = attempt.dial(&Endpoint::Tcp { host: self.asked.server.host.clone(), port }).await?;
                Box::pin(self.asked.run(attempt, wire, authorities.as_ref())).await
            }
            Place::Found(address, port) => {
                let endpoint = Endpoint::Tcp { host: self.asked.server.host.clone(), port };
                let addresses = [address];
                let connecting = attempt.network.connect(&endpoint, &addresses, attempt.deadline);
                let wire = attempt.phase(Phase::Connect, connecting).await?;
                attempt.recorder.reached(&wire);
                Box::pin(self.asked.run(attempt, wire, authorities.as_ref())).await
            }
            Place::Instance => match attempt.phase(Phase::Resolve, self.locate(attempt)).await? {
                Some(located) => located.probe.run(attempt).await,
                None => unreachable!("an instance is located, or that fails"),
            },
        }
    }
}

impl Asked {
    async fn run(&self, attempt: &Attempt, wire: Wire, authorities: Option<&Secret>) -> Result<(), Failure> {
        let instance = self.server.instance.as_deref();
        let peer = Peer { host: &self.server.host, instance, security: &self.security, authorities };
        match self.log_in(attempt, wire, peer).await {
            Ok(()) => Ok(()),
            Err(End::Failed(failure)) => Err(failure),
            Err(End::Routed { server, port }) => Box::pin(self.follow(attempt, Route::follow(&server, port)?)).await,
        }
    }

    /// Finds address and port of the instance.
    async fn locate(&self, attempt: &Attempt) -> Result<(IpAddr, u16), Failure> {
        let resolved = attempt.network.resolve(&self.server.host, attempt.remaining()).await?;
        let instance = self.server.instance.as_deref().unwrap_or_default();
        attempt.network.locate(&resolved.addresses, instance).await
    }

    /// Follows a route once, as Azure's gateways require, and only over verified TLS.
    async fn follow(&self, attempt: &Attempt, route: Route) -> Result<(), Failure> {
        let security = Security { level: Level::Require, check: Check::Always, ca: None, name: None };
        attempt.heard(&route.host);
        let wire = attempt.dial(&Endpoint::Tcp { host: route.host.clone(), port: route.port }).await?;
        let peer = Peer { host: &route.host, instance: None, security: &security, authorities: None };
        match self.log_in(attempt, wire, peer).await {
            Ok(()) => Ok(()),
            Err(End::Failed(failure)) => Err(failure),
            Err(End::Routed { .. }) => Err(Route::again()),
        }
    }

    async fn log_in(&self, attempt: &Attempt, wire: Wire, peer: Peer<'_>) -> Result<(), End> {
        let tap = wire.tap.clone();
        let channel = peer.greet(attempt, wire).await?;
        let broken = channel.broken();
        attempt.credential_sent();
        // Boxed for its size: most probes of a host that is down or does not answer never get here.
        let connecting = Box::pin(Client::connect(self.config(peer.host), channel.compat()));
        let mut client = match attempt.phase(Phase::Auth, connecting).await {
            Ok(client) => client,
            Err(tiberius::error::Error::Routing { host, port }) => return Err(End::Routed { server: host, port }),
            Err(error) => return Err(self.failure(attempt, &error, &broken, &tap).into()),
        };
        attempt.learn(|facts| facts.auth_method = Some("sql_login".to_owned()));
        attempt.phase(Phase::Query, self.query(attempt, &mut client, &broken, &tap)).await?;
        // The session worked; the verdict does not depend on an orderly close.
        let _closed = client.close().await;
        Ok(())
    }

    fn config(&self, server: &str) -> Config {
        let mut config = Config::new();
        config.host(server);
        config.authentication(AuthMethod::sql_server(&self.login, self.password.as_ref().map_or("", Secret::expose)));
        if let Some(database) = &self.database {
            config.database(database);
        }
        config.application_name(&self.application);
        config.readonly(self.read_only);
        config.encryption(EncryptionLevel::NotSupported);
        // The guarded stream and the engine have the timeouts.
        config.handshake_timeout(None);
        config.command_timeout(None);
        config
    }

    async fn query(
        &self,
        attempt: &Attempt,
        client: &mut Client<Compat<Handover<Guarded<Socket>>>>,
        broken: &Broken,
        tap: &Tap,
    ) -> Result<(), Failure> {
        let asking = async { client.simple_query(WHO_AND_WHERE).await?.into_row().await };
        let answered = match self.query_limit {
            None => asking.await,
            Some(limit) => timeout_at((Instant::now() + limit).into(), asking)
                .await
                .map_err(|_elapsed| Failure::of(Timeout::OwnQueryLimit { extra: "timeout" }))?,
        };
        let row = answered.map_err(|error| self.failure(attempt, &error, broken, tap))?;
        let Some(row) = row else {
            return Err(Failure::of(Dialogue::EmptyAnswer { product: "SQL Server" }));
        };
        let text = |column| row.try_get::<&str, _>(column).ok().flatten().map(str::to_owned);
        attempt.learn(|facts| {
            facts.user = text(0);
            facts.database = text(1);
            if text(3).as_deref() == Some("1") {
                facts.server = Some("Babelfish".to_owned());
            }
            facts.read_only = text(2).map(|word| word.eq_ignore_ascii_case("READ_ONLY"));
        });
        Ok(())
    }

    fn failure(&self, attempt: &Attempt, error: &tiberius::error::Error, broken: &Broken, tap: &Tap) -> Failure {
        let context = Context {
            login: Some(&self.login),
            database: self.database.as_deref().or(Some("(default)")),
            host: Some(&self.server.host),
            target: None,
        };
        let asker = Asker { attempt, has_password: self.password.is_some() };
        refusal::failure(error, broken, tap, context, &asker)
    }
}
