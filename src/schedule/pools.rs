//! `Pools`: how many checks are under way at once. A connection whose last check timed out draws on a pool of its own, so
//! that a data centre that does not answer does not make the others late. Pure.

/// The part of all checks that connections which timed out may take: a quarter.
const SLOW: usize = 4;

/// A pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pool {
    /// Connections whose last check did not time out.
    Usual,
    /// Connections whose last check timed out.
    Slow,
}

/// The checks that may begin.
#[derive(Debug)]
pub(super) struct Pools {
    usual: usize,
    slow: usize,
}

impl Pools {
    /// For `at_once` checks in all; each pool has at least one.
    pub(super) fn new(at_once: usize) -> Self {
        let slow = (at_once / SLOW).max(1);
        Self { usual: at_once.saturating_sub(slow).max(1), slow }
    }

    /// Takes one from `pool`; whether there was one.
    pub(super) fn take(&mut self, pool: Pool) -> bool {
        let left = self.of(pool);
        let has_one = *left > 0;
        *left = left.saturating_sub(1);
        has_one
    }

    /// Gives one back.
    pub(super) fn give_back(&mut self, pool: Pool) {
        *self.of(pool) += 1;
    }

    fn of(&mut self, pool: Pool) -> &mut usize {
        match pool {
            Pool::Usual => &mut self.usual,
            Pool::Slow => &mut self.slow,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_is_for_what_timed_out() {
        for (at_once, usual, slow) in [(256, 192, 64), (4, 3, 1), (2, 1, 1), (1, 1, 1), (0, 1, 1)] {
            let mut pools = Pools::new(at_once);
            let mut taken = |pool| (0..1000).filter(|_| pools.take(pool)).count();
            assert_eq!((taken(Pool::Usual), taken(Pool::Slow)), (usual, slow), "{at_once}");
            pools.give_back(Pool::Slow);
            assert!(pools.take(Pool::Slow) && !pools.take(Pool::Slow) && !pools.take(Pool::Usual), "{at_once}");
        }
    }
}
