//! Recognises texts of other programs that are neither JSON nor YAML, by the beginnings of their lines.

use super::{DECRYPT, Foreign, REWRITE, VARIABLES};

/// The maximum number of lines that are examined. Empty lines and comments do not count.
const LINES: usize = 200;

/// A format: the test for its lines, its name, and the hint.
type Format = (fn(&[&str]) -> bool, &'static str, &'static str);

const FORMATS: [Format; 16] = [
    (|lines| first(lines).starts_with("$ANSIBLE_VAULT;"), "encrypted by ansible-vault", DECRYPT),
    (|lines| first(lines).starts_with("-----BEGIN PGP MESSAGE"), "encrypted by PGP", DECRYPT),
    (|lines| first(lines).starts_with("age-encryption.org/"), "encrypted by age", DECRYPT),
    (|lines| first(lines).starts_with("-----BEGIN "), "a key or certificate", REWRITE),
    (
        |lines| first(lines).starts_with('<'),
        "an HTML or XML page",
        "check what wrote it: it may be the page of a login or of an error",
    ),
    // A file with several manifests separates them by `---`, so it is not one YAML document.
    (
        |lines| some(lines, "apiVersion:") && some(lines, "kind:"),
        "a Kubernetes manifest",
        "if it holds `AIRFLOW_CONN_…`, write their values, decoded from base64, as `NAME=VALUE` lines into a file whose name ends in .env",
    ),
    (
        |lines| some(lines, "airflow connections add "),
        "a script of Airflow commands",
        "run it, and give `airflow:` as SOURCE, or write its connections into a file",
    ),
    (
        |lines| is_ini(lines) && (some(lines, "sql_alchemy_conn") || some(lines, "dags_folder")),
        "a configuration of Airflow",
        "give `airflow:` as SOURCE, and the file as AIRFLOW_CONFIG: its database is then read",
    ),
    (is_ini, "a file of sections, as odbc.ini, pg_service.conf, my.cnf or AWS credentials", REWRITE),
    // https://www.postgresql.org/docs/current/libpq-pgpass.html
    (is_pgpass, "a password file of PostgreSQL", REWRITE),
    // https://developer.hashicorp.com/terraform/language/syntax/configuration
    (is_terraform, "a Terraform configuration", REWRITE),
    // https://docs.docker.com/reference/dockerfile: it begins with FROM, or with an ARG before it.
    (|lines| ["FROM ", "ARG "].iter().any(|word| first(lines).starts_with(word)), "a Dockerfile", VARIABLES),
    // https://docs.oracle.com/en/database/oracle/oracle-database/19/netrf/local-naming-parameters-in-tns-ora-file.html
    (
        |lines| lines.iter().any(|line| line.replace(' ', "").to_uppercase().contains("(DESCRIPTION=")),
        "a tnsnames.ora",
        REWRITE,
    ),
    (
        |lines| first(lines).contains("conn_id,") || first(lines).contains(",conn_type"),
        "a table of CSV",
        "write it as JSON, as `airflow connections export` does",
    ),
    (
        |lines| ["INSERT INTO ", "COPY ", "CREATE TABLE "].iter().any(|word| some(lines, word)),
        "a dump of a database",
        "give the database itself as SOURCE, as `url-env:NAME`",
    ),
    (
        |lines| some(lines, "import ") && (some(lines, "from ") || some(lines, "def ")),
        "a Python program",
        "connections are data here: `airflow connections export FILE.json` writes them",
    ),
];

/// The format of another program that `text` has.
pub(in crate::source) fn recognise(text: &str) -> Option<Foreign> {
    let is_comment = |line: &&str| line.is_empty() || line.starts_with(['#', ';']) && !line.starts_with("#!");
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !is_comment(line)).take(LINES).collect();
    FORMATS.iter().find(|(is, _, _)| is(&lines)).map(|(_, what, hint)| Foreign { what, hint })
}

fn first<'a>(lines: &[&'a str]) -> &'a str {
    lines.first().map_or("", |line| line.trim_start())
}

fn some(lines: &[&str], beginning: &str) -> bool {
    lines.iter().any(|line| line.starts_with(beginning))
}

/// Whether `[section]` comes first, then `name = value`.
fn is_ini(lines: &[&str]) -> bool {
    let Some((section, settings)) = lines.split_first() else { return false };
    let name = section.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    name.is_some_and(|name| !name.is_empty() && !name.contains(['"', '{', '[', ',']))
        && settings.iter().all(|line| !line.starts_with(['{', '"']))
}

/// Whether every line is `host:port:database:user:password`.
fn is_pgpass(lines: &[&str]) -> bool {
    let is_entry = |line: &&str| {
        let mut fields = line.splitn(5, ':');
        let port = fields.nth(1).unwrap_or_default();
        !line.contains("://") && (port == "*" || port.parse::<u16>().is_ok()) && fields.count() == 3
    };
    !lines.is_empty() && lines.iter().all(is_entry)
}

fn is_terraform(lines: &[&str]) -> bool {
    const BLOCKS: [&str; 6] = ["resource \"", "provider \"", "variable \"", "module \"", "data \"", "output \""];
    BLOCKS.iter().any(|block| some(lines, block)) || some(lines, "terraform {") || some(lines, "locals {")
}
