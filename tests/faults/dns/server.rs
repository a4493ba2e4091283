//! The sockets of the DNS server: UDP and TCP on one port, in threads that end with the process.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;

use hickory_resolver::proto::op::{Message, MessageType};
use hickory_resolver::proto::rr::{Record, RecordType};

use super::{LATE, Reply};

type Answers = fn(&str, RecordType, bool) -> Reply;

/// Starts the server and returns its address.
pub fn start(answers: Answers) -> SocketAddr {
    let (datagrams, connections) = one_port();
    let address = datagrams.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, peer)) = datagrams.recv_from(&mut buffer) {
            let Some(Answer { bytes, late }) = answer(&buffer[..length], false, answers) else { continue };
            let datagrams = datagrams.try_clone().unwrap();
            let send = move || drop(datagrams.send_to(&bytes, peer));
            if late {
                thread::spawn(move || {
                    thread::sleep(LATE);
                    send();
                });
            } else {
                send();
            }
        }
    });
    thread::spawn(move || {
        for stream in connections.incoming().flatten() {
            thread::spawn(move || converse(stream, answers));
        }
    });
    address
}

/// A UDP socket and a TCP listener on the same port.
fn one_port() -> (UdpSocket, TcpListener) {
    for _ in 0..100 {
        let connections = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        if let Ok(datagrams) = UdpSocket::bind(connections.local_addr().unwrap()) {
            return (datagrams, connections);
        }
    }
    panic!("no port is free over both UDP and TCP");
}

/// Answers one query over TCP, then closes the connection.
fn converse(mut stream: TcpStream, answers: Answers) {
    let mut length = [0; 2];
    let Ok(()) = stream.read_exact(&mut length) else { return };
    let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
    let Ok(()) = stream.read_exact(&mut question) else { return };
    if let Some(Answer { bytes, .. }) = answer(&question, true, answers) {
        let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
        drop(stream.write_all(&[&length[..], &bytes].concat()));
    }
}

/// An encoded message, and whether it is sent late.
struct Answer {
    bytes: Vec<u8>,
    late: bool,
}

fn answer(question: &[u8], tcp: bool, answers: Answers) -> Option<Answer> {
    let request = Message::from_vec(question).ok()?;
    let query = request.queries.first()?.clone();
    let mut response = Message::new(request.metadata.id, MessageType::Response, request.metadata.op_code);
    response.metadata.recursion_desired = true;
    response.metadata.recursion_available = true;
    let now = |bytes: Vec<u8>| Some(Answer { bytes, late: false });
    let mut late = false;
    match answers(&query.name().to_ascii(), query.query_type(), tcp) {
        Reply::Silence => return None,
        Reply::Garbage => return now(b"this is no DNS message".to_vec()),
        Reply::CutShort if tcp => return None,
        Reply::CutShort => response.metadata.truncation = true,
        Reply::WrongId => response.metadata.id = request.metadata.id.wrapping_add(1),
        Reply::Code(code) => response.metadata.response_code = code,
        Reply::Late(records) => {
            late = true;
            response.add_answers(records.into_iter().map(|data| Record::from_rdata(query.name().clone(), 60, data)));
        }
        Reply::Records(records) => {
            for (name, data) in records {
                let name = name.map_or_else(|| query.name().clone(), |name| format!("{name}.").parse().unwrap());
                response.add_answer(Record::from_rdata(name, 60, data));
            }
        }
    }
    response.add_query(query);
    let whole = response.to_vec().ok()?;
    if tcp || whole.len() <= usize::from(request.max_payload()) {
        return Some(Answer { bytes: whole, late });
    }
    response.answers.clear();
    response.metadata.truncation = true;
    now(response.to_vec().ok()?)
}
