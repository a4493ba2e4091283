//! Replies, and the meaning of the errors among them.

use std::io::{Cursor, ErrorKind};

use tokio::io::{join, sink};

use crate::driver::redis::auth::{Stage, refusal};
use crate::driver::redis::codes::{NO_TLS, tls_only};
use crate::driver::redis::options::Options;
use crate::driver::redis::wire::{Reply, Wire};
use crate::model::class::Class;
use crate::model::codes::CheckedCredential::{self, Before, Instead, Unknown};
use crate::model::reason::ReasonCode as Reason;

async fn read(bytes: &[u8]) -> std::io::Result<Reply> {
    Wire::new(join(Cursor::new(bytes.to_vec()), sink())).reply().await
}

#[tokio::test]
async fn a_reply_is_read_whole() {
    let text = |text: &str| Reply::Text(text.to_owned());
    let values = |values: &[&str]| Reply::Values(values.iter().map(|&value| value.to_owned()).collect());
    for (bytes, expected) in [
        (&b"+OK\r\n"[..], text("OK")),
        (b"+OK\n", text("OK")),
        (b":42\r\n", text("42")),
        (b"$5\r\na\r\nbc\r\n", text("a\r\nbc")),
        (b"$0\r\n\r\n", text("")),
        (b"$-1\r\n", text("")),
        (b"*-1\r\n", values(&[])),
        (b"*0\r\n", values(&[])),
        (b"*1\r\n+OK\r\n", values(&["OK"])),
        (b"*3\r\n$1\r\na\r\n*2\r\n:1\r\n+b\r\n-ERR c\r\n", values(&["a", "1", "b", "ERR c"])),
        (b"-NOAUTH Authentication required.\r\n", Reply::Refused("NOAUTH Authentication required.".to_owned())),
        (b"-\r\n", Reply::Refused(String::new())),
    ] {
        assert_eq!(read(bytes).await.unwrap(), expected, "{}", bytes.escape_ascii());
    }
}

#[tokio::test]
async fn what_is_no_reply_is_refused_at_once_and_in_bounds() {
    let deep = "*1\r\n".repeat(5000);
    let long = format!("*2\r\n$40000\r\n{0}\r\n$40000\r\n{0}\r\n", "x".repeat(40_000));
    for bytes in [
        &b"HTTP/1.1 400 Bad Request\r\n"[..],
        b"\r\n",
        b"%1\r\n+a\r\n+b\r\n",
        b":one\r\n",
        b"$x\r\n",
        b"$-2\r\n",
        b"$99999999999999999999\r\n",
        b"$65537\r\n",
        b"$1\r\nab\r\n",
        b"*1025\r\n",
        b"*9223372036854775807\r\n",
        b"*2\r\n*1000\r\n*1000\r\n",
        b"*-2\r\n",
        long.as_bytes(),
        &[b'+'; 9000],
    ] {
        let shown = bytes[..bytes.len().min(30)].escape_ascii();
        assert_eq!(read(bytes).await.unwrap_err().kind(), ErrorKind::InvalidData, "{shown}");
    }
    for bytes in [&b""[..], b"+OK", b"$5\r\nab", b"*2\r\n+a\r\n", deep.as_bytes()] {
        let shown = bytes[..bytes.len().min(30)].escape_ascii();
        assert!(
            matches!(read(bytes).await.unwrap_err().kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData),
            "{shown}"
        );
    }
}

#[test]
fn an_error_is_what_the_table_says() {
    use Stage::{Auth, Ping, Select};
    let table: &[Row] = &[
        (
            Auth,
            "WRONGPASS invalid username-password pair or user is disabled.",
            Class::Auth,
            Reason::LoginRefused,
            Unknown,
        ),
        (Auth, "ERR invalid password", Class::Auth, Reason::LoginRefused, Unknown),
        (Auth, "ERR max number of clients reached", Class::Busy, Reason::TooManyConnections, Before),
        (
            Auth,
            "DENIED Redis is running in protected mode because protected mode is enabled",
            Class::Denied,
            Reason::AddressDenied,
            Before,
        ),
        (Auth, "LOADING Redis is loading the dataset in memory", Class::Busy, Reason::StartingUp, Before),
        (Auth, "ERR wrong number of arguments for 'auth' command", Class::Definition, Reason::WrongDeployment, Before),
        (Auth, "ERR unknown command 'AUTH'", Class::Definition, Reason::WrongDeployment, Before),
        (
            Auth,
            "ERR unknown command `AUTH`, with args beginning with: `x`, ",
            Class::Definition,
            Reason::WrongDeployment,
            Before,
        ),
        (Auth, "ERR something else", Class::Server, Reason::ServerError, Instead),
        (Auth, "STRANGE thing", Class::Server, Reason::ServerError, Instead),
        (Auth, "no code at all", Class::Server, Reason::ServerError, Instead),
        (Auth, "", Class::Server, Reason::ServerError, Instead),
        (
            Auth,
            "ERR Client sent AUTH, but configured authenticator does not accept passwords",
            Class::Protocol,
            Reason::LoginNotAsked,
            Before,
        ),
        (Ping, "NOAUTH Authentication required.", Class::Auth, Reason::LoginRefused, Unknown),
        (Select, "NOAUTH Authentication required.", Class::Auth, Reason::LoginRefused, Unknown),
        (
            Ping,
            "NOPERM this user has no permissions to run the 'ping' command",
            Class::Denied,
            Reason::PrivilegeMissing,
            Instead,
        ),
        (
            Ping,
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
            Class::Busy,
            Reason::BackendDown,
            Before,
        ),
        (
            Ping,
            "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
            Class::Busy,
            Reason::Unavailable,
            Before,
        ),
        (
            Ping,
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
            Class::Server,
            Reason::ServerError,
            Before,
        ),
        (Ping, "CLUSTERDOWN The cluster is down", Class::Busy, Reason::Unavailable, Before),
        (Ping, "MOVED 3999 169.254.169.254:80", Class::Server, Reason::RequestRefused, Before),
        (Select, "ERR DB index is out of range", Class::NotFound, Reason::DatabaseNotFound, Unknown),
        (Select, "ERR invalid DB index", Class::NotFound, Reason::DatabaseNotFound, Unknown),
        (Select, "ERR SELECT is not allowed in cluster mode", Class::Definition, Reason::WrongDeployment, Unknown),
        (
            Select,
            "NOPERM this user has no permissions to run the 'select' command",
            Class::Denied,
            Reason::DatabaseDenied,
            Instead,
        ),
        (
            Select,
            "ERR unknown command 'SELECT', with args beginning with: '3' ",
            Class::Definition,
            Reason::WrongDeployment,
            Unknown,
        ),
    ];
    check(table);
}

#[test]
fn an_unknown_error_is_a_refusal_if_it_speaks_of_the_credential() {
    use Stage::Auth;
    check(&[
        // Errors of proxies and of busy servers, which say nothing about the credential.
        (Auth, "TRYAGAIN Multiple keys request during rehashing of slot", Class::Server, Reason::ServerError, Instead),
        (Auth, "OOM command not allowed when used memory > 'maxmemory'.", Class::Server, Reason::ServerError, Instead),
        (Auth, "upstream failure", Class::Server, Reason::ServerError, Instead),
        (Auth, "ERR server closed connection", Class::Server, Reason::ServerError, Instead),
        (Auth, "ERR rate limit exceeded", Class::Server, Reason::ServerError, Instead),
        // An unknown refusal of the credential.
        (Auth, "ERR the token has expired", Class::Auth, Reason::LoginRefused, Unknown),
        (Auth, "ERR WRONGPASS invalid password", Class::Auth, Reason::LoginRefused, Unknown),
        (Auth, "AUTHFAIL authentication failed", Class::Auth, Reason::LoginRefused, Unknown),
        (Auth, "ERR AUTH failed", Class::Auth, Reason::LoginRefused, Unknown),
        (Auth, "ERR Login incorrect", Class::Auth, Reason::LoginRefused, Unknown),
        (Auth, "ERR no such user", Class::Auth, Reason::LoginRefused, Unknown),
        (Auth, "ERR access denied", Class::Auth, Reason::LoginRefused, Unknown),
        (Auth, "AUTHFAILED", Class::Auth, Reason::LoginRefused, Unknown),
        // A server that cannot look at the credential.
        (Auth, "ERR authentication service is unavailable", Class::Server, Reason::ServerError, Instead),
        (
            Auth,
            "ERR backend authentication to shard 3 failed, retry later",
            Class::Server,
            Reason::ServerError,
            Instead,
        ),
        // This is about the command AUTH.
        (
            Auth,
            "NOPERM this user has no permissions to run the 'auth' command",
            Class::Denied,
            Reason::PrivilegeMissing,
            Instead,
        ),
    ]);
}

/// A stage, an error, and what it means.
type Row = (Stage, &'static str, Class, Reason, CheckedCredential);

fn check(table: &[Row]) {
    let options = Options::for_tests();
    for (stage, text, class, reason, checked) in table {
        let failure = refusal(text, *stage, &options, "db1.example:6379");
        assert_eq!((failure.class, failure.reason, failure.checked), (*class, *reason, *checked), "{text}");
        let first = text.split(' ').next().unwrap().to_owned();
        let code = (first.bytes().all(|byte| byte.is_ascii_uppercase()) && !first.is_empty()).then_some(first);
        assert_eq!((failure.code, failure.detail.as_deref()), (code, Some(*text)), "{text}");
        assert!(failure.hint.is_some(), "{text}");
    }
}

#[test]
fn an_empty_password_that_is_refused_is_missing() {
    let options = Options { password: None, ..Options::for_tests() };
    let failure = refusal("WRONGPASS invalid username-password pair or user is disabled.", Stage::Auth, &options, "h");
    assert_eq!((failure.class, failure.reason), (Class::Auth, Reason::PasswordMissing));
}

#[test]
fn a_cloud_that_answers_over_tls_only_is_named() {
    assert!(NO_TLS.contains("`ssl`"));
    for (host, words) in [
        // https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html
        ("master.c.ab1cd.euw1.cache.amazonaws.com", &["ElastiCache", "`ssl`"][..]),
        ("c-ab1cd.serverless.cnn1.cache.amazonaws.com.cn", &["ElastiCache", "`ssl`"]),
        // https://learn.microsoft.com/azure/azure-cache-for-redis/cache-configure
        ("C1.Redis.Cache.Windows.NET.", &["Azure", "`ssl`", "6380"]),
        // https://learn.microsoft.com/azure/redis/architecture
        ("c1.westeurope.redis.azure.net", &["Azure", "`ssl`", "10000"]),
        // https://upstash.com/docs/redis/howto/connect-client
        ("usw2-cool-1.upstash.io", &["Upstash", "`ssl`"]),
        // https://redis.io/docs/latest/operate/rc/security/database-security/tls-ssl
        ("redis-1.c1.eu-west-1-1.ec2.redns.redis-cloud.com", &["Redis Cloud", "`ssl`"]),
        ("db1.example", &["`ssl`", "proxy"]),
        ("upstash.io.example", &["`ssl`", "proxy"]),
    ] {
        let hint = tls_only(host);
        assert!(words.iter().all(|word| hint.contains(word)), "{host}: {hint}");
    }
}
