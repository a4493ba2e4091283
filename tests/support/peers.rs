//! A scripted PostgreSQL or MySQL server that counts connections and logins. The PostgreSQL server accepts the logins
//! of users whose name begins with `good`, and of all that send `the-right-one`. It asks for no password in databases
//! whose name begins with `open`, and refuses the database `nowhere` before it asks for one. The MySQL server accepts
//! no login.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub struct Peer {
    pub port: u16,
    connections: Arc<AtomicUsize>,
    logins: Arc<AtomicUsize>,
}

impl Peer {
    pub fn new() -> Self {
        Self::slow(Duration::ZERO)
    }

    /// The same, at `port`.
    pub fn at(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let play =
            |stream, logins: &AtomicUsize| serve(stream, logins, Duration::ZERO, &AtomicBool::new(false), "28P01");
        Self::playing_on(listener, play)
    }

    /// A server that answers a password after `pause`.
    pub fn slow(pause: Duration) -> Self {
        Self::playing(move |stream, logins| serve(stream, logins, pause, &AtomicBool::new(false), "28P01"))
    }

    /// A server that refuses with `code`.
    pub fn refusing(code: &'static str) -> Self {
        Self::playing(move |stream, logins| serve(stream, logins, Duration::ZERO, &AtomicBool::new(false), code))
    }

    /// A server that accepts connections and sends nothing.
    pub fn silent() -> Self {
        Self::playing(|mut stream, _| stream.read(&mut [0; 4096]).and_then(|_| stream.read(&mut [0; 4096])).map(drop))
    }

    /// A server that sends `salt` in the SCRAM dialogue and refuses every proof.
    pub fn scram(salt: &Arc<Mutex<&'static str>>) -> Self {
        let salt = Arc::clone(salt);
        Self::playing(move |stream, logins| refuse_proof(stream, logins, *salt.lock().unwrap()))
    }

    /// The same, until `is_mysql` is set: from then on a server with MySQL's protocol has its port.
    pub fn becoming_mysql(salt: &Arc<Mutex<&'static str>>, is_mysql: &Arc<AtomicBool>) -> Self {
        let (salt, is_mysql) = (Arc::clone(salt), Arc::clone(is_mysql));
        Self::playing(move |stream, logins| {
            if is_mysql.load(Ordering::SeqCst) {
                refuse_as_mysql(stream, logins, Duration::ZERO, b"\xff\x15\x04#28000Access denied", 1000)
            } else {
                refuse_proof(stream, logins, *salt.lock().unwrap())
            }
        })
    }

    /// A server that accepts every login, and then refuses access to the schema of each table.
    pub fn without_usage() -> Self {
        Self::playing(|stream, _| deny_schema(stream))
    }

    /// A server that closes the connection on each password while `goes_down` is set.
    pub fn going_down(goes_down: &Arc<AtomicBool>) -> Self {
        let down = Arc::clone(goes_down);
        Self::playing(move |stream, logins| serve(stream, logins, Duration::ZERO, &down, "28P01"))
    }

    /// A server with MySQL's protocol, without TLS, that refuses every password after `pause`.
    pub fn mysql(pause: Duration) -> Self {
        // Connection numbers grow as long as a server runs.
        Self::mysql_saying(b"\xff\x15\x04#28000Access denied for user", pause, &Arc::new(AtomicU32::new(1000)))
    }

    /// The same, which answers every password with `answer` and numbers its connections from `number`.
    pub fn mysql_saying(answer: &'static [u8], pause: Duration, number: &Arc<AtomicU32>) -> Self {
        let number = Arc::clone(number);
        Self::playing(move |stream, logins| {
            refuse_as_mysql(stream, logins, pause, answer, number.fetch_add(1, Ordering::SeqCst))
        })
    }

    /// A proxy to a server with MySQL's protocol. While `in_clear` is set, it removes the offer of TLS from the
    /// greeting.
    pub fn before_mysql(port: u16, in_clear: &Arc<AtomicBool>) -> Self {
        let in_clear = Arc::clone(in_clear);
        Self::playing(move |stream, _| pass_on(stream, port, in_clear.load(Ordering::SeqCst)))
    }

    /// A server that stops in the middle of its greeting, as MySQL does in the middle of a handshake, and counts
    /// clients that hang up.
    pub fn mysql_stuck() -> Self {
        Self::playing(|mut stream, _| {
            stream.write_all(&[74, 0, 0, 0, 10])?;
            stream.read(&mut [0; 4096]).map(drop)
        })
    }

    fn playing(play: impl Fn(TcpStream, &AtomicUsize) -> io::Result<()> + Clone + Send + 'static) -> Self {
        Self::playing_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap(), play)
    }

    fn playing_on(
        listener: TcpListener,
        play: impl Fn(TcpStream, &AtomicUsize) -> io::Result<()> + Clone + Send + 'static,
    ) -> Self {
        let port = listener.local_addr().unwrap().port();
        let logins = Arc::new(AtomicUsize::new(0));
        let connections = Arc::new(AtomicUsize::new(0));
        let (counted, seen) = (Arc::clone(&logins), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                seen.fetch_add(1, Ordering::SeqCst);
                let (counted, play) = (Arc::clone(&counted), play.clone());
                thread::spawn(move || drop(play(stream, &counted)));
            }
        });
        Self { port, connections, logins }
    }

    /// How many connections it has accepted so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many logins were tried so far.
    pub fn logins(&self) -> usize {
        self.logins.load(Ordering::SeqCst)
    }
}

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[tag], &length[..], body].concat()
}

fn serve(
    mut stream: TcpStream,
    logins: &AtomicUsize,
    pause: Duration,
    down: &AtomicBool,
    code: &str,
) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let mut read = |stream: &mut TcpStream| stream.read(&mut buffer).map(|length| buffer[..length].to_vec());
    let mut first = read(&mut stream)?;
    if first.len() == 8 {
        // TLS is refused.
        stream.write_all(b"N")?;
        first = read(&mut stream)?;
    }
    let first = String::from_utf8_lossy(&first).into_owned();
    if first.contains("database\0open") {
        return take(stream);
    }
    if first.contains("database\0nowhere") {
        return refuse(stream, "3D000");
    }
    // Asks for the password in clear text.
    stream.write_all(&message(b'R', &[0, 0, 0, 3]))?;
    let password = read(&mut stream)?;
    if password.is_empty() {
        return Ok(());
    }
    logins.fetch_add(1, Ordering::SeqCst);
    thread::sleep(pause);
    if down.load(Ordering::SeqCst) {
        return Ok(());
    }
    let knows = password.ends_with(b"the-right-one\0");
    if knows || first.contains("user\0good") { take(stream) } else { refuse(stream, code) }
}

fn refuse(mut stream: TcpStream, code: &str) -> io::Result<()> {
    let error = format!("SFATAL\0VFATAL\0C{code}\0Mthe pool is closed\0Rauth_failed\0\0");
    stream.write_all(&message(b'E', error.as_bytes()))
}

/// An accepted login and its one query.
fn take(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    stream.write_all(
        &[
            message(b'R', &[0; 4]),
            message(b'S', b"server_version\x0016.2\0"),
            message(b'S', b"in_hot_standby\0off\0"),
            message(b'S', b"default_transaction_read_only\0off\0"),
            message(b'K', &[0; 8]),
            message(b'Z', b"I"),
        ]
        .concat(),
    )?;
    let _query = stream.read(&mut buffer)?;
    stream.write_all(
        &[
            message(b'T', b"\0\x01current_database\0\0\0\0\0\0\0\0\0\0\x13\0\x40\xff\xff\xff\xff\0\0"),
            message(b'D', b"\0\x01\0\0\0\x05sales"),
            message(b'C', b"SELECT 1\0"),
            message(b'Z', b"I"),
        ]
        .concat(),
    )?;
    stream.read(&mut buffer).map(drop)
}

/// An accepted login, the begin of a transaction, and then refusals.
fn deny_schema(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 4096];
    if stream.read(&mut buffer)? == 8 {
        stream.write_all(b"N")?;
        let _startup = stream.read(&mut buffer)?;
    }
    let ready = [message(b'R', &[0; 4]), message(b'S', b"server_version\x0016.2\0"), message(b'Z', b"I")];
    stream.write_all(&ready.concat())?;
    let _begin = stream.read(&mut buffer)?;
    stream.write_all(&[message(b'C', b"BEGIN\0"), message(b'C', b"SET\0"), message(b'Z', b"T")].concat())?;
    let error = b"SERROR\0VERROR\0C42501\0Mpermission denied for schema connprobe\0\0";
    while stream.read(&mut buffer)? > 0 {
        stream.write_all(&[message(b'E', error), message(b'Z', b"E")].concat())?;
    }
    Ok(())
}

fn refuse_proof(mut stream: TcpStream, logins: &AtomicUsize, salt: &str) -> io::Result<()> {
    let mut buffer = [0; 4096];
    let mut read = |stream: &mut TcpStream| stream.read(&mut buffer).map(|length| buffer[..length].to_vec());
    if read(&mut stream)?.len() == 8 {
        stream.write_all(b"N")?;
        read(&mut stream)?;
    }
    stream.write_all(&message(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0"))?;
    let first = String::from_utf8_lossy(&read(&mut stream)?).into_owned();
    let Some((_, nonce)) = first.split_once(",r=") else { return Ok(()) };
    stream.write_all(&message(b'R', format!("\0\0\0\x0br={nonce}more,s={salt},i=4096").as_bytes()))?;
    // A client that only looks sends nothing more.
    if !read(&mut stream)?.starts_with(b"p") {
        return Ok(());
    }
    logins.fetch_add(1, Ordering::SeqCst);
    refuse(stream, "28P01")
}

/// A MySQL packet with its number.
fn packet(number: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    [&length[..3], &[number], payload].concat()
}

fn refuse_as_mysql(
    mut stream: TcpStream,
    logins: &AtomicUsize,
    pause: Duration,
    answer: &[u8],
    number: u32,
) -> io::Result<()> {
    // Protocol 10, no TLS, mysql_native_password.
    let capabilities: u32 = 1 | 1 << 3 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 19;
    let [a, b, c, d] = capabilities.to_le_bytes();
    let greeting = [
        b"\x0a8.4.3\0",
        &number.to_le_bytes()[..],
        b"nonceabc\0",
        &[a, b, 0xff, 2, 0, c, d, 21][..],
        &[0; 10],
        b"twelve bytes\0mysql_native_password\0",
    ]
    .concat();
    stream.write_all(&packet(0, &greeting))?;
    if stream.read(&mut [0; 4096])? == 0 {
        return Ok(());
    }
    logins.fetch_add(1, Ordering::SeqCst);
    thread::sleep(pause);
    stream.write_all(&packet(2, answer))
}

/// Forwards both directions, except the offer of TLS (`CLIENT_SSL`) in the server's greeting.
fn pass_on(mut client: TcpStream, port: u16, in_clear: bool) -> io::Result<()> {
    const CLIENT_SSL_HIGH: u8 = 0x08;
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let mut greeting = [0; 4096];
    let length = server.read(&mut greeting)?;
    if in_clear {
        // Four bytes of packet header, the protocol, the version and its NUL, the connection's number, eight bytes of a
        // nonce and a NUL; then the lower half of the capabilities.
        let version = greeting[5..length].iter().position(|byte| *byte == 0).unwrap();
        greeting[5 + version + 1 + 4 + 8 + 1 + 1] &= !CLIENT_SSL_HIGH;
    }
    client.write_all(&greeting[..length])?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        drop(io::copy(&mut from, &mut to));
        to.shutdown(Shutdown::Both)
    });
    drop(io::copy(&mut server, &mut client));
    client.shutdown(Shutdown::Both)
}
