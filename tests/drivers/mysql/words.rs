//! MySQL and MariaDB: a sample of each flaw and notice of the driver.

use connprobe::driver::mysql::{MysqlFlaw, MysqlNotice};
use connprobe::model::problem::Flaw;
use connprobe::model::reason::Words;
use connprobe::model::warning::Warning;

use crate::words::Samples;

pub const OWN: Samples = Samples { flaws, notices };

fn flaws() -> Vec<Words> {
    [
        MysqlFlaw::NoHost,
        MysqlFlaw::NoLogin,
        MysqlFlaw::NulInLogin,
        MysqlFlaw::NulInPassword,
        MysqlFlaw::NulInSchema,
        MysqlFlaw::SocketNotAbsolute { in_host: true },
        MysqlFlaw::SocketNotAbsolute { in_host: false },
        MysqlFlaw::BadCharset,
        MysqlFlaw::AuthorityDirectory,
        MysqlFlaw::ModeNotInCapitals { word: "REQUIRED" },
        MysqlFlaw::ModeWithBlank { word: "REQUIRED" },
        MysqlFlaw::SslNotObject,
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn notices() -> Vec<Warning> {
    [
        MysqlNotice::SocketIgnored { host: text("db") },
        MysqlNotice::Localhost,
        MysqlNotice::SslKey { key: text("cipher") },
        MysqlNotice::SystemRoots,
        MysqlNotice::AuthorityUnused { mode: "REQUIRED" },
        MysqlNotice::Ignored { key: "ssl_ca", instead: "`ca` in extra `ssl`" },
        MysqlNotice::PasswordRecoverable,
    ]
    .map(Warning::from)
    .into()
}

fn text(text: &str) -> String {
    text.to_owned()
}
