//! What is wrong with a definition of each driver.

use connprobe::model::problem::{
    BadHosts, Flaw, HostFlaw, HttpFlaw, MongodbFlaw, MssqlFlaw, MysqlFlaw, OptionFlaw, PostgresFlaw, RedisFlaw, S3Flaw,
    Taken,
};
use connprobe::model::reason::Field;
use connprobe::model::reason::unusable::BadServiceUrl;

pub fn definitions() -> Vec<Flaw> {
    let areas = [options(), hosts(), mysql(), postgres(), mssql(), mongodb(), redis(), s3(), http()];
    areas.into_iter().flatten().collect()
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn options() -> Vec<Flaw> {
    let key = || text("verify");
    [
        OptionFlaw::Lacking { key: key(), what: "a Kerberos login" },
        OptionFlaw::Route { key: text("ssh_hook") },
        OptionFlaw::NotText { key: key() },
        OptionFlaw::NotAFlag { key: key() },
        OptionFlaw::NotADuration { key: key() },
        OptionFlaw::NotOneOf { key: key(), words: vec![text("yes"), text("no")] },
    ]
    .map(Flaw::from)
    .into()
}

fn hosts() -> Vec<Flaw> {
    let host = || text("db");
    [
        HostFlaw::Url { scheme: text("https") },
        HostFlaw::Login,
        HostFlaw::Padded,
        HostFlaw::StoredPadded,
        HostFlaw::Option { host: text("-h db") },
        HostFlaw::Quote { host: text("'db'") },
        HostFlaw::Unseen { host: text("db\u{200b}") },
        HostFlaw::Blank { host: text("two words") },
        HostFlaw::UriOptions,
        HostFlaw::Fragment,
        HostFlaw::Path { host: host() + "/sales" },
        HostFlaw::Port { host: host() + ":5432" },
    ]
    .map(Flaw::from)
    .into()
}

fn mysql() -> Vec<Flaw> {
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
    .map(Flaw::from)
    .into()
}

fn postgres() -> Vec<Flaw> {
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
    .map(Flaw::from)
    .into()
}

fn mssql() -> Vec<Flaw> {
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
    .map(Flaw::from)
    .into()
}

fn mongodb() -> Vec<Flaw> {
    let hosts = [
        BadHosts::Login,
        BadHosts::TooMany { count: 51, most: 50 },
        BadHosts::EmptyItem,
        BadHosts::More,
        BadHosts::Port { written: text("x") },
        BadHosts::PortAlone,
    ];
    let mut all: Vec<Flaw> = [
        MongodbFlaw::NotAFlag { key: text("tls") },
        MongodbFlaw::TextMeansNo { key: text("srv") },
        MongodbFlaw::SetBehindBalancer,
        MongodbFlaw::PortBesideSrv,
        MongodbFlaw::BadService,
        MongodbFlaw::BadMost,
        MongodbFlaw::NotOneName,
        MongodbFlaw::OptionsInSchema,
        MongodbFlaw::BadDatabase { field: Field::SCHEMA, name: text("a.b") },
        MongodbFlaw::NoCertificate,
        MongodbFlaw::LoginNotEscaped,
        MongodbFlaw::PasswordUnprepared,
        MongodbFlaw::LoginAlone,
        MongodbFlaw::PasswordAlone,
        MongodbFlaw::MechanismAlone,
        MongodbFlaw::MechanismLacking { mechanism: text("GSSAPI") },
        MongodbFlaw::BadMechanism,
        MongodbFlaw::TlsTwice,
        MongodbFlaw::ImpliedWithoutTls { key: "tlsCAFile", off: "tls" },
    ]
    .map(Flaw::from)
    .into();
    all.extend(
        [
            Taken::NumberFrom(1),
            Taken::Staleness,
            Taken::CompressionLevel,
            Taken::TimeAboveZero,
            Taken::Time,
            Taken::OneOf(&["auto", "poll"]),
            Taken::Text,
            Taken::ShortText(128),
            Taken::AbsentWithoutSrv,
        ]
        .map(|what| MongodbFlaw::NotTaken { key: text("appname"), what }.into()),
    );
    all.push(MongodbFlaw::Excluded { one: text("w"), other: text("j") }.into());
    all.extend(hosts.map(|hosts| MongodbFlaw::Hosts(hosts).into()));
    all
}

fn redis() -> Vec<Flaw> {
    [
        RedisFlaw::LoginNotALine,
        RedisFlaw::BadDb,
        RedisFlaw::DbInCluster,
        RedisFlaw::StartupNodes(BadHosts::EmptyItem),
        RedisFlaw::StartupNodes(BadHosts::Port { written: text("x") }),
        RedisFlaw::TlsByType,
    ]
    .map(Flaw::from)
    .into()
}

fn http() -> Vec<Flaw> {
    let key = || text("X-Api-Key");
    [
        HttpFlaw::BadScheme { field: Field::SCHEMA, scheme: text("v1") },
        HttpFlaw::BadUrl,
        HttpFlaw::PortBehind { port: 8443, path: true },
        HttpFlaw::PortBehind { port: 8443, path: false },
        HttpFlaw::NotBasic { field: Field::LOGIN },
        HttpFlaw::BadHeaderName { key: text("my key") },
        HttpFlaw::BadHeader { key: key(), text: false },
        HttpFlaw::BadHeader { key: key(), text: true },
        HttpFlaw::Framing { key: text("Content-Length") },
        HttpFlaw::OtherHost { key: text("Host") },
        HttpFlaw::BadVerify { key: "verify" },
        HttpFlaw::BadCert,
    ]
    .map(Flaw::from)
    .into()
}

fn s3() -> Vec<Flaw> {
    let region = || text("eu-nowhere");
    let field = || Field::SCHEMA;
    [
        S3Flaw::NoHost,
        S3Flaw::BadEndpoint { field: Field::HOST, why: BadServiceUrl::HoldsLogin },
        S3Flaw::BadEndpoint { field: Field::extra("endpoint_url"), why: BadServiceUrl::NoScheme },
        S3Flaw::NotTaken { key: text("config_kwargs.retries"), what: Taken::Object },
        S3Flaw::NotTaken { key: text("config_kwargs.retries"), what: Taken::ObjectOf(&["max_attempts", "mode"]) },
        S3Flaw::NotTaken { key: text("config_kwargs.max_pool_connections"), what: Taken::Number },
        S3Flaw::NotTaken {
            key: text("config_kwargs.request_min_compression_size_bytes"),
            what: Taken::NumberBetween(1, 9),
        },
        S3Flaw::NotTaken { key: text("config_kwargs.connect_timeout"), what: Taken::SecondsAboveZero },
        S3Flaw::NotTaken { key: text("config_kwargs.defaults_mode"), what: Taken::AnyCase(&["legacy", "auto"]) },
        S3Flaw::NotTaken { key: text("config_kwargs.s3.use_arn_region"), what: Taken::Flag },
        S3Flaw::NotTaken { key: text("config_kwargs.s3.use_accelerate_endpoint"), what: Taken::AbsentAtEndpoint },
        S3Flaw::NotTaken { key: text("config_kwargs.user_agent"), what: Taken::OneLine },
        S3Flaw::EndpointNotTaken { field: Field::extra("endpoint_url") },
        S3Flaw::BadRegion { field: Field::extra("region_name"), region: region() },
        S3Flaw::NotOfWasabi { region: region() },
        S3Flaw::NotOfAws { region: region() },
        S3Flaw::NoAddress,
        S3Flaw::NoSuchHost { one: "config_kwargs.s3.use_accelerate_endpoint", other: Field::SCHEMA },
        S3Flaw::NoSuchHost { one: "config_kwargs.use_fips_endpoint", other: Field::extra("region_name") },
        S3Flaw::NoKeys,
        S3Flaw::SessionProfile,
        S3Flaw::HalfAPair { present: Field::LOGIN, absent: Field::PASSWORD },
        S3Flaw::BadKeyId,
        S3Flaw::BadToken,
        S3Flaw::Unsigned,
        S3Flaw::OtherSignature,
        S3Flaw::BucketArn { field: field() },
        S3Flaw::BadBucket { field: field(), bucket: text("s3://sales") },
        S3Flaw::BucketLength { field: field(), bucket: text("ab") },
        S3Flaw::RoleMethod { method: text("assume_role_with_saml") },
        S3Flaw::BadRole { role: text("etl") },
        S3Flaw::BadDuration,
        S3Flaw::OneTimeCode,
        S3Flaw::BadVerify,
    ]
    .map(Flaw::from)
    .into()
}
