//! SQL Server: a sample of each flaw and notice of the driver.

use connprobe::driver::mssql::{MssqlFlaw, MssqlNotice};
use connprobe::model::problem::{Flaw, Taken};
use connprobe::model::reason::{Field, Words};
use connprobe::model::warning::Warning;

use crate::words::Samples;

pub const OWN: Samples = Samples { flaws, notices };

fn flaws() -> Vec<Words> {
    [
        MssqlFlaw::NoLogin,
        MssqlFlaw::WindowsLogin { login: text("DOM\\etl") },
        MssqlFlaw::OtherAuthentication { method: text("ActiveDirectoryPassword") },
        MssqlFlaw::TooLong { field: Field::LOGIN, most: 128 },
        MssqlFlaw::TwoPorts { beside: 1434, stored: 1433 },
        MssqlFlaw::BadPort { written: text("x") },
        MssqlFlaw::BadInstance { written: text("a;b") },
        MssqlFlaw::Transport { protocol: text("np") },
        MssqlFlaw::Pipe,
        MssqlFlaw::LocalDb,
        MssqlFlaw::TrustBesideAuthorities,
        MssqlFlaw::TwoEncryptions,
        MssqlFlaw::NotTaken { key: text("tds_version"), what: Taken::OneOf(&["7.3", "7.4"]) },
        MssqlFlaw::NotTaken { key: text("charset"), what: Taken::FilledText },
        MssqlFlaw::NotTaken { key: text("timeout"), what: Taken::Seconds },
        MssqlFlaw::NotTaken { key: text("conn_properties"), what: Taken::Texts },
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn notices() -> Vec<Warning> {
    [
        MssqlNotice::AuthorityUnused,
        MssqlNotice::TrustIgnored,
        MssqlNotice::HostOverridden,
        MssqlNotice::PortInHost,
        MssqlNotice::InstanceBesidePort,
        MssqlNotice::ProtocolInHost,
        MssqlNotice::OdbcExtras { keys: vec!["Encrypt", "cafile"] },
        MssqlNotice::EncryptionNotTaken { level: "strict" },
        MssqlNotice::ReadOnlyText,
        MssqlNotice::EncryptionForced,
        MssqlNotice::OtherInstance { instance: text("SALES") },
        MssqlNotice::LoginOnly,
    ]
    .map(Warning::from)
    .into()
}

fn text(text: &str) -> String {
    text.to_owned()
}
