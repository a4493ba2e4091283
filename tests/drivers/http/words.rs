//! HTTP: a sample of each flaw and notice of the driver.

use connprobe::driver::kit::http::{HttpFlaw, HttpNotice};
use connprobe::model::problem::Flaw;
use connprobe::model::reason::{Field, Words};
use connprobe::model::warning::Warning;

use crate::words::Samples;

pub const OWN: Samples = Samples { flaws, notices };

fn flaws() -> Vec<Words> {
    let key = || text("X-Api-Key");
    [
        HttpFlaw::BadScheme { field: Field::SCHEMA, scheme: text("v1") },
        HttpFlaw::BadUrl,
        HttpFlaw::PortBehind { port: 8443, path: true },
        HttpFlaw::PortBehind { port: 8443, path: false },
        HttpFlaw::NotBasic { field: Field::LOGIN },
        HttpFlaw::BadHeaderName { key: text("my key") },
        HttpFlaw::BadHeader { key: key(), text: false },
        HttpFlaw::BadHeader { key: key(), text: true },
        HttpFlaw::Framing { key: text("Content-Length") },
        HttpFlaw::OtherHost { key: text("Host") },
        HttpFlaw::TooLong { field: Field::PASSWORD },
        HttpFlaw::BadTimeout,
        HttpFlaw::BadVerify { key: "verify" },
        HttpFlaw::BadCert,
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn notices() -> Vec<Warning> {
    [
        HttpNotice::SchemaIgnored,
        HttpNotice::BareAddress,
        HttpNotice::SchemeOfType,
        HttpNotice::PasswordAlone,
        HttpNotice::AuthorizationIgnored,
        HttpNotice::HeaderNotSent { key: text("Connection") },
        HttpNotice::TextFlag { key: "verify", read: false },
        HttpNotice::LoginNotDemanded { status: 200, credential: true },
        HttpNotice::LoginNotDemanded { status: 404, credential: false },
    ]
    .map(Warning::from)
    .into()
}

fn text(text: &str) -> String {
    text.to_owned()
}
