//! One connection from its first byte to its last.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::answer::Session;
use crate::envelope::Envelope;
use crate::login::Login;
use crate::packet::{self, kind};
use crate::prelogin::{self, Agreed};
use crate::token::{Answer, End, done};
use crate::users::{Directory, Verdict};
use crate::{Encryption, Error};

/// The state that all connections share.
pub struct Server {
    pub encryption: Encryption,
    pub tls: Option<TlsAcceptor>,
    pub directory: Directory,
    /// The name of the instance.
    pub instance: String,
}

/// The stream of a session.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

impl Server {
    /// Serves one client until it disconnects.
    pub async fn serve(&self, mut stream: impl Stream) -> Result<(), Error> {
        if self.encryption == Encryption::Strict {
            let mut stream = self.acceptor()?.accept(stream).await?;
            if stream.get_ref().1.alpn_protocol() != Some(b"tds/8.0") {
                return Err("a TLS client without tds/8.0".into());
            }
            return match self.prelogin(&mut stream).await? {
                Some(_) => self.log_in(stream).await,
                None => Ok(()),
            };
        }
        match self.prelogin(&mut stream).await? {
            None => Ok(()),
            Some(Agreed::Nothing) => self.log_in(stream).await,
            Some(agreed) => {
                let mut stream = self.acceptor()?.accept(Envelope::new(stream)).await?;
                stream.get_mut().0.open();
                if agreed == Agreed::Everything {
                    return self.log_in(stream).await;
                }
                match self.login(&mut stream).await? {
                    Some(login) => self.answer(stream.into_inner().0.into_inner(), login).await,
                    None => Ok(()),
                }
            }
        }
    }

    async fn log_in(&self, mut stream: impl Stream) -> Result<(), Error> {
        match self.login(&mut stream).await? {
            Some(login) => self.answer(stream, login).await,
            None => Ok(()),
        }
    }

    fn acceptor(&self) -> Result<&TlsAcceptor, Error> {
        self.tls.as_ref().ok_or_else(|| "no certificate".into())
    }

    async fn prelogin(&self, stream: &mut impl Stream) -> Result<Option<Agreed>, Error> {
        let Some(message) = packet::read(stream).await? else { return Ok(None) };
        if message.kind != kind::PRELOGIN {
            return Err(format!("expected PRELOGIN, got type {}", message.kind).into());
        }
        let (encryption, agreed) = prelogin::negotiate(self.encryption, &message.payload)?;
        packet::write(stream, kind::RESPONSE, &prelogin::answer(&message.payload, encryption, &self.instance)).await?;
        Ok(Some(agreed))
    }

    async fn login(&self, stream: &mut impl Stream) -> Result<Option<Login>, Error> {
        match packet::read(stream).await? {
            None => Ok(None),
            Some(message) if message.kind == kind::LOGIN => Login::parse(&message.payload).map(Some),
            Some(message) => Err(format!("expected LOGIN7, got type {}", message.kind).into()),
        }
    }

    async fn answer(&self, mut stream: impl Stream, login: Login) -> Result<(), Error> {
        let mut answer = Answer::default();
        let verdict = self.directory.judge(&login);
        let result = match &verdict {
            Verdict::Ok { .. } => "ok".to_owned(),
            Verdict::Routed { .. } => "routed".to_owned(),
            Verdict::Refused(refusals) => {
                refusals.first().map_or_else(String::new, |refusal| refusal.number.to_string())
            }
        };
        println!("login {} {} {result}", shown(&login.user), shown(&login.database));
        match verdict {
            Verdict::Refused(refusals) => {
                for refusal in &refusals {
                    answer.error(refusal);
                }
                answer.done(End::Statement, done::ERROR, 0);
                packet::write(&mut stream, kind::RESPONSE, &answer.into_bytes()).await?;
                hang_up(stream).await
            }
            Verdict::Routed { host, port } => {
                answer.login_ack(login.tds_version);
                answer.routed(&host, port);
                answer.done(End::Statement, done::FINAL, 0);
                packet::write(&mut stream, kind::RESPONSE, &answer.into_bytes()).await?;
                hang_up(stream).await
            }
            Verdict::Ok { database } => {
                answer.changed(1, &database, "master");
                answer.info(5701, &format!("Changed database context to '{database}'."));
                answer.collation();
                answer.changed(2, "us_english", "");
                answer.info(5703, "Changed language setting to us_english.");
                answer.login_ack(login.tds_version);
                answer.changed(4, "4096", "4096");
                if login.features {
                    answer.features();
                }
                answer.done(End::Statement, done::FINAL, 0);
                packet::write(&mut stream, kind::RESPONSE, &answer.into_bytes()).await?;
                self.queries(stream, Session { user: login.user, database }).await
            }
        }
    }

    async fn queries(&self, mut stream: impl Stream, mut session: Session) -> Result<(), Error> {
        while let Some(message) = packet::read(&mut stream).await? {
            let answer = match message.kind {
                kind::SQL_BATCH => session.batch(&self.directory, &message.payload),
                kind::RPC => session.call(&message.payload),
                // Microsoft's drivers begin and end transactions; the server has nothing to do for them.
                kind::TRANSACTION => only(done::FINAL),
                kind::ATTENTION => only(done::ATTENTION),
                other => return Err(format!("unexpected message of type {other}").into()),
            };
            packet::write(&mut stream, kind::RESPONSE, &answer).await?;
        }
        Ok(())
    }
}

fn only(status: u16) -> Vec<u8> {
    let mut answer = Answer::default();
    answer.done(End::Statement, status, 0);
    answer.into_bytes()
}

/// Half-closes and waits for the client to disconnect: closing at once would reset the connection, and the client could
/// lose the answer.
async fn hang_up(mut stream: impl Stream) -> Result<(), Error> {
    stream.shutdown().await?;
    let mut rest = Vec::new();
    let mut stream = stream.take(64 << 10);
    // A client that does not disconnect in time is dropped.
    match tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await {
        Ok(Err(error)) => Err(error.into()),
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

/// `name` as a single word.
fn shown(name: &str) -> String {
    if name.is_empty() { "-".to_owned() } else { name.replace(|c: char| c.is_whitespace() || c.is_control(), "?") }
}
