//! What people are shown of the book, and what they have it forget.

use std::collections::BTreeSet;

use super::book::Book;
use super::clock::Moment;
use super::digest::Digest;
use super::entry::Entry;
use super::named::{is_server, names};

/// An account for people: a line of `connprobe state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As results show it.
    pub account: String,
    /// Its id.
    pub id: String,
    /// Refusals since the last acceptance.
    pub refusals: u32,
    /// Different secrets that are not sent again for a while.
    pub secrets: usize,
    /// When the last refusal was.
    pub since: Option<Moment>,
    /// Until when other secrets are held, or one of its own.
    pub until: Option<Moment>,
    /// Why.
    pub why: Option<super::rules::Why>,
}

/// A server that counts interrupted handshakes, for people: a line of `connprobe state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLine {
    /// As people name it: `mysql://HOST:PORT`.
    pub server: String,
    /// Its id.
    pub id: String,
    /// Interrupted handshakes in a row.
    pub interrupted: u32,
    /// Until when it is left alone.
    pub until: Option<Moment>,
}

/// A server as people name it, which the ledger knows as `name`.
#[must_use]
pub fn server_shown(name: &str) -> String {
    name.replacen(' ', "://", 1)
}

impl Book {
    /// What people are shown of servers.
    pub(super) fn server_lines(&self, now: Moment) -> Vec<ServerLine> {
        let known = self.servers.iter().filter(|(_, server)| server.interrupted > 0);
        let mut lines: Vec<ServerLine> = known
            .map(|(id, server)| ServerLine {
                server: server_shown(&server.shown),
                id: id.short(),
                interrupted: server.interrupted,
                until: server.left_alone(now),
            })
            .collect();
        lines.sort_by(|one, other| one.server.cmp(&other.server));
        lines
    }

    /// Forgets `server`, by what is shown of it, its id, or an account of whatever type that is said to be there: which it was.
    pub(super) fn forget_server(&mut self, server: &str) -> Option<(Digest, String)> {
        let server = server.trim();
        let is_meant = |id: Digest, shown: &str| {
            id.short().eq_ignore_ascii_case(server) || is_server(server, &server_shown(shown))
        };
        let id = self.servers.iter().find(|(id, known)| is_meant(**id, &known.shown)).map(|(id, _)| *id)?;
        let known = self.servers.remove(&id)?;
        Some((id, if known.shown.is_empty() { id.short() } else { server_shown(&known.shown) }))
    }

    /// The keys of everything that belongs to `account`: what results show, its id, or that of a result.
    ///
    /// # Errors
    ///
    /// The keys that are shown alike and belong to several accounts.
    fn found(&self, account: &str) -> Result<BTreeSet<Digest>, BTreeSet<Digest>> {
        let account = account.trim();
        let is_meant = |id: Digest, entry: &Entry| {
            id.short().eq_ignore_ascii_case(account) || entry.refused.iter().any(|one| one.by == account)
        };
        let by_id = self.entries.iter().filter(|(id, entry)| is_meant(**id, entry));
        let by_id: BTreeSet<Digest> = by_id.map(|(id, _)| *id).collect();
        if !by_id.is_empty() {
            return Ok(self.linked(by_id));
        }
        let shown = self.entries.iter().filter(|(_, entry)| names(account, &entry.shown));
        let shown: BTreeSet<Digest> = shown.map(|(id, _)| *id).collect();
        let found = self.linked(shown.first().copied());
        if shown.is_subset(&found) { Ok(found) } else { Err(shown) }
    }

    /// `keys` and all that belong to the same accounts.
    fn linked(&self, keys: impl IntoIterator<Item = Digest>) -> BTreeSet<Digest> {
        let mut found: BTreeSet<Digest> = keys.into_iter().collect();
        let mut next: Vec<Digest> = found.iter().copied().collect();
        while let Some(id) = next.pop() {
            let links = self.entries.get(&id).map(|entry| &entry.links).into_iter().flatten();
            let linked = links.filter(|link| self.entries.contains_key(link));
            next.extend(linked.filter(|link| found.insert(**link)));
        }
        found
    }

    /// Forgets everything that belongs to `account`: the keys, and how they were shown.
    ///
    /// # Errors
    ///
    /// The ids of several accounts that are shown alike.
    pub(super) fn forget(&mut self, account: &str) -> Result<Vec<(Digest, String)>, Vec<String>> {
        let ids = |several: BTreeSet<Digest>| several.into_iter().map(Digest::short).collect::<Vec<_>>();
        let found = self.found(account).map_err(ids)?;
        if let Some(run) = &mut self.run {
            run.entries.retain(|id, _| !found.contains(id));
        }
        Ok(found.into_iter().filter_map(|id| Some((id, self.entries.remove(&id)?.shown))).collect())
    }

    /// What people are shown of it.
    pub(super) fn lines(&self, now: Moment) -> Vec<Line> {
        let mut lines: Vec<Line> =
            self.entries.iter().map(|(id, entry)| entry.line(id.short(), self.limit(), now)).collect();
        lines.sort_by(|one, other| one.account.cmp(&other.account));
        lines
    }
}
