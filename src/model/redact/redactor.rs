//! `Redactor`: the one judge of whether foreign text may be shown.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::excuse::{Text, excused};
use super::hazard::strip_control;
use super::readings::{Reading, read};
use super::secrets::{SEARCHED, SHORTEST, Secrets};
use super::skeleton::{Alphabet, skeleton, skeleton_of_bytes};

/// How many characters of foreign text are shown.
pub const CAP: usize = 512;

/// How many are judged: what stands behind what is shown may be the other half of a secret.
const JUDGED: usize = 8 * CAP;

/// Judges foreign text by the secrets of a run, for one result.
///
/// A text goes as a whole where a secret stands in it: to cut one out would tell where it was, and how long it is.
pub struct Redactor {
    run: Arc<Secrets>,
    /// Those of the result's own definition, where those of the run are looked for less closely.
    own: Option<Secrets>,
    /// What the result shows anyway.
    shown: Vec<String>,
}

impl Redactor {
    /// A redactor for one definition that has `secrets`, and that shows `shown` anyway.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>, shown: &[&str]) -> Self {
        Self::of_run(Arc::new(Secrets::of(secrets, shown)), None, shown)
    }

    /// A redactor for one result of a run whose secrets are `run`'s; `own` are those of its definition again, if
    /// [`Secrets::is_coarse`] holds.
    #[must_use]
    pub fn of_run(run: Arc<Secrets>, own: Option<Secrets>, shown: &[&str]) -> Self {
        Self { run, own, shown: shown.iter().map(|text| (*text).to_owned()).collect() }
    }

    /// A server's text as it may be shown, or `None` where it has to go.
    #[must_use]
    pub fn scrub(&self, text: &str) -> Option<String> {
        self.judged(text, true)
    }

    /// A name or version as it may be shown, or `None`. A secret so short that it may be any word is no reason to
    /// hide one.
    #[must_use]
    pub fn name(&self, text: &str) -> Option<String> {
        self.judged(text, false)
    }

    fn judged(&self, text: &str, words: bool) -> Option<String> {
        if self.shown.iter().any(|shown| shown == text) {
            return Some(cap(&strip_control(text)));
        }
        let end = text.char_indices().nth(JUDGED).map_or(text.len(), |(end, _)| end);
        let (raw, stripped) = (&text[..end], strip_control(&text[..end]));
        let leaks = self.leaks(&stripped, words) || raw != stripped && self.leaks(raw, words);
        (!leaks).then(|| cap(&stripped))
    }

    /// Whether a secret stands in any reading of `text`, or if `words` are looked for, a short one as a word.
    fn leaks(&self, text: &str, words: bool) -> bool {
        let secrets = || std::iter::once(&*self.run).chain(&self.own);
        if secrets().all(Secrets::is_empty) {
            return false;
        }
        let wide = secrets().any(|secrets| secrets.has(2));
        let read = read(text, wide, |reading| {
            let leaks = secrets().any(|secrets| match reading {
                Reading::Text(text) => self.is_in(secrets, text) || words && self.is_word_of(secrets, text),
                Reading::Bytes(bytes) => is_in_bytes(secrets, bytes),
            });
            if leaks { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        read.is_break()
    }

    /// Whether a piece of a secret stands in `text`, elsewhere than in what may stand there.
    fn is_in(&self, secrets: &Secrets, text: &str) -> bool {
        let others = [(0, Alphabet::Lookalikes), (0, Alphabet::Ascii)];
        let others = others.into_iter().filter(|_| !text.is_ascii());
        SEARCHED.into_iter().enumerate().chain(others).filter(|(searched, _)| secrets.has(*searched)).any(
            |(searched, alphabet)| {
                let symbols = skeleton(text, alphabet);
                let mut pieces = secrets.pieces(searched, &symbols).peekable();
                if pieces.peek().is_none() {
                    return false;
                }
                let excused = excused(text, alphabet, &self.shown);
                pieces.any(|(at, length)| !excused.iter().any(|range| range.start <= at && at + length <= range.end))
            },
        )
    }

    /// Whether a short secret is a word of `text`, elsewhere than in what may stand there.
    fn is_word_of(&self, secrets: &Secrets, text: &str) -> bool {
        secrets.has_words() && {
            let excused = excused(text, Alphabet::Visible, &self.shown);
            Text::new(text).short_words(SHORTEST - 1).any(|(at, word)| {
                let is_excused = |range: &Range<usize>| range.start <= at && at + word.len() <= range.end;
                secrets.is_word(word) && !excused.iter().any(is_excused)
            })
        }
    }
}

fn is_in_bytes(secrets: &Secrets, bytes: &[u8]) -> bool {
    SEARCHED.into_iter().enumerate().filter(|(searched, _)| secrets.has(*searched)).any(|(searched, alphabet)| {
        let symbols = skeleton_of_bytes(bytes, alphabet);
        secrets.pieces(searched, &symbols).next().is_some()
    })
}

fn cap(text: &str) -> String {
    match text.char_indices().nth(CAP) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
