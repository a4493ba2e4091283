//! The Parameter Store: requests the decrypted parameters below a path, one page at a time.

use serde_json::{Value as Json, json};

use super::call::Caller;
use super::{naming, pages};
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::document::Value;
use crate::model::failure::Failure;
use crate::source::backend::{self, Answer, SECRETS};

/// The path that Airflow uses unless another is configured.
const USUAL: &str = "/airflow/connections";

/// Every connection below `given`, in the order of the service's answers.
pub(super) async fn read(caller: &Caller, given: &str, source: &str) -> Result<Vec<Connection>, Failure> {
    // Users often omit the slash at the start of a path, in Airflow too.
    let path = format!("/{}", naming::prefix(given, USUAL).trim_start_matches('/'));
    let mut connections = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let (answer, decrypted) = page(caller, &path, next).await?;
        let document = answer.json();
        let page = document.as_ref().map(|node| &node.value);
        let Some(Value::List(nodes)) = page.and_then(|page| page.get("Parameters")) else {
            return Err(backend::foreign(answer.status, "AWS"));
        };
        for node in nodes {
            let text = |key| node.value.get(key).and_then(Value::scalar);
            let Some((name, below)) = text("Name").and_then(|name| Some((name, naming::below(name, &path)?))) else {
                continue;
            };
            let mut connection = backend::connection(source, below, naming::conn_id(below));
            if decrypted || text("Type") != Some("SecureString") {
                backend::read_value(text("Value").unwrap_or_default(), &mut connection);
            } else {
                decrypt(caller, name, &mut connection).await?;
            }
            connections.push(connection);
        }
        if connections.len() > SECRETS {
            return Err(pages::too_many());
        }
        next = pages::next_token(page);
        if next.is_none() {
            return if connections.is_empty() { Err(pages::nothing(&path, "aws-ssm:")) } else { Ok(connections) };
        }
    }
}

/// A page, and whether it is decrypted. If one parameter cannot be decrypted, the service refuses the whole page. It is
/// then requested without decryption.
async fn page(caller: &Caller, path: &str, next: Option<String>) -> Result<(Answer, bool), Failure> {
    let parameters = |decrypted: bool| {
        let mut parameters = json!({"Path": path, "Recursive": true, "WithDecryption": decrypted, "MaxResults": 10});
        if let Some(token) = &next {
            parameters["NextToken"] = Json::from(token.as_str());
        }
        parameters
    };
    match caller.call("GetParametersByPath", &parameters(true)).await {
        Err(failure) if is_about_one(&failure) => {
            // If the account may not list parameters at all, the service refuses this request too.
            let answer = caller.call("GetParametersByPath", &parameters(false)).await;
            answer.map(|answer| (answer, false)).map_err(|_same| failure)
        }
        answer => answer.map(|answer| (answer, true)),
    }
}

/// Reads one encrypted parameter. If the service refuses it, this is a problem of this connection only.
async fn decrypt(caller: &Caller, name: &str, connection: &mut Connection) -> Result<(), Failure> {
    match caller.call("GetParameter", &json!({"Name": name, "WithDecryption": true})).await {
        Ok(answer) => {
            let document = answer.json();
            match document.as_ref().and_then(|node| node.value.get("Parameter")?.get("Value")?.scalar()) {
                Some(text) => backend::read_value(text, connection),
                None => return Err(backend::foreign(answer.status, "AWS")),
            }
        }
        Err(failure) if is_about_one(&failure) => backend::unreadable(failure, connection),
        Err(failure) => return Err(failure),
    }
    Ok(())
}

fn is_about_one(failure: &Failure) -> bool {
    matches!(failure.class, Class::Denied | Class::NotFound | Class::Server)
}
