//! Scripted peers: servers on loopback that do one wrong thing each, for as long as a test lives.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// A peer that treats every connection by `script`; returns its port.
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

/// Reads and throws away until the other side closes.
pub fn hold(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {}
}

/// Accepts and never says a word.
pub fn silent() -> u16 {
    peer(hold)
}

/// Closes every connection at once.
pub fn closing() -> u16 {
    peer(drop)
}

/// Resets every connection at once.
pub fn resetting() -> u16 {
    peer(|stream| {
        let socket = Socket::from(stream);
        socket.set_linger(Some(Duration::ZERO)).unwrap();
    })
}

/// Says `greeting` unasked, then listens.
pub fn greeting(greeting: &'static [u8]) -> u16 {
    peer(move |mut stream| {
        if stream.write_all(greeting).is_ok() {
            hold(stream);
        }
    })
}

/// Says `answer` to the first bytes of every connection, then closes it.
pub fn answering(answer: &'static [u8]) -> u16 {
    peer(move |mut stream| {
        let mut buffer = [0; 4096];
        if stream.read(&mut buffer).is_ok_and(|count| count > 0) {
            drop(stream.write_all(answer));
        }
    })
}

/// Sends `unit` for ever, as fast as it is read.
pub fn flooding(unit: &'static [u8]) -> u16 {
    peer(move |mut stream| {
        let block = unit.repeat(65_536 / unit.len());
        while stream.write_all(&block).is_ok() {}
    })
}

/// Sends one byte every so often, for ever.
pub fn dripping(byte: u8, pause: Duration) -> u16 {
    peer(move |mut stream| {
        while stream.write_all(&[byte]).is_ok() {
            thread::sleep(pause);
        }
    })
}

/// A port whose queue of waiting connections is full: a connection request gets no answer at all.
pub struct BlackHole {
    /// The port.
    pub port: u16,
    _listener: Socket,
    _waiting: Vec<Socket>,
}

impl BlackHole {
    /// Fills the queue.
    pub fn new() -> Self {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let waiting = (0..2)
            .map(|_| {
                let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
                socket.set_nonblocking(true).unwrap();
                drop(socket.connect(&address));
                socket
            })
            .collect();
        Self { port: address.as_socket().unwrap().port(), _listener: listener, _waiting: waiting }
    }
}
