//! Looking for secrets in outputs, and counting how often.

use std::collections::HashSet;

use super::encodings::{SHORTEST, searched};

/// Secrets, and what of them is searched.
pub struct Search {
    secrets: Vec<(String, Vec<String>)>,
    /// How many checks there were.
    pub checks: usize,
}

/// A text in lower case, and all of its pieces of [`SHORTEST`] bytes: most of what is searched in it is not
/// there, and then a look at the pieces is enough.
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
    /// For `secrets`, of which those under four bytes cannot be told from ordinary letters.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| secret.len() >= 4);
        Self { secrets: secrets.map(|secret| (secret.to_owned(), searched(secret))).collect(), checks: 0 }
    }

    /// What stands in `output` of all the secrets, also where lines are broken.
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

    /// Nothing stands in the output that `what` made.
    pub fn nothing_in(&mut self, what: &str, output: &str) {
        let hits = self.hits(output);
        assert!(hits.is_empty(), "{what}: {} hits, such as {}, in\n{output}", hits.len(), hits[0]);
    }
}
