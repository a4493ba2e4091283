//! Ports that accept no connection.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use socket2::{Domain, Socket, Type};

/// A port that refuses connections: bound, so that no other process gets it, but without a listener.
pub fn refused() -> (u16, Socket) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    (socket.local_addr().unwrap().as_socket().unwrap().port(), socket)
}

/// A port whose queue of waiting connections is full, so that a connection request gets no answer.
pub struct BlackHole {
    pub port: u16,
    _listener: TcpListener,
    _waiting: Vec<Socket>,
}

impl BlackHole {
    /// At any port of 127.0.0.1.
    pub fn new() -> Self {
        Self::at(Ipv4Addr::LOCALHOST, 0)
    }

    /// At `port` of `host`, an address of loopback. Fills the queue.
    pub fn at(host: Ipv4Addr, port: u16) -> Self {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&SocketAddr::from((host, port)).into()).unwrap();
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
        Self { port: address.as_socket().unwrap().port(), _listener: listener.into(), _waiting: waiting }
    }
}
