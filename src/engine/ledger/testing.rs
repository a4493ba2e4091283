//! Logins for tests.

use std::time::Duration;

use super::account::User;
use super::{Account, End, Ending, Login, Who};
use crate::model::fingerprint::Fingerprint;
use crate::net::dial::Endpoint;

pub(in crate::engine) fn account(host: &str) -> Account {
    let endpoint = Endpoint::Tcp { host: host.to_owned(), port: 5432 };
    User { driver: "postgres", login: "etl", shown: "etl" }.named(&endpoint)
}

pub(in crate::engine) fn login(hosts: &[&str], secret: &str) -> Login {
    login_in(hosts, secret, &["tls"])
}

/// A login that may meet any of `circumstances`.
pub(in crate::engine) fn login_in(hosts: &[&str], secret: &str, circumstances: &[&str]) -> Login {
    let accounts = hosts.iter().map(|host| account(host)).collect();
    let circumstances = circumstances.iter().map(|one| (*one).to_owned()).collect();
    Login {
        who: Who::new(accounts, Some(Fingerprint::of(&[secret])), circumstances).into(),
        met: None,
        id: format!("id-{secret}"),
        limit: Duration::from_secs(10),
        early: None,
        first: false,
        alone: true,
    }
}

pub(in crate::engine) fn end(ending: Ending) -> End {
    End { ending, accounts: Vec::new(), code: None, evidence: None, early: false, late: false }
}
