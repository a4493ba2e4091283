//! A cache of texts without any piece of a secret, so that a text that many servers send (such as a version) is
//! searched once. Texts with an excused piece are not cached, since an excuse depends on the result.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use super::redactor::Kind;

/// The maximum total length of the cached texts: a hostile server must not be able to fill the memory.
const MOST: usize = 2 << 20;

/// The harmless texts, each with the kind that it was searched as.
#[derive(Default)]
pub(super) struct Harmless(Mutex<Texts>);

#[derive(Default)]
struct Texts {
    texts: HashSet<(Kind, Box<str>)>,
    length: usize,
}

/// A clone starts empty, since it may be extended with other secrets.
impl Clone for Harmless {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Harmless {
    pub(super) fn add(&self, kind: Kind, text: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.length + text.len() > MOST {
            *all = Texts::default();
        }
        if all.length + text.len() <= MOST && all.texts.insert((kind, text.into())) {
            all.length += text.len();
        }
    }

    pub(super) fn has(&self, kind: Kind, text: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).texts.contains(&(kind, text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_server_fills_the_memory() {
        let harmless = Harmless::default();
        harmless.add(Kind::Name, &"x".repeat(MOST + 1));
        assert!(!harmless.has(Kind::Name, &"x".repeat(MOST + 1)));
        for number in 0..20 {
            harmless.add(Kind::Name, &number.to_string().repeat(MOST / 16));
        }
        let length = |all: &Texts| all.texts.iter().map(|(_, text)| text.len()).sum::<usize>();
        let kept = length(&harmless.0.lock().unwrap());
        assert!((1..=MOST).contains(&kept) && harmless.0.lock().unwrap().length == kept);
        harmless.add(Kind::Name, "PostgreSQL");
        assert!(harmless.has(Kind::Name, "PostgreSQL") && !harmless.has(Kind::Text, "PostgreSQL"));
    }
}
