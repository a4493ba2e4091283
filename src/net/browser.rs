//! SQL Browser (MC-SQLR): the UDP service of a machine with several SQL Server instances. It reports the port of each
//! instance.
//!
//! An answer is not authenticated, so only the port is taken from it; the address stays that of the machine that was
//! queried.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::net::UdpSocket;
use tokio::time::{sleep, timeout};

use super::egress::Egress;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Policy, Reason, Resolve};

/// The port that SQL Browser listens on.
pub const PORT: u16 = 1434;

/// The time limit of a query, the same as in other clients.
const LIMIT: Duration = Duration::from_secs(1);

/// The interval after which the request is sent again, because datagrams get lost.
const AGAIN: Duration = Duration::from_millis(400);

/// The number of addresses of a machine that are queried.
const ADDRESSES: usize = 4;

/// The message types of a request for one instance, and of the response.
const QUESTION: u8 = 0x04;
const ANSWER: u8 = 0x05;

/// Asks SQL Browser at `port` of `addresses` for `instance`. Returns the first address that answers, and the port that
/// `instance` listens on.
///
/// # Errors
///
/// `resolve` when no answer arrives within a second or the instance has no TCP port, `protocol` for a malformed answer,
/// `policy` when all addresses are denied.
pub async fn locate(
    addresses: &[IpAddr],
    port: u16,
    instance: &str,
    egress: &Egress,
) -> Result<(IpAddr, u16), Failure> {
    let mut denied = None;
    let mut asked = FuturesUnordered::new();
    for address in addresses {
        match egress.denies(*address, port) {
            Some(rule) => denied = denied.or(Some((*address, rule))),
            None if asked.len() < ADDRESSES => {
                asked.push(async move { (*address, ask(*address, port, instance).await) });
            }
            None => {}
        }
    }
    if let (true, Some((address, rule))) = (asked.is_empty(), denied) {
        return Err(Failure::of(Policy::EgressDenied { address, rule }));
    }
    let first = async {
        let mut refused = None;
        while let Some((address, answered)) = asked.next().await {
            match answered {
                Ok(answer) => return Ok((address, answer)),
                Err(error) => refused = Some(error),
            }
        }
        Err(refused)
    };
    let (address, answer) = match timeout(LIMIT, first).await {
        Ok(Ok(answered)) => answered,
        Ok(Err(error)) => return Err(silent(instance, port, error.as_ref())),
        Err(_elapsed) => return Err(silent(instance, port, None)),
    };
    match parse(&answer, instance) {
        Some(Listens::Tcp(found)) => Ok((address, found)),
        Some(Listens::Elsewhere) => Err(failed(Resolve::InstanceWithoutTcp { instance: instance.to_owned() })),
        None => Err(failed(Resolve::BrowserNonsense { instance: instance.to_owned() })),
    }
}

/// The socket is connected, so that the kernel drops datagrams from other senders.
async fn ask(address: IpAddr, port: u16, instance: &str) -> io::Result<Vec<u8>> {
    let any: IpAddr = if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    socket.connect(SocketAddr::new(address, port)).await?;
    let question: Vec<u8> = [QUESTION].into_iter().chain(instance.bytes()).chain([0]).collect();
    // An answer longer than the specification allows is truncated, and then fails to parse.
    let mut answer = vec![0; 1 << 11];
    loop {
        socket.send(&question).await?;
        tokio::select! {
            received = socket.recv(&mut answer) => {
                answer.truncate(received?);
                return Ok(answer);
            }
            () = sleep(AGAIN) => {}
        }
    }
}

/// Where an instance listens.
#[derive(Debug, PartialEq, Eq)]
enum Listens {
    /// On this TCP port.
    Tcp(u16),
    /// On a named pipe only, or not at all.
    Elsewhere,
}

/// Reads the answer about `instance`; `None` if it is malformed or about another instance.
fn parse(answer: &[u8], instance: &str) -> Option<Listens> {
    let [ANSWER, low, high, text @ ..] = answer else { return None };
    let text = text.get(..usize::from(u16::from_le_bytes([*low, *high])))?;
    let text = String::from_utf8_lossy(text);
    let (record, _) = text.split_once(";;")?;
    let words: Vec<&str> = record.split(';').collect();
    let value = |key: &str| words.chunks_exact(2).find(|pair| pair[0].eq_ignore_ascii_case(key)).map(|pair| pair[1]);
    if !value("InstanceName")?.eq_ignore_ascii_case(instance) {
        return None;
    }
    match value("tcp") {
        None => Some(Listens::Elsewhere),
        Some(port) => port.parse().ok().filter(|port| *port != 0).map(Listens::Tcp),
    }
}

fn silent(instance: &str, port: u16, error: Option<&io::Error>) -> Failure {
    let refused = error.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused);
    failed(Resolve::BrowserSilent { instance: instance.to_owned(), port, refused })
}

fn failed(reason: impl Into<Reason>) -> Failure {
    Failure::of(reason).at(Phase::Resolve)
}

#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing {
    //! The parser that the fuzz target `browser` runs. Built for fuzzing and tests alone.

    use super::{Listens, parse};

    /// Parses an answer of SQL Browser.
    #[must_use]
    pub fn browser(answer: &[u8]) -> &'static str {
        match parse(answer, "YUKONSTD") {
            Some(Listens::Tcp(_)) => "tcp",
            Some(Listens::Elsewhere) => "elsewhere",
            None => "nonsense",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::Class;
    use crate::model::reason::ReasonCode;

    fn answer(text: &str) -> Vec<u8> {
        let mut answer = vec![ANSWER];
        answer.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
        answer.extend(text.bytes());
        answer
    }

    /// The example of MC-SQLR 4.2.
    const EXAMPLE: &str = "ServerName;ILSUNG1;InstanceName;YUKONSTD;IsClustered;No;Version;9.00.1399.06;tcp;57137;;";

    #[test]
    fn the_port_is_that_of_the_instance_that_was_asked_for() {
        assert_eq!(parse(&answer(EXAMPLE), "YukonStd"), Some(Listens::Tcp(57137)));
        assert_eq!(parse(&answer(EXAMPLE), "OTHER"), None);
        assert_eq!(parse(&answer("ServerName;A;InstanceName;B;np;\\\\A\\pipe\\sql;;"), "B"), Some(Listens::Elsewhere));
        for text in
            ["InstanceName;B;tcp;0;;", "InstanceName;B;tcp;70000;;", "InstanceName;B;tcp;1433", "tcp;1433;;", ""]
        {
            assert_eq!(parse(&answer(text), "B"), None, "{text}");
        }
        assert_eq!(parse(&[ANSWER, 0xff, 0xff, b'x'], "x"), None);
        assert_eq!(parse(b"\x04\x01\x00x", "x"), None);
    }

    async fn responder(reply: Option<&'static str>) -> (IpAddr, u16) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut question = [0; 64];
            let (length, client) = socket.recv_from(&mut question).await.unwrap();
            assert_eq!(&question[..length], b"\x04YUKONSTD\0");
            match reply {
                Some(reply) => drop(socket.send_to(&answer(reply), client).await.unwrap()),
                None => std::future::pending().await,
            }
        });
        (address.ip(), address.port())
    }

    #[tokio::test]
    async fn the_machine_that_answers_is_the_one_to_connect_to() {
        let (address, port) = responder(Some(EXAMPLE)).await;
        assert_eq!(locate(&[address], port, "YUKONSTD", &Egress::default()).await, Ok((address, 57137)));
    }

    #[tokio::test]
    async fn silence_ends_after_a_second_and_refusal_at_once() {
        let (address, port) = responder(None).await;
        let failure = locate(&[address], port, "YUKONSTD", &Egress::default()).await.unwrap_err();
        assert_eq!((failure.class, failure.phase), (Class::Resolve, Some(Phase::Resolve)));

        let closed = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let asked = tokio::time::Instant::now();
        let failure = locate(&[closed.ip()], closed.port(), "YUKONSTD", &Egress::default()).await.unwrap_err();
        assert!(asked.elapsed() < LIMIT / 2 && failure.reason == ReasonCode::InstanceNotFound, "{failure:?}");
    }

    #[tokio::test]
    async fn an_answer_from_elsewhere_is_not_received() {
        let asked = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = asked.local_addr().unwrap();
        tokio::spawn(async move {
            let mut question = [0; 64];
            let (_, client) = asked.recv_from(&mut question).await.unwrap();
            let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            stranger.send_to(&answer(EXAMPLE), client).await.unwrap();
            std::future::pending::<()>().await;
        });
        let failure = locate(&[address.ip()], address.port(), "YUKONSTD", &Egress::default()).await.unwrap_err();
        assert_eq!(failure.class, Class::Resolve);
    }

    #[tokio::test]
    async fn addresses_of_metadata_services_are_not_asked() {
        let failure = locate(&["169.254.169.254".parse().unwrap()], PORT, "X", &Egress::default()).await.unwrap_err();
        assert_eq!(failure.class, Class::Policy);
    }
}
