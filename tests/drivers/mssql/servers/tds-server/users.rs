//! The users and databases: the file that `--users` names.
//!
//! ```json
//! {"users": {"sa": {"password": "right"}, "gone": {"password": "right", "state": "disabled"}},
//!  "databases": ["master", "appdb"], "forbidden": ["secretdb"], "default": "master"}
//! ```
//!
//! Two kinds of user exist without being listed: `error-NUMBER` is refused with that number, and `route-HOST-PORT` is
//! redirected to another server, as Azure does.

use std::collections::HashMap;

use serde::Deserialize;

use crate::login::Login;

/// Users and databases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Directory {
    users: HashMap<String, User>,
    databases: Vec<String>,
    #[serde(default)]
    forbidden: Vec<String>,
    default: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    /// If absent, any password is accepted.
    password: Option<String>,
    state: Option<State>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum State {
    Disabled,
    Expired,
    MustChange,
    LockedOut,
}

/// An error in SQL Server's form.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    pub number: u32,
    pub class: u8,
    pub text: String,
}

impl Refusal {
    fn new(number: u32, class: u8, text: impl Into<String>) -> Self {
        Self { number, class, text: text.into() }
    }
}

/// The answer to a login.
pub enum Verdict {
    /// The login is accepted, and the session is in this database.
    Ok { database: String },
    /// These errors, in this order.
    Refused(Vec<Refusal>),
    /// The client should try another server.
    Routed { host: String, port: u16 },
}

impl Directory {
    /// Judges a login.
    pub fn judge(&self, login: &Login) -> Verdict {
        let user = &login.user;
        if let Some(number) = user.strip_prefix("error-").and_then(|number| number.parse().ok()) {
            return Verdict::Refused(vec![Refusal::new(number, 16, format!("Error {number}, as '{user}' asked for."))]);
        }
        if let Some((host, port)) = user.strip_prefix("route-").and_then(|route| route.rsplit_once('-'))
            && let Ok(port) = port.parse()
        {
            return Verdict::Routed { host: host.to_owned(), port };
        }
        if let Err(refusal) = self.authenticate(user, &login.password) {
            return Verdict::Refused(vec![refusal]);
        }
        match self.open(user, &login.database) {
            Ok(database) => Verdict::Ok { database },
            // SQL Server sends the reason, and then a second error that the login failed.
            Err(refusal) => Verdict::Refused(vec![refusal, login_failed(user)]),
        }
    }

    fn authenticate(&self, name: &str, password: &str) -> Result<(), Refusal> {
        let user = self.users.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, user)| user);
        let Some(user) = user else { return Err(login_failed(name)) };
        if user.state == Some(State::LockedOut) {
            let text = "because the account is currently locked out. The system administrator can unlock it.";
            return Err(Refusal::new(18486, 14, format!("Login failed for user '{name}' {text}")));
        }
        if user.password.as_deref().is_some_and(|right| right != password) {
            return Err(login_failed(name));
        }
        let (number, reason) = match user.state {
            None | Some(State::LockedOut) => return Ok(()),
            Some(State::Disabled) => (18470, "The account is disabled."),
            Some(State::Expired) => (18487, "The password of the account has expired."),
            Some(State::MustChange) => (18488, "The password of the account must be changed."),
        };
        Err(Refusal::new(number, 14, format!("Login failed for user '{name}'. Reason: {reason}")))
    }

    /// The database of the session: the requested one, or the default.
    pub fn open(&self, user: &str, asked: &str) -> Result<String, Refusal> {
        let asked = if asked.is_empty() { &self.default } else { asked };
        if let Some(database) = self.databases.iter().find(|known| known.eq_ignore_ascii_case(asked)) {
            return Ok(database.clone());
        }
        if self.forbidden.iter().any(|known| known.eq_ignore_ascii_case(asked)) {
            return Err(Refusal::new(
                916,
                14,
                format!(
                    "The server principal \"{user}\" is not able to access the database \"{asked}\" under the current security context."
                ),
            ));
        }
        let text = format!("Cannot open database \"{asked}\" requested by the login. The login failed.");
        Err(Refusal::new(4060, 11, text))
    }
}

fn login_failed(user: &str) -> Refusal {
    Refusal::new(18456, 14, format!("Login failed for user '{user}'."))
}
