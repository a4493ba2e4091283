//! What deserves attention on an otherwise fine result.

use connprobe::model::notice::{
    ChannelNotice, EntryNotice, ExtraNotice, HttpNotice, LedgerNotice, MongodbNotice, MssqlNotice, MysqlNotice, Notice,
    PlanNotice, PostgresNotice, ReadablePassword, RedisNotice, Repeated, S3Notice, SourceNotice, StoreNotice,
    TextNotice, UriNotice, UsedByAirflow, VariableNotice,
};
use connprobe::model::reason::Weakness;
use connprobe::model::reason::unusable::UnreadLine;
use jiff::Timestamp;

pub fn notices() -> Vec<Notice> {
    let areas = [
        sources(),
        variables(),
        entries(),
        uris(),
        kept(),
        channels(),
        mysql(),
        postgres(),
        mssql(),
        mongodb(),
        redis(),
        s3(),
        http(),
    ];
    areas.into_iter().flatten().collect()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn texts(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("n{number}")).collect()
}

fn sources() -> Vec<Notice> {
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
    .map(Notice::from)
    .into()
}

fn variables() -> Vec<Notice> {
    let syntax = |export, quotes, comment| VariableNotice::Syntax { export, quotes, blanks: true, comment };
    [
        VariableNotice::SmallLetters { capitals: text("AIRFLOW_CONN_SHOP") },
        VariableNotice::Expanded,
        syntax(false, false, false),
        syntax(true, true, true),
        VariableNotice::NotRead { line: 2, why: UnreadLine::OtherName },
        VariableNotice::MoreNotRead { count: 7 },
    ]
    .map(Notice::from)
    .into()
}

fn entries() -> Vec<Notice> {
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
    .map(Notice::from)
    .into()
}

fn uris() -> Vec<Notice> {
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
    .map(Notice::from)
    .into()
}

fn kept() -> Vec<Notice> {
    let mut all: Vec<Notice> = [
        StoreNotice::Changed,
        StoreNotice::ResultsUnreadable { definitions: 2 },
        StoreNotice::NoKey,
        StoreNotice::Unsealed,
    ]
    .map(Notice::from)
    .into();
    all.push(LedgerNotice::NotKept { why: text("the disk is full") }.into());
    all.push(LedgerNotice::Lost { until: Timestamp::UNIX_EPOCH }.into());
    let (since, until) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    all.extend([1, 2].map(|refusals| LedgerNotice::Overlooked { refusals, since, until }.into()));
    all.push(PlanNotice::PaddedType.into());
    all.push(PlanNotice::HostSkipped { host: text("db:27017"), why: text("the TLS handshake broke") }.into());
    all.extend([TextNotice::TooMuch, TextNotice::TooLate].map(Notice::from));
    let unknown = |guess| ExtraNotice::Unknown { key: text("ssl_mode"), product: "PostgreSQL", guess };
    all.extend(
        [
            unknown(None),
            unknown(Some("sslmode")),
            ExtraNotice::MoreUnknown { count: 7 },
            ExtraNotice::TextMeansNo { key: "ssl" },
        ]
        .map(Notice::from),
    );
    all
}

fn channels() -> Vec<Notice> {
    [
        ChannelNotice::Weak(Weakness::Plain),
        ChannelNotice::Weak(Weakness::Unverified),
        ChannelNotice::PasswordInClear(ReadablePassword::Plain),
        ChannelNotice::PasswordInClear(ReadablePassword::Asked),
        ChannelNotice::PasswordInClear(ReadablePassword::Disguised),
        ChannelNotice::PasswordInClear(ReadablePassword::Command),
        ChannelNotice::PasswordInClear(ReadablePassword::Header),
    ]
    .map(Notice::from)
    .into()
}

fn mysql() -> Vec<Notice> {
    [
        MysqlNotice::SocketIgnored { host: text("db") },
        MysqlNotice::Localhost,
        MysqlNotice::SslKey { key: text("cipher") },
        MysqlNotice::SystemRoots,
        MysqlNotice::AuthorityUnused { mode: "REQUIRED" },
        MysqlNotice::Ignored { key: "ssl_ca", instead: "`ca` in extra `ssl`" },
        MysqlNotice::PasswordRecoverable,
    ]
    .map(Notice::from)
    .into()
}

fn postgres() -> Vec<Notice> {
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
    .map(Notice::from)
    .into()
}

fn mssql() -> Vec<Notice> {
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
    .map(Notice::from)
    .into()
}

fn mongodb() -> Vec<Notice> {
    [
        MongodbNotice::SrvMisnamed,
        MongodbNotice::SourceInSchema,
        MongodbNotice::PasswordUnused,
        MongodbNotice::SourceIgnored,
        MongodbNotice::LoginOverridden,
        MongodbNotice::PasswordOverridden,
        MongodbNotice::NotInsecure,
    ]
    .map(Notice::from)
    .into()
}

fn redis() -> Vec<Notice> {
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
    .map(Notice::from)
    .into()
}

fn http() -> Vec<Notice> {
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
    .map(Notice::from)
    .into()
}

fn s3() -> Vec<Notice> {
    [
        S3Notice::HostIgnored,
        S3Notice::HostNotRead,
        S3Notice::CertificateNotRead,
        S3Notice::Renamed { old: text("region"), current: text("region_name") },
        S3Notice::SessionKeys,
        S3Notice::SecretBlank,
        S3Notice::TokenMissing,
        S3Notice::ExternalId,
        S3Notice::RoleArgument { name: text("Tags") },
        S3Notice::TextFlag { read: false },
        S3Notice::UnknownArgument { of: "config_kwargs", name: text("retry") },
        S3Notice::OtherRegion { wanted: text("eu-west-1"), given: text("us-east-1") },
        S3Notice::CannotList,
        S3Notice::KeysNotChecked,
        S3Notice::ControlUnanswered,
    ]
    .map(Notice::from)
    .into()
}
