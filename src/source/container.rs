//! Finds the entries of a document that contains other data too: Astro's `airflow_settings.yaml`, the values of a Helm
//! chart, requests and answers of Airflow's REST API.

use super::entry;
use super::likeness::Likeness;
use crate::model::document::{Member, Node, Value};

/// The keys of a list or mapping of connections in such files.
const NAMES: [&str; 2] = ["connections", "airflow_connections"];
/// The keys that may stand beside such a list. If one does, the key of the list is not a `conn_id`.
const BESIDE: [&str; 5] = ["total_entries", "pools", "variables", "overwrite", "connectionsTemplates"];

/// A list or a mapping of definitions.
pub(super) struct Part<'a> {
    /// Its place in the document, as a JSON pointer.
    pub(super) pointer: String,
    pub(super) node: Node<'a>,
    /// The total number of definitions according to the document, which may be only one page of them.
    pub(super) total: Option<usize>,
}

/// The parts of a document that hold definitions; the document itself if it holds nothing else.
pub(super) fn parts(root: Node<'_>) -> Vec<Part<'_>> {
    let Value::Object(members) = root.value else { return vec![Part::of(String::new(), root)] };
    let line = root.line;
    let total = members.iter().find(|member| &*member.key == "total_entries").and_then(|member| member.value.scalar());
    let total = total.and_then(|total| total.parse().ok());
    let siblings = members.iter().any(|member| BESIDE.contains(&&*member.key));
    let (mut parts, mut others) = (Vec::new(), Vec::new());
    for member in members {
        match &*member.key {
            "airflow" if holds_connections(&member.value) => inner(member, &mut parts),
            name if NAMES.contains(&name) && is_collection(&member.value, siblings) => {
                let pointer = format!("/{name}");
                parts.push(Part { total, ..Part::of(pointer, Node { line: member.line, value: member.value }) });
            }
            "actions" if is_bulk(&member.value) => bulk(member, &mut parts),
            _ => others.push(member),
        }
    }
    if parts.is_empty() {
        return vec![Part::of(String::new(), Node { line, value: Value::Object(others) })];
    }
    others.retain(|member| Likeness::of(&member.value) == Likeness::Surely);
    if !others.is_empty() {
        parts.push(Part::of(String::new(), Node { line, value: Value::Object(others) }));
    }
    parts
}

impl<'a> Part<'a> {
    fn of(pointer: String, node: Node<'a>) -> Self {
        Self { pointer, node, total: None }
    }
}

fn holds_connections(airflow: &Value<'_>) -> bool {
    airflow.get("conn_type").is_none()
        && matches!(airflow.get("connections"), Some(Value::List(_) | Value::Object(_) | Value::Null))
}

/// Adds the connections below `airflow`, as in Astro's file and in the community's Helm chart.
fn inner<'a>(airflow: Member<'a>, parts: &mut Vec<Part<'a>>) {
    let Value::Object(members) = airflow.value else { return };
    for member in members.into_iter().filter(|member| &*member.key == "connections") {
        let value = if matches!(member.value, Value::Null) { Value::List(Vec::new()) } else { member.value };
        parts.push(Part::of("/airflow/connections".to_owned(), Node { line: member.line, value }));
    }
}

/// Whether `value` is a collection of definitions, rather than definitions that all have its key as their name.
fn is_collection(value: &Value<'_>, siblings: bool) -> bool {
    match value {
        Value::List(nodes) => siblings || nodes.iter().any(|node| entry::is_named(&node.value)),
        Value::Object(members) => {
            !entry::is_definition(members)
                && members.iter().any(|member| Likeness::of(&member.value) >= Likeness::Perhaps)
        }
        _ => false,
    }
}

/// Whether this is the format of `PATCH /connections` in Airflow 3: actions, each with its entities.
fn is_bulk(actions: &Value<'_>) -> bool {
    matches!(actions, Value::List(nodes) if nodes.iter().any(|node| node.value.get("entities").is_some()))
}

fn bulk<'a>(actions: Member<'a>, parts: &mut Vec<Part<'a>>) {
    let Value::List(nodes) = actions.value else { return };
    for (at, node) in nodes.into_iter().enumerate() {
        let Value::Object(members) = node.value else { continue };
        // The entities of an action that deletes are a list of names.
        let entities = members.into_iter().filter(|member| &*member.key == "entities");
        for member in entities.filter(|member| Likeness::of(&member.value) >= Likeness::Perhaps) {
            let pointer = format!("/actions/{at}/entities");
            parts.push(Part::of(pointer, Node { line: member.line, value: member.value }));
        }
    }
}
