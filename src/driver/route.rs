//! Extras that ask for a tunnel or a proxy. connprobe supports neither, and a direct login would prove nothing, so such
//! a definition is `unsupported`.

/// Keys of hooks and clients, compared without case: Airflow's SSH provider (`ssh_hook`, `ssh_conn_id`), its hooks over
/// HTTP (`proxy`, `proxies`), Google Cloud SQL (`use_proxy`), and tools that open tunnels to databases (`ssh_host`,
/// `ssh_tunnel_host` …).
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

/// Whether `key` of an `extra` asks for a tunnel or a proxy.
pub(super) fn is_route(key: &str) -> bool {
    ROUTES.iter().any(|route| route.eq_ignore_ascii_case(key))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::driver::{Driver, Registry};
    use crate::model::class::Class;
    use crate::model::connection::{Connection, Origin};
    use crate::model::extra::Extra;
    use crate::model::reason::{Field, ReasonCode};
    use crate::model::secret::Secret;

    /// A definition that is valid apart from `extra`.
    fn connection(conn_type: &str, extra: &Value) -> Connection {
        Connection {
            conn_type: Some(conn_type.to_owned()),
            host: Some("db1.example".to_owned()),
            login: Some("etl".to_owned()),
            password: Some(Secret::new("hunter2".to_owned())),
            extra: Extra::new(extra.as_object().cloned().unwrap_or_default()),
            ..Connection::new(Origin { source: String::new(), line: None, pointer: String::new(), occurrence: 0 })
        }
    }

    /// Class, reason and fields of the refusal of a valid definition with `extra`; `None` where there is a plan.
    fn refused(driver: &'static dyn Driver, extra: &Value) -> Option<(Class, ReasonCode, Vec<Field>)> {
        let (conn_type, _) = driver.spec().types[0];
        let refusal = driver.plan(&connection(conn_type, extra)).err()?;
        let problem = &refusal.problems[0];
        Some((refusal.class, problem.reason, problem.fields.clone()))
    }

    #[test]
    fn a_tunnel_or_a_proxy_is_unsupported_with_every_driver() {
        for driver in Registry::builtin().drivers() {
            for key in [
                // https://airflow.apache.org/docs/apache-airflow-providers-ssh
                "ssh_hook",
                "ssh_conn_id",
                // sshtunnel, DBeaver, Superset, Metabase
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
                // https://airflow.apache.org/docs/apache-airflow-providers-http and -google (`use_proxy`)
                "proxy",
                "proxies",
                "proxy_url",
                "proxy_host",
                "http_proxy",
                "https_proxy",
                "socks_proxy",
                "use_proxy",
                "SSH_Conn_Id",
                "PROXY",
            ] {
                let expected = Some((Class::Unsupported, ReasonCode::TunnelNeeded, vec![Field::extra(key)]));
                for asked in
                    [json!(true), json!("bastion"), json!({"https": "http://proxy:3128"}), json!(["x"]), json!(1)]
                {
                    let found = refused(driver, &json!({key: asked}));
                    assert_eq!(found, expected, "{} {key} {asked}", driver.spec().name);
                }
                for nothing in [json!(false), json!("false"), json!(""), json!(null), json!({}), json!([]), json!(0)] {
                    let found = refused(driver, &json!({key: nothing}));
                    assert_eq!(found, None, "{} {key} {nothing}", driver.spec().name);
                }
            }
        }
    }
}
