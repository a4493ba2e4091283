//! Scripted peers: servers on loopback that each misbehave in one way, for as long as a test runs.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Starts a peer that handles every connection with `script`; returns its port.
pub fn peer(script: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = Arc::new(script);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let script = Arc::clone(&script);
            thread::spawn(move || script(stream));
        }
    });
    port
}

/// Reads and discards until the other side closes.
pub fn hold(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

/// Reads once and ignores the content.
pub fn read_some(stream: &mut TcpStream) {
    let mut buffer = [0; 4096];
    drop(stream.read(&mut buffer));
}

/// Accepts connections and never sends anything.
pub fn silent() -> u16 {
    peer(hold)
}
