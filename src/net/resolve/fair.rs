//! The queue of lookups: zones take turns, so that many names of one dead zone do not delay the names of others.
//! Pure: no thread, no clock.

use std::collections::{BTreeSet, HashMap, VecDeque};

/// Queued items, grouped by zone.
pub(super) struct Fair<T> {
    zones: HashMap<String, Zone<T>>,
    /// The zones with waiting items, in the order of their turns: the fewest running lookups first, then the least
    /// recent turn.
    order: BTreeSet<(usize, u64, String)>,
    turns: u64,
}

struct Zone<T> {
    waiting: VecDeque<T>,
    running: usize,
    last_turn: u64,
}

impl<T> Default for Fair<T> {
    fn default() -> Self {
        Self { zones: HashMap::new(), order: BTreeSet::new(), turns: 0 }
    }
}

/// The zone of `name`: the part after its first label, if that is more than a top-level domain. All short names share
/// one zone.
pub(super) fn zone(name: &str) -> &str {
    let name = name.trim_end_matches('.');
    match name.split_once('.') {
        None => "",
        Some((_, parent)) if parent.contains('.') => parent,
        Some(_) => name,
    }
}

impl<T> Fair<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Queues `item` in `zone`.
    pub(super) fn push(&mut self, zone: &str, item: T) {
        let turns = self.turns;
        let waits = self.zones.entry(zone.to_owned()).or_insert_with(|| Zone {
            waiting: VecDeque::new(),
            running: 0,
            // After all zones that already wait.
            last_turn: turns,
        });
        waits.waiting.push_back(item);
        self.order.insert((waits.running, waits.last_turn, zone.to_owned()));
    }

    /// Removes the next item; it counts as running in its zone until [`Fair::end`].
    pub(super) fn pop(&mut self) -> Option<T> {
        let (_, _, name) = self.order.pop_first()?;
        self.turns += 1;
        let zone = self.zones.get_mut(&name)?;
        let item = zone.waiting.pop_front();
        zone.running += 1;
        zone.last_turn = self.turns;
        if !zone.waiting.is_empty() {
            self.order.insert((zone.running, zone.last_turn, name));
        }
        item
    }

    /// Notes that one running lookup of the zone `name` has ended.
    pub(super) fn end(&mut self, name: &str) {
        let Some(zone) = self.zones.get_mut(name) else { return };
        let waits = self.order.remove(&(zone.running, zone.last_turn, name.to_owned()));
        zone.running = zone.running.saturating_sub(1);
        if waits {
            self.order.insert((zone.running, zone.last_turn, name.to_owned()));
        } else if zone.running == 0 {
            self.zones.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zone_of_a_name_is_its_parent() {
        for (name, expected) in [
            ("db1", ""),
            ("example.com", "example.com"),
            ("db1.example.com", "example.com"),
            ("db1.example.com.", "example.com"),
            ("a.b.example.com", "b.example.com"),
        ] {
            assert_eq!(zone(name), expected, "{name}");
        }
    }

    #[test]
    fn zones_take_turns_and_busy_ones_come_last() {
        let mut queue = Fair::default();
        for item in ["a1", "a2", "a3", "a4"] {
            queue.push("a", item);
        }
        assert_eq!([queue.pop(), queue.pop()], [Some("a1"), Some("a2")]);
        for item in ["b1", "b2", "b3"] {
            queue.push("b", item);
        }
        // Two lookups of `a` run, so `b` comes first until it has as many.
        assert_eq!([queue.pop(), queue.pop()], [Some("b1"), Some("b2")]);
        assert_eq!([queue.pop(), queue.pop()], [Some("a3"), Some("b3")]);
        queue.end("b");
        assert_eq!([queue.pop(), queue.pop()], [Some("a4"), None]);
        assert!(queue.is_empty());
        for zone in ["a", "a", "a", "a", "b", "b"] {
            queue.end(zone);
        }
        assert!(queue.zones.is_empty());
    }
}
