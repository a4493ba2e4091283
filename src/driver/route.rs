//! Extras by which a definition is reached through a tunnel or a proxy. connprobe makes neither, so that a
//! direct login would tell nothing: such a definition is `unsupported`.

use serde_json::Value;

use crate::model::extra::Extra;

/// Keys of hooks and clients, compared without case: Airflow's SSH provider (`ssh_hook`, `ssh_conn_id`), its
/// hooks over HTTP (`proxy`, `proxies`), Google Cloud SQL (`use_proxy`), and the tools that tunnel for
/// databases (`ssh_host`, `ssh_tunnel_host` …).
const ROUTES: [&str; 20] = [
    "ssh_hook",
    "ssh_conn_id",
    "ssh_tunnel",
    "ssh_host",
    "ssh_tunnel_host",
    "ssh_address_or_host",
    "ssh_jump_host",
    "use_ssh",
    "use_ssh_tunnel",
    "tunnel",
    "tunnel_host",
    "bastion_host",
    "proxy",
    "proxies",
    "proxy_url",
    "proxy_host",
    "http_proxy",
    "https_proxy",
    "socks_proxy",
    "use_proxy",
];

/// Whether `key` of an `extra` asks for a way around.
pub(super) fn is_route(key: &str) -> bool {
    ROUTES.iter().any(|route| route.eq_ignore_ascii_case(key))
}

/// The proxies that botocore is given, which stand inside another key.
pub(super) fn of_botocore(extra: &Extra) -> Option<(&'static str, &Value)> {
    extra.at(&["config_kwargs", "proxies"]).map(|value| ("config_kwargs.proxies", value))
}
