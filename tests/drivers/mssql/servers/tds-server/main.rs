//! A small TDS server for the tests, because no SQL Server can be installed without Docker.
//!
//! It checks user, password and database as documented for SQL Server, supports every level of encryption, and answers
//! simple queries. It holds no data. Third-party clients log in to it in `tests/servers/calibrate-tds`, so that it does
//! not merely mirror connprobe's own driver. Error numbers and texts come from Microsoft's documentation, not from a
//! running SQL Server.
//!
//! Every login prints one line on standard output: `login USER DATABASE RESULT`, where RESULT is `ok`, the first error
//! number, or `routed`.

mod answer;
mod browser;
mod envelope;
mod login;
mod packet;
mod prelogin;
mod session;
mod token;
mod users;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Parser, ValueEnum};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::session::Server;

/// How the server answers the question of encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Encryption {
    /// It has none.
    None,
    /// It has it and leaves the choice to the client: the login alone, or everything.
    Off,
    /// It answers `ENCRYPT_ON`, whatever the client asked for.
    On,
    /// It answers `ENCRYPT_REQ`, as SQL Server with "Force Encryption".
    Required,
    /// TLS before the first TDS packet (TDS 8.0), and nothing else.
    Strict,
}

/// A small TDS server for tests.
#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    encryption: Encryption,
    /// PEM certificate, with its issuers.
    #[arg(long, required_if_eq_any([("encryption", "off"), ("encryption", "on"), ("encryption", "required"), ("encryption", "strict")]))]
    cert: Option<PathBuf>,
    /// PEM key of the certificate.
    #[arg(long, requires = "cert")]
    key: Option<PathBuf>,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    listen: IpAddr,
    /// TCP port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Who may log in, and where (see `users.rs`).
    #[arg(long)]
    users: PathBuf,
    /// Where the port is written once the server listens.
    #[arg(long)]
    ready_file: Option<PathBuf>,
    /// Answers as SQL Browser on this UDP port (1434 is what clients ask).
    #[arg(long)]
    browser_port: Option<u16>,
    /// What the server is called, beside its machine: SQL Browser knows it by this name.
    #[arg(long, default_value = "CONNPROBE")]
    instance: String,
}

type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let arguments = Arguments::parse();
    let listener = TcpListener::bind(SocketAddr::new(arguments.listen, arguments.port)).await?;
    let port = listener.local_addr()?.port();
    let server = Arc::new(Server {
        encryption: arguments.encryption,
        tls: match (&arguments.cert, &arguments.key) {
            (Some(cert), Some(key)) if arguments.encryption != Encryption::None => {
                Some(acceptor(&arguments, cert, key)?)
            }
            _ => None,
        },
        directory: serde_json::from_slice(&std::fs::read(&arguments.users)?)?,
        instance: arguments.instance.clone(),
    });
    if let Some(browser_port) = arguments.browser_port {
        let address = SocketAddr::new(arguments.listen, browser_port);
        tokio::spawn(browser::serve(tokio::net::UdpSocket::bind(address).await?, arguments.instance, port));
    }
    println!("{port}");
    if let Some(ready_file) = arguments.ready_file {
        // Renamed into place, so that no reader sees an incomplete number.
        let unfinished = ready_file.with_extension("unfinished");
        std::fs::write(&unfinished, format!("{port}\n"))?;
        std::fs::rename(unfinished, ready_file)?;
    }
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            if let Err(error) = server.serve(stream).await {
                eprintln!("session ended: {error}");
            }
        });
    }
}

/// Inside TDS packets only TLS 1.2, as in SQL Server; TLS 1.3 too if TLS comes first.
fn acceptor(arguments: &Arguments, cert: &PathBuf, key: &PathBuf) -> Result<TlsAcceptor, Error> {
    let strict = arguments.encryption == Encryption::Strict;
    let versions: &[_] =
        if strict { &[&rustls::version::TLS13, &rustls::version::TLS12] } else { &[&rustls::version::TLS12] };
    let chain = CertificateDer::pem_file_iter(cert)?.collect::<Result<Vec<_>, _>>()?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    if strict {
        config.alpn_protocols.push(b"tds/8.0".to_vec());
    }
    Ok(Arc::new(config).into())
}
