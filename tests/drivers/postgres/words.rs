//! PostgreSQL: a sample of each flaw and notice of the driver.

use connprobe::driver::postgres::{PostgresFlaw, PostgresNotice};
use connprobe::model::problem::Flaw;
use connprobe::model::reason::{Field, Words};
use connprobe::model::warning::Warning;

use crate::words::Samples;

pub const OWN: Samples = Samples { flaws, notices };

fn flaws() -> Vec<Words> {
    let host = || text("db");
    let words = |empty| PostgresFlaw::NotOneOf { key: text("sslmode"), words: vec![text("allow")], empty };
    let unequal = |addresses| PostgresFlaw::Unequal { count: 3, addresses, hosts: 2 };
    [
        PostgresFlaw::NoLogin,
        PostgresFlaw::Nul { field: Field::named("extra.options") },
        words(true),
        words(false),
        PostgresFlaw::NotANumber { key: text("keepalives") },
        PostgresFlaw::BadEncoding { written: text("utf9") },
        PostgresFlaw::BadRequireAuth,
        PostgresFlaw::RequireAuthLacking,
        PostgresFlaw::EncryptedKey,
        PostgresFlaw::ModeTooWeak { mode: "prefer", key: "sslrootcert=system", least: "verify-full" },
        PostgresFlaw::VersionsCrossed,
        PostgresFlaw::VersionTooOld,
        PostgresFlaw::BadVersion { key: text("ssl_min_protocol_version") },
        PostgresFlaw::NoCertificate,
        PostgresFlaw::CertificateWithoutKey,
        PostgresFlaw::BindingWithoutTls,
        PostgresFlaw::PasswordFile,
        PostgresFlaw::Gss,
        PostgresFlaw::Lacking { key: "replication", what: "a replication session" },
        PostgresFlaw::OtherLogin { key: "oauth_issuer", what: "an OAuth login" },
        PostgresFlaw::NoOauth { key: "oauth_issuer" },
        PostgresFlaw::ProtocolsCrossed,
        PostgresFlaw::ProtocolTooOld,
        PostgresFlaw::OtherSwitches,
        unequal(false),
        unequal(true),
        PostgresFlaw::BadPorts,
        PostgresFlaw::EmptyHost,
        PostgresFlaw::AbstractSocket { host: text("@db") },
        PostgresFlaw::BadHost { host: host() + ":x" },
        PostgresFlaw::Brackets { host: text("[::1]") },
        PostgresFlaw::PortInHost { host: host() + ":5432" },
        PostgresFlaw::BadAddress { written: host() },
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn notices() -> Vec<Warning> {
    [
        PostgresNotice::RootUnused,
        PostgresNotice::CertificateUnused,
        PostgresNotice::SslContradicted { mode: "disable" },
        PostgresNotice::SystemRoots { mode: "verify-full" },
        PostgresNotice::KeyAlone,
        PostgresNotice::Overrides { key: text("dbname"), own: text("a"), field: text("schema"), stored: text("b") },
        PostgresNotice::PasswordOverridden,
        PostgresNotice::TlsGivenUp { why: text("the TLS handshake broke") },
        PostgresNotice::PasswordNotChecked,
        PostgresNotice::LoginNotDemanded,
        PostgresNotice::FewRounds { rounds: 100, fewest: 4096 },
        PostgresNotice::PortsInList,
    ]
    .map(Warning::from)
    .into()
}

fn text(text: &str) -> String {
    text.to_owned()
}
