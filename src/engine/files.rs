//! Files that identify accounts: the content of the client certificates that definitions name, and the targets of
//! socket paths. Plans are pure; the files of all plans are read once, before anything is dialled.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use super::group::Group;
use crate::driver::Alias;
use crate::driver::tls_file::Identity;
use crate::net::dial::Endpoint;
use crate::threads;

/// What was found at a path.
enum Found {
    Content(Identity),
    Socket(PathBuf),
}

/// Reads every file that `groups` name. A file system that hangs costs `limit`, once: files that are not read in time
/// are identified by their path, as missing ones are.
pub(super) fn look(groups: &mut [Group], limit: Duration) {
    let certificates = groups.iter().flat_map(|group| group.plan.circumstances.files());
    let certificates: BTreeSet<PathBuf> = certificates.map(Path::to_owned).collect();
    let places = groups.iter().flat_map(sockets);
    let places: BTreeSet<PathBuf> = places.map(Path::to_owned).collect();
    if certificates.is_empty() && places.is_empty() {
        return;
    }
    let deadline = Instant::now() + limit;
    let (sender, findings) = channel();
    if threads::spawn("files", move || read(certificates, places, &sender)).is_err() {
        return;
    }
    let (mut contents, mut places) = (HashMap::new(), HashMap::new());
    while let Ok((path, found)) = findings.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        match found {
            Found::Content(identity) => drop(contents.insert(path, identity)),
            Found::Socket(place) => drop(places.insert(path, place)),
        }
    }
    for group in groups {
        group.plan.circumstances.learn(&contents);
        let led_to = |path: &Path| {
            let name = Endpoint::Unix(places.get(path)?.clone());
            Some(Alias { of: Endpoint::Unix(path.to_owned()), name })
        };
        let aliases: Vec<Alias> = sockets(group).filter_map(led_to).collect();
        group.plan.aliases.extend(aliases);
    }
}

fn sockets(group: &Group) -> impl Iterator<Item = &Path> {
    group.plan.endpoints.iter().filter_map(|endpoint| match endpoint {
        Endpoint::Unix(path) => Some(path.as_path()),
        Endpoint::Tcp { .. } => None,
    })
}

/// Stops early when the receiver is gone.
fn read(certificates: BTreeSet<PathBuf>, sockets: BTreeSet<PathBuf>, sender: &Sender<(PathBuf, Found)>) {
    let content = |path: PathBuf| Identity::of_file(&path).map(|identity| (path, Found::Content(identity)));
    let socket = |path: PathBuf| path.canonicalize().ok().map(|place| (path, Found::Socket(place)));
    let found = sockets.into_iter().filter_map(socket).chain(certificates.into_iter().filter_map(content));
    for one in found {
        if sender.send(one).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use serde_json::{Value, json};

    use crate::driver::Registry;
    use crate::engine::ledger::Login;
    use crate::engine::login;
    use crate::model::connection::{Connection, Origin};
    use crate::model::extra::Extra;
    use crate::model::secret::Secret;

    /// The login of a definition with `extra`.
    fn of(conn_type: &str, host: Option<&str>, extra: Value) -> Login {
        let origin = Origin { source: "test".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
        let Value::Object(extra) = extra else { unreachable!() };
        let connection = Connection {
            conn_type: Some(conn_type.to_owned()),
            host: host.map(str::to_owned),
            login: Some("etl".to_owned()),
            password: Some(Secret::new("canary".to_owned())),
            extra: Extra::new(extra),
            ..Connection::new(origin)
        };
        login(&connection, Registry::builtin()).unwrap()
    }

    #[test]
    fn a_certificate_is_known_by_its_content_wherever_it_stands() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).display().to_string();
        let write = |name: &str, text: &str| fs::write(path(name), text).unwrap();
        for conn_type in ["mysql", "postgres", "mongo"] {
            let circumstances = |certificate: &str| {
                let extra = match conn_type {
                    "mysql" => json!({"ssl_mode": "REQUIRED", "ssl": {"cert": certificate, "key": path("key")}}),
                    "postgres" => json!({"sslmode": "require", "sslcert": certificate, "sslkey": path("key")}),
                    _ => json!({"tls": true, "tlsCertificateKeyFile": certificate}),
                };
                of(conn_type, Some("a"), extra).circumstances().to_vec()
            };
            write("key", "key");
            write("one", "-----BEGIN CERTIFICATE----- one");
            let before = circumstances(&path("one"));
            write("two", "-----BEGIN CERTIFICATE----- one\n");
            assert_eq!(circumstances(&path("two")), before, "{conn_type}");
            if conn_type != "mongo" {
                assert_eq!(circumstances("-----BEGIN CERTIFICATE----- one"), before, "{conn_type}");
            }
            write("one", "-----BEGIN CERTIFICATE----- renewed");
            assert_ne!(circumstances(&path("one")), before, "{conn_type}");
            assert_ne!(circumstances(&path("missing")), before, "{conn_type}");
        }
    }

    #[test]
    fn a_socket_is_one_server_with_its_port_and_however_its_path_is_spelled() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name).display().to_string();
        fs::create_dir(at("run")).unwrap();
        fs::write(at("run/mysql.sock"), "").unwrap();
        symlink(at("run"), at("linked")).unwrap();
        symlink(at("run/mysql.sock"), at("link.sock")).unwrap();
        let real = directory.path().canonicalize().unwrap().join("run/mysql.sock");
        let accounts = |path: &str| of("mysql", None, json!({"unix_socket": path})).accounts().to_vec();
        let own = accounts(real.to_str().unwrap());
        assert_eq!(own.len(), 2, "{own:?}");
        for name in ["run//mysql.sock", "run/./mysql.sock", "run/../run/mysql.sock", "linked/mysql.sock", "link.sock"] {
            let accounts = accounts(&at(name));
            assert!(own.iter().all(|account| accounts.contains(account)), "{name}: {accounts:?}");
        }
        let tcp = of("mysql", Some("127.0.0.1"), json!({})).accounts().to_vec();
        assert!(tcp.iter().all(|account| own.contains(account)), "{tcp:?} {own:?}");
        // A socket that does not exist is identified by its path.
        assert_eq!(accounts("/nowhere/mysql.sock").len(), 2);
    }
}
