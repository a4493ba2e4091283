//! Redis: a sample of each flaw and notice of the driver.

use connprobe::driver::redis::{RedisFlaw, RedisNotice};
use connprobe::model::problem::{BadHosts, Flaw};
use connprobe::model::reason::Words;
use connprobe::model::warning::Warning;

use crate::words::Samples;

pub const OWN: Samples = Samples { flaws, notices };

fn flaws() -> Vec<Words> {
    [
        RedisFlaw::LoginNotALine,
        RedisFlaw::BadDb,
        RedisFlaw::DbInCluster,
        RedisFlaw::StartupNodes(BadHosts::EmptyItem),
        RedisFlaw::StartupNodes(BadHosts::Port { written: text("x") }),
        RedisFlaw::TlsByType,
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn notices() -> Vec<Warning> {
    [
        RedisNotice::PasswordMeansNone,
        RedisNotice::SchemaIsDb { db: 3 },
        RedisNotice::SchemaIgnored,
        RedisNotice::NodesWithoutCluster,
        RedisNotice::FileWithoutTls { key: "ssl_ca_certs" },
        RedisNotice::NoPasswordSet,
        RedisNotice::UserNotKnown,
        RedisNotice::LoginNotDemanded,
        RedisNotice::FewRights,
    ]
    .map(Warning::from)
    .into()
}

fn text(text: &str) -> String {
    text.to_owned()
}
