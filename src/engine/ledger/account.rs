//! `Account`: the key that a server counts refused logins under, either as the definition names the server or as it was
//! dialled. Both have the same form, so that a named address equals the dialled one.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::model::result::Address;
use crate::net::dial::Endpoint;

/// Characters that would be mistaken for the separators of an account.
const RESERVED: &str = " %/:@?#";

/// The one place that stands for all addresses of the local machine.
const LOOPBACK: &str = "localhost";

/// An account under one key. Two accounts are equal if their full text is, whatever their shown form: all spellings of
/// one login are one account.
#[derive(Clone, Debug)]
pub struct Account {
    /// The complete text, with the whole login.
    text: Arc<str>,
    /// The account as results show it.
    shown: Arc<str>,
}

/// A login at its server.
#[derive(Clone, Copy)]
pub(in crate::engine) struct User<'a> {
    pub(in crate::engine) driver: &'static str,
    /// The login as the server folds it.
    pub(in crate::engine) login: &'a str,
    /// The login as results show it.
    pub(in crate::engine) shown: &'a str,
}

impl User<'_> {
    /// The account at an endpoint of the definition.
    pub(in crate::engine) fn named(self, endpoint: &Endpoint) -> Account {
        match endpoint {
            Endpoint::Tcp { host, port } => self.at(&format!("{}:{port}", named_host(host))),
            Endpoint::Unix(path) => self.at(&socket(path)),
        }
    }

    /// The account of a definition whose servers only the driver can find.
    pub(in crate::engine) fn stored(self, target: &str) -> Account {
        self.at(&target.to_lowercase())
    }

    /// The account at a dialled address.
    pub(in crate::engine) fn dialled(self, address: &Address) -> Account {
        self.at(&place(address))
    }

    fn at(self, place: &str) -> Account {
        let of = |login: &str| -> Arc<str> { [self.driver, "://", &encoded(login), "@", place].concat().into() };
        let text = of(self.login);
        let shown = if self.shown == self.login { Arc::clone(&text) } else { of(self.shown) };
        Account { text, shown }
    }
}

impl PartialEq for Account {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Account {}

impl PartialOrd for Account {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Account {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Account {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Account {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The account as results show it.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

/// Encodes `text` as one part of an account. Letters of every alphabet stay readable.
fn encoded(text: &str) -> Cow<'_, str> {
    let is_reserved = |letter: char| letter.is_control() || RESERVED.contains(letter);
    if !text.contains(is_reserved) {
        return Cow::Borrowed(text);
    }
    let mut encoded = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_reserved(letter) {
            let mut bytes = [0; 4];
            encoded.extend(
                letter
                    .encode_utf8(&mut bytes)
                    .bytes()
                    .flat_map(|byte| format!("%{byte:02X}").into_bytes())
                    .map(char::from),
            );
        } else {
            encoded.push(letter);
        }
    }
    Cow::Owned(encoded)
}

/// The place of an address: all addresses of the local machine are one place.
pub(in crate::engine) fn place(address: &Address) -> String {
    match address {
        Address::Ip(address) => format!("{}:{}", ip(address.ip()), address.port()),
        Address::Unix(path) => socket(path),
    }
}

/// The place that `text` names: the last part of an account, as the user writes it.
pub(super) fn place_named(text: &str) -> String {
    if text.starts_with('%') {
        return socket(Path::new(&*percent_decode_str(text).decode_utf8_lossy()));
    }
    match text.rsplit_once(':') {
        Some((host, port)) => format!("{}:{port}", named_host(host)),
        None => text.to_lowercase(),
    }
}

fn socket(path: &Path) -> String {
    match socket_port(path) {
        Some(port) => format!("{LOOPBACK}:{port}"),
        None => encoded(&path.components().collect::<PathBuf>().to_string_lossy()).into_owned(),
    }
}

/// The port of a PostgreSQL or MongoDB server that listens on this machine, taken from its socket's name.
fn socket_port(path: &Path) -> Option<u16> {
    let name = path.file_name()?.to_str()?;
    let port = name.strip_prefix(".s.PGSQL.").or_else(|| name.strip_prefix("mongodb-")?.strip_suffix(".sock"));
    port?.parse().ok()
}

fn named_host(host: &str) -> String {
    let host = host.trim().trim_end_matches('.').to_lowercase();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(&host);
    bare.parse().map_or_else(|_name| encoded(&host).into_owned(), ip)
}

fn ip(address: IpAddr) -> String {
    match address.to_canonical() {
        address if address.is_loopback() || address.is_unspecified() => LOOPBACK.to_owned(),
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_the_server_folds_are_one_account() {
        let at = |shown| User { driver: "mssql", login: "sa", shown }.stored("db:1433");
        let all: std::collections::HashSet<Account> = ["sa", "SA", "Sa "].into_iter().map(at).collect();
        assert_eq!(all.len(), 1);
        assert_eq!(at("sa").cmp(&at("SA")), std::cmp::Ordering::Equal);
    }

    #[test]
    fn one_server_has_one_key_however_it_is_spelled() {
        let user = User { driver: "postgres", login: "etl", shown: "etl" };
        let tcp = |host: &str| Endpoint::Tcp { host: host.to_owned(), port: 5432 };
        for (endpoint, expected) in [
            (tcp("DB1.example."), "postgres://etl@db1.example:5432"),
            (tcp("localhost"), "postgres://etl@localhost:5432"),
            (tcp("127.0.1.1"), "postgres://etl@localhost:5432"),
            (tcp("::1"), "postgres://etl@localhost:5432"),
            (tcp("[::ffff:127.0.0.1]"), "postgres://etl@localhost:5432"),
            (tcp("::ffff:10.0.0.7"), "postgres://etl@10.0.0.7:5432"),
            (tcp("FD00:0::7"), "postgres://etl@[fd00::7]:5432"),
            (Endpoint::Unix("/run/.s.PGSQL.5432".into()), "postgres://etl@localhost:5432"),
            (Endpoint::Unix("/tmp/mongodb-27017.sock".into()), "postgres://etl@localhost:27017"),
            (Endpoint::Unix("/run/mysqld/x.sock".into()), "postgres://etl@%2Frun%2Fmysqld%2Fx.sock"),
            (Endpoint::Unix("//run/./mysqld//x.sock".into()), "postgres://etl@%2Frun%2Fmysqld%2Fx.sock"),
        ] {
            assert_eq!(user.named(&endpoint).text(), expected);
        }
        let dialled = user.dialled(&Address::Ip("10.0.0.7:5432".parse().unwrap()));
        assert_eq!(dialled, user.named(&tcp("10.0.0.7")));
        let odd = User { login: "e@t/l", shown: "e…l", ..user }.named(&tcp("a"));
        assert_eq!((odd.text(), odd.shown()), ("postgres://e%40t%2Fl@a:5432", "postgres://e…l@a:5432"));
    }
}
