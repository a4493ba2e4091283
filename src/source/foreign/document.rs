//! Recognises JSON and YAML of other programs by the members that their formats require.

use super::{DECRYPT, Foreign, REWRITE, VARIABLES};
use crate::model::document::Value;

/// A format: the test for it, its name, and the hint.
type Format = (fn(&Value<'_>) -> bool, &'static str, &'static str);

const FORMATS: [Format; 17] = [
    // https://getsops.io/docs: every encrypted file has a member `sops` with the keys that open it.
    (|root| is_object(root.get("sops")), "encrypted by sops", DECRYPT),
    // https://kubernetes.io/docs/concepts/overview/working-with-objects: both are required.
    (
        |root| is_text(root.get("apiVersion")) && is_text(root.get("kind")),
        "a Kubernetes manifest",
        "if it holds `AIRFLOW_CONN_…`, write their values, decoded from base64, as `NAME=VALUE` lines into a file whose name ends in .env",
    ),
    // https://github.com/compose-spec/compose-spec: `services` is required.
    (|root| any(root.get("services"), &["image", "build", "extends"]), "a compose file", VARIABLES),
    // https://docs.github.com/actions, https://docs.gitlab.com/ci/yaml, https://circleci.com/docs.
    (|root| any(root.get("jobs"), &["steps", "uses", "runs-on"]), "a CI pipeline", VARIABLES),
    (|root| any(Some(root), &["script"]), "a CI pipeline", VARIABLES),
    // https://docs.getdbt.com/docs/core/connect-data-platform/profiles.yml
    (|root| any(Some(root), &["outputs"]), "a file of dbt profiles", REWRITE),
    // https://developer.hashicorp.com/terraform/language/state and /syntax/json
    (|root| is_text(root.get("terraform_version")), "the state of Terraform", REWRITE),
    (
        |root| is_object(root.get("terraform")) || is_object(root.get("resource")) && is_object(root.get("provider")),
        "a Terraform configuration",
        REWRITE,
    ),
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
    (|root| any(root.get("Resources"), &["Type"]), "a CloudFormation template", REWRITE),
    // https://docs.ansible.com/ansible/latest/playbook_guide: a list of plays.
    (is_playbook, "an Ansible playbook", REWRITE),
    // https://www.pgadmin.org/docs/pgadmin4/latest/import_export_servers.html
    (|root| any(root.get("Servers"), &["Host", "MaintenanceDB"]), "a list of servers of pgAdmin", REWRITE),
    // https://dbeaver.com/docs/dbeaver/Admin-Manage-Connections: data-sources.json
    (|root| any(root.get("connections"), &["provider", "configuration"]), "the data sources of DBeaver", REWRITE),
    // https://www.mongodb.com/docs/compass: Export Saved Connections
    (|root| any(root.get("connections"), &["connectionOptions"]), "the saved connections of MongoDB Compass", REWRITE),
    // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
    (
        |root| is_text(root.get("SecretString")) || is_text(root.get("ARN")),
        "an answer of AWS Secrets Manager",
        "give `aws-sm:PREFIX` as SOURCE: the secrets are then read there",
    ),
    // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
    (
        |root| any(root.get("Parameters"), &["DataType", "ARN"]),
        "an answer of AWS Systems Manager",
        "give `aws-ssm:/PATH` as SOURCE: the parameters are then read there",
    ),
    // https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2: what `vault kv get -format=json` prints.
    (
        |root| is_text(root.get("request_id")) && root.get("lease_id").is_some(),
        "an answer of Vault",
        "give `vault:PATH` as SOURCE: the secrets are then read there",
    ),
    // https://docs.spring.io/spring-boot/reference/data/sql.html
    (|root| is_object(root.get("spring")), "a configuration of Spring", REWRITE),
];

/// The format of another program that `root`, a whole document, has.
pub(in crate::source) fn recognise(root: &Value<'_>) -> Option<Foreign> {
    FORMATS.iter().find(|(is, _, _)| is(root)).map(|(_, what, hint)| Foreign { what, hint })
}

fn is_text(value: Option<&Value<'_>>) -> bool {
    matches!(value, Some(Value::Text(_)))
}

fn is_object(value: Option<&Value<'_>>) -> bool {
    matches!(value, Some(Value::Object(_)))
}

/// Whether a member of `value`, or an element of a list, is an object that has one of `keys` and no `conn_type`.
fn any(value: Option<&Value<'_>>, keys: &[&str]) -> bool {
    let has = |value: &Value<'_>| value.get("conn_type").is_none() && keys.iter().any(|key| value.get(key).is_some());
    match value {
        Some(Value::Object(members)) => members.iter().any(|member| has(&member.value)),
        Some(Value::List(nodes)) => nodes.iter().any(|node| has(&node.value)),
        _ => false,
    }
}

fn is_playbook(root: &Value<'_>) -> bool {
    let is_play =
        |play: &Value<'_>| play.get("hosts").is_some() && ["tasks", "roles"].iter().any(|key| play.get(key).is_some());
    matches!(root, Value::List(plays) if plays.iter().any(|play| is_play(&play.value)))
}
