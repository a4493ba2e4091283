//! The server's ERR packets, and their meaning.

use super::codes::CODES;
use super::options::Options;
use crate::model::codes::Context;
use crate::model::codes::refinement::Said;
use crate::model::failure::Failure;
use crate::model::reason::Login;

/// How many bytes of the server's text are kept; the engine shows fewer.
const TEXT: usize = 2 << 10;

/// A code, and the server's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) text: String,
}

impl Refusal {
    /// Reads the payload of an ERR packet. Before the handshake most servers omit the SQL state, but not all.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let [0xff, low, high, rest @ ..] = payload else { return None };
        let text = rest.strip_prefix(b"#").and_then(|marked| marked.get(5..)).unwrap_or(rest);
        let text = String::from_utf8_lossy(&text[..text.len().min(TEXT)]).into_owned();
        Some(Self { code: u16::from_le_bytes([*low, *high]), text })
    }

    /// The failure of a login with `settings`, `encrypted` or not.
    pub(super) fn into_failure(self, settings: &Options, encrypted: bool) -> Failure {
        let code = self.code.to_string();
        let variant = match self.code {
            1045 if settings.password.is_none() => Some("no-password"),
            1045 if !encrypted && !settings.is_socket() => Some("plain"),
            _ => None,
        };
        let context =
            Context { login: Some(&settings.login), database: settings.database.as_deref(), ..Context::default() };
        let said = Said { code: &code, product: None, text: &self.text };
        CODES
            .refusal(said, variant, context)
            .unwrap_or_else(|| {
                let hint = "see the detail, which is the server's own text, and the server's log";
                Failure::of(Login::ServerError { code: Some(code.clone()), hint }).code_of(&CODES, code.clone())
            })
            .detail(self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::Class;
    use crate::model::reason::ReasonCode;

    #[test]
    fn the_sql_state_is_no_part_of_the_text() {
        for (payload, code, text) in [
            (b"\xff\x10\x04#08004Too many connections".as_slice(), 1040, "Too many connections"),
            (b"\xff\x10\x04Too many connections", 1040, "Too many connections"),
            (b"\xff\x6a\x04Host '10.0.0.7' is not allowed", 1130, "Host '10.0.0.7' is not allowed"),
            (b"\xff\x15\x04", 1045, ""),
        ] {
            assert_eq!(Refusal::parse(payload), Some(Refusal { code, text: text.to_owned() }));
        }
        assert_eq!(Refusal::parse(b"\xff\x15"), None);
        assert_eq!(Refusal::parse(b"\0\0\0"), None);
    }

    #[test]
    fn the_same_refusal_means_what_the_circumstances_say() {
        let refused = |code, text: &str, settings: &Options, encrypted| {
            let failure = Refusal { code, text: text.to_owned() }.into_failure(settings, encrypted);
            (failure.class, failure.code.unwrap(), failure.reason, failure.hint.unwrap())
        };
        let mut settings = Options::for_tests();

        let (class, code, reason, hint) = refused(1045, "no", &settings, true);
        assert_eq!((class, code.as_str(), reason), (Class::Auth, "1045", ReasonCode::LoginRefused));
        assert!(!hint.contains("ssl_mode"), "{hint}");
        assert!(refused(1045, "no", &settings, false).3.contains("ssl_mode"));
        settings.password = None;
        assert_eq!(refused(1045, "no", &settings, false).2, ReasonCode::PasswordMissing);

        let (class, code, ..) = refused(1105, "Connections using insecure transport are prohibited", &settings, false);
        assert_eq!((class, code.as_str()), (Class::Tls, "1105"));
        assert_eq!(refused(1105, "something else", &settings, false).0, Class::Server);
    }

    /// The contract's section 2, code by code.
    #[test]
    fn codes_have_the_classes_of_the_contract() {
        let contract: &[(&[u16], Class)] = &[
            (&[1045, 1698, 1820, 1862, 3118, 3955, 4151], Class::Auth),
            (&[1044, 1129, 1130], Class::Denied),
            (&[1049, 1102], Class::NotFound),
            (&[1040, 1203, 1226, 1053, 3032], Class::Busy),
            (&[3159], Class::Tls),
            (&[1251, 1275], Class::Unsupported),
        ];
        let settings = Options::for_tests();
        for (codes, class) in contract {
            for code in *codes {
                let failure = Refusal { code: *code, text: String::new() }.into_failure(&settings, true);
                assert_eq!(failure.class, *class, "{code}");
            }
        }
    }

    /// Texts as the products send them; their sources are listed in `codes/products.rs`.
    #[test]
    fn a_code_means_what_its_text_says() {
        let settings = Options::for_tests();
        for (code, text, class, reason) in [
            (
                1045,
                "ProxySQL Error: Access denied for user 'etl'@'10.0.0.7' (using password: YES)",
                Class::Auth,
                ReasonCode::LoginRefused,
            ),
            (
                1045,
                "ProxySQL Error: Access denied for user 'etl' (using password: YES). SSL is required",
                Class::Tls,
                ReasonCode::TlsRequired,
            ),
            (
                1045,
                "Max connect timeout reached while reaching hostgroup -3 after 10000ms",
                Class::Busy,
                ReasonCode::BackendDown,
            ),
            (
                9001,
                "Max connect timeout reached while reaching hostgroup 10 after 10000ms",
                Class::Busy,
                ReasonCode::BackendDown,
            ),
            // ProxySQL lib/MySQL_Session.cpp.
            (9002, "Max connect failure while reaching hostgroup 10", Class::Busy, ReasonCode::BackendDown),
            (1040, "User 'admin' can only connect locally", Class::Denied, ReasonCode::AddressDenied),
            // MySQL Router router/src/routing/src, classic protocol.
            (
                2003,
                "Can't connect to remote MySQL server for client connected to '0.0.0.0:6446'",
                Class::Busy,
                ReasonCode::BackendDown,
            ),
            // MaxScale server/modules/protocol/MariaDB/mariadb_client.cc, server/core/session.cc.
            (1045, "Access without SSL denied", Class::Tls, ReasonCode::TlsRequired),
            (1815, "Internal error: Session creation failed", Class::Busy, ReasonCode::BackendDown),
            (
                1927,
                "Connection killed by MaxScale: Router could not recover from connection errors",
                Class::Busy,
                ReasonCode::BackendDown,
            ),
            (9001, "PD server timeout", Class::Busy, ReasonCode::BackendDown),
            (9002, "TiKV server timeout", Class::Busy, ReasonCode::BackendDown),
            (
                9002,
                "SSL connection is required. Please specify SSL options and retry.",
                Class::Tls,
                ReasonCode::TlsRequired,
            ),
            (
                9000,
                "Client with IP address '20.25.18.177' is not allowed to connect to this MySQL server.",
                Class::Denied,
                ReasonCode::AddressDenied,
            ),
            (
                9002,
                "Invalid Username specified. Please check the Username and retry connection. The Username should be in <username@hostname> format.",
                Class::Auth,
                ReasonCode::UserNotFound,
            ),
            (1105, "Missing user name prefix. See the documentation", Class::Auth, ReasonCode::UserNotFound),
            (
                1105,
                "ERROR 1045 (28000): Access denied for user 'etl'@'10.8.65' (using password: Yes)",
                Class::Auth,
                ReasonCode::LoginRefused,
            ),
            (
                1105,
                "Connections using insecure transport are prohibited while --require_secure_transport=ON.",
                Class::Tls,
                ReasonCode::TlsRequired,
            ),
            (
                1105,
                "unknown error: Code: UNAVAILABLE\nserver does not allow insecure connections, client must use SSL/TLS\n",
                Class::Tls,
                ReasonCode::TlsRequired,
            ),
            (1105, "Access denied for user 'etl'@'%' to database 'sales'", Class::Denied, ReasonCode::DatabaseDenied),
            (1105, "database not found: sales", Class::NotFound, ReasonCode::DatabaseNotFound),
            // Observed with MariaDB 10.11: `schema` with a line end.
            (1102, "Incorrect database name 'app\n'", Class::NotFound, ReasonCode::DatabaseNotFound),
            (1130, "Proxy header is not accepted from 127.0.0.1", Class::Denied, ReasonCode::AddressDenied),
            (
                1130,
                "Host '10.0.0.7' is not allowed to connect to this MariaDB server",
                Class::Denied,
                ReasonCode::AddressDenied,
            ),
            (9501, "Timed-out waiting to acquire database connection", Class::Busy, ReasonCode::BackendDown),
            (1040, "Connections rate limit exceeded (100)", Class::Busy, ReasonCode::SlowDown),
            (1040, "Too many connections", Class::Busy, ReasonCode::TooManyConnections),
            (1105, "Unknown error", Class::Server, ReasonCode::ServerError),
        ] {
            let failure = Refusal { code, text: text.to_owned() }.into_failure(&settings, true);
            assert_eq!((failure.class, failure.reason), (class, reason), "{code} {text}");
            assert_eq!(failure.code, Some(code.to_string()));
        }
    }
}
