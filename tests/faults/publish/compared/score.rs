//! Figures that summarise a tool's answers to all faults.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::comparison::{Answered, Answers};
use super::tool::Tool;
use crate::matrix::{Cell, OK};

/// The results of one tool for all faults.
pub(super) struct Score<'a> {
    pub(super) faults: Vec<(&'a Cell, &'a Answered)>,
    pub(super) good: Vec<&'a Answered>,
}

impl<'a> Score<'a> {
    pub(super) fn of(tool: Tool, cells: &'a [(String, Cell)], answers: &'a Answers) -> Self {
        let all = cells.iter().map(|(name, cell)| (cell, &answers[&(name.clone(), tool)]));
        let (good, faults): (Vec<_>, Vec<_>) = all.partition(|(cell, _)| cell.expected == OK);
        Self { faults, good: good.into_iter().map(|(_, answered)| answered).collect() }
    }

    pub(super) fn count(&self, wanted: impl Fn(&Answered) -> bool) -> usize {
        self.faults.iter().filter(|(_, answered)| wanted(answered)).count()
    }

    pub(super) fn accepted(&self) -> usize {
        self.good.iter().filter(|answered| answered.status == Some(0)).count()
    }

    /// The reported faults: the tool ended, with a status other than 0.
    fn told(&self) -> impl Iterator<Item = &(&'a Cell, &'a Answered)> {
        self.faults.iter().filter(|(_, answered)| answered.status.is_some_and(|status| status != 0))
    }

    pub(super) fn different(&self) -> usize {
        self.told().map(|(_, answered)| &answered.answer).collect::<BTreeSet<_>>().len()
    }

    /// The number of faults whose answer the tool gives to no fault of another class.
    pub(super) fn telling(&self) -> usize {
        let mut classes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (cell, answered) in self.told() {
            classes.entry(&answered.words).or_default().insert(cell.expected.class);
        }
        self.told().filter(|(_, answered)| classes[answered.words.as_str()].len() == 1).count()
    }

    /// The median and the maximum time of the runs that ended.
    pub(super) fn times(&self) -> (Duration, Duration) {
        let ended = self.faults.iter().filter(|(_, answered)| answered.status.is_some());
        middle_and_last(ended.map(|(_, answered)| answered.took).collect())
    }

    pub(super) fn peaks(&self) -> (u64, u64) {
        middle_and_last(self.faults.iter().map(|(_, answered)| answered.peak).collect())
    }
}

fn middle_and_last<T: Ord + Copy>(mut figures: Vec<T>) -> (T, T) {
    figures.sort_unstable();
    (figures[figures.len() / 2], figures[figures.len() - 1])
}
