//! The definition: what is wrong with it, and the words for it.

use super::{ReasonCode as Code, Words};
use crate::model::class::Class;
use crate::model::connection::Problem;

/// Why a definition cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Definition {
    /// Everything that is wrong with it; never empty.
    Problems {
        /// What they come to together.
        class: Class,
        /// In the order in which they were found.
        problems: Vec<Problem>,
    },
}

impl Definition {
    pub(super) fn words(&self) -> Words {
        let Self::Problems { class, problems } = self;
        let mut codes: Vec<Code> = problems.iter().map(|problem| problem.reason).collect();
        codes.dedup();
        let code = match codes.as_slice() {
            [one] => *one,
            // A secret that cannot be read says more than what is missing for want of it.
            several => *several.iter().find(|code| code.class() != Class::Definition).unwrap_or(&Code::SeveralProblems),
        };
        let mut fields = Vec::new();
        for field in problems.iter().flat_map(|problem| &problem.fields) {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
        let mut messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        // What is wrong with a key is wrong for every field that it should open.
        messages.dedup();
        let words = Words::new(code, messages.join("; ")).class(*class).fields(fields);
        match problems.iter().find_map(|problem| problem.hint.clone()) {
            Some(hint) => words.hint(hint),
            None => words,
        }
    }
}
