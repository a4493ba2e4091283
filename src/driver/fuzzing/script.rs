//! A peer on loopback that follows a script, byte by byte, in turn with its client.

use std::net::Ipv4Addr;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use super::Scram;

/// The separator between two turns of a script.
const TURN: &[u8] = b"\n~~~\n";

/// The client counts as waiting after this many rounds of the runtime without data from it. No clock is used, and
/// client and peer share one thread, so an input has the same effect on every machine.
const QUIET: usize = 48;

/// The index below `count` that the first byte of an input selects (a digit selects its value), and the rest.
#[must_use]
pub fn choice(input: &[u8], count: usize) -> (usize, &[u8]) {
    let (first, rest) = input.split_first().unwrap_or((&b'0', &[]));
    (usize::from(first.wrapping_sub(b'0')) % count, rest)
}

/// The bytes that the peer sends in each of its turns.
pub fn turns(mut script: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut over = false;
    std::iter::from_fn(move || {
        if std::mem::replace(&mut over, true) {
            return None;
        }
        let end = script.windows(TURN.len()).position(|bytes| bytes == TURN);
        let Some(end) = end else { return Some(script) };
        let turn = &script[..end];
        script = &script[end + TURN.len()..];
        over = false;
        Some(turn)
    })
}

/// The result of `client` with a peer that follows `script` on the port that `client` gets. The peer sends a turn when
/// the client waits, and closes the connection after the last one. A further connection continues the script.
pub fn against<T>(script: &[u8], client: impl AsyncFnOnce(u16) -> T) -> T {
    now(async {
        let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await else { unreachable!("no port is free") };
        let Ok(address) = listener.local_addr() else { unreachable!("a listener has an address") };
        tokio::select! {
            biased;
            outcome = client(address.port()) => outcome,
            () = serve(&listener, script) => unreachable!("a peer listens for ever"),
        }
    })
}

/// The result of `future` on a runtime of its own; everything that it spawned ends with that.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let local = tokio::task::LocalSet::new();
    runtime().block_on(local.run_until(future))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap_or_else(|error| unreachable!("no runtime: {error}"))
}

async fn serve(listener: &TcpListener, script: &[u8]) {
    let mut turns = turns(script);
    let mut scram = Scram::default();
    loop {
        let Ok((mut stream, _)) = listener.accept().await else { continue };
        while hear(&stream, &mut scram).await {
            let Some(turn) = turns.next() else { break };
            if stream.write_all(&scram.fit(turn)).await.is_err() {
                break;
            }
        }
        // Closing a socket with unread data resets the connection, and the client may lose the last bytes; so only one
        // direction is closed, and the rest is read.
        let _gone_already = stream.shutdown().await;
        hear(&stream, &mut scram).await;
    }
}

/// Reads from the client until it waits; false if it has closed the connection.
async fn hear(stream: &TcpStream, scram: &mut Scram) -> bool {
    let mut buffer = [0; 4096];
    let mut quiet = 0;
    while quiet < QUIET {
        match stream.try_read(&mut buffer) {
            Ok(length @ 1..) => {
                scram.hear(&buffer[..length]);
                quiet = 0;
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => quiet += 1,
            Ok(_) | Err(_) => return false,
        }
        yield_now().await;
    }
    true
}
