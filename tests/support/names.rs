//! A DNS server on loopback with a few names.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::thread;

/// Starts a server at which each of `names` has these addresses, and all other names do not exist.
pub fn server(names: &'static [(&str, &[Ipv4Addr])]) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok((length, client)) = socket.recv_from(&mut buffer) {
            if let Some(answer) = answer(&buffer[..length], names) {
                drop(socket.send_to(&answer, client));
            }
        }
    });
    address
}

/// RFC 1035, section 4: a header of twelve bytes, the question, the answers.
fn answer(request: &[u8], names: &[(&str, &[Ipv4Addr])]) -> Option<Vec<u8>> {
    let question = request.get(12..)?;
    let mut labels: Vec<String> = Vec::new();
    let mut rest = question;
    while let Some((length, after)) = rest.split_first().filter(|(length, _)| **length > 0) {
        let (label, others) = after.split_at_checked(usize::from(*length))?;
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        rest = others;
    }
    // Up to the end of the name, then type and class.
    let question = &question[..question.len() - rest.len() + 5];
    let wants_ipv4 = question.ends_with(&[0, 1, 0, 1]);
    let known = names.iter().find(|(name, _)| *name == labels.join("."));
    let addresses = known.filter(|_| wants_ipv4).map_or(&[][..], |(_, addresses)| addresses);
    let code = if known.is_some() { 0 } else { 3 };
    let count = u8::try_from(addresses.len()).unwrap();
    let mut answer = [&request[..2], &[0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0], question].concat();
    for address in addresses {
        // A pointer to the name of the question, an IPv4 address of class IN, a lifetime of one minute.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend(address.octets());
    }
    Some(answer)
}
