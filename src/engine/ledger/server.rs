//! Servers that count interrupted handshakes and block a whole host after too many (the MySQL family): when logins to
//! them are withheld after such handshakes, and how often a login may break one off on purpose.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::Moment;

/// The number of consecutive interruptions after which logins to the server are withheld for a while.
pub(in crate::engine) const INTERRUPTIONS: u32 = 5;
const FIRST: Duration = Duration::from_mins(10);
const LONGEST: Duration = Duration::from_hours(24);
const KEPT: Duration = Duration::from_hours(30 * 24);
/// The pauses between two looks, each twice as long as the one before.
const BETWEEN_LOOKS: Duration = Duration::from_mins(10);
const LONGEST_BETWEEN_LOOKS: Duration = Duration::from_hours(24);

/// What is kept for one server; nothing while its handshakes are finished.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Server {
    /// The shown form of the server; empty if only a process that was killed has met it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) shown: String,
    /// Interrupted handshakes in a row.
    pub(super) interrupted: u32,
    /// How often logins to it were withheld.
    #[serde(default)]
    holds: u32,
    pub(super) last: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Moment>,
    /// Looks since the last finished handshake: logins that could end before their credential leaves, because it was
    /// refused in the circumstances that they met last.
    #[serde(default)]
    looks: u32,
    /// When the next look may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_look: Option<Moment>,
}

impl Server {
    pub(super) fn interrupted_at(&mut self, now: Moment) {
        self.interrupted = self.interrupted.saturating_add(1);
        self.last = now;
        if self.interrupted < INTERRUPTIONS {
            return;
        }
        // Several handshakes may have been under way when the limit was reached: they cause one hold.
        if self.left_alone(now).is_none() {
            self.holds = self.holds.saturating_add(1);
        }
        let times = 1_u32.checked_shl(self.holds.saturating_sub(1).min(16)).unwrap_or(u32::MAX);
        // A hold is never shortened, even if its number is unknown: earlier versions did not record it.
        self.until = self.until.max(Some(now.after(FIRST.saturating_mul(times).min(LONGEST))));
    }

    /// Until when logins to it are withheld, if they are at `now`.
    pub(super) fn left_alone(&self, now: Moment) -> Option<Moment> {
        self.until.filter(|until| now < *until)
    }

    /// Whether a clock that was ahead has left a time of more than a day.
    pub(super) fn is_ahead(&self, now: Moment) -> bool {
        let is_ahead = |moment: Option<Moment>, longest| moment.is_some_and(|moment| moment > now.after(longest));
        is_ahead(self.until, LONGEST) || is_ahead(self.next_look, LONGEST_BETWEEN_LOOKS)
    }

    /// Shortens the times that such a clock has left to a day from `now`.
    pub(super) fn bring_back(&mut self, now: Moment) {
        self.until = self.until.map(|until| until.min(now.after(LONGEST)));
        self.next_look = self.next_look.map(|next| next.min(now.after(LONGEST_BETWEEN_LOOKS)));
    }

    /// Whether a login may look at it: at once, then after 10 minutes, each pause twice as long as the one before, up
    /// to a day.
    pub(super) fn may_be_looked_at(&self, now: Moment) -> bool {
        self.next_look.is_none_or(|next| next <= now)
    }

    /// Whether its age may be asked for.
    pub(super) fn may_be_asked(&self, now: Moment) -> bool {
        self.left_alone(now).is_none() && self.may_be_looked_at(now)
    }

    /// Its age was asked for, which is an unfinished handshake. That is no reason to withhold logins by itself, but the
    /// next interrupted handshake may be.
    pub(super) fn asked_at(&mut self, now: Moment) {
        self.looked_at(now);
        self.interrupted = self.interrupted.saturating_add(1);
    }

    /// A login looks at it.
    pub(super) fn looked_at(&mut self, now: Moment) {
        let times = 1_u32.checked_shl(self.looks.min(16)).unwrap_or(u32::MAX);
        self.looks = self.looks.saturating_add(1);
        self.next_look = Some(now.after(BETWEEN_LOOKS.saturating_mul(times).min(LONGEST_BETWEEN_LOOKS)));
        self.last = now;
    }

    pub(super) fn is_over(&self, now: Moment) -> bool {
        now.since(self.last) > KEPT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupted_handshake_never_shortens_a_hold() {
        let now = Moment::from(jiff::Timestamp::UNIX_EPOCH).after(Duration::from_hours(24));
        for (held, expected) in [(0, 10), (5, 10), (60, 60), (24 * 60, 24 * 60)] {
            // The format of a version that did not count the holds.
            let until = now.after(Duration::from_mins(held));
            let written = serde_json::json!({"interrupted": INTERRUPTIONS, "last": now, "until": until});
            let mut server: Server = serde_json::from_value(written).unwrap();
            server.interrupted_at(now);
            assert_eq!(
                server.left_alone(now),
                Some(now.after(Duration::from_mins(expected))),
                "held for {held} minutes"
            );
        }
    }
}
