//! Samples of the reasons why a source that exists cannot be used.

use std::time::Duration;

use connprobe::model::reason::unusable::{
    Backend, BadServiceUrl, BadSyntax, CommandFault, Configuration, Entries, Instead, Interpolation, Keys, Metadata,
    SettingPlace, Sqlite, StorePlace, UnreadLine,
};
use connprobe::model::reason::{Reason, Source, Unusable};

const LIMIT: Duration = Duration::from_secs(10);

pub fn unusable() -> Vec<Reason> {
    let areas = [configurations(), databases(), files(), backends(), entries(), places()];
    areas.into_iter().flatten().map(|why| Source::Unusable { name: text("airflow"), why: why.into() }.into()).collect()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn variable() -> SettingPlace {
    SettingPlace::Variable(text("AIRFLOW__CORE__FERNET_KEY"))
}

fn line(name: &str) -> SettingPlace {
    SettingPlace::Line { section: "core", name: text(name), file: text("/airflow.cfg"), line: 3 }
}

fn configurations() -> Vec<Unusable> {
    let file = || text("/airflow.cfg");
    let (place, instead) = (|| line("fernet_key"), Instead::Keys);
    let faults = [
        CommandFault::Empty,
        CommandFault::Quote,
        CommandFault::Start { why: text("permission denied") },
        CommandFault::Late { limit: LIMIT },
        CommandFault::Failed { status: text("exit status: 3") },
        CommandFault::Unread { why: text("there is no memory left") },
        CommandFault::TooMuch,
        CommandFault::NotUtf8,
        CommandFault::Nothing,
    ];
    let mut all = vec![
        Configuration::NoAirflow { file: file() },
        Configuration::Empty { place: variable() },
        Configuration::NotUtf8 { place: variable(), instead },
        Configuration::NotUtf8 { place: variable(), instead: Instead::Database },
        Configuration::Endless { place: place() },
        Configuration::SecretInHost { place: variable(), variable: text("AWS_SECRET_ACCESS_KEY") },
        Configuration::CommandNotAllowed { place: line("fernet_key_cmd"), instead },
        Configuration::BackendSecret { place: line("fernet_key_secret"), instead },
    ];
    all.extend(
        [BadSyntax::SectionTwice, BadSyntax::SettingTwice, BadSyntax::BeforeSection, BadSyntax::Neither]
            .map(|what| Configuration::Syntax { file: file(), line: 3, what }),
    );
    all.extend(
        [Interpolation::Percent, Interpolation::Missing, Interpolation::Endless]
            .map(|why| Configuration::Percent { place: place(), why }),
    );
    all.extend(faults.map(|why| Configuration::Command { place: line("fernet_key_cmd"), why, instead }));
    let mut all: Vec<Unusable> = all.into_iter().map(Unusable::from).collect();
    let keys = |count| Keys::NotAKey { place: SettingPlace::File(text("/keys")), number: 1, count };
    all.extend([keys(1), keys(2)].map(Unusable::from));
    all.push(Unusable::NotBuiltIn { feature: "vault" });
    all
}

fn databases() -> Vec<Unusable> {
    [
        Metadata::VariableUnset { variable: text("DB_URL") },
        Metadata::NotAUrl,
        Metadata::OtherKind { dialect: text("oracle") },
        Metadata::HostOfFile,
        Metadata::InMemory,
        Metadata::FileUrl,
        Metadata::Ambiguous,
        Metadata::BadPort,
        Metadata::OptionFile,
        Metadata::NoTable,
        Metadata::NoTableInSchema { schema: text("airflow") },
        Metadata::OtherTable { missing: vec!["conn_id", "conn_type"] },
        Metadata::TooLarge,
        Metadata::NoRows,
    ]
    .map(Unusable::from)
    .into()
}

fn files() -> Vec<Unusable> {
    [
        Sqlite::Missing,
        Sqlite::Denied,
        Sqlite::Io { why: text("a part of the path is a file, not a directory") },
        Sqlite::Directory,
        Sqlite::NotRegular,
        Sqlite::Empty,
        Sqlite::NotSqlite,
        Sqlite::Damaged,
        Sqlite::Locked,
        Sqlite::HalfWritten,
        Sqlite::WalUnreadable,
        Sqlite::TooMuchMemory,
        Sqlite::Failed { why: "disk I/O error" },
        Sqlite::Late { limit: LIMIT },
        Sqlite::Broken,
        Sqlite::NoThread,
    ]
    .map(|why| Unusable::Sqlite { file: text("/airflow.db"), why })
    .into()
}

fn backends() -> Vec<Unusable> {
    let token = || vec!["VAULT_TOKEN", "VAULT_TOKEN_FILE"];
    let mut all = vec![
        Backend::Unset { variables: vec![token()] },
        Backend::Unset { variables: vec![vec!["VAULT_ADDR"], token()] },
        Backend::BadFile { variable: text("VAULT_CACERT") },
        Backend::BadRegion { variable: "AWS_REGION" },
    ];
    all.extend(
        [BadServiceUrl::NoScheme, BadServiceUrl::NotAUrl, BadServiceUrl::HoldsLogin, BadServiceUrl::HoldsQuery]
            .map(|why| Backend::BadUrl { variable: text("VAULT_ADDR"), why }),
    );
    all.into_iter().map(Unusable::from).collect()
}

fn entries() -> Vec<Unusable> {
    let mut all = vec![
        Entries::NoVariable,
        Entries::NoLine { unread: Vec::new(), why: None },
        Entries::NoLine { unread: (1..9).collect(), why: Some(UnreadLine::OtherName) },
        Entries::PasswordLines,
        Entries::Broken,
    ];
    all.extend(
        [UnreadLine::Before, UnreadLine::NoValue, UnreadLine::NoAssignment]
            .map(|why| Entries::NoLine { unread: vec![2], why: Some(why) }),
    );
    all.into_iter().map(Unusable::from).collect()
}

fn places() -> Vec<Unusable> {
    let message = || text("the port in the URL is not a number");
    [
        StorePlace::NoHome,
        StorePlace::VariableUnset,
        StorePlace::BadUrl { message: message(), hint: None },
        StorePlace::BadUrl { message: message(), hint: Some(text("correct the port")) },
        StorePlace::OtherKind,
        StorePlace::Store { message: text("the store at `c.db` is in use"), hint: Some(text("wait")) },
        StorePlace::Missing { message: text("there is no store at `c.db`") },
    ]
    .map(Unusable::from)
    .into()
}
