//! Names: what the DNS server answers for them. The binary queries the test's own server (`--dns-server`).

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;

use super::seam::Seam;
use super::{Expected, Fault, OK, Target, drivers, fast, late};
use crate::dns::{Naming, Question, Reply, address, alias, at, here, records};

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
    faults.extend(spellings());
    faults.push(Fault::at(
        Seam::Dial,
        "the first of two addresses is silent",
        drivers(),
        |_| OK,
        |driver| Target::BehindSilence(driver.taking()),
    ));
    faults.push(host("nobody listens at the address of IPv6", OK, |question| records(question, [at("::1"), here()])));
    faults
}

fn host(name: &str, expected: Expected, naming: Naming) -> Fault {
    Fault::at(Seam::Resolve, name, drivers(), |_| expected, |driver| Target::Named(naming, driver.taking()))
}

/// Names as they are written in the definition, and as they are queried.
fn spellings() -> Vec<Fault> {
    let known = |name, naming: Naming, spelled| host(name, OK, naming).spelled(spelled);
    vec![
        known("a name with a dot at its end", |question| records(question, [here()]), |name| format!("{name}.")),
        known("a name in capitals", |question| records(question, [here()]), str::to_uppercase),
        known("a name with an underscore", |question| only(question, "data_base"), |name| format!("data_base.{name}")),
        known(
            "a name in letters that DNS does not have",
            |question| only(question, "xn--bcher-kva"),
            |name| format!("bücher.{name}"),
        ),
        host("a name of 254 letters", NO_ADDRESS, |question| records(question, [here()])).spelled(|name| {
            let label = "a".repeat(49);
            let long = format!("{label}.{label}.{label}.{label}.{label}.{name}");
            long[long.len() - 254..].to_owned()
        }),
    ]
}

/// Resolves only the name with this prefix.
fn only(question: &Question, prefix: &str) -> Reply {
    if question.prefix == prefix { records(question, [here()]) } else { Reply::Code(ResponseCode::NXDomain) }
}

fn circle(question: &Question) -> Reply {
    let [one, two] = ["one", "two"].map(|name| format!("{name}.{}", question.zone));
    let next = if question.prefix == "one" { &two } else { &one };
    Reply::Records(vec![(None, alias(next)), (Some(one.clone()), alias(&two)), (Some(two.clone()), alias(&one))])
}
