//! What people are shown of the book, and what they have it forget.

use std::collections::BTreeSet;

use super::book::Book;
use super::clock::Moment;
use super::digest::Digest;
use super::entry::Entry;
use super::named::names;

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

impl Book {
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
