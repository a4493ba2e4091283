//! Placeholders: texts that should have been replaced by a value before the definition was used. Messages do not
//! mention the kind of placeholder, since nothing of a secret may be revealed.

/// The prefixes of references to secret stores.
const REFERENCES: [&str; 19] = [
    // https://developer.1password.com/docs/cli/secret-references
    "op://",
    // https://github.com/helmfile/vals
    "ref+",
    "vault:",
    "vault://",
    "env:",
    "env.",
    "$env:",
    "file:",
    "secret:",
    "secrets.",
    "keyring:",
    "keyvault:",
    "arn:aws:secretsmanager:",
    "arn:aws:ssm:",
    // https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
    "@microsoft.keyvault(",
    // https://docs.spring.io/spring-cloud-config, sops and hiera-eyaml: values that were not decrypted
    "{cipher}",
    "enc[",
    "gcp-secret-manager:",
    "awssm://",
];

/// The brackets that templates put around a name.
const BRACKETS: [(&str, &str); 12] = [
    ("${", "}"),
    ("$(", ")"),
    ("{{", "}}"),
    ("<%=", "%>"),
    ("<%", "%>"),
    ("%(", ")s"),
    ("#{", "}"),
    ("[[", "]]"),
    ("@@", "@@"),
    ("__", "__"),
    ("<", ">"),
    ("%", "%"),
];

/// Words that people write as placeholders, compared without case, `-`, `_`, `.` and blanks.
const FILLERS: [&str; 20] = [
    "changeme",
    "changethis",
    "changeit",
    "pleasechange",
    "pleasechangeme",
    "replaceme",
    "replacethis",
    "fillme",
    "fillin",
    "yourpassword",
    "yourpasswordhere",
    "yoursecret",
    "yoursecrethere",
    "yoursecretkey",
    "yourusername",
    "yourhost",
    "insertpasswordhere",
    "passwordhere",
    "redacted",
    "todo",
];

/// Whether `text` looks like a placeholder.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim().trim_matches(['"', '\'']);
    let lower = text.to_ascii_lowercase();
    let folded: String = lower.chars().filter(|letter| letter.is_alphanumeric()).collect();
    // `<name>` and similar must enclose the whole text; `${NAME}` may also be part of a longer one.
    let inside = |opening: &str, closing: &str| {
        text.strip_prefix(opening).and_then(|rest| rest.strip_suffix(closing)).is_some_and(is_name)
    };
    let within = |opening: &str, closing: &str| {
        let behind = text.split_once(opening).map(|(_, behind)| behind);
        behind.and_then(|behind| behind.split_once(closing)).is_some_and(|(name, _)| is_name(name))
    };
    let marks = lower.len() > 3 && ["*", "x", "•", "."].iter().any(|mark| lower.replace(mark, "").is_empty());
    REFERENCES.iter().any(|start| lower.strip_prefix(start).is_some_and(|rest| !rest.is_empty()))
        || BRACKETS[..3].iter().any(|(opening, closing)| within(opening, closing))
        || BRACKETS[3..].iter().any(|(opening, closing)| inside(opening, closing))
        || text.strip_prefix('$').is_some_and(|name| name.len() > 1 && is_variable(name))
        || is_reference(&lower)
        || FILLERS.contains(&folded.as_str())
        || marks
}

/// Whether `text` may be the content of brackets: a name, possibly with dots, blanks, a default or a function.
fn is_name(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty()
        && text.len() <= 200
        && text.starts_with(|first: char| first.is_alphabetic() || "_.$\"'".contains(first))
        && text.chars().all(|letter| letter.is_alphanumeric() || "_-. :/|$\"'(),?!@#=\\[]".contains(letter))
}

/// Whether it is `{ fromEnv: NAME }`, as charts and configuration files refer to a value, in YAML or JSON. `lower` is
/// in lower case.
fn is_reference(lower: &str) -> bool {
    let inner = lower.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let Some((key, name)) = inner.and_then(|inner| inner.split_once(':')) else { return false };
    let key = key.trim().trim_matches(['"', '\'']);
    let known = ["fromenv", "fromfile", "fromsecret", "valuefrom", "secretkeyref", "secretref"];
    known.contains(&key) && !name.trim().is_empty()
}

/// Whether it is a variable like `$DB_PASSWORD`, without the `$`.
fn is_variable(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_templates_and_people_leave_behind_is_recognised() {
        for text in [
            // compose, Kubernetes, Helm, Jinja, ERB, Python's configparser, Windows, Octopus, Ansible
            "${DB_PASSWORD}",
            "prefix-${DB_PASSWORD:-x}",
            "$(DB_PASSWORD)",
            "{{ .Values.password }}",
            "{{password}}",
            "{{ var.value.password }}",
            "{{ lookup('env', 'PW') }}",
            "<%= ENV['PW'] %>",
            "%(db_password)s",
            "%DB_PASSWORD%",
            "#{DB_PASSWORD}",
            "__DB_PASSWORD__",
            "$DB_PASSWORD",
            "$env:DB_PASSWORD",
            // references to secret stores
            "env:POSTGRES_DB_PASSWORD",
            "op://vault/item/password",
            "{ fromEnv: X }",
            r#"{"valueFrom": {"secretKeyRef": {"name": "db"}}}"#,
            "ref+vault://secret/db#/password",
            "vault:secret/data/db#password",
            "arn:aws:secretsmanager:eu-west-1:1:secret:db",
            "{{resolve:secretsmanager:db:SecretString:password}}",
            "@Microsoft.KeyVault(SecretUri=https://x)",
            "ENC[AES256_GCM,data:x]",
            "{cipher}abcdef",
            // placeholders written by people
            "<your_password>",
            "<password>",
            "changeme",
            "CHANGE_ME",
            "change-me!",
            "your-password-here",
            "REPLACE_ME",
            "[REDACTED]",
            "********",
            "xxxxxxxx",
            "TODO",
            " ${X}\n",
            "'${X}'",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn a_secret_that_was_chosen_is_none() {
        for text in [
            "",
            "hunter2",
            "password",
            "p$ss",
            "pa{ss}word",
            "{a:b}",
            "{fromEnv:}",
            "a<b>c",
            "100%",
            "$1$abc",
            "P@$$w0rd",
            "x",
            "xx",
            "***a",
            "%40%41",
            "$ecret",
            "<>",
            "${}",
            "__",
            "$lower",
            "env",
            "AKIAIOSFODNN7EXAMPLE",
            "a__b__c",
            "<3 you",
            "Tr0ub4dor&3",
            "todos",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
