//! Failures of a definition, and their messages and hints.

use super::{Field, ReasonCode as Code, Words};
use crate::model::class::Class;
use crate::model::connection::Problem;

/// Why a definition cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Definition {
    /// All problems of the definition; never empty.
    Problems {
        /// The class of all problems together.
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
            // An unreadable secret is the cause of other problems, such as a missing field.
            several => *several.iter().find(|code| code.class() != Class::Definition).unwrap_or(&Code::SeveralProblems),
        };
        let mut fields = Vec::new();
        for field in problems.iter().flat_map(|problem| &problem.fields) {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
        let mut messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        // A problem with a key is reported for each field that the key should decrypt.
        messages.dedup();
        let words = Words::new(code, messages.join("; ")).class(*class).fields(fields);
        match hints(problems) {
            Some(hint) => words.hint(hint),
            None => words,
        }
    }
}

/// The hint for `problems`. If several hints differ, each is preceded by its field.
fn hints(problems: &[Problem]) -> Option<String> {
    let mut hints: Vec<(Option<&Field>, &str)> = Vec::new();
    for problem in problems {
        if let Some(hint) = problem.hint.as_deref().filter(|hint| hints.iter().all(|(_, other)| other != hint)) {
            hints.push((problem.fields.first(), hint));
        }
    }
    if let [(_, hint)] = hints[..] {
        return Some(hint.to_owned());
    }
    let about = |(field, hint): &(Option<&Field>, &str)| match field {
        Some(field) => format!("`{field}`: {hint}"),
        None => (*hint).to_owned(),
    };
    (!hints.is_empty()).then(|| hints.iter().map(about).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::problem::PlanFlaw;

    #[test]
    fn each_of_several_problems_keeps_its_hint() {
        let problem = |field, hint: Option<&str>| {
            let problem = Problem::from(PlanFlaw::Missing { field });
            Problem { hint: hint.map(str::to_owned), ..problem }
        };
        let host = || problem(Field::HOST, Some("name the server"));
        let login = || problem(Field::LOGIN, Some("name the user"));
        let port = || problem(Field::PORT, None);
        for (problems, hint) in [
            (vec![port()], None),
            (vec![host()], Some("name the server")),
            (vec![port(), host()], Some("name the server")),
            (vec![host(), host()], Some("name the server")),
            (vec![host(), login()], Some("`host`: name the server; `login`: name the user")),
        ] {
            assert_eq!(hints(&problems).as_deref(), hint, "{problems:?}");
        }
    }
}
