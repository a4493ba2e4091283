//! Connections in Vault, Secrets Manager and the Parameter Store: which are listed, which are refused, and that no
//! secret is shown. All data comes from the report of a dry run, which connects to no server of a definition.

use std::process::Command;

use serde_json::Value;

use super::cases::{pki, port, server};

/// The output of `connprobe check --dry-run` for a source.
struct Listing {
    report: Value,
    errors: String,
    everything: String,
}

impl Listing {
    fn entries(&self) -> &[Value] {
        self.report["results"].as_array().map_or(&[], Vec::as_slice)
    }

    fn names(&self) -> Vec<&str> {
        self.entries().iter().map(|entry| entry["conn_id"].as_str().unwrap()).collect()
    }

    fn entry(&self, name: &str) -> &Value {
        self.entries().iter().find(|entry| entry["conn_id"] == name).unwrap_or_else(|| panic!("no `{name}`"))
    }

    fn target(&self, name: &str) -> &str {
        self.entry(name)["target"].as_str().unwrap_or_default()
    }

    /// The class and reason of an entry.
    fn problem(&self, name: &str) -> (&str, &str) {
        let entry = self.entry(name);
        (entry["class"].as_str().unwrap_or_default(), entry["reason"].as_str().unwrap_or_default())
    }

    fn warning(&self, name: &str) -> &str {
        self.entry(name)["warnings"][0]["code"].as_str().unwrap_or_default()
    }

    /// The class, reason and server code of the source itself.
    fn refused(&self) -> (&str, &str, Option<&str>) {
        let problem = &self.report["sources"][0]["problem"];
        let word = |key: &str| problem[key].as_str().unwrap_or_default();
        (word("class"), word("reason"), problem["code"].as_str())
    }
}

/// Reads `source` with only `variables` in the environment.
fn list(source: &str, variables: &[(&str, &str)]) -> Listing {
    let output = Command::new(env!("CARGO_BIN_EXE_connprobe"))
        .args(["check", source, "--dry-run", "--format", "json"])
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
    let report =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{source}: {error}: {everything}"));
    Listing { report, errors: text(&output.stderr), everything }
}

fn vault(path: &str, token: &str, more: &[(&str, &str)]) -> Listing {
    let address = format!("http://127.0.0.1:{}", port("VAULT_PORT"));
    list(&format!("vault:{path}"), &[&[("VAULT_ADDR", address.as_str()), ("VAULT_TOKEN", token)], more].concat())
}

/// Reads from AWS as `user` (`MOTO`, `MOTO_NOPOLICY`, `MOTO_LISTER`).
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
    // An entry that is refused does not hide the others.
    assert_eq!(listing.problem("forbidden"), ("secret", "secret_unreadable"));
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
        assert_eq!(listing.entries().len(), 6, "{}: {}", trusted.0, listing.errors);
    }
    for distrusted in [&[("VAULT_CACERT", other.as_str())][..], &[]] {
        assert_eq!(ask(distrusted).refused(), ("tls", "unknown_issuer", None), "{}", ask(distrusted).errors);
    }
}

#[test]
fn what_vault_refuses_is_told_apart() {
    let unreachable = [("VAULT_ADDR", "http://127.0.0.1:1")];
    let encrypted = format!("https://127.0.0.1:{}", port("VAULT_PORT"));
    let other = format!("http://127.0.0.1:{}", port("S3_PORT"));
    for (path, token, more, expected) in [
        ("secret/connections", "no-such-token", &[][..], ("auth", "token_invalid", Some("403"))),
        ("secret/connections", "a\nb", &[], ("definition", "source_unusable", None)),
        ("secret/connections", "other-token", &[], ("denied", "privilege_missing", Some("403"))),
        ("secret", "airflow-token", &[], ("denied", "privilege_missing", Some("403"))),
        ("nomount/connections", "root-token", &[], ("denied", "privilege_missing", Some("403"))),
        ("cubbyhole/connections", "root-token", &[], ("definition", "source_unusable", None)),
        ("secret/none", "root-token", &[], ("not_found", "path_not_found", None)),
        ("secret/data/connections", "root-token", &[], ("not_found", "path_not_found", None)),
        ("secret/connections", "root-token", &unreachable, ("unreachable", "connection_refused", None)),
        (
            "secret/connections",
            "root-token",
            &[("VAULT_ADDR", encrypted.as_str())],
            ("protocol", "tls_not_spoken", None),
        ),
        (
            "secret/connections",
            "root-token",
            &[("VAULT_ADDR", other.as_str())],
            ("protocol", "other_protocol", Some("400")),
        ),
        ("secret/connections", "", &[("VAULT_ADDR", "")], ("definition", "source_unusable", None)),
        ("secret/connections", "root-token", &[("VAULT_ADDR", "vault:8200")], ("definition", "source_unusable", None)),
    ] {
        let listing = vault(path, token, more);
        assert_eq!(listing.refused(), expected, "{path} {more:?}: {}", listing.errors);
        assert!(listing.entries().is_empty(), "{path} {more:?}");
    }
}

#[test]
fn secrets_manager_gives_what_is_below_a_prefix() {
    let listing = aws("aws-sm:", "MOTO", &[]);
    assert_eq!(listing.names(), ["warehouse", "fields", "shared", "deep/er", "rds", "binary"], "{}", listing.errors);
    assert_eq!(listing.target("warehouse"), "db.example:5433/sales");
    assert_eq!(listing.entry("shared")["origin"], "aws-sm:#/team--shared");
    assert_eq!((listing.target("rds"), listing.warning("rds")), ("db.example:5432/sales", "airflow_ignores"));
    assert_eq!(listing.problem("binary"), ("definition", "bad_entry"));
    // More entries than fit on a page.
    assert_eq!(aws("aws-sm:airflow/many/", "MOTO", &[]).entries().len(), 120);
}

#[test]
fn the_parameter_store_gives_what_is_below_a_path() {
    let listing = aws("aws-ssm:", "MOTO", &[]);
    assert_eq!(listing.names(), ["warehouse", "fields", "shared", "deep/er"], "{}", listing.errors);
    assert_eq!(listing.target("fields"), "db.example:3307");
    for path in ["aws-ssm:airflow/many", "aws-ssm:/airflow/many/"] {
        assert_eq!(aws(path, "MOTO", &[]).entries().len(), 120, "{path}");
    }
}

#[test]
fn a_secret_that_may_not_be_read_is_a_problem_of_its_own() {
    let listing = aws("aws-sm:", "MOTO_LISTER", &[]);
    assert_eq!(listing.entries().len(), 6, "{}", listing.errors);
    assert_eq!(listing.problem("warehouse"), ("secret", "secret_unreadable"), "{}", listing.everything);
}

#[test]
fn aws_over_tls_is_verified() {
    let endpoint = format!("https://localhost:{}", port("MOTO_TLS_PORT"));
    let (id, secret) = (server("MOTO_TLS_ACCESS_KEY"), server("MOTO_TLS_SECRET_KEY"));
    let ca = pki("ca.pem");
    let own = [("AWS_ACCESS_KEY_ID", id.as_str()), ("AWS_SECRET_ACCESS_KEY", &secret), ("AWS_ENDPOINT_URL", &endpoint)];
    assert_eq!(aws("aws-ssm:", "MOTO", &[&own[..], &[("AWS_CA_BUNDLE", ca.as_str())]].concat()).entries().len(), 4);
    assert_eq!(aws("aws-ssm:", "MOTO", &own).refused(), ("tls", "unknown_issuer", None));
}

#[test]
fn what_aws_refuses_is_told_apart() {
    for source in ["aws-sm:", "aws-ssm:"] {
        for (user, more, expected) in [
            (
                "MOTO",
                &[("AWS_SECRET_ACCESS_KEY", "a-wrong-secret-key")][..],
                ("auth", "signature_mismatch", Some("SignatureDoesNotMatch")),
            ),
            (
                "MOTO",
                &[("AWS_ACCESS_KEY_ID", "AKIANOBODYKNOWSTHIS0")],
                ("auth", "keys_unknown", Some("InvalidClientTokenId")),
            ),
            ("MOTO_NOPOLICY", &[], ("denied", "privilege_missing", Some("AccessDenied"))),
            ("MOTO", &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")], ("unreachable", "connection_refused", None)),
            ("MOTO", &[("AWS_REGION", ""), ("AWS_ACCESS_KEY_ID", "")], ("definition", "source_unusable", None)),
        ] {
            let listing = aws(source, user, more);
            assert_eq!(listing.refused(), expected, "{source}: {}", listing.errors);
            assert!(listing.entries().is_empty(), "{source}");
        }
        let nothing = aws(&format!("{source}none"), "MOTO", &[]);
        assert_eq!(nothing.refused(), ("not_found", "path_not_found", None), "{}", nothing.errors);
    }
}
