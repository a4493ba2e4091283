//! Searches outputs for secrets, and counts the checks.

use std::collections::HashSet;

use super::encodings::{SHORTEST, searched};

/// Secrets, with the forms that are searched for.
pub struct Search {
    secrets: Vec<(String, Vec<String>)>,
    /// The number of checks so far.
    pub checks: usize,
}

/// A text in lower case, and the set of its pieces of [`SHORTEST`] bytes. Most searched forms are not in the text,
/// which the set shows quickly.
struct Haystack {
    text: String,
    pieces: HashSet<[u8; SHORTEST]>,
}

impl Haystack {
    fn new(text: String) -> Self {
        let pieces = text.as_bytes().array_windows().copied().collect();
        Self { text, pieces }
    }

    fn contains(&self, form: &str) -> bool {
        let start = form.as_bytes().first_chunk();
        start.is_none_or(|start| self.pieces.contains(start)) && self.text.contains(form)
    }
}

impl Search {
    /// A search for `secrets`. Those under four bytes are skipped, since they cannot be told from ordinary letters.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| secret.len() >= 4);
        Self { secrets: secrets.map(|secret| (secret.to_owned(), searched(secret))).collect(), checks: 0 }
    }

    /// The forms of all secrets that occur in `output`, also across line breaks.
    pub fn hits(&mut self, output: &str) -> Vec<String> {
        let whole = Haystack::new(output.to_lowercase());
        let unbroken = Haystack::new(whole.text.split_whitespace().collect());
        let mut hits = Vec::new();
        for (secret, forms) in &self.secrets {
            self.checks += forms.len();
            for form in forms {
                let squeezed: String = form.split_whitespace().collect();
                if whole.contains(form) || squeezed.len() >= SHORTEST && unbroken.contains(&squeezed) {
                    hits.push(format!("{secret:?} as {form:?}"));
                }
            }
        }
        hits
    }

    /// Asserts that the output of `what` contains no secret.
    pub fn nothing_in(&mut self, what: &str, output: &str) {
        let hits = self.hits(output);
        assert!(hits.is_empty(), "{what}: {} hits, such as {}, in\n{output}", hits.len(), hits[0]);
    }
}
