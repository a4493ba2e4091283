//! Merge keys, `<<: *defaults` and `<<: [*one, *other]`, with the meaning that they have in `PyYAML`.

use std::collections::HashSet;

use crate::model::document::{Member, Value};

/// The merge key. It counts only if it is unquoted.
pub(super) const MERGE: &str = "<<";

/// The objects that a merge key names, the lowest precedence first; `None` if it names anything else.
pub(super) fn checked(value: Value<'static>) -> Option<Vec<Value<'static>>> {
    match value {
        Value::Object(_) => Some(vec![value]),
        Value::List(nodes) if nodes.iter().all(|node| matches!(node.value, Value::Object(_))) => {
            Some(nodes.into_iter().rev().map(|node| node.value).collect())
        }
        _ => None,
    }
}

/// The merged members, then the object's own. Of the merged objects, only keys that the object lacks are added, each
/// from the last object that has it.
pub(super) fn into(own: Vec<Member<'static>>, merged: Vec<Value<'static>>) -> Vec<Member<'static>> {
    if merged.is_empty() {
        return own;
    }
    let all: Vec<Member<'static>> = merged
        .into_iter()
        .flat_map(|value| match value {
            Value::Object(members) => members,
            _ => Vec::new(),
        })
        .collect();
    let mut known: HashSet<&str> = own.iter().map(|member| &*member.key).collect();
    let counts: Vec<bool> = all.iter().rev().map(|member| known.insert(&member.key)).collect();
    drop(known);
    let mut members: Vec<Member<'static>> =
        all.into_iter().zip(counts.into_iter().rev()).filter(|(_, counts)| *counts).map(|(member, _)| member).collect();
    members.extend(own);
    members
}
