//! Secrets Manager: lists the names with a prefix, then requests each secret.

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::json;

use super::call::Caller;
use super::{naming, pages, shape};
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::document::Value;
use crate::model::failure::Failure;
use crate::model::problem::EntryFlaw;
use crate::source::backend::{self, AT_ONCE, SECRETS};

/// The prefix that Airflow uses unless another is configured.
const USUAL: &str = "airflow/connections";

/// A secret in the list.
struct Listed {
    name: String,
    /// Identifies the secret without the ambiguity that a name may have.
    arn: Option<String>,
}

/// Every connection below `given`, in the order of the list.
pub(super) async fn read(caller: &Caller, given: &str, source: &str) -> Result<Vec<Connection>, Failure> {
    let prefix = naming::prefix(given, USUAL);
    let secrets = list(caller, prefix).await?;
    if secrets.is_empty() {
        return Err(pages::nothing(prefix, "aws-sm:"));
    }
    stream::iter(&secrets)
        .map(|secret| connection(caller, secret, prefix, source))
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

async fn list(caller: &Caller, prefix: &str) -> Result<Vec<Listed>, Failure> {
    let mut secrets = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let mut parameters = json!({"MaxResults": 100, "Filters": [{"Key": "name", "Values": [format!("{prefix}/")]}]});
        if let Some(token) = next {
            parameters["NextToken"] = token.into();
        }
        let answer = caller.call("ListSecrets", &parameters).await?;
        let document = answer.json();
        let page = document.as_ref().map(|node| &node.value);
        let Some(Value::List(nodes)) = page.and_then(|page| page.get("SecretList")) else {
            return Err(backend::foreign(answer.status, "AWS"));
        };
        for node in nodes {
            let text = |key| node.value.get(key).and_then(Value::scalar).map(str::to_owned);
            // The service's filter compares the beginnings of names, not whole segments of a path.
            if let Some(name) = text("Name").filter(|name| naming::below(name, prefix).is_some()) {
                secrets.push(Listed { name, arn: text("ARN") });
            }
        }
        if secrets.len() > SECRETS {
            return Err(pages::too_many());
        }
        next = pages::next_token(page);
        if next.is_none() {
            return Ok(secrets);
        }
    }
}

/// Reads one secret. If the service refuses it, this is a problem of this connection only.
async fn connection(caller: &Caller, secret: &Listed, prefix: &str, source: &str) -> Result<Connection, Failure> {
    let below = naming::below(&secret.name, prefix).unwrap_or(&secret.name);
    let mut connection = backend::connection(source, below, naming::conn_id(below));
    let id = secret.arn.as_ref().unwrap_or(&secret.name);
    match caller.call("GetSecretValue", &json!({ "SecretId": id })).await {
        Ok(answer) => {
            let document = answer.json();
            let value = |key| document.as_ref().and_then(|node| node.value.get(key));
            match (value("SecretString"), value("SecretBinary")) {
                (Some(Value::Text(text)), _) => shape::read(text, &mut connection),
                (_, Some(_)) => connection.problems.push(EntryFlaw::SecretBinary.into()),
                _ => return Err(backend::foreign(answer.status, "AWS")),
            }
        }
        Err(failure) if matches!(failure.class, Class::Denied | Class::NotFound | Class::Server) => {
            backend::unreadable(failure, &mut connection);
        }
        Err(failure) => return Err(failure),
    }
    Ok(connection)
}
