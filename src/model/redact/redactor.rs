//! `Redactor`: the one judge of whether foreign text may be shown.

use std::cell::Cell;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::excuse::{Fixed, Text, excused, is_phrase, remains};
use super::foreign_part::{Forms, forms};
use super::hazard::strip_control;
use super::readings::{Reading, Wanted, read};
use super::secrets::{SEARCHED, SHORTEST, Secrets};
use super::skeleton::{Alphabet, Symbols, skeleton, skeleton_of_bytes};

/// How many characters of foreign text are shown.
pub const CAP: usize = 512;

/// How many are judged: what stands behind what is shown may be the other half of a secret.
const JUDGED: usize = 8 * CAP;

/// What a foreign text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A server's text.
    Text,
    /// A name: a secret so short that it may be any word is no reason to hide one.
    Name,
    /// A product's name or version: numbers beside the name of a product that everybody knows tell nothing either.
    Product,
}

/// Judges foreign text by the secrets of a run, for one result.
///
/// A text goes as a whole where a secret stands in it: to cut one out would tell where it was, and how long it is.
pub struct Redactor {
    run: Arc<Secrets>,
    /// Those of the result's own definition, where those of the run are looked for less closely; and what a probe made
    /// of them.
    own: Option<Secrets>,
    /// What the result shows anyway.
    shown: Vec<String>,
    /// Whether a piece of a secret was found, excused or not.
    found: Cell<bool>,
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
        Self { run, own, shown: shown.iter().map(|text| (*text).to_owned()).collect(), found: Cell::default() }
    }

    /// A server's text as it may be shown, or `None` where it has to go.
    #[must_use]
    pub fn scrub(&self, text: &str) -> Option<String> {
        self.judge(&[(Kind::Text, text)]).pop().flatten()
    }

    /// All foreign texts of one result as they may be shown, or `None` for each that has to go: a secret may stand in
    /// one of them, or its pieces in several.
    #[must_use]
    pub fn judge(&self, texts: &[(Kind, &str)]) -> Vec<Option<String>> {
        let mut shown: Vec<Option<String>> = texts.iter().map(|(_, text)| Some(cap(&strip_control(text)))).collect();
        let open: Vec<_> = texts.iter().enumerate().filter(|(_, (_, text))| !self.says_nothing_new(text)).collect();
        // What stands in none of them stands in no single one either.
        let all = in_both_orders(open.iter().map(|(_, (_, text))| cut(text, JUDGED).to_owned()));
        let strictest = if open.iter().any(|(_, (kind, _))| *kind == Kind::Text) { Kind::Text } else { Kind::Name };
        if self.run.harmless.has(strictest, &all) {
            return shown;
        }
        self.found.set(false);
        let short = strictest == Kind::Text && self.secrets().any(Secrets::has_words);
        let forms = forms(open.iter().map(|(_, (kind, text))| (*kind, cut(text, JUDGED))), &self.shown, short);
        if !self.leaks(&all, strictest, forms) {
            if !self.found.get() && self.own.is_none() {
                self.run.harmless.add(strictest, &all);
            }
            return shown;
        }
        let (leaking, others): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(_, (kind, text))| self.leaks(cut(text, JUDGED), *kind, forms));
        let rest = in_both_orders(others.iter().map(|(_, (kind, text))| match kind {
            Kind::Product => remains(text, Fixed::Product),
            Kind::Text | Kind::Name => cut(text, CAP).to_owned(),
        }));
        let together = if self.leaks(&rest, Kind::Name, forms) { others } else { Vec::new() };
        for (place, _) in leaking.into_iter().chain(together) {
            shown[place] = None;
        }
        shown
    }

    /// Whether `text` is a fixed phrase, such as the name of a method, or made of what the result shows anyway, each of it
    /// once: `etl@db.example.com`.
    fn says_nothing_new(&self, text: &str) -> bool {
        if text.is_empty() || is_phrase(text) || self.shown.iter().any(|shown| shown == text) {
            return true;
        }
        let (mut rest, mut is_shown) = (text.to_owned(), false);
        for word in self.shown.iter().filter(|word| word.len() >= SHORTEST) {
            if let Some(at) = rest.find(word.as_str()) {
                // What stood on both sides does not become one word.
                rest.replace_range(at..at + word.len(), " ");
                is_shown = true;
            }
        }
        // Signs alone may be a secret.
        is_shown && rest.len() <= SHORTEST && rest.chars().all(|letter| " @:/.".contains(letter))
    }

    /// Whether a secret stands in `text`, as it is or without what may be hidden.
    fn leaks(&self, text: &str, kind: Kind, forms: Forms) -> bool {
        let stripped = strip_control(text);
        self.is_read_in(&stripped, kind, forms) || text != stripped && self.is_read_in(text, kind, forms)
    }

    fn secrets(&self) -> impl Iterator<Item = &Secrets> {
        std::iter::once(&*self.run).chain(&self.own)
    }

    /// Whether a secret stands in any reading of `text`, or of what is left of it without the words that servers use
    /// anyway: those may part the pieces of one.
    fn is_read_in(&self, text: &str, kind: Kind, forms: Forms) -> bool {
        let secrets = || self.secrets();
        if secrets().all(Secrets::is_empty) {
            return false;
        }
        let words = kind == Kind::Text;
        let fixed = if kind == Kind::Product { Fixed::Product } else { Fixed::Words };
        let wanted = Wanted {
            wide: secrets().any(|secrets| secrets.has(2)),
            short: words && secrets().any(Secrets::has_words),
            forms,
        };
        let mut symbols = Symbols::default();
        let mut is_in = |text: &str, words: bool, fixed: Fixed| {
            let read = read(text, wanted, |reading| {
                let leaks = secrets().any(|secrets| match reading {
                    Reading::Text(text) => self.is_in(secrets, text, fixed) || words && self.is_word_of(secrets, text),
                    Reading::Bytes(bytes) => self.is_in_bytes(secrets, bytes, fixed, forms, &mut symbols),
                });
                if leaks { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            read.is_break()
        };
        is_in(text, words, fixed) || {
            let rest = remains(text, fixed);
            rest.len() < text.len() && rest.trim().len() >= SHORTEST && is_in(&rest, false, Fixed::Words)
        }
    }

    /// Whether a piece of a secret stands in `text`, elsewhere than in what may stand there.
    fn is_in(&self, secrets: &Secrets, text: &str, fixed: Fixed) -> bool {
        let others = [(0, Alphabet::Lookalikes), (0, Alphabet::Ascii)];
        let others = others.into_iter().filter(|_| !text.is_ascii());
        SEARCHED.into_iter().enumerate().chain(others).filter(|(searched, _)| secrets.has(*searched)).any(
            |(searched, alphabet)| {
                let symbols = skeleton(text, alphabet);
                let mut pieces = secrets.pieces(searched, &symbols).peekable();
                if pieces.peek().is_none() {
                    return false;
                }
                self.found.set(true);
                let excused = excused(text, alphabet, &self.shown, fixed);
                pieces.any(|(at, length)| !excused.iter().any(|range| range.start <= at && at + length <= range.end))
            },
        )
    }

    /// Whether a piece or a digest of a secret stands in `bytes`; what may stand there may do so in Latin-1.
    fn is_in_bytes(&self, secrets: &Secrets, bytes: &[u8], fixed: Fixed, forms: Forms, symbols: &mut Symbols) -> bool {
        let mut is_in = |searched: usize| {
            secrets.has(searched) && {
                skeleton_of_bytes(bytes, SEARCHED[searched], symbols);
                secrets.pieces(searched, symbols).next().is_some()
            }
        };
        let latin = || bytes.iter().copied().map(char::from).collect::<String>();
        forms.digests && secrets.is_digest_in(bytes)
            || is_in(2)
            || (is_in(0) || is_in(1)) && self.is_in(secrets, &latin(), fixed)
    }

    /// Whether a short secret is a word of `text`, elsewhere than in what may stand there.
    fn is_word_of(&self, secrets: &Secrets, text: &str) -> bool {
        if !secrets.has_words() {
            return false;
        }
        let whole = Text::new(text);
        let mut found = whole.short_words(SHORTEST - 1).filter(|(_, word)| secrets.is_word(word)).peekable();
        if found.peek().is_none() {
            return false;
        }
        self.found.set(true);
        let excused = excused(text, Alphabet::Visible, &self.shown, Fixed::Words);
        let is_excused = |at: usize, word: &[u8]| {
            excused.iter().any(|range: &Range<usize>| range.start <= at && at + word.len() <= range.end)
        };
        found.any(|(at, word)| !is_excused(at, word))
    }
}

/// So many texts are paired, each with each.
const PAIRED: usize = 8;

/// The texts one after the other, and then back, so that each stands before and behind each of its neighbours; and those of
/// the first few that are no neighbours likewise.
fn in_both_orders(texts: impl Iterator<Item = String>) -> String {
    let texts: Vec<String> = texts.collect();
    let first = &texts[..texts.len().min(PAIRED)];
    let pairs = first.iter().enumerate().flat_map(|(at, text)| {
        first.iter().skip(at + 2).flat_map(move |other| [text.as_str(), other.as_str(), text.as_str()])
    });
    let chain = texts.iter().chain(texts.iter().rev().skip(1)).map(String::as_str);
    chain.chain(pairs).collect::<Vec<_>>().join(" ")
}

/// The first `count` characters of `text`.
fn cut(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

fn cap(text: &str) -> String {
    let shown = cut(text, CAP);
    if shown.len() < text.len() { format!("{shown}…") } else { text.to_owned() }
}
