//! A complete custom driver in one file. It logs in to a made-up server that sends `hello`, reads `LOGIN user secret`,
//! and answers `welcome` or `no`. Usage: `own_driver HOST PORT USER SECRET`.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use connprobe::driver::attempt::Protection;
use connprobe::driver::{
    Attempt, Circumstances, Driver, Encryption, Fields, Plan, Probe, Proof, Refusal, Spec, Target,
};
use connprobe::model::failure::Failure;
use connprobe::model::fingerprint::Fingerprint;
use connprobe::model::phase::Phase;
use connprobe::model::reason::{Dialogue, Login};
use connprobe::net::dial::Endpoint;
use connprobe::{CheckOptions, Connection, Registry, check_one};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

/// The driver's name, its types with their ports, and what proves a login.
static SPEC: Spec = Spec::new("hello", "Hello", &[("hello", 7777)], Proof::by_code("the server says welcome"));

struct Hello;

impl Driver for Hello {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    /// Reads every field and reports all problems at once. Sends nothing.
    fn plan(&self, connection: &Connection) -> Result<Plan, Refusal> {
        let mut fields = Fields::new(&SPEC, connection);
        let host = fields.host().unwrap_or_default().to_owned();
        let port = fields.port(7777);
        let login = fields.login().unwrap_or_default().to_owned();
        let password = fields.password().map(|secret| secret.expose().to_owned()).unwrap_or_default();
        let warnings = fields.finish()?;
        let endpoint = Endpoint::Tcp { host: host.clone(), port };
        Ok(Plan::builder(
            Target { host: Some(host), port: Some(port), database: None },
            vec![endpoint.clone()],
            Circumstances::of(Encryption::Irrelevant),
        )
        // What the server counts refusals by, and the secret that it would refuse. The engine needs both to keep
        // the account from being locked.
        .account(login.clone())
        .credential(Fingerprint::of(&[&password]))
        .login(login.clone())
        .warnings(warnings)
        .build(Arc::new(Greeting { endpoint, login, password })))
    }
}

/// The probe of one login.
struct Greeting {
    endpoint: Endpoint,
    login: String,
    password: String,
}

#[async_trait]
impl Probe for Greeting {
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        let wire = attempt.dial(&self.endpoint).await?;
        // Checks that the run allows a credential on this channel and that the account has its turn.
        attempt.admit(&wire.address, Protection::Plain)?;
        let failed = |_error: std::io::Error| Failure::of(Dialogue::NetworkLost);
        attempt.recorder.enter(Phase::Auth);
        let mut stream = BufReader::new(wire.stream);
        let mut line = String::new();
        stream.read_line(&mut line).await.map_err(failed)?;
        attempt.credential_sent();
        let asked = format!("LOGIN {} {}\n", self.login, self.password);
        stream.write_all(asked.as_bytes()).await.map_err(failed)?;
        line.clear();
        stream.read_line(&mut line).await.map_err(failed)?;
        if line.trim_end() == "welcome" {
            attempt.credential_accepted();
            return Ok(());
        }
        attempt.credential_refused();
        Err(Failure::of(Login::RefusedUnknown { login: self.login.clone(), code: None }))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let [host, port, login, password] = std::env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "usage: own_driver HOST PORT USER SECRET")?;
    let connection =
        Connection::builder("hello").host(host).port(port.parse()?).login(login).password(password).build();
    let options = CheckOptions::default().registry(Registry::builtin().with(Hello));
    let result = check_one(&connection, &options).await?;
    match result.failure {
        None => println!("ok"),
        Some(failure) => println!("{}: {}", failure.reason.as_str(), failure.message),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use connprobe::model::class::Class;
    use tokio::net::TcpListener;

    use super::*;

    /// Starts a server that accepts one secret, and returns its port.
    async fn server() -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(b"hello\n").await.unwrap();
                let mut asked = String::new();
                BufReader::new(&mut stream).read_line(&mut asked).await.unwrap();
                let answer: &[u8] = if asked == "LOGIN etl right\n" { b"welcome\n" } else { b"no\n" };
                stream.write_all(answer).await.unwrap();
            }
        });
        port
    }

    #[tokio::test]
    async fn it_logs_in_and_its_account_is_not_locked() {
        let port = server().await;
        let options = CheckOptions::default().registry(Registry::builtin().with(Hello));
        // In memory, one refusal holds the account.
        for (password, class, attempts) in
            [("right", None, 1), ("wrong", Some(Class::Auth), 1), ("wrong", Some(Class::Auth), 0)]
        {
            let connection =
                Connection::builder("hello").host("127.0.0.1").port(port).login("etl").password(password).build();
            let result = check_one(&connection, &options).await.unwrap();
            let found = (result.failure.as_ref().map(|failure| failure.class), result.attempts);
            assert_eq!(found, (class, attempts), "{password}: {result:?}");
        }
    }
}
