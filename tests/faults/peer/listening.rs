//! A port on loopback with a listener, until it is dropped.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

/// The port, and the thread that accepts connections.
pub struct Listening {
    pub port: u16,
    over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Listening {
    /// Passes every connection to `take`, which must not block. With the unspecified address it listens on every
    /// address of loopback, and rejects connections from other machines.
    pub fn start(at: Ipv4Addr, take: impl Fn(TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind((at, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let over = Arc::<AtomicBool>::default();
        let accepting = thread::spawn({
            let over = Arc::clone(&over);
            move || {
                for stream in listener.incoming().flatten() {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    if stream.peer_addr().is_ok_and(|address| address.ip().is_loopback()) {
                        take(stream);
                    }
                }
            }
        });
        Self { port, over, accepting: Some(accepting) }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
    }
}
