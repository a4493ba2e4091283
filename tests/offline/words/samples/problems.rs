//! Samples of the problems that make a definition unusable.

use connprobe::model::document::SyntaxError;
use connprobe::model::problem::{
    BadLine, ColumnFlaw, EntryFlaw, Flaw, GivenFlaw, Misplaced, Part, PlanFlaw, RowFlaw, SecretFlaw, UriFlaw,
};
use connprobe::model::reason::unusable::SettingPlace;
use connprobe::model::reason::{Field, Words};

pub fn flaws() -> Vec<Words> {
    let areas = [
        entries(),
        given(),
        uris(),
        columns(),
        secrets(),
        rows(),
        misplaced(),
        plans(),
        super::definitions::definitions(),
    ];
    let own = crate::drivers::ALL.iter().flat_map(|(_, own)| (own.flaws)());
    areas.into_iter().flatten().chain(own).collect()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn error(hint: Option<&'static str>) -> SyntaxError {
    SyntaxError { line: 2, column: 3, what: "a comma is missing", hint }
}

fn entries() -> Vec<Words> {
    [
        EntryFlaw::Empty,
        EntryFlaw::EmptyList,
        EntryFlaw::OtherKind { found: "a number" },
        EntryFlaw::NotJson { error: error(None) },
        EntryFlaw::NotJson { error: error(Some("quote the text")) },
        EntryFlaw::VariableNotUtf8,
        EntryFlaw::VariableNameless,
        EntryFlaw::Line(BadLine::NoSign),
        EntryFlaw::Line(BadLine::NoName),
        EntryFlaw::Line(BadLine::NoValue),
        EntryFlaw::Line(BadLine::Unclosed),
        EntryFlaw::Line(BadLine::Behind),
        EntryFlaw::SecretBinary,
        EntryFlaw::SecretTooLarge { kib: 1024 },
        EntryFlaw::UriNotText { key: "conn_uri" },
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn given() -> Vec<Words> {
    let field = || text("extra");
    [
        GivenFlaw::Differ { one: text("login"), other: text("user"), field: Some(Field::LOGIN) },
        GivenFlaw::TwoExtras,
        GivenFlaw::BesideUri { fields: vec![(text("hostname"), Field::HOST), (text("port"), Field::PORT)] },
        GivenFlaw::NotText { written: text("hostname"), field: Some(Field::HOST), found: "a list" },
        GivenFlaw::PortOutOfRange { written: text("65536") },
        GivenFlaw::PortNotANumber,
        GivenFlaw::PortPlaceholder,
        GivenFlaw::PortOfKind { found: "a list" },
        GivenFlaw::ExtraNotJson { field: field(), error: error(None) },
        GivenFlaw::ExtraNotObject { field: field(), found: "a list" },
        GivenFlaw::ExtraTagged { path: text("extra.a.b"), found: "a tagged value" },
        GivenFlaw::Masked { written: text("password"), field: Field::PASSWORD },
        GivenFlaw::Masked { written: text("token"), field: Field::extra("token") },
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn uris() -> Vec<Words> {
    [
        UriFlaw::NoType,
        UriFlaw::HostIsUrl,
        UriFlaw::Ambiguous,
        UriFlaw::PortNotANumber,
        UriFlaw::PortPlaceholder,
        UriFlaw::PortOutOfRange,
        UriFlaw::Brackets,
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn columns() -> Vec<Words> {
    [
        ColumnFlaw::TooLong { column: "extra" },
        ColumnFlaw::TooLong { column: "host" },
        ColumnFlaw::NotText { column: "password" },
        ColumnFlaw::NotANumber { column: "port" },
        ColumnFlaw::NotAFlag { column: "is_encrypted" },
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn secrets() -> Vec<Words> {
    let place = || Some(SettingPlace::Variable(text("AIRFLOW__CORE__FERNET_KEY")));
    let field = "password";
    [
        SecretFlaw::Refused { message: text("not permitted"), hint: None },
        SecretFlaw::Refused { message: text("not permitted"), hint: Some(text("ask for it")) },
        SecretFlaw::NoFernetKey { place: None, field },
        SecretFlaw::NoFernetKey { place: place(), field },
        SecretFlaw::OtherFernetKey { place: place(), count: 1, field },
        SecretFlaw::OtherFernetKey { place: place(), count: 2, field },
        SecretFlaw::NotAToken { field },
        SecretFlaw::Damaged { field },
        SecretFlaw::MarkedPlain { field, flag: "is_encrypted" },
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn rows() -> Vec<Words> {
    let (id, field) = (|| text("k1"), "password");
    [
        RowFlaw::Changed,
        RowFlaw::Untagged,
        RowFlaw::PutBack,
        RowFlaw::Unvouched,
        RowFlaw::NoKey,
        RowFlaw::OtherKey { id: id() },
        RowFlaw::SecretNoKey { field },
        RowFlaw::SecretOtherKey { field, id: id() },
        RowFlaw::SecretDamaged { field },
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn misplaced() -> Vec<Words> {
    let field = || Field::HOST;
    let parts = vec![
        Part::Type,
        Part::Login { password: true },
        Part::Login { password: false },
        Part::Place,
        Part::Path,
        Part::Setting { key: text("User ID"), into: Field::LOGIN },
    ];
    [
        Misplaced::ConnectionString { field: field(), parts },
        Misplaced::Login { field: field() },
        Misplaced::Password { field: Field::extra("region_name") },
        Misplaced::BehindColon { field: Field::HOST },
        Misplaced::Query { field: Field::HOST },
        Misplaced::TooLong { field: field() },
        Misplaced::HiddenName,
        Misplaced::OwnSecret { field: field() },
    ]
    .map(|flaw| flaw.words())
    .into()
}

fn plans() -> Vec<Words> {
    let none = |guess| PlanFlaw::NoDriver { written: text("postgress"), guess, known: vec!["mysql", "postgres"] };
    [
        PlanFlaw::Missing { field: Field::HOST },
        none(None),
        none(Some("postgres")),
        PlanFlaw::NotBuiltIn { driver: "redis" },
        PlanFlaw::DriverPanicked { driver: "postgres" },
        PlanFlaw::TooManyServers { count: 65, most: 64 },
    ]
    .map(|flaw| flaw.words())
    .into()
}
