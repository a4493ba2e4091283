//! A sample of every reason, and several of those whose texts depend on their data.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use connprobe::driver::mysql::MysqlFlaw;
use connprobe::model::class::Class;
use connprobe::model::document::SyntaxError;
use connprobe::model::expected::ExpectedKind;
use connprobe::model::problem::{GivenFlaw, Problem};
use connprobe::model::reason::{
    Aws, AwsSays, Connect, Definition, Deployment, Dialogue, EgressRule, Expectation, Field, HeldBecause, Http, Login,
    Machine, Policy, Reason, Resolve, Run, ServerRole, Shortage, Source, Timeout, Tls, Vault, Weakness,
};
use jiff::Timestamp;

const LIMIT: Duration = Duration::from_secs(10);

pub fn reasons() -> Vec<Reason> {
    let areas = [
        definitions(),
        policies(),
        names(),
        connections(),
        times(),
        channels(),
        dialogues(),
        expectations(),
        deployments(),
        answers(),
        machines(),
        runs(),
        sources(),
        super::unusable::unusable(),
        backends(),
    ];
    areas.into_iter().flatten().collect()
}

fn definitions() -> Vec<Reason> {
    let problems = |problems| Definition::Problems { class: Class::Definition, problems };
    let missing = || Problem::from(MysqlFlaw::NoHost);
    let logins = [
        Login::PasswordMissing,
        Login::MethodUnsupported { what: "a Kerberos (GSSAPI) login".into(), hint: "use another account" },
        Login::PasswordExposed { field: "extra.ssl_mode", hint: "set extra `ssl_mode` to `VERIFY_IDENTITY`" },
        Login::PasswordTooLong { field: "extra.ssl_mode", hint: "set extra `ssl_mode` to `REQUIRED`" },
        Login::PasswordUnprepared,
        Login::Premature,
        Login::ForeignSetting,
        Login::RefusedUnknown { login: "etl".to_owned(), code: Some("9999".to_owned()) },
        Login::ServerError { code: None, hint: "see the server's log" },
    ];
    let mut all: Vec<Reason> =
        vec![problems(vec![missing()]).into(), problems(vec![missing(), GivenFlaw::PortNotANumber.into()]).into()];
    all.extend(logins.map(Reason::from));
    all
}

fn policies() -> Vec<Reason> {
    let address = [169, 254, 169, 254].into();
    let name = || "db.example".to_owned();
    [
        Policy::EgressDenied { address, rule: EgressRule::Builtin("an address of cloud instance metadata") },
        Policy::EgressDenied { address, rule: EgressRule::Denied("169.254.0.0/16".to_owned()) },
        Policy::FileUnusable { extra: "sslrootcert".to_owned() },
        Policy::LoginForwarded,
        Policy::SrvOutside { name: name(), domain: "example".to_owned() },
        Policy::TxtRefused { name: name(), why: "is not the only one".to_owned() },
        Policy::ForwardedAgain,
        Policy::MethodNotAdmitted { asked: None },
        Policy::MethodNotAdmitted { asked: Some("md5") },
        Policy::SocketDenied { rule: EgressRule::Denied("unix".to_owned()) },
        Policy::LookupDenied { host: name(), rule: EgressRule::Denied("all".to_owned()) },
        Policy::SourceExposed { encrypted: false },
        Policy::SourceExposed { encrypted: true },
    ]
    .map(Reason::from)
    .into()
}

fn names() -> Vec<Reason> {
    let name = |name: &str| name.to_owned();
    let record = || "_mongodb._tcp.db.example".to_owned();
    let instance = || "SALES".to_owned();
    [
        Resolve::HalfAnAddress { host: name("127.1") },
        Resolve::NameNotFound { name: name("db") },
        Resolve::NameNotFound { name: name("db.example") },
        Resolve::NameNotFound { name: name("dé.example") },
        Resolve::ResolverFailed { name: name("db") },
        Resolve::ResolverSilent { name: name("db") },
        Resolve::ResolverMissing,
        Resolve::SrvNotFound { record: record() },
        Resolve::SrvEmpty { record: record() },
        Resolve::NoHost,
        Resolve::BrowserSilent { instance: instance(), port: 1434, refused: true },
        Resolve::BrowserSilent { instance: instance(), port: 1434, refused: false },
        Resolve::InstanceWithoutTcp { instance: instance() },
        Resolve::BrowserNonsense { instance: instance() },
        Resolve::NotAskedFor { name: name("db") },
    ]
    .map(Reason::from)
    .into()
}

fn connections() -> Vec<Reason> {
    let addresses = || vec![SocketAddr::from(([10, 0, 0, 7], 5432))];
    let path = || PathBuf::from("/run/db");
    [
        Connect::Refused { addresses: addresses() },
        Connect::Refused { addresses: vec![SocketAddr::from(([127, 0, 0, 1], 5432))] },
        Connect::Silent { addresses: addresses() },
        Connect::NoRoute { addresses: addresses() },
        Connect::Prohibited { addresses: addresses() },
        Connect::Forbidden { addresses: addresses() },
        Connect::Short { addresses: addresses(), shortage: Shortage::Ports },
        Connect::Failed { addresses: addresses(), kind: ErrorKind::ConnectionReset },
        Connect::SocketMissing(path()),
        Connect::SocketRefused(path()),
        Connect::SocketBusy(path()),
        Connect::SocketSilent(path()),
        Connect::SocketForbidden(path()),
        Connect::SocketPath(path()),
        Connect::SocketShort(path(), Shortage::Descriptors),
        Connect::SocketFailed(path(), ErrorKind::ConnectionReset),
    ]
    .map(Reason::from)
    .into()
}

fn times() -> Vec<Reason> {
    let product = "PostgreSQL";
    [
        Timeout::Greeting { product, limit: None },
        Timeout::Greeting { product, limit: Some(LIMIT) },
        Timeout::Resolve { limit: LIMIT },
        Timeout::Connect { limit: LIMIT },
        Timeout::Tls { limit: LIMIT },
        Timeout::Login { product, limit: Some(LIMIT) },
        Timeout::Query { limit: LIMIT },
        Timeout::OwnQueryLimit { extra: "timeout" },
        Timeout::Host { share: LIMIT },
        Timeout::Source { limit: LIMIT },
        Timeout::Table { limit: LIMIT },
        Timeout::Store { limit: LIMIT },
    ]
    .map(Reason::from)
    .into()
}

fn channels() -> Vec<Reason> {
    let day = Duration::from_hours(72);
    let expected = || Some("db.example".to_owned());
    [
        Tls::NotOffered { field: "extra.sslmode", hint: "turn TLS on in the server" },
        Tls::Required { field: "extra.encryption", hint: "remove extra `encryption`" },
        Tls::Demanded { weakness: Weakness::Plain, option: "--require-tls" },
        Tls::Demanded { weakness: Weakness::Unverified, option: "--verify-tls" },
        Tls::NotSpoken,
        Tls::HandshakeFailed,
        Tls::HandshakeRefused,
        Tls::VersionUnsupported,
        Tls::UnknownIssuer,
        Tls::CertificateExpired { when: None },
        Tls::CertificateExpired { when: Some((day, 0)) },
        Tls::CertificateNotYetValid { when: None },
        Tls::CertificateNotYetValid { when: Some((day, 0)) },
        Tls::AuthorityExpired { ago: day, end: 0 },
        Tls::WrongName { expected: None, names_any: None },
        Tls::WrongName { expected: expected(), names_any: Some(false) },
        Tls::WrongName { expected: expected(), names_any: Some(true) },
        Tls::Revoked,
        Tls::Damaged,
        Tls::BadSignature,
        Tls::Outdated,
        Tls::NotForServers,
        Tls::AuthorityAsServer,
        Tls::ChainTooLong { what: "the chain has more than 10 certificates".to_owned() },
        Tls::Unacceptable,
        Tls::NoCertificate,
        Tls::ClientCertificateRequired,
        Tls::ClientIssuerRefused,
        Tls::ClientCertificateUnasked,
        Tls::PasswordNeedsTls { field: "extra.ssl_mode", hint: "set extra `ssl_mode` to `REQUIRED`" },
        Tls::ClientCertificateExpired,
        Tls::ClientCertificateRevoked,
        Tls::ClientCertificateRefused,
        Tls::ServerNameUnknown,
        Tls::ProtocolRefused,
        Tls::ProtocolNotAgreed { product: "PostgreSQL", hint: "leave `sslnegotiation` out" },
        Tls::ChannelBindingMissing,
        Tls::TrustStoreMissing,
        Tls::BadServerName { name: "a b".to_owned() },
        Tls::BadPem { which: "the client key", why: "it is damaged", encrypted: false },
        Tls::BadPem { which: "the client key", why: "it is encrypted", encrypted: true },
        Tls::KeyMismatch,
        Tls::OfferBroken,
        Tls::Stuffed,
        Tls::VersionExcluded { keys: vec!["ssl_min_protocol_version"] },
        Tls::LessOffered { login_only: true, field: Field::named("extra.encryption") },
        Tls::LessOffered { login_only: false, field: Field::named("extra.cafile") },
        Tls::NotStrict,
    ]
    .map(Reason::from)
    .into()
}

fn dialogues() -> Vec<Reason> {
    let product = "PostgreSQL";
    [
        Dialogue::OtherProtocol { other: "an SSH server".to_owned(), product },
        Dialogue::TlsExpected { product },
        Dialogue::PlainHttp { hint: "write `http://`" },
        Dialogue::NotUnderstood { product },
        Dialogue::TooMuchReceived { kib: 1024, product },
        Dialogue::TooMuchSent { kib: 256, product },
        Dialogue::ClosedBeforeGreeting { product },
        Dialogue::ClosedDuringLogin,
        Dialogue::ClosedDuringTls { answered: false },
        Dialogue::ClosedDuringTls { answered: true },
        Dialogue::NetworkLost,
        Dialogue::ServerUnproved,
        Dialogue::TooManyRounds { most: 100_000 },
        Dialogue::FileRequested,
        Dialogue::EmptyAnswer { product },
        Dialogue::LoginNotAsked,
        Dialogue::ScramRefused { product: "MongoDB", why: "its salt is empty".to_owned() },
    ]
    .map(Reason::from)
    .into()
}

fn expectations() -> Vec<Reason> {
    let missing = |kind, name: &str, place: Option<&str>| Expectation::Missing {
        kind,
        name: name.to_owned(),
        place: place.map(str::to_owned),
    };
    [
        missing(ExpectedKind::Table, "orders", None),
        missing(ExpectedKind::Collection, "events", Some("appdb")),
        missing(ExpectedKind::Object, "2026/done", Some("reports")),
        missing(ExpectedKind::Key, "migrated", Some("5")),
        Expectation::NoRow,
        Expectation::NotYet,
        Expectation::QueryRefused,
        Expectation::PlaceMissing { kind: ExpectedKind::Object },
        Expectation::PlaceMissing { kind: ExpectedKind::Collection },
        Expectation::OnOtherNode { name: "migrated".to_owned() },
    ]
    .map(Reason::from)
    .to_vec()
}

fn deployments() -> Vec<Reason> {
    let host = || "db.example:27017".to_owned();
    let wanted = || "rs0".to_owned();
    let role = |role| Deployment::Role { role, wanted: "read-write" };
    [
        Deployment::Arbiter { host: host() },
        Deployment::NotBalanced { host: host() },
        Deployment::OtherReplicaSet { host: host(), wanted: wanted() },
        Deployment::NotYetMember { host: host() },
        Deployment::Router { host: host(), wanted: wanted() },
        Deployment::NoReplicaSet { host: host(), wanted: wanted() },
        Deployment::Sentinel { host: host() },
        Deployment::NoCluster { host: host() },
        role(ServerRole::ReadOnly),
        role(ServerRole::Writable),
        role(ServerRole::Standby),
        role(ServerRole::Primary),
    ]
    .map(Reason::from)
    .into()
}

fn answers() -> Vec<Reason> {
    let statuses = [200, 302, 400, 404, 407, 429, 500, 502];
    let mut all = vec![
        Http::TlsExpected { hint: "write https" },
        Http::TlsExpectedBehind,
        Http::NotS3 { status: 400, plain: false },
    ];
    all.extend(statuses.map(|status| Http::NotS3 { status, plain: true }));
    all.extend(statuses.map(|status| Http::NotSts { status }));
    all.extend(statuses.map(|status| Http::NotBackend { service: "Vault", status }));
    all.extend([401, 403, 404, 503].map(|status| Http::CodeUnknown { service: "S3", status }));
    all.extend([false, true].map(|sent| Http::RedirectToTls { status: 301, sent }));
    all.extend([Http::RedirectWithin { status: 302 }, Http::LoginPage { status: 200 }]);
    all.extend([None, Some("https://www.example".to_owned())].map(|to| Http::RedirectElsewhere { status: 302, to }));
    all.extend([true, false].map(|of_credential| Http::CredentialNotTaken { status: 400, of_credential }));
    all.extend([true, false].map(|is_compared| Http::LoginUnproved { status: 404, is_compared }));
    all.push(Http::BucketTwice { bucket: "lake".to_owned() });
    all.into_iter().map(Reason::from).collect()
}

fn sources() -> Vec<Reason> {
    let file = || "c.json".to_owned();
    let error = |hint| SyntaxError { line: 2, column: 3, what: "a comma is missing", hint };
    [
        Source::Nameless { word: "x=".to_owned() },
        Source::PasswordInArgument,
        Source::Missing { file: file() },
        Source::Missing { file: "db.example:5432".to_owned() },
        Source::Denied { file: file() },
        Source::Directory { file: file() },
        Source::Io { file: file(), why: "the disk is full".to_owned() },
        Source::Endless { file: file(), limit: LIMIT },
        Source::Interrupted { file: file() },
        Source::TooLarge { file: file() },
        Source::Utf16 { file: file() },
        Source::NotUtf8 { file: file(), line: 2, byte: 9 },
        Source::Empty { file: file() },
        Source::UnknownFormat { file: file() },
        Source::Syntax { file: file(), format: "JSON", error: error(None) },
        Source::Syntax { file: file(), format: "YAML", error: error(Some("quote the text")) },
        Source::Shape { file: file(), found: "a number" },
        Source::Foreign { file: file(), what: "a docker-compose file", hint: "name the file of connections" },
        Source::NoConnection { file: file() },
        Source::TooMany { file: file(), most: 100_000 },
        Source::TableDenied { login: "airflow".to_owned() },
        Source::AnswersTooLarge { mib: 64 },
    ]
    .map(Reason::from)
    .into()
}

fn backends() -> Vec<Reason> {
    let path = || "secret/data/connections".to_owned();
    let says = [
        AwsSays::KeyUnknown,
        AwsSays::SecretWrong,
        AwsSays::KeysExpired,
        AwsSays::TokenRefused,
        AwsSays::ClockSkew,
        AwsSays::NotPermitted,
        AwsSays::NotDecrypted,
        AwsSays::NoValue,
        AwsSays::Throttled,
        AwsSays::Unavailable,
        AwsSays::BadName,
        AwsSays::OtherService,
        AwsSays::Unknown,
    ];
    let vault = [
        Vault::TokenRefused,
        Vault::Throttled,
        Vault::Sealed,
        Vault::Unavailable { status: 503 },
        Vault::NotTaken { status: 405 },
        Vault::Failed { status: 500 },
        Vault::NotPermitted { verb: "list", path: path() },
        Vault::NotMounted { path: path() },
        Vault::NotKv { mount: "cubbyhole/".to_owned() },
        Vault::Nothing { mount: "secret/".to_owned(), path: "data/connections".to_owned() },
        Vault::Nothing { mount: "secret/".to_owned(), path: "connections".to_owned() },
        Vault::TooMany { most: 100_000, depth: 16 },
        Vault::BadToken,
        Vault::BadPath,
    ];
    let product = "Secrets Manager";
    let mut all: Vec<Reason> =
        says.map(|says| Aws::Refused { says, code: "SomeCode".to_owned(), product }.into()).into();
    all.push(Aws::Nothing { prefix: "airflow/connections".to_owned(), source: "aws-secrets:".to_owned() }.into());
    all.push(Aws::TooMany { most: 100_000 }.into());
    all.extend(vault.map(Reason::from));
    all
}

fn machines() -> Vec<Reason> {
    [
        Machine::NoLookup { name: "db".to_owned() },
        Machine::Short(Shortage::Memory),
        Machine::Short(Shortage::Threads),
        Machine::NoSocket,
        Machine::NoRandomNumbers,
        Machine::Busy { late: LIMIT / 2, took: LIMIT },
        Machine::NoLedger { reason: "its file cannot be used".to_owned() },
        Machine::ClockSkew,
        Machine::ClockOff { by: LIMIT, ahead: true },
        Machine::ClockOff { by: LIMIT, ahead: false },
        Machine::DriverPanicked { driver: "postgres" },
        Machine::PlanPanicked { driver: "postgres" },
        Machine::Bug { what: "nothing was connected to".to_owned() },
    ]
    .map(Reason::from)
    .into()
}

fn runs() -> Vec<Reason> {
    let (since, until) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    let ends = || Some("connprobe state forget postgres://etl@db1:5432".to_owned());
    let held = |because| Run::AccountHeld { because, since, until, ends: ends() };
    [
        Run::SecretHeld { said: "login refused for user `etl`".to_owned(), since, until, ends: ends() },
        held(HeldBecause::Refusals(2)),
        held(HeldBecause::ManySecrets),
        held(HeldBecause::NoAnswer),
        held(HeldBecause::LoginUnderWay),
        Run::AccountHeld { because: HeldBecause::Refusals(1), since, until, ends: None },
        Run::ServerProtected {
            address: "10.0.0.7:3306".to_owned(),
            interrupted: 5,
            until,
            ends: Some("connprobe state forget mysql://10.0.0.7:3306".to_owned()),
        },
        Run::DeadlinePassed,
        Run::Interrupted,
        Run::GivenUp,
    ]
    .map(Reason::from)
    .into()
}
