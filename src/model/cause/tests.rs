//! Grouping of results into causes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{Cause, Causes};
use crate::model::class::Class;
use crate::model::class::Status;
use crate::model::facts::{Certificate, Facts, TlsFacts};
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::phase::PhaseTiming;
use crate::model::reason::ReasonCode;
use crate::model::reason::{Connect, Resolve, Tls};
use crate::model::result::Address;
use crate::model::result::CheckResult;

/// A result of the connection at `position` to `host`.
fn result(position: usize, host: &str, port: u16, failure: impl Into<Option<Failure>>) -> CheckResult {
    let failure = failure.into();
    let phase = failure.as_ref().and_then(|failure| failure.phase).unwrap_or(Phase::Query);
    let phases = [Phase::Resolve, Phase::Connect, Phase::Tls, Phase::Auth, Phase::Query];
    let phases = phases.into_iter().filter(|seen| *seen <= phase);
    let connected = phase > Phase::Connect;
    CheckResult {
        position,
        id: position.to_string(),
        conn_id: None,
        conn_type: Some("postgres".to_owned()),
        driver: Some("postgres".into()),
        origin: String::new(),
        place: None,
        host: Some(host.to_owned()),
        port: Some(port),
        database: Some("sales".to_owned()),
        target: Some(format!("{host}:{port}/sales")),
        address: connected.then(|| crate::model::result::Address::Ip(([10, 0, 0, 7], port).into())),
        login: Some("etl".to_owned()),
        account: None,
        held: None,
        waited: None,
        status: failure.as_ref().map_or(Status::Ok, |failure| failure.status),
        failure,
        warnings: Vec::new(),
        facts: Facts::default(),
        shared_with: Arc::default(),
        attempts: 1,
        started_at: Timestamp::UNIX_EPOCH,
        queued: Duration::ZERO,
        elapsed: Duration::ZERO,
        phases: phases.map(|phase| PhaseTiming { phase, elapsed: Duration::ZERO, open: false }).collect(),
    }
}

fn failure(phase: Phase, reason: ReasonCode, message: &str) -> Failure {
    Failure::made_up(reason, reason.class(), message).at(phase)
}

fn no_name(host: &str) -> Failure {
    Failure::of(Resolve::NameNotFound { name: host.to_owned() }).at(Phase::Resolve)
}

fn refused(port: u16) -> Failure {
    Failure::of(Connect::Refused { addresses: vec![([10, 0, 0, 7], port).into()] }).at(Phase::Connect)
}

fn silent(port: u16) -> Failure {
    Failure::of(Connect::Silent { addresses: vec![([10, 0, 0, 7], port).into()] }).at(Phase::Connect)
}

/// Class, target and number of results of each cause.
fn causes(results: &[CheckResult]) -> Vec<(Class, String, usize)> {
    let mut causes = Causes::default();
    for result in results {
        causes.add(result);
    }
    causes
        .into_vec()
        .into_iter()
        .map(|cause| (cause.class, cause.target.unwrap_or_default(), cause.ids.len()))
        .collect()
}

#[test]
fn a_host_is_down_where_none_of_its_ports_answers() {
    let dead = |position, host, port| result(position, host, port, refused(port));
    let silent = |position, port| result(position, "db", port, silent(port));
    let (gone, slow) = (Class::Unreachable, Class::Timeout);
    assert_eq!(causes(&[dead(0, "db", 1), dead(1, "db", 1), dead(2, "db", 2)]), [(gone, "db".to_owned(), 3)]);
    assert_eq!(causes(&[silent(0, 1), silent(1, 2)]), [(slow, "db".to_owned(), 2)]);
    assert_eq!(causes(&[dead(0, "db", 1), dead(1, "db2", 1)]).len(), 2, "two hosts");
    assert_eq!(causes(&[dead(0, "db", 1), silent(1, 2)]).len(), 2, "two reasons");
    assert_eq!(causes(&[dead(0, "db", 1), dead(1, "db", 1)]), [(gone, "db:1".to_owned(), 2)], "one port");
    assert_eq!(causes(&[dead(0, "db", 1), dead(1, "db", 2), result(2, "db", 3, None)]).len(), 2, "it is up");
}

#[test]
fn a_zone_is_gone_where_none_of_its_names_has_an_address() {
    let gone = |position, host| result(position, host, 1, no_name(host));
    let class = Class::Resolve;
    let zone = [gone(0, "db1.prod.example"), gone(1, "DB2.prod.example."), gone(2, "db1.prod.example")];
    assert_eq!(causes(&zone), [(class, "prod.example".to_owned(), 3)]);
    assert_eq!(causes(&[&zone[..], &[result(3, "db9.prod.example", 1, None)]].concat()).len(), 2, "some name has one");
    assert_eq!(causes(&[gone(0, "db1.example"), gone(1, "db2.example")]).len(), 2, "a top-level domain is no zone");
    assert_eq!(causes(&[gone(0, "db1"), gone(1, "db2")]).len(), 2);
}

#[test]
fn silent_dns_servers_are_one_cause() {
    let silent = |position, host: &str| {
        result(position, host, 1, Failure::of(Resolve::ResolverFailed { name: host.to_owned() }).at(Phase::Resolve))
    };
    assert_eq!(causes(&[silent(0, "db1"), silent(1, "db2.example")]), [(Class::Resolve, String::new(), 2)]);
    let late = |position, host: &str| {
        result(position, host, 1, Failure::of(Resolve::ResolverSilent { name: host.to_owned() }).at(Phase::Resolve))
    };
    assert_eq!(causes(&[late(0, "db1"), late(1, "db2.example")]), [(Class::Timeout, String::new(), 2)]);
    let odd =
        |position, host| result(position, host, 1, failure(Phase::Resolve, ReasonCode::SrvNotFound, "a broken record"));
    assert_eq!(causes(&[odd(0, "db1"), odd(1, "db2.example")]).len(), 2, "the DNS servers did answer");
}

#[test]
fn a_list_of_hosts_and_a_socket_are_no_host_that_could_be_down() {
    for place in ["db1,db2", "/run/db.sock"] {
        let dead = |position, port| result(position, place, port, refused(port));
        assert_eq!(causes(&[dead(0, 1), dead(1, 2)]).len(), 2, "{place}");
    }
}

#[test]
fn servers_with_one_fault_and_one_issuer_have_one_cause() {
    let shown = |position, host, issuer: &str, reason| {
        let certificate = Certificate { issuer: issuer.to_owned(), ..Certificate::default() };
        let tls = TlsFacts { chain: vec![certificate], ..TlsFacts::default() };
        let result = result(position, host, 1, Failure::of(reason).at(Phase::Tls));
        CheckResult { facts: Facts { tls: Some(tls), ..Facts::default() }, ..result }
    };
    let tls = Class::Tls;
    let (expired, unknown) = (Tls::CertificateExpired { when: None }, Tls::UnknownIssuer);
    let shown = |position, host, issuer, reason: &Tls| shown(position, host, issuer, reason.clone());
    let (expired, unknown) = (&expired, &unknown);
    assert_eq!(
        causes(&[shown(0, "db1", "CN=CA", expired), shown(1, "db2", "CN=CA", expired)]),
        [(tls, "CN=CA".to_owned(), 2)]
    );
    assert_eq!(causes(&[shown(0, "db1", "CN=CA", expired)]), [(tls, "db1:1".to_owned(), 1)]);
    assert_eq!(causes(&[shown(0, "db1", "CN=CA", expired), shown(1, "db2", "CN=Other", expired)]).len(), 2);
    assert_eq!(causes(&[shown(0, "db1", "CN=CA", expired), shown(1, "db2", "CN=CA", unknown)]).len(), 2);
}

#[test]
fn an_account_that_is_refused_is_one_cause_with_all_that_was_withheld() {
    let refused =
        |position, port| result(position, "db", port, failure(Phase::Auth, ReasonCode::LoginRefused, "login refused"));
    let withheld = |position, port| {
        result(position, "db", port, failure(Phase::Resolve, ReasonCode::AccountWithheld, "not tried"))
    };
    let mut all = vec![withheld(0, 1), refused(1, 1), refused(2, 1)];
    all.extend((3..14).map(|position| withheld(position, 1)));
    assert_eq!(causes(&all), [(Class::Auth, "db:1".to_owned(), 14)]);
    assert_eq!(causes(&[refused(0, 1), refused(1, 2)]).len(), 2, "two servers");
    assert_eq!(causes(&[withheld(0, 1), withheld(1, 1)]), [(Class::Withheld, "db:1".to_owned(), 2)]);
}

#[test]
fn causes_come_in_the_order_of_the_definitions() {
    let odd = |position, message| result(position, "db", 1, failure(Phase::Auth, ReasonCode::NotUnderstood, message));
    let mut collected = Causes::default();
    for result in [odd(2, "b"), odd(1, "a"), odd(0, "b")] {
        collected.add(&result);
    }
    let ids: Vec<Vec<String>> = collected.into_vec().into_iter().map(|cause| cause.ids).collect();
    assert_eq!(ids, [vec!["2".to_owned(), "0".to_owned()], vec!["1".to_owned()]]);
}

/// A result at `position` that failed with `class`.
fn failed(position: usize, class: Class) -> CheckResult {
    result(position, "db1.example", 5432, Failure::made_up(ReasonCode::ServerError, class, "no").hint("look"))
}

fn found(results: &[CheckResult]) -> Vec<Cause> {
    let mut causes = Causes::default();
    for result in results {
        causes.add(result);
    }
    causes.into_vec()
}

#[test]
fn another_class_place_or_message_is_another_cause() {
    let elsewhere = result(1, "db1.example", 6432, Failure::made_up(ReasonCode::ServerError, Class::Auth, "no"));
    let mut otherwise = failed(2, Class::Auth);
    otherwise.failure = Some(Failure::made_up(ReasonCode::ServerError, Class::Auth, "locked"));
    assert_eq!(found(&[failed(0, Class::Auth), elsewhere, otherwise, failed(3, Class::Tls)]).len(), 4);
    // Equal failures of definitions have one root.
    assert_eq!(found(&[failed(0, Class::Definition), failed(1, Class::Definition)]).len(), 1);
}

#[test]
fn what_fails_in_one_place_only_is_told_in_its_own_words() {
    let late = Failure::of(Resolve::ResolverSilent { name: "db.prod.example".to_owned() });
    for (failure, place) in [
        (refused(5432), "db.prod.example:5432"),
        (no_name("db.prod.example"), "db.prod.example"),
        (late.at(Phase::Resolve), "db.prod.example:5432"),
    ] {
        let cause = found(&[result(0, "db.prod.example", 5432, failure.clone())]).remove(0);
        assert_eq!((cause.reason, cause.target.as_deref()), (failure.reason, Some(place)));
        assert_eq!(cause.message, failure.message);
    }
}

#[test]
fn what_works_has_no_cause() {
    let fine = CheckResult { status: Status::Ok, failure: None, ..failed(0, Class::Auth) };
    assert_eq!(found(&[fine]), []);
}

#[test]
fn a_cause_is_rooted_where_the_fault_is() {
    let at = |class, change: fn(&mut CheckResult)| {
        let mut result = failed(0, class);
        change(&mut result);
        found(&[result]).remove(0).target
    };
    let socket = |result: &mut CheckResult| {
        (result.host, result.target) = (None, None);
        result.address = Some(Address::Unix(PathBuf::from("/run/db.sock")));
    };
    for (class, change, root) in [
        (Class::Resolve, (|_| ()) as fn(&mut CheckResult), Some("db1.example")),
        (Class::Unsupported, |_| (), Some("postgres")),
        (Class::Cancelled, |_| (), Some("run")),
        (Class::Definition, |_| (), None),
        (Class::Secret, |_| (), None),
        (Class::Internal, |_| (), None),
        (Class::Auth, |_| (), Some("db1.example:5432")),
        (Class::Auth, socket, Some("/run/db.sock")),
    ] {
        assert_eq!(at(class, change).as_deref(), root, "{class:?}");
    }
}

/// A result at `position` for which nothing was sent.
fn judged(position: usize, conn_type: &str, reason: ReasonCode, message: &str) -> CheckResult {
    let failure = Failure::made_up(reason, reason.class(), message);
    CheckResult {
        conn_type: Some(conn_type.to_owned()),
        target: None,
        address: None,
        ..result(position, "h", 1, failure)
    }
}

#[test]
fn types_without_a_driver_are_one_cause() {
    let of = |position, conn_type: &str| {
        judged(position, conn_type, ReasonCode::NoDriver, &format!("no driver for connection type `{conn_type}`"))
    };
    let results = [of(0, "ssh"), of(1, "http"), of(2, "http"), of(3, "ftp")];
    assert_eq!(causes(&results), [(Class::Unsupported, String::new(), 4)]);
    assert_eq!(causes(&results[1..3]), [(Class::Unsupported, "http".to_owned(), 2)]);
    let mut all = Causes::default();
    for result in &results {
        all.add(result);
    }
    let cause = all.into_vec().remove(0);
    // The most frequent type is named first.
    let types: Vec<usize> = ["http", "ftp", "ssh"].iter().filter_map(|name| cause.message.find(name)).collect();
    assert!(types.len() == 3 && types.is_sorted(), "{}", cause.message);
}

#[test]
fn what_is_wrong_with_keys_and_definitions_is_one_cause_where_it_reads_the_same() {
    let sealed = |position| judged(position, "postgres", ReasonCode::KeyMissing, "cannot be decrypted: no key");
    let bad = |position, message| judged(position, "postgres", ReasonCode::BadField, message);
    let results = [sealed(0), bad(1, "a"), sealed(2), bad(3, "a"), bad(4, "b"), sealed(5)];
    assert_eq!(
        causes(&results),
        [
            (Class::Secret, String::new(), 3),
            (Class::Definition, String::new(), 2),
            (Class::Definition, String::new(), 1),
        ]
    );
}
