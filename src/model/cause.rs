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

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::model::class::Status;
    use crate::model::facts::Facts;
    use crate::model::failure::Failure;
    use crate::model::result::Address;

    /// The result at `position`, which failed with `class`.
    fn failed(position: usize, class: Class) -> CheckResult {
        CheckResult {
            position,
            id: format!("id{position}"),
            conn_id: None,
            conn_type: Some("postgres".to_owned()),
            driver: None,
            origin: String::new(),
            host: Some("db1.example".to_owned()),
            port: Some(5432),
            database: None,
            target: Some("db1.example:5432/sales".to_owned()),
            address: None,
            login: None,
            status: class.status(),
            failure: Some(Failure::new(class, "no").hint("look")),
            warnings: Vec::new(),
            facts: Facts::default(),
            shared_with: Vec::new(),
            attempts: 1,
            started_at: Timestamp::UNIX_EPOCH,
            queued: Duration::ZERO,
            elapsed: Duration::ZERO,
            phases: Vec::new(),
        }
    }

    fn causes(results: &[CheckResult]) -> Vec<Cause> {
        let mut causes = Causes::default();
        results.iter().for_each(|result| causes.add(result));
        causes.into_vec()
    }

    #[test]
    fn failures_with_one_root_are_one_cause() {
        let found = causes(&[failed(0, Class::Unreachable), failed(1, Class::Unreachable)]);
        let expected = Cause {
            class: Class::Unreachable,
            target: Some("db1.example:5432".to_owned()),
            message: "no".to_owned(),
            hint: Some("look".to_owned()),
            ids: vec!["id0".to_owned(), "id1".to_owned()],
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn another_class_place_or_message_is_another_cause() {
        let mut elsewhere = failed(1, Class::Auth);
        elsewhere.port = Some(6432);
        let mut otherwise = failed(2, Class::Auth);
        otherwise.failure = Some(Failure::new(Class::Auth, "locked"));
        assert_eq!(causes(&[failed(0, Class::Auth), elsewhere, otherwise, failed(3, Class::Tls)]).len(), 4);
        // Wrong definitions have nothing in common, whatever they say.
        assert_eq!(causes(&[failed(0, Class::Definition), failed(1, Class::Definition)]).len(), 2);
    }

    #[test]
    fn what_works_has_no_cause() {
        let fine = CheckResult { status: Status::Ok, failure: None, ..failed(0, Class::Auth) };
        assert_eq!(causes(&[fine]), []);
    }

    #[test]
    fn causes_come_in_the_order_of_the_definitions() {
        let found = causes(&[failed(2, Class::Tls), failed(1, Class::Auth), failed(0, Class::Tls)]);
        let order: Vec<_> = found.iter().map(|cause| (cause.class, cause.ids.len())).collect();
        assert_eq!(order, [(Class::Tls, 2), (Class::Auth, 1)]);
    }

    #[test]
    fn a_cause_is_rooted_where_the_fault_is() {
        let at = |class, change: fn(&mut CheckResult)| {
            let mut result = failed(0, class);
            change(&mut result);
            causes(&[result]).remove(0).target
        };
        let socket = |result: &mut CheckResult| {
            result.host = None;
            result.address = Some(Address::Unix(PathBuf::from("/run/db.sock")));
        };
        for (class, change, root) in [
            (Class::Resolve, (|_| ()) as fn(&mut CheckResult), Some("db1.example")),
            (Class::Unsupported, |_| (), Some("postgres")),
            (Class::Cancelled, |_| (), Some("run")),
            (Class::Definition, |_| (), None),
            (Class::Secret, |_| (), None),
            (Class::Internal, |_| (), None),
            (Class::Auth, |_| (), Some("db1.example:5432")),
            (Class::Auth, socket, Some("/run/db.sock")),
            (Class::Auth, |result| result.host = None, Some("db1.example:5432/sales")),
        ] {
            assert_eq!(at(class, change).as_deref(), root, "{class:?}");
        }
    }
}
