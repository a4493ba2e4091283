//! `Watched`: one connection of a schedule, with what its checks have found.

use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::beat::Beat;
use super::pools::Pool;
use super::state::{Standing, State};
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::fingerprint::Fingerprint;
use crate::model::result::CheckResult;

/// A connection that is checked again and again.
#[derive(Clone)]
pub struct Watched {
    /// Its definition.
    pub connection: Arc<Connection>,
    /// What is said of it.
    pub state: State,
    /// The result of its last check.
    pub last: Option<Arc<CheckResult>>,
    /// When that check ended, since the schedule began.
    pub checked: Option<Duration>,
    pub(super) beat: Beat,
    content: Fingerprint,
    /// The pool of the check that is under way, and the number of its job.
    pub(super) under_way: Option<(Pool, u64)>,
    /// Whether that check is of a former definition.
    pub(super) is_outdated: bool,
    /// Whether it waits for a place in its pool.
    pub(super) is_waiting: bool,
    /// Whether it is to be checked although it is not due.
    pub(super) is_wanted: bool,
}

impl Watched {
    pub(super) fn new(connection: Connection, beat: Beat) -> Self {
        Self {
            content: content(&connection),
            connection: Arc::new(connection),
            state: State::default(),
            last: None,
            checked: None,
            beat,
            under_way: None,
            is_outdated: false,
            is_waiting: false,
            is_wanted: false,
        }
    }

    /// Whether a check is under way.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// How often it is checked.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.beat.interval()
    }

    /// Whether its last result is too old to be believed at `now`: three checks are missing.
    #[must_use]
    pub fn is_stale(&self, now: Duration) -> bool {
        self.checked.is_some_and(|checked| now.saturating_sub(checked) > self.beat.interval() * 3)
    }

    /// Whether its definition is `connection`, as far as a check depends on it.
    pub(super) fn is(&self, connection: &Connection) -> bool {
        self.content == content(connection)
    }

    /// Gives it another definition.
    pub(super) fn redefine(&mut self, connection: Connection) {
        self.content = content(&connection);
        self.connection = Arc::new(connection);
    }

    /// The pool of its next check.
    pub(super) fn pool(&self) -> Pool {
        match self.state.last() {
            Some(Standing { class: Some(Class::Timeout), .. }) => Pool::Slow,
            _ => Pool::Usual,
        }
    }
}

/// Everything that a check or its result depends on.
fn content(connection: &Connection) -> Fingerprint {
    let text = |text: &Option<String>| text.clone().unwrap_or_default().into_bytes();
    // Digests, so that no secret is copied.
    let password = Fingerprint::of(&[connection.password.as_ref().map_or("", |secret| secret.expose())]);
    let extra = Fingerprint::of(&[Zeroizing::new(serde_json::to_vec(connection.extra.object()).unwrap_or_default())]);
    let directory = connection.directory.as_deref().map(|path| path.as_os_str().as_encoded_bytes().to_vec());
    Fingerprint::of(&[
        text(&connection.conn_id),
        text(&connection.conn_type),
        text(&connection.host),
        text(&connection.schema),
        text(&connection.login),
        password.bytes().to_vec(),
        connection.port.unwrap_or_default().to_be_bytes().to_vec(),
        extra.bytes().to_vec(),
        directory.unwrap_or_default(),
        format!("{:?}{:?}", connection.problems, connection.warnings).into_bytes(),
    ])
}
