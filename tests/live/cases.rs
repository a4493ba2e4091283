//! A case and how it is run: one definition, one process, one result.

#[path = "../support/servers.rs"]
mod servers;

use serde_json::{Value, json};

pub use self::servers::{pki, port, server};
use crate::process;

/// One definition and the result that it must have.
pub struct Case {
    name: &'static str,
    connection: Value,
    arguments: Vec<String>,
    expected: Vec<(&'static str, Value)>,
    checks: Vec<fn(&Value)>,
}

impl Case {
    /// The definition `connection`, which must log in.
    pub fn ok(name: &'static str, connection: Value) -> Self {
        Self::new(name, connection, vec![("status", json!("ok"))])
    }

    /// The definition `connection`, which must end in `status` and `class`.
    pub fn not_ok(name: &'static str, connection: Value, status: &'static str, class: &'static str) -> Self {
        Self::new(name, connection, vec![("status", json!(status)), ("class", json!(class))])
    }

    fn new(name: &'static str, connection: Value, expected: Vec<(&'static str, Value)>) -> Self {
        Self { name, connection, arguments: Vec::new(), expected, checks: Vec::new() }
    }

    /// Sets the phase in which the check must stop.
    pub fn phase(mut self, phase: &'static str) -> Self {
        self.expected.push(("phase", json!(phase)));
        self
    }

    /// Sets the server's code that the result must have.
    pub fn code(mut self, code: &'static str) -> Self {
        self.expected.push(("code", json!(code)));
        self
    }

    /// Sets the reason that the result must have.
    pub fn reason(mut self, reason: &'static str) -> Self {
        self.expected.push(("reason", json!(reason)));
        self
    }

    /// Adds an option of `connprobe check`.
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Adds a check of the result.
    pub fn and(mut self, check: fn(&Value)) -> Self {
        self.checks.push(check);
        self
    }

    /// Runs the case and compares the result with the expected one.
    fn run(&self) {
        let result = check(&self.connection, &self.arguments);
        for (field, expected) in &self.expected {
            assert_eq!(&result[*field], expected, "{}: `{field}` of {result:#}", self.name);
        }
        if let Some(password) = self.connection["password"].as_str().filter(|password| password.len() >= 4) {
            let named = [&self.connection["login"], &self.connection["host"]].contains(&&json!(password));
            assert!(named || !result.to_string().contains(password), "{}: the password is in {result:#}", self.name);
        }
        for check in &self.checks {
            check(&result);
        }
    }
}

/// Runs every case, and fails at the end if any case failed, so that one run shows all failures.
#[expect(clippy::needless_pass_by_value, reason = "reads as the table that it is")]
pub fn run(cases: Vec<Case>) {
    let failed: Vec<&str> = cases
        .iter()
        .filter(|case| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.run())).is_err())
        .map(|case| case.name)
        .collect();
    assert!(failed.is_empty(), "{} of {} cases failed: {failed:?}", failed.len(), cases.len());
}

/// The result of `connprobe check` for one definition.
pub fn check(connection: &Value, arguments: &[String]) -> Value {
    let mut report = check_all(&json!({ "case": connection }), arguments);
    report["results"][0].take()
}

/// The whole report of `connprobe check` for a file of definitions.
pub fn check_all(connections: &Value, arguments: &[String]) -> Value {
    let mut command = process::connprobe(&["check", "-", "--format", "json"]);
    let output = process::over(command.args(arguments), &connections.to_string());
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("not a report ({error}): {}{}", text(&output.stdout), text(&output.stderr)))
}
