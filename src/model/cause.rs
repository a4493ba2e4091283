//! Grouping: failures with one root cause read as one.

use std::collections::HashMap;

use super::class::Class;
use super::result::CheckResult;

/// Failures that have one root, as twenty connections behind one dead host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Their class.
    pub class: Class,
    /// What they have in common: a host, a host and port, or an account.
    pub target: Option<String>,
    /// The first one's message.
    pub message: String,
    /// The first one's hint.
    pub hint: Option<String>,
    /// The results, in the order they came.
    pub ids: Vec<String>,
}

/// Collects results, and tells their causes in the order of the definitions.
#[derive(Debug, Default)]
pub struct Causes {
    /// Each with the first place among the run's connections that it concerns.
    causes: Vec<(usize, Cause)>,
    index: HashMap<(Class, String), usize>,
}

impl Causes {
    /// Adds one result; an ok one changes nothing.
    pub fn add(&mut self, result: &CheckResult) {
        let Some(failure) = &result.failure else { return };
        let root = root(result, failure.class);
        let key = (failure.class, format!("{} {}", root.as_deref().unwrap_or(&result.id), failure.message));
        if let Some(&at) = self.index.get(&key) {
            let (first, cause) = &mut self.causes[at];
            *first = result.position.min(*first);
            cause.ids.push(result.id.clone());
            return;
        }
        self.index.insert(key, self.causes.len());
        let cause = Cause {
            class: failure.class,
            target: root,
            message: failure.message.clone(),
            hint: failure.hint.clone(),
            ids: vec![result.id.clone()],
        };
        self.causes.push((result.position, cause));
    }

    /// The causes, each with its results.
    #[must_use]
    pub fn into_vec(mut self) -> Vec<Cause> {
        self.causes.sort_by_key(|(first, _)| *first);
        self.causes.into_iter().map(|(_, cause)| cause).collect()
    }
}

/// What a failure of this class is rooted in: the name for `resolve`, the place where nobody
/// answers or something is wrong, else nothing in common.
fn root(result: &CheckResult, class: Class) -> Option<String> {
    match class {
        Class::Resolve => result.host.clone(),
        Class::Unsupported => result.conn_type.clone(),
        Class::Cancelled => Some("run".to_owned()),
        Class::Definition | Class::Secret | Class::Internal => None,
        _ => match (&result.address, &result.host, result.port) {
            (_, Some(host), Some(port)) => Some(format!("{host}:{port}")),
            (Some(address), ..) => Some(address.to_string()),
            (None, ..) => result.target.clone(),
        },
    }
}
