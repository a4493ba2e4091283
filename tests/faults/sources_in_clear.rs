//! The token or keys of a secrets backend are sent in clear to this machine only. With `--require-tls` or
//! `--verify-tls` the address itself must be one of this machine; a name that resolves to one is not enough.

use serde_json::Value;

use crate::dns::{self, address};
use crate::peer::{Peer, Step, Watched, framing, say};
use crate::process;

/// The token and the session token of the tests; both are sent unchanged.
const TOKEN: &str = "s.cAnArY-token";

/// Checks `source` with its server at the port of `host`. Returns the bytes that the peer received, and the report.
fn heard(source: &str, host: &str, peer: &Peer, more: &[&str]) -> (Vec<u8>, Value) {
    let address = format!("http://{host}:{}", peer.listening.port);
    let mut command = process::connprobe(&["check", source, "--timeout", "5s", "--format", "json"]);
    command.arg(format!("--dns-server={}", dns::server_address())).args(more);
    command.envs([("VAULT_ADDR", address.as_str()), ("AWS_ENDPOINT_URL", &address)]);
    command.envs([("VAULT_TOKEN", TOKEN), ("AWS_SESSION_TOKEN", TOKEN), ("AWS_REGION", "eu-west-1")]);
    command.envs([("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "cAnArY-secret")]);
    let output = process::over(&mut command, "");
    (peer.watch.seen().heard, serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn no_token_of_a_source_goes_in_clear_where_only_dns_says_that_it_is_here() {
    for source in ["vault:secret/connections", "aws-sm:airflow", "aws-ssm:/airflow"] {
        for (more, by_name) in [(&[][..], true), (&["--require-tls"], false), (&["--verify-tls"], false)] {
            for named in [false, true] {
                let answer = "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\n{}";
                let peer = Peer::start(vec![Step::Hear, say(answer)], framing::http);
                let host = if named {
                    dns::name(|question| address(question, "127.0.0.1"), 0, &Watched::default())
                } else {
                    "127.0.0.1".to_owned()
                };
                let (heard, report) = heard(source, &host, &peer, more);
                let sent = heard.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes());
                assert_eq!(sent, !named || by_name, "{source} {more:?} {host}: {report:#}");
                if !sent {
                    assert_eq!(report["sources"][0]["problem"]["class"], "policy", "{source} {more:?}: {report:#}");
                }
            }
        }
    }
}
