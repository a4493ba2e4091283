//! MongoDB: a sample of each flaw and notice of the driver.

use connprobe::driver::mongodb::{MongodbFlaw, MongodbNotice};
use connprobe::model::problem::{BadHosts, Flaw, Taken};
use connprobe::model::reason::{Field, Words};
use connprobe::model::warning::Warning;

use crate::words::Samples;

pub const OWN: Samples = Samples { flaws, notices };

fn flaws() -> Vec<Words> {
    let hosts = [
        BadHosts::Login,
        BadHosts::TooMany { count: 51, most: 50 },
        BadHosts::EmptyItem,
        BadHosts::More,
        BadHosts::Port { written: text("x") },
        BadHosts::PortAlone,
    ];
    let mut all: Vec<Words> = [
        MongodbFlaw::NotAFlag { key: text("tls") },
        MongodbFlaw::TextMeansNo { key: text("srv") },
        MongodbFlaw::SetBehindBalancer,
        MongodbFlaw::PortBesideSrv,
        MongodbFlaw::BadService,
        MongodbFlaw::BadMost,
        MongodbFlaw::NotOneName,
        MongodbFlaw::OptionsInSchema,
        MongodbFlaw::BadDatabase { field: Field::SCHEMA, name: text("a.b") },
        MongodbFlaw::NoCertificate,
        MongodbFlaw::LoginNotEscaped,
        MongodbFlaw::PasswordUnprepared,
        MongodbFlaw::LoginAlone,
        MongodbFlaw::PasswordAlone,
        MongodbFlaw::MechanismAlone,
        MongodbFlaw::MechanismLacking { mechanism: text("GSSAPI") },
        MongodbFlaw::BadMechanism,
        MongodbFlaw::TlsTwice,
        MongodbFlaw::ImpliedWithoutTls { key: "tlsCAFile", off: "tls" },
    ]
    .map(|flaw| flaw.words())
    .into();
    all.extend(
        [
            Taken::NumberFrom(1),
            Taken::Staleness,
            Taken::CompressionLevel,
            Taken::TimeAboveZero,
            Taken::Time,
            Taken::OneOf(&["auto", "poll"]),
            Taken::Text,
            Taken::ShortText(128),
            Taken::AbsentWithoutSrv,
        ]
        .map(|what| MongodbFlaw::NotTaken { key: text("appname"), what }.words()),
    );
    all.push(MongodbFlaw::Excluded { one: text("w"), other: text("j") }.words());
    all.extend(hosts.map(|hosts| MongodbFlaw::Hosts(hosts).words()));
    all
}

fn notices() -> Vec<Warning> {
    [
        MongodbNotice::SrvMisnamed,
        MongodbNotice::SourceInSchema,
        MongodbNotice::PasswordUnused,
        MongodbNotice::SourceIgnored,
        MongodbNotice::LoginOverridden,
        MongodbNotice::PasswordOverridden,
        MongodbNotice::NotInsecure,
    ]
    .map(Warning::from)
    .into()
}

fn text(text: &str) -> String {
    text.to_owned()
}
