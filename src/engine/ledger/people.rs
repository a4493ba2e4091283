//! The parts of the book that are shown to the user, and the removal of records at the user's request.

use std::collections::BTreeSet;

use super::book::Book;
use super::clock::Moment;
use super::digest::Digest;
use super::entry::Entry;
use super::named::{is_server, names};

/// An account as the user sees it: a line of `connprobe state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The account as results show it.
    pub account: String,
    /// Its id.
    pub id: String,
    /// Refusals since the last acceptance.
    pub refusals: u32,
    /// The number of different secrets that are not sent again for a while.
    pub secrets: usize,
    /// When the last refusal was.
    pub since: Option<Moment>,
    /// Until when other secrets, or one of its own, are held.
    pub until: Option<Moment>,
    /// Why they are held.
    pub why: Option<super::rules::Why>,
}

/// A server that counts interrupted handshakes, as the user sees it: a line of `connprobe state`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLine {
    /// The server in the form `mysql://HOST:PORT`.
    pub server: String,
    /// Its id.
    pub id: String,
    /// Interrupted handshakes in a row.
    pub interrupted: u32,
    /// Until when logins to it are withheld.
    pub until: Option<Moment>,
}

/// The shown form of the server that the ledger calls `name`.
#[must_use]
pub fn server_shown(name: &str) -> String {
    name.replacen(' ', "://", 1)
}

impl Book {
    /// The lines of all servers with interrupted handshakes.
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

    /// Forgets `server`, which may be given by its shown form, its id, or an account of any type at that server.
    /// Returns the server that it was.
    pub(super) fn forget_server(&mut self, server: &str) -> Option<(Digest, String)> {
        let server = server.trim();
        let is_meant = |id: Digest, shown: &str| {
            id.short().eq_ignore_ascii_case(server) || is_server(server, &server_shown(shown))
        };
        let id = self.servers.iter().find(|(id, known)| is_meant(**id, &known.shown)).map(|(id, _)| *id)?;
        let known = self.servers.remove(&id)?;
        Some((id, if known.shown.is_empty() { id.short() } else { server_shown(&known.shown) }))
    }

    /// The keys of everything that belongs to `account`: its shown form, its id, or the id of a result.
    ///
    /// # Errors
    ///
    /// The keys, if they are shown alike and belong to several accounts.
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

    /// `keys`, and all keys that belong to the same accounts.
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

    /// Forgets everything that belongs to `account`. Returns the keys and their shown forms.
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

    /// The lines of all accounts.
    pub(super) fn lines(&self, now: Moment) -> Vec<Line> {
        let mut lines: Vec<Line> =
            self.entries.iter().map(|(id, entry)| entry.line(id.short(), self.limit(), now)).collect();
        lines.sort_by(|one, other| one.account.cmp(&other.account));
        lines
    }
}
