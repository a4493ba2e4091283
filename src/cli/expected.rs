//! Assigns each expectation of `connprobe wait` to the connection that it is about. Must not look at a server.

use super::args::ExpectArguments;
use crate::driver::Registry;
use crate::engine::Expectations;
use crate::model::connection::Connection;
use crate::model::expected::{Expected, ExpectedKind};

/// Why an expectation is about no connection: a message and a hint.
type Unassigned = (String, String);

/// The expectations of `arguments`, by the position of their connection among `connections`.
///
/// # Errors
///
/// The first that is about no connection, or about one that cannot have it.
pub(super) fn assign(
    arguments: &ExpectArguments,
    connections: &[Connection],
    registry: &Registry,
) -> Result<Expectations, Unassigned> {
    let mut expectations = Expectations::new();
    for (kind, text) in arguments.all() {
        let (id, name) = split(text, connections);
        if name.trim_matches(['.', '/', ';', ' ']).is_empty() {
            let option = kind.option();
            return Err((
                format!("`{option}`: `{text}` names nothing"),
                format!("write `{option} NAME`, or `{option} ID=NAME`"),
            ));
        }
        for position in positions(kind, id, connections, registry)? {
            expectations.entry(position).or_default().push(Expected { kind, name: name.to_owned() });
        }
    }
    Ok(expectations)
}

/// The id in front, if there is one: the longest text before a `=` that is an id of a connection, else the text before the
/// first `=` if it has no blank, which in a query stands before any `=`.
fn split<'a>(text: &'a str, connections: &[Connection]) -> (Option<&'a str>, &'a str) {
    let splits = text.match_indices('=').map(|(at, _)| (&text[..at], &text[at + 1..]));
    let known = splits.clone().rfind(|(id, _)| is_known(id, connections));
    match known.or_else(|| splits.take(1).find(|(id, _)| !id.contains(char::is_whitespace))) {
        Some((id, name)) => (Some(id), name),
        None => (None, text),
    }
}

fn is_known(id: &str, connections: &[Connection]) -> bool {
    connections.iter().any(|connection| connection.conn_id.as_deref() == Some(id))
}

/// The positions of the connections that an expectation of `kind` for `id` is about.
fn positions(
    kind: ExpectedKind,
    id: Option<&str>,
    connections: &[Connection],
    registry: &Registry,
) -> Result<Vec<usize>, Unassigned> {
    let can_have = |connection: &Connection| {
        let driver = connection.normalized_type().and_then(|word| registry.get(&word));
        driver.is_some_and(|driver| driver.spec().expects.contains(&kind))
    };
    let option = kind.option();
    let Some(id) = id else {
        let able: Vec<usize> =
            connections.iter().enumerate().filter(|(_, connection)| can_have(connection)).map(|(at, _)| at).collect();
        return match able.len() {
            1 => Ok(able),
            0 => Err((
                format!("`{option}`: no selected connection is of a type that has one: {}", types(kind, registry)),
                "check SOURCE, --select and --type".to_owned(),
            )),
            several => Err((
                format!("`{option}` may be about any of {several} connections"),
                format!("name one: `{option} ID=…`"),
            )),
        };
    };
    let named: Vec<usize> = connections
        .iter()
        .enumerate()
        .filter(|(_, connection)| connection.conn_id.as_deref() == Some(id))
        .map(|(at, _)| at)
        .collect();
    if named.is_empty() {
        return Err((
            format!("`{option}`: no selected connection has the id `{id}`"),
            format!(
                "what stands before the first `=` is the id of a connection; for a name that has one, write `{option} ID=NAME`"
            ),
        ));
    }
    match named.iter().find(|at| !can_have(&connections[**at])) {
        Some(_) => Err((
            format!("`{option}`: the type of `{id}` has no {kind}, or connprobe cannot look for it"),
            format!("types that have one: {}", types(kind, registry)),
        )),
        None => Ok(named),
    }
}

/// The drivers whose servers have a `kind`.
fn types(kind: ExpectedKind, registry: &Registry) -> String {
    let able = registry.drivers().filter(|driver| driver.spec().expects.contains(&kind));
    able.map(|driver| format!("`{}`", driver.spec().name)).collect::<Vec<_>>().join(", ")
}
