//! Names: what the DNS server says about them, or does not. The binary asks the test's own server
//! (`--dns-server`), for hosts and for SRV records alike.

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use serde_json::json;

use super::{Driver, Expected, Fault, Mongodb, Mssql, OK, Target, fast, late};
use crate::dns::{AZURE, Naming, Question, Reply, address, alias, at, here, records, service, text};
use crate::peer::{Script, Step, say};
use crate::speech::{self, mssql};

const NO_ADDRESS: Expected = fast("resolve", "resolve");
const DENIED: Expected = fast("policy", "connect");

pub(super) fn faults() -> Vec<Fault> {
    let mut faults: Vec<Fault> = vec![
        host("there is no such name", NO_ADDRESS, |_| Reply::Code(ResponseCode::NXDomain)),
        host("the name has no address", NO_ADDRESS, |_| Reply::Records(Vec::new())),
        host("the DNS server fails", NO_ADDRESS, |_| Reply::Code(ResponseCode::ServFail)),
        host("the DNS server refuses to answer", NO_ADDRESS, |_| Reply::Code(ResponseCode::Refused)),
        host("the DNS server is silent", late("resolve"), |_| Reply::Silence),
        host("the answer is to another question", late("resolve"), |_| Reply::WrongId),
        host("the answer is no message", late("resolve"), |_| Reply::Garbage),
        host("the answer is cut short, and TCP is closed at once", NO_ADDRESS, |_| Reply::CutShort),
        host("names that stand for each other in a circle", NO_ADDRESS, circle),
        host("an answer that is cut short, and whole over TCP", OK, |question| {
            if question.tcp { records(question, [here()]) } else { Reply::CutShort }
        }),
        host("another name for the host", OK, |question| {
            let other = format!("other.{}", question.zone);
            let whole = [(None, alias(&other)), (Some(other), here())];
            Reply::Records(if question.kind == RecordType::A { whole.into() } else { Vec::new() })
        }),
        host("two hundred addresses, of which the first is good", OK, |question| {
            let others = (1..200).map(|n| at(&format!("127.0.9.{n}")));
            records(question, [here()].into_iter().chain(others))
        }),
        host("the name stands for the metadata service", DENIED, |question| address(question, "169.254.169.254")),
        host("the name stands for the metadata service, mapped into IPv6", DENIED, |question| {
            address(question, "::ffff:169.254.169.254")
        }),
        host("the name stands for a link-local address", DENIED, |question| address(question, "fe80::1")),
        host("the name stands for the metadata service and the server", OK, |question| {
            records(question, [at("169.254.169.254"), here()])
        }),
        host("the name stands for the metadata service as soon as it was judged", OK, |question| {
            records(question, [if question.before == 0 { here() } else { at("169.254.169.254") }])
        }),
    ];
    faults.push(Fault::new("a route of Azure's to a name that stands for the metadata service").on(
        Mssql,
        DENIED,
        Target::Named(|question| records(question, [here()]), routed()),
    ));
    faults.extend(spellings());
    faults.push(
        Fault::new("the first of two addresses is silent").everywhere(OK, |driver| Target::BehindSilence(good(driver))),
    );
    faults.push(host("nobody listens at the address of IPv6", OK, |question| records(question, [at("::1"), here()])));
    faults.extend(services());
    faults
}

fn host(name: &str, expected: Expected, naming: Naming) -> Fault {
    Fault::new(name).everywhere(expected, |driver| Target::Named(naming, good(driver)))
}

/// Names as they are written, and as they are asked for.
fn spellings() -> Vec<Fault> {
    let known = |name, naming: Naming, spelled| host(name, OK, naming).spelled(spelled);
    // A URL takes no other letters.
    let mut foreign = known(
        "a name in letters that DNS does not have",
        |question| only(question, "xn--bcher-kva"),
        |name| format!("bücher.{name}"),
    );
    foreign.cells.retain(|cell| !matches!(cell.driver, Driver::S3 | Driver::Http));
    vec![
        known("a name with a dot at its end", |question| records(question, [here()]), |name| format!("{name}.")),
        known("a name in capitals", |question| records(question, [here()]), str::to_uppercase),
        // boto3 takes none in a URL.
        known("a name with an underscore", |question| only(question, "data_base"), |name| format!("data_base.{name}"))
            .but(Driver::S3, fast("definition", "-")),
        foreign,
        host("a name of 254 letters", NO_ADDRESS, |question| records(question, [here()])).spelled(|name| {
            let label = "a".repeat(49);
            let long = format!("{label}.{label}.{label}.{label}.{label}.{name}");
            long[long.len() - 254..].to_owned()
        }),
    ]
}

/// Only the name with this before it has an address.
fn only(question: &Question, prefix: &str) -> Reply {
    if question.prefix == prefix { records(question, [here()]) } else { Reply::Code(ResponseCode::NXDomain) }
}

fn good(driver: Driver) -> Script {
    let mut script = speech::script(&speech::login(driver));
    script.push(Step::Hold);
    script
}

fn circle(question: &Question) -> Reply {
    let [one, two] = ["one", "two"].map(|name| format!("{name}.{}", question.zone));
    let next = if question.prefix == "one" { &two } else { &one };
    Reply::Records(vec![(None, alias(next)), (Some(one.clone()), alias(&two)), (Some(two.clone()), alias(&one))])
}

/// SQL Server accepts the login and names another server.
fn routed() -> Script {
    let route = mssql::packet(1, &[mssql::login_ack(), mssql::routing(AZURE, 1433), mssql::done(0)].concat());
    vec![Step::Hear, say(mssql::prelogin(mssql::ENCRYPT_NOT_SUP)), Step::Hear, say(route), Step::Hold]
}

/// What the records of a `mongodb+srv` name may say.
fn services() -> Vec<Fault> {
    let by_srv = |name: &str, expected, naming| {
        let fault = Fault::new(format!("SRV: {name}"));
        fault.on(Mongodb, expected, Target::Named(naming, good(Mongodb))).with(json!({"srv": true, "tls": false}))
    };
    vec![
        by_srv("all is well", OK, |question| seeds(question, "node", &[])),
        by_srv("a TXT record that names the authentication database", OK, |question| {
            seeds(question, "node", &["authSource=admin"])
        }),
        by_srv("there is no record", NO_ADDRESS, |_| Reply::Code(ResponseCode::NXDomain)),
        by_srv("the name has records of other kinds only", NO_ADDRESS, |question| records(question, [here()])),
        by_srv("the DNS server fails", NO_ADDRESS, |_| Reply::Code(ResponseCode::ServFail)),
        by_srv("the DNS server is silent", late("resolve"), |_| Reply::Silence),
        by_srv("a host of another domain", fast("policy", "resolve"), |question| {
            records(question, [service("db.evil.example", question.port)])
        }),
        by_srv("an address instead of a host", NO_ADDRESS, |question| {
            records(question, [service("169.254.169.254", question.port)])
        }),
        by_srv("the service is not offered", NO_ADDRESS, |question| records(question, [service("", question.port)])),
        by_srv("the host has no address", NO_ADDRESS, |question| seeds(question, "gone", &[])),
        by_srv("the host stands for the metadata service", DENIED, |question| seeds(question, "metadata", &[])),
        by_srv("a TXT record that turns TLS off", fast("policy", "resolve"), |question| {
            seeds(question, "node", &["tls=false"])
        }),
        by_srv("two TXT records", fast("policy", "resolve"), |question| {
            seeds(question, "node", &["authSource=admin", "authSource=other"])
        }),
    ]
}

/// The records of a cluster of the one host `node`, with these texts beside them.
fn seeds(question: &Question, node: &str, texts: &[&str]) -> Reply {
    match question.prefix.as_str() {
        "_mongodb._tcp" => records(question, [service(&format!("{node}.{}", question.zone), question.port)]),
        "" => records(question, texts.iter().map(|line| text(line))),
        "node" => records(question, [here()]),
        "metadata" => records(question, [at("169.254.169.254")]),
        _ => Reply::Code(ResponseCode::NXDomain),
    }
}
