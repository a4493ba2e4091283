//! Samples of the warnings about results that are otherwise good.

use connprobe::model::notice::{
    ChannelNotice, EntryNotice, ExtraNotice, LedgerNotice, PlanNotice, ReadablePassword, Repeated, SourceNotice,
    StoreNotice, TextNotice, UriNotice, UsedByAirflow, VariableNotice,
};
use connprobe::model::reason::Weakness;
use connprobe::model::reason::unusable::UnreadLine;
use connprobe::model::warning::Warning;
use jiff::Timestamp;

pub fn notices() -> Vec<Warning> {
    let areas = [sources(), variables(), entries(), uris(), kept(), channels()];
    let own = crate::drivers::ALL.iter().flat_map(|(_, own)| (own.notices)());
    areas.into_iter().flatten().chain(own).collect()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn texts(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("n{number}")).collect()
}

fn sources() -> Vec<Warning> {
    let places = || text("`b.json:2#/a`");
    let twice = |rule| SourceNotice::NameTwice { count: 2, rule };
    [
        SourceNotice::WorldReadable { file: text("c.json") },
        SourceNotice::Page { read: 100, total: 250 },
        SourceNotice::EntriesNotRead { places: vec![text("`/a` (line 2)"), text("`/b` (line 3)")] },
        SourceNotice::SameLabel { own: text("c.json"), numbered: text("c.json#2"), name: text("other/c.json") },
        SourceNotice::SharedName { places: places(), used: None },
        SourceNotice::SharedName { places: places(), used: Some(UsedByAirflow::This) },
        SourceNotice::SharedName { places: places(), used: Some(UsedByAirflow::Other(text("env:AIRFLOW_CONN_A"))) },
        twice(Repeated::AirflowTakesLast),
        twice(Repeated::LastCounts),
        twice(Repeated::Refused),
        SourceNotice::NameNotText { kind: "a number" },
        SourceNotice::NameHidden,
        SourceNotice::NameHoldsSecret,
        SourceNotice::SecretUnread { key: text("owner") },
        SourceNotice::SecretDropped { keys: texts(2) },
        SourceNotice::ConnIdIsType { beside_type: false },
        SourceNotice::ConnIdIsType { beside_type: true },
        SourceNotice::OnlyUri { key: "conn_uri" },
        SourceNotice::LooksEncrypted { field: "password" },
    ]
    .map(Warning::from)
    .into()
}

fn variables() -> Vec<Warning> {
    let syntax = |export, quotes, comment| VariableNotice::Syntax { export, quotes, blanks: true, comment };
    [
        VariableNotice::SmallLetters { capitals: text("AIRFLOW_CONN_SHOP") },
        VariableNotice::Expanded,
        syntax(false, false, false),
        syntax(true, true, true),
        VariableNotice::NotRead { line: 2, why: UnreadLine::OtherName },
        VariableNotice::MoreNotRead { count: 7 },
    ]
    .map(Warning::from)
    .into()
}

fn entries() -> Vec<Warning> {
    let unknown = |guess| EntryNotice::UnknownField { field: text("hosst"), guess };
    [
        EntryNotice::JsonText,
        EntryNotice::YamlOctal { read: text("2842") },
        EntryNotice::OtherName { inner: text("shop") },
        EntryNotice::NotText { field: text("login"), kind: "a number" },
        EntryNotice::FieldTwice { field: text("host"), count: 2 },
        EntryNotice::KeyTwice { path: text("extra.sslmode") },
        EntryNotice::ParameterTwice { name: text("sslmode") },
        EntryNotice::ParametersLost { names: texts(2) },
        EntryNotice::ParametersLost { names: texts(20) },
        unknown(None),
        unknown(Some("host")),
        EntryNotice::MoreUnknownFields { count: 7 },
    ]
    .map(Warning::from)
    .into()
}

fn uris() -> Vec<Warning> {
    [
        UriNotice::BlanksAtEnd,
        UriNotice::BlanksInside,
        UriNotice::UnescapedPassword,
        UriNotice::UnescapedBracket,
        UriNotice::Type,
        UriNotice::HostList,
        UriNotice::QueryUrl,
        UriNotice::Fragment,
        UriNotice::Escape,
    ]
    .map(Warning::from)
    .into()
}

fn kept() -> Vec<Warning> {
    let mut all: Vec<Warning> = [
        StoreNotice::Changed,
        StoreNotice::ResultsUnreadable { definitions: 2 },
        StoreNotice::NoKey,
        StoreNotice::Unsealed,
    ]
    .map(Warning::from)
    .into();
    all.push(LedgerNotice::NotKept { why: text("the disk is full") }.into());
    all.push(LedgerNotice::Lost { until: Timestamp::UNIX_EPOCH }.into());
    let (since, until) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    all.extend([1, 2].map(|refusals| LedgerNotice::Overlooked { refusals, since, until }.into()));
    all.push(PlanNotice::PaddedType.into());
    all.push(PlanNotice::HostSkipped { host: text("db:27017"), why: text("the TLS handshake broke") }.into());
    all.extend([TextNotice::TooMuch, TextNotice::TooLate].map(Warning::from));
    let unknown = |guess| ExtraNotice::Unknown { key: text("ssl_mode"), product: "PostgreSQL", guess };
    all.extend(
        [
            unknown(None),
            unknown(Some("sslmode")),
            ExtraNotice::MoreUnknown { count: 7 },
            ExtraNotice::TextMeansNo { key: "ssl" },
        ]
        .map(Warning::from),
    );
    all
}

fn channels() -> Vec<Warning> {
    [
        ChannelNotice::Weak(Weakness::Plain),
        ChannelNotice::Weak(Weakness::Unverified),
        ChannelNotice::PasswordInClear(ReadablePassword::Plain),
        ChannelNotice::PasswordInClear(ReadablePassword::Asked),
        ChannelNotice::PasswordInClear(ReadablePassword::Disguised),
        ChannelNotice::PasswordInClear(ReadablePassword::Command),
        ChannelNotice::PasswordInClear(ReadablePassword::Header),
    ]
    .map(Warning::from)
    .into()
}
