//! The stable words: no reason code or warning code changes or goes away unnoticed, and one snapshot
//! holds what is said of every reason. `UPDATE_SNAPSHOTS=1 cargo test --test words` writes them anew:
//! look at the difference before it is committed.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use connprobe::model::class::Class;
use connprobe::model::connection::Problem;
use connprobe::model::reason::{
    Connect, Definition, Dialogue, EgressRule, Field, HeldBecause, Login, Machine, Policy, Reason, ReasonCode, Resolve,
    Run, Shortage, Timeout, Tls, Weakness,
};
use connprobe::model::warning::WarningCode;
use jiff::Timestamp;

const LIMIT: Duration = Duration::from_secs(10);

#[track_caller]
fn hold(name: &str, text: &str) {
    let path = format!("tests/snapshots/{name}");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::create_dir_all("tests/snapshots").unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    for (new, old) in text.lines().zip(kept.lines()) {
        assert_eq!(new, old, "{path} differs: UPDATE_SNAPSHOTS=1 writes it anew");
    }
    assert_eq!(text, kept, "{path} differs: UPDATE_SNAPSHOTS=1 writes it anew");
}

#[test]
fn no_code_changes_or_goes_away() {
    let mut text = "# Reasons: word, usual class, usual fields\n".to_owned();
    for code in ReasonCode::ALL {
        writeln!(text, "{} {} {}", code.as_str(), code.class().as_str(), code.fields().join(",")).unwrap();
    }
    text.push_str("# Warnings\n");
    for code in WarningCode::ALL {
        writeln!(text, "{code}").unwrap();
    }
    hold("codes.txt", &text.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n"));
}

#[test]
fn what_is_said_of_every_reason() {
    let mut text = String::new();
    for reason in reasons() {
        let words = reason.words();
        let fields: Vec<&str> = words.fields.iter().map(Field::as_str).collect();
        let code = words.code.as_str();
        writeln!(text, "{code} ({}) [{}]", words.class.as_str(), fields.join(", ")).unwrap();
        writeln!(text, "  {}", words.message).unwrap();
        writeln!(text, "  hint: {}\n", words.hint.as_deref().unwrap_or("-")).unwrap();
        assert!(!words.message.ends_with('.'), "{code}: a message is a fragment");
        assert!(
            !words.message.starts_with(char::is_uppercase) || words.message.starts_with("SQL "),
            "{code}: lower case"
        );
    }
    hold("words.txt", &text);
}

fn reasons() -> Vec<Reason> {
    let areas =
        [definitions(), policies(), names(), connections(), times(), channels(), dialogues(), machines(), runs()];
    areas.into_iter().flatten().collect()
}

fn definitions() -> Vec<Reason> {
    let problems = |problems| Definition::Problems { class: Class::Definition, problems };
    let missing = || Problem::missing(Field::HOST).hint("name the server in `host`");
    let logins = [
        Login::PasswordMissing,
        Login::MethodUnsupported { what: "a Kerberos (GSSAPI) login".into(), hint: "use another account" },
        Login::PasswordExposed { hint: "set extra `ssl_mode` to `VERIFY_IDENTITY`" },
        Login::PasswordTooLong { hint: "set extra `ssl_mode` to `REQUIRED`" },
        Login::RefusedUnknown { login: "etl".to_owned(), code: Some("9999".to_owned()) },
        Login::ServerError { code: None, hint: "see the server's log" },
    ];
    let mut all: Vec<Reason> = vec![
        problems(vec![missing()]).into(),
        problems(vec![missing(), Problem::bad(Field::PORT, "`port` is not a number")]).into(),
    ];
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
    ]
    .map(Reason::from)
    .into()
}

fn machines() -> Vec<Reason> {
    [
        Machine::NoLookup { name: "db".to_owned() },
        Machine::Short(Shortage::Memory),
        Machine::Short(Shortage::Threads),
        Machine::NoSocket,
        Machine::NoRandomNumbers,
        Machine::Busy { late: LIMIT / 2, took: LIMIT },
        Machine::ClockSkew,
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
        Run::ServerProtected { address: "10.0.0.7:3306".to_owned(), interrupted: 5, until },
        Run::DeadlinePassed,
        Run::Interrupted,
    ]
    .map(Reason::from)
    .into()
}
