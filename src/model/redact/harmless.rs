//! Texts in which nothing of any secret was found, so that what many servers say alike (a version, say) is searched
//! once. What was found and may stand there all the same is not among them: that depends on the result.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::redactor::Kind;

/// So many texts, and none longer: a hostile server shall not fill the memory.
const TEXTS: usize = 1024;
const LONGEST: usize = 2048;

/// The texts that were searched in vain, as what they were searched.
#[derive(Default)]
pub(super) struct Harmless(Mutex<HashSet<(Kind, Box<str>)>>);

impl Harmless {
    pub(super) fn add(&self, kind: Kind, text: &str) {
        if text.len() <= LONGEST {
            let mut texts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if texts.len() >= TEXTS {
                texts.clear();
            }
            texts.insert((kind, text.into()));
        }
    }

    pub(super) fn has(&self, kind: Kind, text: &str) -> bool {
        text.len() <= LONGEST && self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&(kind, text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_server_fills_the_memory() {
        let harmless = Harmless::default();
        harmless.add(Kind::Name, &"x".repeat(LONGEST + 1));
        assert!(!harmless.has(Kind::Name, &"x".repeat(LONGEST + 1)));
        for number in 0..TEXTS * 3 {
            harmless.add(Kind::Name, &number.to_string());
        }
        assert!(harmless.0.lock().unwrap().len() <= TEXTS);
        harmless.add(Kind::Name, "PostgreSQL");
        assert!(harmless.has(Kind::Name, "PostgreSQL") && !harmless.has(Kind::Text, "PostgreSQL"));
    }
}
