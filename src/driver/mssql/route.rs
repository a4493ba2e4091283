//! Routes: the server to which another one refers a login. Only those of Azure's gateways are followed.

use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::Policy;

/// The domains under which Azure runs its databases, in each of its clouds.
const AZURE: [&str; 4] = [
    "database.windows.net",
    "database.usgovcloudapi.net",
    "database.chinacloudapi.cn",
    "database.fabric.microsoft.com",
];

/// A server to which another one refers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Its host, without the instance that may follow it.
    pub(super) host: String,
    /// Its port.
    pub(super) port: u16,
}

impl Route {
    /// The route to `server`, if a credential may be sent there.
    pub(super) fn follow(server: &str, port: u16) -> Result<Self, Failure> {
        let host = server.split_once('\\').map_or(server, |(host, _)| host).trim_end_matches('.').to_lowercase();
        let azure = AZURE
            .iter()
            .any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')));
        let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        if azure && plain && port != 0 {
            return Ok(Self { host, port });
        }
        Err(Failure::of(Policy::LoginForwarded).at(Phase::Auth).detail(format!("routed to {server}:{port}")))
    }

    /// The failure of a second route after a first one.
    pub(super) fn again() -> Failure {
        Failure::of(Policy::ForwardedAgain).at(Phase::Auth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::Class;

    #[test]
    fn only_azure_s_own_databases_are_followed_to() {
        for (server, host) in [
            (
                "eee1.tr7.westeurope1-a.worker.database.windows.net",
                "eee1.tr7.westeurope1-a.worker.database.windows.net",
            ),
            (r"DB1.Database.Windows.net\abc", "db1.database.windows.net"),
            ("db1.database.usgovcloudapi.net.", "db1.database.usgovcloudapi.net"),
        ] {
            assert_eq!(Route::follow(server, 11003), Ok(Route { host: host.to_owned(), port: 11003 }), "{server}");
        }
        for server in [
            "169.254.169.254",
            "replica2.corp.example",
            "database.windows.net",
            ".database.windows.net",
            "evildatabase.windows.net",
            "db1.database.windows.net.evil.example",
            "db1/x.database.windows.net",
            "",
        ] {
            assert_eq!(Route::follow(server, 1433).map_err(|failure| failure.class), Err(Class::Policy), "{server}");
        }
        assert!(Route::follow("db1.database.windows.net", 0).is_err());
    }
}
