//! Connections in Vault, Secrets Manager and the Parameter Store: what is listed there, what is
//! refused, and that nothing of it is shown.

use std::process::Command;

use serde_json::Value;

use super::cases::{pki, port, server};

/// What `connprobe list` made of a source.
struct Listing {
    entries: Vec<Value>,
    errors: String,
    everything: String,
}

impl Listing {
    fn names(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry["conn_id"].as_str().unwrap()).collect()
    }

    fn entry(&self, name: &str) -> &Value {
        self.entries.iter().find(|entry| entry["conn_id"] == name).unwrap_or_else(|| panic!("no `{name}`"))
    }

    fn target(&self, name: &str) -> &str {
        self.entry(name)["target"].as_str().unwrap_or_default()
    }

    fn problem(&self, name: &str) -> &str {
        self.entry(name)["problem"].as_str().unwrap_or_default()
    }

    fn warning(&self, name: &str) -> &str {
        self.entry(name)["warnings"][0]["code"].as_str().unwrap_or_default()
    }
}

/// Lists `source` with nothing but `variables` in the environment.
fn list(source: &str, variables: &[(&str, &str)]) -> Listing {
    let output = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .args(["list", source, "--format", "json"])
        .env_clear()
        .env("CONNPROBE_STATE", crate::state::anew())
        .envs(variables.iter().copied())
        .output()
        .expect("connprobe starts");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let everything = text(&output.stdout) + &text(&output.stderr);
    for secret in ["canary", "-token"] {
        assert!(!everything.contains(secret), "{source}: {everything}");
    }
    Listing {
        entries: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        errors: text(&output.stderr),
        everything,
    }
}

fn vault(path: &str, token: &str, more: &[(&str, &str)]) -> Listing {
    let address = format!("http://127.0.0.1:{}", port("VAULT_PORT"));
    list(&format!("vault:{path}"), &[&[("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", token)], more].concat())
}

/// AWS as `user` (`MOTO`, `MOTO_NOPOLICY`, `MOTO_LISTER`).
fn aws(source: &str, user: &str, more: &[(&str, &str)]) -> Listing {
    let (id, secret) = (server(&format!("{user}_ACCESS_KEY")), server(&format!("{user}_SECRET_KEY")));
    let endpoint = format!("http://127.0.0.1:{}", port("MOTO_PORT"));
    let variables = [
        ("AWS_ACCESS_KEY_ID", id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", &secret),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ENDPOINT_URL", &endpoint),
    ];
    let listing = list(source, &[&variables, more].concat());
    assert!(!listing.everything.contains(&secret), "{}", listing.everything);
    listing
}

#[test]
fn vault_gives_what_is_below_a_path() {
    let listing = vault("secret/connections", "airflow-token", &[]);
    assert_eq!(
        listing.names(),
        ["alias", "fields", "forbidden", "warehouse", "team a/übung%2f", "team a/deeper/still"],
        "{}",
        listing.errors
    );
    assert_eq!(listing.target("warehouse"), "db.example:5433/sales");
    assert_eq!(listing.target("fields"), "db.example:3307");
    assert_eq!(listing.target("team a/deeper/still"), "db.example:5432/deep");
    assert_eq!(listing.entry("warehouse")["origin"], "vault:secret/connections#/warehouse");
    assert_eq!(listing.warning("alias"), "airflow_ignores");
    // One that is refused hides no other.
    assert!(listing.problem("forbidden").starts_with("secret: the secret cannot be read: the token may not read"));
}

#[test]
fn vaults_first_version_of_kv_is_told_from_the_second() {
    let listing = vault("kv1/connections/", "root-token", &[]);
    assert_eq!(
        listing.names(),
        ["alias", "fields", "forbidden", "warehouse", "team a/übung%2f", "team a/deeper/still"]
    );
    assert_eq!(listing.target("forbidden"), "db.example:5432/forbidden");
}

#[test]
fn one_secret_or_a_whole_engine_are_paths_too() {
    let one = vault("secret/connections/warehouse", "root-token", &[]);
    assert_eq!((one.names(), one.target("warehouse")), (vec!["warehouse"], "db.example:5433/sales"));
    let all = vault("secret", "root-token", &[]);
    assert_eq!(all.target("connections/warehouse"), "db.example:5433/sales");
}

#[test]
fn vault_over_tls_is_verified() {
    let address = format!("https://localhost:{}", port("VAULT_TLS_PORT"));
    let (ca, other) = (pki("ca.pem"), pki("otherca.pem"));
    let pem = std::fs::read_to_string(&ca).unwrap();
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), "airflow-token\n").unwrap();
    let ask = |more: &[(&str, &str)]| {
        let given = [("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN_FILE", token.path().to_str().unwrap())];
        list("vault:secret/connections", &[&given[..], more].concat())
    };
    for trusted in [("VAULT_CACERT", ca.as_str()), ("VAULT_CACERT_BYTES", &pem), ("VAULT_SKIP_VERIFY", "true")] {
        let listing = ask(&[trusted]);
        assert_eq!(listing.entries.len(), 6, "{}: {}", trusted.0, listing.errors);
    }
    for distrusted in [&[("VAULT_CACERT", other.as_str())][..], &[]] {
        assert!(ask(distrusted).errors.contains("(tls in phase tls)"), "{}", ask(distrusted).errors);
    }
}

/// Whether `errors` hold `expected`, in which a server's code may stand between class and phase.
fn says(errors: &str, expected: &str) -> bool {
    let Some((class, phase)) = expected.split_once(" in phase ") else { return errors.contains(expected) };
    let of_class = errors.split(class).skip(1);
    of_class
        .filter_map(|rest| rest.split_once(')'))
        .any(|(words, _)| format!("{words})").ends_with(&format!(" in phase {phase}")))
}

#[test]
fn what_vault_refuses_is_told_apart() {
    let unreachable = [("VAULT_ADDR", "http://127.0.0.1:1")];
    let encrypted = format!("https://127.0.0.1:{}", port("VAULT_PORT"));
    let other = format!("http://127.0.0.1:{}", port("S3_PORT"));
    for (path, token, more, expected) in [
        ("secret/connections", "no-such-token", &[][..], "(auth in phase auth)"),
        ("secret/connections", "a\nb", &[], "(definition"),
        ("secret/connections", "other-token", &[], "(denied in phase auth)"),
        ("secret", "airflow-token", &[], "the token may not list `secret/metadata` (denied in phase query)"),
        ("nomount/connections", "root-token", &[], "(denied in phase auth)"),
        ("cubbyhole/connections", "root-token", &[], "no KV secrets engine (definition"),
        ("secret/none", "root-token", &[], "there are no secrets below `secret/none` (not_found in phase query)"),
        ("secret/data/connections", "root-token", &[], "without `data/` or `metadata/`"),
        ("secret/connections", "root-token", &unreachable, "(unreachable in phase connect)"),
        ("secret/connections", "root-token", &[("VAULT_ADDR", encrypted.as_str())], "(protocol in phase tls)"),
        ("secret/connections", "root-token", &[("VAULT_ADDR", other.as_str())], "(protocol in phase auth)"),
        ("secret/connections", "", &[("VAULT_ADDR", "")], "not set: `VAULT_ADDR`; `VAULT_TOKEN` or `VAULT_TOKEN_FILE`"),
        ("secret/connections", "root-token", &[("VAULT_ADDR", "vault:8200")], "`VAULT_ADDR` has no scheme"),
    ] {
        let listing = vault(path, token, more);
        assert!(listing.entries.is_empty() && says(&listing.errors, expected), "{path}: {}", listing.errors);
    }
}

#[test]
fn secrets_manager_gives_what_is_below_a_prefix() {
    let listing = aws("aws-sm:", "MOTO", &[]);
    assert_eq!(listing.names(), ["warehouse", "fields", "shared", "deep/er", "rds", "binary"], "{}", listing.errors);
    assert_eq!(listing.target("warehouse"), "db.example:5433/sales");
    assert_eq!(listing.entry("shared")["origin"], "aws-sm:#/team--shared");
    assert_eq!((listing.target("rds"), listing.warning("rds")), ("db.example:5432/sales", "airflow_ignores"));
    assert!(listing.problem("binary").contains("the secret is binary"));
    // More than a page.
    assert_eq!(aws("aws-sm:airflow/many/", "MOTO", &[]).entries.len(), 120);
}

#[test]
fn the_parameter_store_gives_what_is_below_a_path() {
    let listing = aws("aws-ssm:", "MOTO", &[]);
    assert_eq!(listing.names(), ["warehouse", "fields", "shared", "deep/er"], "{}", listing.errors);
    assert_eq!(listing.target("fields"), "db.example:3307");
    for path in ["aws-ssm:airflow/many", "aws-ssm:/airflow/many/"] {
        assert_eq!(aws(path, "MOTO", &[]).entries.len(), 120, "{path}");
    }
}

#[test]
fn a_secret_that_may_not_be_read_is_a_problem_of_its_own() {
    let listing = aws("aws-sm:", "MOTO_LISTER", &[]);
    assert_eq!(listing.entries.len(), 6, "{}", listing.errors);
    assert!(listing.problem("warehouse").starts_with("secret: the secret cannot be read"), "{}", listing.everything);
}

#[test]
fn aws_over_tls_is_verified() {
    let endpoint = format!("https://localhost:{}", port("MOTO_TLS_PORT"));
    let (id, secret) = (server("MOTO_TLS_ACCESS_KEY"), server("MOTO_TLS_SECRET_KEY"));
    let ca = pki("ca.pem");
    let own = [("AWS_ACCESS_KEY_ID", id.as_str()), ("AWS_SECRET_ACCESS_KEY", &secret), ("AWS_ENDPOINT_URL", &endpoint)];
    assert_eq!(aws("aws-ssm:", "MOTO", &[&own[..], &[("AWS_CA_BUNDLE", ca.as_str())]].concat()).entries.len(), 4);
    assert!(aws("aws-ssm:", "MOTO", &own).errors.contains("(tls in phase tls)"));
}

#[test]
fn what_aws_refuses_is_told_apart() {
    for source in ["aws-sm:", "aws-ssm:"] {
        for (user, more, expected) in [
            ("MOTO", &[("AWS_SECRET_ACCESS_KEY", "a-wrong-secret-key")][..], "(auth in phase auth)"),
            ("MOTO", &[("AWS_ACCESS_KEY_ID", "AKIANOBODYKNOWSTHIS0")], "(auth in phase auth)"),
            ("MOTO_NOPOLICY", &[], "(denied in phase auth)"),
            ("MOTO", &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")], "(unreachable in phase connect)"),
            ("MOTO", &[("AWS_REGION", ""), ("AWS_ACCESS_KEY_ID", "")], "are not set"),
        ] {
            let listing = aws(source, user, more);
            assert!(listing.entries.is_empty() && says(&listing.errors, expected), "{source}: {}", listing.errors);
        }
        let nothing = aws(&format!("{source}none"), "MOTO", &[]);
        assert!(says(&nothing.errors, "(not_found in phase query)"), "{}", nothing.errors);
    }
}
