//! `UnderWay`: the logins that are under way, by the keys of their accounts. Those of this process are kept apart from
//! the others, of which there are usually none.

use super::super::digest::{ByDigest, Digest};
use super::super::journal::Pending;

/// The logins that are under way in all processes.
pub(super) struct UnderWay {
    /// The name of this process.
    owner: String,
    own: ByDigest<Box<Pending>>,
    others: ByDigest<Box<Pending>>,
}

impl UnderWay {
    /// No logins; `owner` is the name of this process.
    pub(super) fn of(owner: &str) -> Self {
        Self { owner: owner.to_owned(), own: ByDigest::default(), others: ByDigest::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.own.len() + self.others.len()
    }

    /// The number of keys at which this process logs in.
    pub(super) fn own_len(&self) -> usize {
        self.own.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Digest, &Pending)> {
        self.own.iter().chain(&self.others).map(|(id, pending)| (*id, &**pending))
    }

    /// The login of this process at `id`.
    pub(super) fn own(&self, id: Digest) -> Option<&Pending> {
        self.own.get(&id).map(|pending| &**pending)
    }

    /// The login of another process at `id`.
    pub(super) fn other(&self, id: Digest) -> Option<&Pending> {
        self.others.get(&id).map(|pending| &**pending)
    }

    /// The logins of this process, mutable.
    pub(super) fn own_mut(&mut self) -> impl Iterator<Item = (Digest, &mut Pending)> {
        self.own.iter_mut().map(|(id, pending)| (*id, &mut **pending))
    }

    /// Changes the login at `id`.
    pub(super) fn change(&mut self, id: Digest, change: impl FnOnce(&mut Pending)) {
        if let Some(pending) = self.own.get_mut(&id).or_else(|| self.others.get_mut(&id)) {
            change(pending);
        }
    }

    /// A login is under way at `id`, in place of any other.
    pub(super) fn insert(&mut self, id: Digest, pending: Pending) {
        let (here, there) = if pending.owner == self.owner {
            (&mut self.own, &mut self.others)
        } else {
            (&mut self.others, &mut self.own)
        };
        here.insert(id, Box::new(pending));
        there.remove(&id);
    }

    /// No login is under way at `id` any more.
    pub(super) fn remove(&mut self, id: Digest) {
        if self.own.remove(&id).is_none() {
            self.others.remove(&id);
        }
    }

    pub(super) fn clear(&mut self) {
        self.own.clear();
        self.others.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::clock::Clock;
    use super::super::super::digest::{KEY_LENGTH, Key};
    use super::*;

    #[test]
    fn those_of_this_process_are_known_whatever_replaces_them() {
        let digest = |name: &str| Key::of(&[7; KEY_LENGTH]).digest(&[name.as_bytes()]);
        let of = |owner: &str| Pending {
            owner: owner.to_owned(),
            number: 1,
            at: Clock::default().now(),
            deadline: Clock::default().now(),
            secret: digest("secret"),
            bound: digest("bound"),
            met: None,
            by: "result".to_owned(),
            sent: false,
            early: false,
            shown: "shown".to_owned(),
        };
        let mut under_way = UnderWay::of("own");
        let mut after = |at: &str, owner: Option<&str>| {
            match owner {
                Some(owner) => under_way.insert(digest(at), of(owner)),
                None => under_way.remove(digest(at)),
            }
            (under_way.own_len(), under_way.len())
        };
        for (at, owner, expected) in [
            ("a", Some("own"), (1, 1)),
            ("a", Some("own"), (1, 1)),
            ("b", Some("other"), (1, 2)),
            ("b", Some("own"), (2, 2)),
            ("a", Some("other"), (1, 2)),
            ("b", None, (0, 1)),
            ("b", None, (0, 1)),
            ("a", None, (0, 0)),
        ] {
            assert_eq!(after(at, owner), expected, "{at} {owner:?}");
        }
        under_way.insert(digest("a"), of("own"));
        under_way.clear();
        assert_eq!((under_way.own_len(), under_way.len()), (0, 0));
    }
}
