//! Files of other programs: those with connections are read, and the others are recognised and named in one sentence.
//! None yields an entry that was not meant as a connection.

use connprobe::model::reason::Source;
use connprobe::source::SourceError;

use crate::sources::{CANARY, codes, load, password, read_file};

/// The error for a file with this name and text.
fn fault(name: &str, text: &str) -> SourceError {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    let error = load(path.to_str().unwrap()).expect_err(text);
    assert!(!format!("{error} {error:?} {:?}", error.hint()).contains(CANARY), "{error}");
    assert!(error.hint().is_some(), "{error}");
    error
}

/// Name, type, host, schema, login, password, port, the value of `sslmode`, warnings.
type Row = (String, String, String, String, String, String, u16, String, Vec<String>);

fn rows(name: &str, text: &str) -> Vec<Row> {
    let filled = |text: &Option<String>| text.clone().unwrap_or_default();
    read_file(name, text)
        .iter()
        .map(|one| {
            assert_eq!(one.problems, [], "{text}");
            (
                filled(&one.conn_id),
                filled(&one.conn_type),
                filled(&one.host),
                filled(&one.schema),
                filled(&one.login),
                password(one).to_owned(),
                one.port.unwrap_or_default(),
                one.extra.get("sslmode").and_then(|mode| mode.as_str()).unwrap_or_default().to_owned(),
                codes(one).into_iter().map(str::to_owned).collect(),
            )
        })
        .collect()
}

fn whole(name: &str) -> Row {
    let text = str::to_owned;
    (text(name), text("postgres"), text("h1"), text("app"), text("etl"), text(CANARY), 5432, text("require"), vec![])
}

/// The fields of a connection as members of a JSON object.
const FIELDS: &str = r#""conn_type": "postgres", "host": "h1", "schema": "app", "login": "etl", "password": "CANARY", "port": 5432, "extra": {"sslmode": "require"}"#;

#[test]
fn files_that_hold_connections_among_other_things_are_read() {
    let astro = "airflow:\n  connections:\n    - conn_id: a\n      conn_type: postgres\n      conn_host: h1\n      conn_schema: app\n      conn_login: etl\n      conn_password: CANARY\n      conn_port: 5432\n      conn_extra:\n        sslmode: require\n    - conn_id:\n      conn_type:\n      conn_host:\n      conn_extra:\n        example_extra_field: example-value\n  pools:\n    - pool_name: p\n      pool_slot: 5\n  variables:\n    - variable_name: host\n      variable_value: postgres\n";
    let helm = "executor: CeleryExecutor\nairflow:\n  image: {repository: apache/airflow, tag: 2.10.5}\n  connections:\n    - id: a\n      type: postgres\n      description: why\n      host: h1\n      port: 5432\n      login: etl\n      password: CANARY\n      schema: app\n      extra: |-\n        {\"sslmode\": \"require\"}\n  connectionsTemplates: {}\nweb: {service: {type: ClusterIP, port: 80}}\ningress: {host: airflow.example}\n";
    let listed = format!(r#"{{"connections": [{{"conn_id": "a", {FIELDS}}}]}}"#);
    let rest = format!(r#"{{"connections": [{{"connection_id": "a", {FIELDS}}}], "total_entries": 1}}"#);
    for (name, text) in [
        // https://www.astronomer.io/docs/astro/cli/develop-project: airflow_settings.yaml, with its template's empty
        // entry
        ("airflow_settings.yaml", astro),
        // https://github.com/airflow-helm/charts, docs/faq/dags/airflow-connections.md
        ("values.yaml", helm),
        // As people write it who know the tables of the user interface.
        ("c.json", &listed),
        // https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html: GET /connections
        ("answer.json", &rest),
        // The same document: PATCH /connections of Airflow 3
        (
            "bulk.json",
            &format!(
                r#"{{"actions": [{{"action": "delete", "entities": ["b"]}}, {{"action": "create", "entities": [{{"connection_id": "a", {FIELDS}}}]}}]}}"#
            ),
        ),
        // apache/airflow pull 45396: the body of its first bulk endpoint
        ("overwrite.json", &format!(r#"{{"connections": [{{"connection_id": "a", {FIELDS}}}], "overwrite": true}}"#)),
        // A mapping under that name, like the top level of Airflow's own export.
        ("mapping.json", &format!(r#"{{"connections": {{"a": {{{FIELDS}}}}}, "variables": {{"x": "y"}}}}"#)),
        // Ansible roles keep connections in their variables in this form.
        (
            "vars.yaml",
            &format!("airflow_connections:\n  - {{\"conn_id\": \"a\", {FIELDS}}}\nairflow_home: /opt/airflow\n"),
        ),
    ] {
        assert_eq!(rows(name, text), [whole("a")], "{name}");
    }
}

#[test]
fn names_that_only_look_like_such_a_file_stay_names() {
    for (text, names) in [
        (format!(r#"{{"connections": {{{FIELDS}}}}}"#), &["connections"][..]),
        (format!(r#"{{"connections": [{{{FIELDS}}}, {{{FIELDS}}}]}}"#), &["connections", "connections"]),
        (format!(r#"{{"airflow": {{{FIELDS}}}, "services": {{{FIELDS}}}}}"#), &["airflow", "services"]),
        (format!(r#"{{"connections": [{{"id": "a", {FIELDS}}}], "b": {{{FIELDS}}}}}"#), &["a", "b"]),
        (format!(r#"[{{"id": "7", "conn_id": "a", {FIELDS}}}]"#), &["a"]),
    ] {
        let found = read_file("c.json", &text);
        let found: Vec<&str> = found.iter().map(|one| one.conn_id.as_deref().unwrap_or("-")).collect();
        assert_eq!(found, names, "{text}");
    }
}

#[test]
fn a_page_of_an_answer_says_that_there_are_more() {
    let text = format!(r#"{{"connections": [{{"connection_id": "a", {FIELDS}}}], "total_entries": 250}}"#);
    assert_eq!(warnings("answer.json", &text), ["page_of_answer"]);
}

/// The codes of the warnings about a file as a whole.
fn warnings(name: &str, text: &str) -> Vec<&'static str> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, text).unwrap();
    let loaded = load(path.to_str().unwrap()).unwrap();
    assert!(!format!("{loaded:?}").contains(CANARY));
    loaded.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

#[test]
fn definitions_among_many_other_things_are_read_and_the_others_are_told() {
    let others: Vec<String> = (0..9).map(|n| format!(r#""setting{n}": {{"enabled": true}}"#)).collect();
    let text = format!(r#"{{{}, "a": {{{FIELDS}}}, "b": "mysql://u:CANARY@h2"}}"#, others.join(", "));
    let names: Vec<_> = read_file("c.json", &text).into_iter().map(|one| one.conn_id.unwrap()).collect();
    assert_eq!((names, warnings("c.json", &text)), (vec!["a".to_owned(), "b".to_owned()], vec!["entry_not_read"]));
}

/// File names, texts, and a word from the message about each; the sources are above the rows.
const OTHERS: &[(&str, &str, &str)] = &[
    // https://github.com/compose-spec/compose-spec/blob/main/spec.md
    (
        "docker-compose.yml",
        "services:\n  db:\n    image: postgres\n    environment:\n      AIRFLOW_CONN_A: postgres://u:CANARY@h\n",
        "compose",
    ),
    ("compose.yaml", "name: x\nservices:\n  web: {build: ., ports: ['80:80']}\nvolumes: {db: {}}\n", "compose"),
    // https://kubernetes.io/docs/concepts/configuration/secret
    (
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\ntype: Opaque\nmetadata: {name: airflow}\ndata:\n  AIRFLOW_CONN_A: Q0FOQVJZ\n",
        "Kubernetes",
    ),
    (
        "config.yaml",
        "---\napiVersion: v1\nkind: ConfigMap\ndata: {}\n---\napiVersion: v1\nkind: Secret\nstringData: {A: CANARY}\n",
        "Kubernetes",
    ),
    ("list.json", r#"{"apiVersion": "v1", "kind": "List", "items": []}"#, "Kubernetes"),
    ("pod.yaml", "apiVersion: v1\nkind: Pod\nspec: {host: h}\n", "Kubernetes"),
    // https://docs.getdbt.com/docs/core/connect-data-platform/postgres-setup
    (
        "profiles.yml",
        "shop:\n  target: dev\n  outputs:\n    dev: {type: postgres, host: h, user: u, password: CANARY, port: 5432, dbname: d}\n",
        "dbt",
    ),
    // https://developer.hashicorp.com/terraform/language
    ("main.tf", "terraform {\n}\nresource \"airflow_connection\" \"a\" {\n  password = \"CANARY\"\n}\n", "Terraform"),
    (
        "main.tf.json",
        r#"{"terraform": {}, "resource": {"airflow_connection": {"a": {"password": "CANARY"}}}}"#,
        "Terraform",
    ),
    ("terraform.tfstate.json", r#"{"version": 4, "terraform_version": "1.9.0", "resources": []}"#, "Terraform"),
    // https://www.postgresql.org/docs/current/libpq-pgpass.html
    (".pgpass", "# why\nh:5432:app:etl:CANARY\n*:*:*:u:CANARY:x\n", "password file"),
    ("pgpass", "h:5432:app:etl:CANARY\n", "password file"),
    // https://www.unixodbc.org/odbcinst.html, https://www.postgresql.org/docs/current/libpq-pgservice.html,
    // https://dev.mysql.com/doc/refman/8.4/en/option-files.html, https://docs.aws.amazon.com/cli
    ("odbc.ini", "[warehouse]\nDriver = ODBC Driver 18 for SQL Server\nServer = h\nPWD = CANARY\n", "sections"),
    ("pg_service.conf", "[app]\nhost=h\npassword=CANARY\n", "sections"),
    (".my.cnf", "[client]\nuser = u\npassword = CANARY\n", "sections"),
    ("credentials", "[default]\naws_access_key_id = AKIA\naws_secret_access_key = CANARY\n", "sections"),
    (
        "airflow.cfg",
        "[core]\ndags_folder = /d\n[database]\nsql_alchemy_conn = postgresql://u:CANARY@h/d\n",
        "configuration of Airflow",
    ),
    // https://getsops.io/docs, https://docs.ansible.com/ansible/latest/vault_guide
    ("c.enc.yaml", "a: {password: 'ENC[AES256_GCM,data:CANARY]'}\nsops: {version: 3.9.0}\n", "sops"),
    ("vault.yaml", "$ANSIBLE_VAULT;1.1;AES256\n62313365396662343061393464336163\n", "ansible-vault"),
    // https://docs.aws.amazon.com/secretsmanager, /systems-manager; https://developer.hashicorp.com/vault
    (
        "secret.json",
        r#"{"ARN": "arn:x", "Name": "airflow/connections/a", "SecretString": "postgres://u:CANARY@h"}"#,
        "Secrets Manager",
    ),
    (
        "parameters.json",
        r#"{"Parameters": [{"Name": "/a", "Value": "postgres://u:CANARY@h", "DataType": "text"}]}"#,
        "Systems Manager",
    ),
    (
        "vault.json",
        r#"{"request_id": "x", "lease_id": "", "data": {"data": {"conn_uri": "postgres://u:CANARY@h"}}}"#,
        "Vault",
    ),
    // https://docs.github.com/actions, https://docs.gitlab.com/ci/yaml
    (
        "ci.yml",
        "on: push\nenv: {AIRFLOW_CONN_A: 'postgres://u:CANARY@h'}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: []\n",
        "CI",
    ),
    (".gitlab-ci.yml", "variables: {AIRFLOW_CONN_A: 'postgres://u:CANARY@h'}\ntest:\n  script: [make]\n", "CI"),
    // https://www.pgadmin.org/docs, https://dbeaver.com/docs, https://www.mongodb.com/docs/compass
    (
        "servers.json",
        r#"{"Servers": {"1": {"Name": "a", "Group": "g", "Host": "h", "Port": 5432, "MaintenanceDB": "d", "Username": "u"}}}"#,
        "pgAdmin",
    ),
    (
        "data-sources.json",
        r#"{"folders": {}, "connections": {"postgres-1": {"provider": "postgresql", "name": "a", "configuration": {"host": "h", "port": "5432"}}}}"#,
        "DBeaver",
    ),
    (
        "compass.json",
        r#"{"type": "Compass Connections", "connections": [{"id": "x", "connectionOptions": {"connectionString": "mongodb://u:CANARY@h"}}]}"#,
        "Compass",
    ),
    // https://docs.ansible.com/ansible/latest/playbook_guide, AWS CloudFormation, Spring Boot
    ("play.yml", "- hosts: all\n  roles: [airflow]\n  vars: {password: CANARY}\n", "Ansible"),
    (
        "stack.json",
        r#"{"Resources": {"Db": {"Type": "AWS::RDS::DBInstance", "Properties": {"Port": 1}}}}"#,
        "CloudFormation",
    ),
    ("application.yml", "spring:\n  datasource: {url: 'jdbc:postgresql://h/d', password: CANARY}\n", "Spring"),
    // Dockerfiles and the like, under names that people pass as SOURCE.
    ("Dockerfile", "FROM apache/airflow\nENV AIRFLOW_CONN_A=postgres://u:CANARY@h\n", "Dockerfile"),
    ("Dockerfile.env", "FROM apache/airflow\nENV AIRFLOW_CONN_A=postgres://u:CANARY@h\n", "Dockerfile"),
    ("tnsnames.ora", "app =\n  (DESCRIPTION = (ADDRESS = (HOST = h)(PORT = 1521)))\n", "tnsnames"),
    ("c.csv", "conn_id,conn_type,host,login,password\na,postgres,h,u,CANARY\n", "CSV"),
    ("dump.sql", "-- dump\nINSERT INTO connection VALUES (1, 'a', 'CANARY');\n", "dump"),
    ("add.sh", "#!/bin/sh\nairflow connections add a --conn-password CANARY\n", "commands"),
    ("conns.py", "from airflow.models import Connection\nimport os\nc = Connection(password='CANARY')\n", "Python"),
    ("login.html", "<!doctype html><title>Sign in</title>\n", "HTML"),
    ("page.json", "<!doctype html><title>Sign in</title>\n", "HTML"),
];

#[test]
fn files_of_other_programs_are_named_and_give_no_connection() {
    for (name, text, what) in OTHERS {
        let error = fault(name, text);
        assert!(
            matches!(&error, SourceError::Own(Source::Foreign { what: found, .. }) if found.contains(what)),
            "{name}: {error}"
        );
    }
}

#[test]
fn any_other_file_is_said_to_hold_none() {
    for (name, text) in [
        (
            "package.json",
            r#"{"name": "x", "version": "1.0.0", "scripts": {"test": "jest"}, "dependencies": {"pg": "^8"}}"#,
        ),
        ("variables.json", r#"{"bucket": "landing", "retries": "3", "settings": {"a": 1}}"#),
        (
            "values.yaml",
            "airflowVersion: 3.0.0\nexecutor: CeleryExecutor\nimages: {airflow: {tag: x}}\nservice: {type: ClusterIP, port: 80}\ningress: {host: h}\ndags: {}\nenv: []\nredis: {enabled: true}\nflower: {enabled: true}\n",
        ),
        ("list.json", r#"[{"a": 1}, {"b": "CANARY"}]"#),
    ] {
        assert!(matches!(fault(name, text), SourceError::Own(Source::NoConnection { .. })), "{name}");
    }
}
