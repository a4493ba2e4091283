//! Looking for secrets in outputs, and counting how often.

use super::encodings::{SHORTEST, searched};

/// Secrets, and what of them is searched.
pub struct Search {
    secrets: Vec<(String, Vec<String>)>,
    /// How many checks there were.
    pub checks: usize,
}

impl Search {
    /// For `secrets`, of which those under four bytes cannot be told from ordinary letters.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let secrets = secrets.into_iter().filter(|secret| secret.len() >= 4);
        Self { secrets: secrets.map(|secret| (secret.to_owned(), searched(secret))).collect(), checks: 0 }
    }

    /// What stands in `output` of all the secrets, also where lines are broken.
    pub fn hits(&mut self, output: &str) -> Vec<String> {
        let output = output.to_lowercase();
        let unbroken: String = output.split_whitespace().collect();
        let mut hits = Vec::new();
        for (secret, forms) in &self.secrets {
            self.checks += forms.len();
            for form in forms {
                let squeezed: String = form.split_whitespace().collect();
                if output.contains(form.as_str()) || squeezed.len() >= SHORTEST && unbroken.contains(&squeezed) {
                    let at = unbroken.find(&squeezed).unwrap_or_default();
                    let before: String = unbroken[..at].chars().rev().take(200).collect();
                    let before: String = before.chars().rev().collect();
                    hits.push(format!("{secret:?} as {form:?} after …{before}"));
                }
            }
        }
        hits
    }

    /// Nothing stands in the output that `what` made.
    pub fn nothing_in(&mut self, what: &str, output: &str) {
        let hits = self.hits(output);
        assert!(hits.is_empty(), "{what}: {} hits, such as {}", hits.len(), hits[0]);
    }
}
