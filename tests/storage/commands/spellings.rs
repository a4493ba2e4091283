//! One account in all the spellings that its server treats as equal, within one run: one wrong secret is refused once.

use std::net::Ipv4Addr;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::home::Home;
use crate::names;
use crate::peers::Peer;
use crate::servers::{port, server};

/// Checks `definitions` in one run and then in another; returns the number of logins in each.
#[track_caller]
fn tried(definitions: Vec<Value>) -> [usize; 2] {
    tried_with(&[], definitions)
}

#[track_caller]
fn tried_with(arguments: &[&str], definitions: Vec<Value>) -> [usize; 2] {
    let home = Home::bare();
    let all = definitions.into_iter().enumerate().map(|(n, definition)| (format!("c{n:02}"), definition));
    home.file("all.json", Value::Object(all.collect()));
    [(); 2].map(|()| {
        let report = home.json(&[&["check", "all.json", "--format", "json"], arguments].concat(), 1);
        let results = report["results"].as_array().unwrap();
        for result in results {
            assert_eq!((&result["status"], &result["class"]), (&json!("failed"), &json!("auth")), "{result:#}");
        }
        results.iter().filter(|result| result["attempts"] != 0).count()
    })
}

#[test]
fn sql_server_folds_case_width_and_trailing_blanks() {
    let spelled = ["ghost", "GHOST", "Ghost  ", "ｇｈｏｓｔ", "ＧＨＯＳＴ", "ghost\u{3000}", "gｈost"];
    let of = |login: &str| {
        json!({"conn_type": "mssql", "host": "localhost", "port": port("SQLSERVER_OFF_PORT"), "login": login,
               "password": "CANARY-wrong", "schema": "appdb"})
    };
    assert_eq!(tried(spelled.map(of).to_vec()), [1, 0]);
    for spelled in [["ｱｲ", "アイ"], ["￡u", "£u"], ["ΟΔΟΣ", "οδοσ"]] {
        assert_eq!(tried(spelled.map(of).to_vec()), [1, 0], "{spelled:?}");
    }
}

#[test]
fn mysql_takes_quotes_off_and_reads_the_beginning_only() {
    let peer = Peer::mysql(Duration::ZERO);
    let of = |login: String| json!({"conn_type": "mysql", "host": "127.0.0.1", "port": peer.port, "login": login, "password": "CANARY1"});
    let quoted = ["app", "'app'"].map(str::to_owned);
    let long = [128, 129, 200].map(|length| "x".repeat(length));
    assert_eq!(tried(quoted.map(of).to_vec()), [1, 0]);
    assert_eq!(tried(long.map(of).to_vec()), [1, 0]);
    assert_eq!(peer.logins(), 2);
}

#[test]
fn postgres_cuts_names_at_63_bytes() {
    let peer = Peer::new();
    // The limit falls within a letter of two bytes, which is cut off as a whole.
    let names = ["b".repeat(63), "b".repeat(64), "b".repeat(63) + "ä", "b".repeat(100)];
    let halves = [format!("{}ä", "c".repeat(62)), format!("{}äx", "c".repeat(62)), "c".repeat(62)];
    let of = |login: &String| json!({"conn_type": "postgres", "host": "127.0.0.1", "port": peer.port, "login": login, "password": "CANARY1"});
    assert_eq!(tried(names.iter().map(of).collect()), [1, 0]);
    assert_eq!(tried(halves.iter().map(of).collect()), [1, 0]);
    assert_eq!(peer.logins(), 2);
}

/// The method of the actual login counts, not its spelling in the definition.
#[test]
fn mongodb_s_method_is_the_one_that_the_server_chose() {
    let of = |method: &str| {
        let mut definition = json!({"conn_type": "mongo", "host": "localhost", "port": port("MONGODB_PORT"),
                                    "login": "adminuser", "password": "CANARY-wrong", "schema": "admin"});
        definition["extra"] = if method.is_empty() { json!({}) } else { json!({"authMechanism": method}) };
        definition
    };
    for (first, second) in [("", "SCRAM-SHA-256"), ("SCRAM-SHA-256", ""), ("DEFAULT", "")] {
        let home = Home::bare();
        let attempts = |method: &str| {
            home.file("all.json", json!({"it": of(method)}));
            let report = home.json(&["check", "all.json", "--format", "json"], 1);
            let result = &report["results"][0];
            assert_eq!((&result["class"], &result["reason"]), (&json!("auth"), &json!("login_refused")), "{result:#}");
            result["attempts"].as_u64().unwrap()
        };
        assert_eq!(attempts(first), 1, "{first:?}");
        assert_eq!([attempts(second), attempts(first), attempts(second)], [0; 3], "{first:?}, then {second:?}");
        // A different method is a different circumstance.
        assert_eq!([attempts("SCRAM-SHA-1"), attempts("SCRAM-SHA-1")], [1, 0], "{first:?}");
    }
    assert_eq!(tried(["", "SCRAM-SHA-256", "DEFAULT"].map(of).to_vec()), [1, 0]);
}

#[test]
fn all_names_of_this_machine_are_one() {
    // If the server may choose TLS, each name is connected to before the ledger knows the circumstances of a login. No
    // server listens at `::1`.
    let hosts = ["localhost", "127.0.0.1", "LOCALHOST", "127.0.0.1", "::ffff:127.0.0.1", "127.0.1.1", "::1"];
    for (mode, hosts) in [("disable", &hosts[..]), ("prefer", &hosts[..5])] {
        let peer = Peer::new();
        let of = |(n, host): (usize, &&str)| {
            json!({"conn_type": "postgres", "host": host, "port": peer.port, "login": "bad", "password": "CANARY1",
                   "extra": {"application_name": format!("n{n}"), "sslmode": mode}})
        };
        assert_eq!(tried(hosts.iter().enumerate().map(of).collect()), [1, 0], "{mode}");
        assert_eq!(peer.logins(), 1, "{mode}");
    }
}

/// Two names of one address, and the address itself.
#[test]
fn names_of_one_address_are_one_account() {
    let server = names::server(&[("db1.test", &[Ipv4Addr::LOCALHOST]), ("alias.test", &[Ipv4Addr::LOCALHOST])]);
    let peer = Peer::new();
    let of = |host: &str| json!({"conn_type": "postgres", "host": host, "port": peer.port, "login": "bad", "password": "CANARY1"});
    let hosts = ["db1.test", "alias.test", "DB1.Test.", "127.0.0.1"];
    assert_eq!(tried_with(&[&format!("--dns-server={server}")], hosts.map(of).to_vec()), [1, 0]);
    assert_eq!(peer.logins(), 1);
}

#[test]
fn a_socket_of_mariadb_is_its_port_and_one_however_its_path_is_spelled() {
    let links = tempfile::tempdir().unwrap();
    let link = |name: &str| links.path().join(name).display().to_string();
    let socket = server("MARIADB_SOCKET");
    let (directory, name) = (Path::new(&socket).parent().unwrap(), socket.rsplit_once('/').unwrap().1);
    symlink(&socket, link("linked.sock")).unwrap();
    symlink(directory, link("linked")).unwrap();
    let spelled = [
        socket.clone(),
        format!("/{socket}"),
        format!("{}/./{name}", directory.display()),
        format!("{}/../{}/{name}", directory.display(), directory.file_name().unwrap().display()),
        link("linked.sock"),
        link(&format!("linked/{name}")),
    ];
    let of = |path: &String| {
        json!({"conn_type": "mysql", "port": port("MARIADB_PORT"), "login": "nobody-by-socket", "password": "CANARY1",
               "extra": {"unix_socket": path}})
    };
    let mut all: Vec<Value> = spelled.iter().map(of).collect();
    let mut by_port = of(&socket);
    by_port["host"] = json!("127.0.0.1");
    // Not encrypted, like the socket: encryption is a circumstance.
    by_port["extra"] = json!({"ssl_mode": "DISABLED"});
    all.push(by_port);
    assert_eq!(tried(all), [1, 0]);
}
