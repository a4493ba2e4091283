//! The initial handshake packet: what the server reports about itself, and what of it the driver crate gets.

use super::method::Method;
use super::wire::nonsense;

/// The protocol version of every server since 1998.
const PROTOCOL: u8 = 10;

/// The server supports TLS.
const CLIENT_SSL: u32 = 1 << 11;
/// The server supports connection attributes.
const CLIENT_CONNECT_ATTRS: u32 = 1 << 20;
const CLIENT_PROTOCOL_41: u32 = 1 << 9;
const CLIENT_SECURE_CONNECTION: u32 = 1 << 15;
const CLIENT_PLUGIN_AUTH: u32 = 1 << 19;

/// The capabilities that the crate may use of those that a server offers: long passwords, a database, transactions,
/// several results, OK instead of EOF. Excluded are compression, files of this machine (LOCAL INFILE), several
/// statements at once, and TLS, which this module handles.
const FOR_CRATE: u32 = CLIENT_PROTOCOL_41
    | CLIENT_SECURE_CONNECTION
    | CLIENT_PLUGIN_AUTH
    | CLIENT_CONNECT_ATTRS
    | 1
    | 1 << 3
    | 1 << 13
    | 1 << 17
    | 1 << 18
    | 1 << 24;

/// The version that the crate gets, since it panics on digits of other alphabets. One of MariaDB's, for which it looks
/// first, so that it never compiles the regular expression for the others.
const FOR_CRATE_VERSION: &str = "10.11.0-MariaDB";

/// MySQL's own versions have at most 60 bytes.
const LONGEST_VERSION: usize = 255;

/// A nonce has 20 bytes and a NUL after them.
const NONCE: usize = 20;

/// A server's greeting, parsed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Greeting {
    version: String,
    connection: [u8; 4],
    nonce: [u8; NONCE],
    capabilities: u32,
    collation: u8,
    status: [u8; 2],
    plugin: Vec<u8>,
}

impl Greeting {
    /// Reads a payload.
    pub(super) fn parse(payload: &[u8]) -> std::io::Result<Self> {
        let mut rest = payload;
        match take::<1>(&mut rest) {
            Some([PROTOCOL]) => {}
            // A notice of the X protocol, which looks like a packet whose first byte is its type.
            Some([11]) if payload.len() == 5 => {
                return Err(nonsense("the greeting of MySQL's X protocol; the classic protocol has another port"));
            }
            _ => return Err(nonsense("a greeting of another protocol version")),
        }
        let read = |rest: &mut &[u8]| {
            let version = take_nul(rest).filter(|version| version.len() <= LONGEST_VERSION)?;
            let connection = take(rest)?;
            let first: [u8; 8] = take(rest)?;
            let [_filler, low, high, collation, status @ .., third, fourth, length] = take::<9>(rest)?;
            let capabilities = u32::from_le_bytes([low, high, third, fourth]);
            let _reserved: [u8; 10] = take(rest)?;
            let second: [u8; NONCE - 8] = take(rest)?;
            let padding = usize::from(length).saturating_sub(8).max(13) - second.len();
            *rest = rest.get(padding..)?;
            let plugin = rest.strip_suffix(&[0]).unwrap_or(rest).to_vec();
            let mut nonce = [0; NONCE];
            nonce[..8].copy_from_slice(&first);
            nonce[8..].copy_from_slice(&second);
            let version = String::from_utf8_lossy(version).into_owned();
            Some(Self { version, connection, nonce, capabilities, collation, status, plugin })
        };
        let greeting = read(&mut rest).ok_or_else(|| nonsense("a greeting that ends too early"))?;
        let required = CLIENT_PROTOCOL_41 | CLIENT_SECURE_CONNECTION;
        if greeting.capabilities & required != required {
            return Err(nonsense("the greeting of a server from before MySQL 4.1"));
        }
        Ok(greeting)
    }

    /// The greeting in the form that the driver crate gets.
    pub(super) fn for_crate(&self) -> Vec<u8> {
        let [low, high, third, fourth] = (self.capabilities & FOR_CRATE).to_le_bytes();
        let mut payload = Vec::with_capacity(128);
        payload.push(PROTOCOL);
        payload.extend_from_slice(FOR_CRATE_VERSION.as_bytes());
        payload.push(0);
        payload.extend_from_slice(&self.connection);
        payload.extend_from_slice(&self.nonce[..8]);
        payload.extend_from_slice(&[0, low, high, self.collation]);
        payload.extend_from_slice(&self.status);
        payload.extend_from_slice(&[third, fourth, 21]);
        payload.extend_from_slice(&[0; 10]);
        payload.extend_from_slice(&self.nonce[8..]);
        payload.push(0);
        payload.extend_from_slice(self.method().name().as_bytes());
        payload.push(0);
        payload
    }

    /// The server's number of the connection.
    pub(super) fn connection(&self) -> u32 {
        u32::from_le_bytes(self.connection)
    }

    pub(super) fn nonce(&self) -> &[u8] {
        &self.nonce
    }

    /// The login method to begin with; the server can switch to another.
    pub(super) fn method(&self) -> Method {
        match self.plugin.as_slice() {
            b"caching_sha2_password" => Method::CachingSha2,
            _ => Method::Native,
        }
    }

    pub(super) fn offers_tls(&self) -> bool {
        self.capabilities & CLIENT_SSL != 0
    }

    pub(super) fn takes_attributes(&self) -> bool {
        self.capabilities & CLIENT_CONNECT_ATTRS != 0
    }

    /// Product and version. MariaDB's version begins with 5.5.5, for old replicas.
    pub(super) fn server(&self) -> (&'static str, &str) {
        const PRODUCTS: &[(&str, &str)] =
            &[("mariadb", "MariaDB"), ("tidb", "TiDB"), ("aurora", "Aurora MySQL"), ("vitess", "Vitess")];
        let lower = self.version.to_ascii_lowercase();
        let product = PRODUCTS.iter().find(|(word, _)| lower.contains(word)).map_or("MySQL", |(_, product)| product);
        let version = match product {
            "MariaDB" => self.version.strip_prefix("5.5.5-").unwrap_or(&self.version),
            _ => &self.version,
        };
        (product, version)
    }
}

/// The request for TLS, which has to precede the crate's answer: the first 32 bytes of that answer, with its
/// capabilities.
pub(super) fn tls_request(response: &mut [u8]) -> Option<Vec<u8>> {
    let request = response.get_mut(..32)?;
    request[1] |= CLIENT_SSL.to_le_bytes()[1];
    Some(request.to_vec())
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

fn take_nul<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.iter().position(|byte| *byte == 0)?;
    let taken = &rest[..end];
    *rest = &rest[end + 1..];
    Some(taken)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// As sent by MariaDB 10.11 and MySQL 9.7.
    pub(in super::super) const MARIADB: &[u8] =
        b"\x0a5.5.5-10.11.19-MariaDB-0+deb12u1\0\x06\0\0\0tf\x22q7ZBx\0\xfe\xff\x08\x02\0\xff\x81\x15\
        \0\0\0\0\0\0\x1d\0\0\0W+lb%1e,JmhA\0mysql_native_password\0";
    const MYSQL: &[u8] = b"\x0a9.7.4-2\0\x0c\0\0\0\x13:r\x1f19q\x1f\0\xff\xff\xff\x02\0\xff\xdf\x15\
        \0\0\0\0\0\0\0\0\0\0\x1bxT\x15T\x08\x1c\x08^\x0eQi\0caching_sha2_password\0";

    #[test]
    fn greetings_of_real_servers_are_understood() {
        for (payload, product, version, method) in [
            (MARIADB, "MariaDB", "10.11.19-MariaDB-0+deb12u1", Method::Native),
            (MYSQL, "MySQL", "9.7.4-2", Method::CachingSha2),
        ] {
            let greeting = Greeting::parse(payload).unwrap();
            assert_eq!(greeting.server(), (product, version));
            assert_eq!(greeting.method(), method);
            assert!(greeting.offers_tls() && greeting.takes_attributes(), "{product}");
        }
    }

    #[test]
    fn products_are_told_by_the_version() {
        for (version, product) in [
            ("8.0.11-TiDB-v7.5.0", "TiDB"),
            ("8.0.mysql_aurora.3.04.0", "Aurora MySQL"),
            ("8.0.30-Vitess", "Vitess"),
            ("8.4.3", "MySQL"),
        ] {
            let greeting = Greeting { version: version.to_owned(), ..Greeting::parse(MYSQL).unwrap() };
            assert_eq!(greeting.server(), (product, version));
        }
    }

    #[test]
    fn the_crate_is_shown_neither_tls_nor_compression_nor_local_files() {
        const LOCAL_FILES: u32 = 1 << 7;
        const COMPRESS: u32 = 1 << 5;
        const MULTI_STATEMENTS: u32 = 1 << 16;
        const ZSTD: u32 = 1 << 26;
        for payload in [MARIADB, MYSQL] {
            let offered = Greeting::parse(payload).unwrap();
            let shown = Greeting::parse(&offered.for_crate()).unwrap();
            assert_eq!(shown.capabilities & (LOCAL_FILES | COMPRESS | MULTI_STATEMENTS | ZSTD | CLIENT_SSL), 0);
            assert_eq!((shown.nonce, shown.connection), (offered.nonce, offered.connection));
        }
    }

    #[test]
    fn what_is_no_greeting_is_refused() {
        for end in 0..MYSQL.len() - b"caching_sha2_password\0".len() {
            assert!(Greeting::parse(&MYSQL[..end]).is_err(), "cut after {end} bytes");
        }
        for (payload, said) in [
            (b"\x0b\x08\x05\x1a\0".as_slice(), "X protocol"),
            (b"\x093.23.58\0\x01\0\0\0abcdefgh\0", "another protocol version"),
        ] {
            let error = Greeting::parse(payload).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_request_for_tls_is_the_start_of_the_answer() {
        let mut response = vec![0; 60];
        response[0] = 0x85;
        let request = tls_request(&mut response).unwrap();
        assert_eq!(request.len(), 32);
        assert_eq!(request[..2], [0x85, 0x08]);
        assert_eq!(response[..32], request);
        assert_eq!(tls_request(&mut [0; 31]), None);
    }
}
