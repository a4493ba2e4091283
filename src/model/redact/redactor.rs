//! `Redactor`: decides whether foreign text may be shown.

use std::cell::Cell;
use std::sync::Arc;

use super::excuse::{Fixed, WHOLE, is_phrase, push_of_whole, remains};
use super::foreign_part::{Forms, forms};
use super::hazard::strip_control;
use super::readings::{Wanted, read};
use super::search::Search;
use super::secrets::{SHORTEST, Secrets};
use super::skeleton::Symbols;

/// The maximum number of characters of foreign text that are shown.
pub const CAP: usize = 512;

/// The maximum number of characters that are judged: the text after the shown part may contain the rest of a secret.
const JUDGED: usize = 3 * CAP;

/// The maximum number of bytes in all readings of texts that are judged together. Texts that exceed it are hidden. The
/// longest text of random letters uses a third of it; if a secret has letters outside ASCII, one in 1,000 exceeds it.
const MOST: usize = 4 << 20;

/// The kind of a foreign text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A server's message.
    Text,
    /// A name. It is not hidden because of a secret so short that it may be any word.
    Name,
    /// A product's name or version. Numbers next to a well-known product's name do not count as a secret either.
    Product,
}

/// Judges the foreign text of one result by the secrets of its run.
///
/// A text that contains a secret is hidden as a whole: cutting the secret out would reveal its position and length.
pub struct Redactor {
    run: Arc<Secrets>,
    /// The secrets of the result's own definition, if those of the run are searched for less strictly.
    own: Option<Secrets>,
    /// The secrets learnt during the run so far.
    learnt: Option<Arc<Secrets>>,
    /// The texts that the result shows anyway.
    shown: Vec<String>,
    /// Whether a piece of a secret was found, excused or not.
    found: Cell<bool>,
    /// The number of bytes that may still be read for the texts being judged.
    left: Cell<usize>,
}

impl Redactor {
    /// A redactor for one definition with `secrets` that shows `shown` anyway.
    #[must_use]
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>, shown: &[&str]) -> Self {
        Self::of_run(Arc::new(Secrets::of(secrets, shown)), None, shown)
    }

    /// A redactor for one result of a run with the secrets `run`. `own` are the secrets of its definition, if
    /// [`Secrets::is_coarse`] holds.
    #[must_use]
    pub fn of_run(run: Arc<Secrets>, own: Option<Secrets>, shown: &[&str]) -> Self {
        let shown = shown.iter().map(|text| (*text).to_owned()).collect();
        let learnt = run.learnt();
        Self { run, own, learnt, shown, found: Cell::default(), left: Cell::new(MOST) }
    }

    /// The text as it may be shown, or `None` if it must be hidden.
    #[must_use]
    pub fn scrub(&self, text: &str) -> Option<String> {
        self.judge(&[(Kind::Text, text)]).pop().flatten()
    }

    /// All foreign texts of one result as they may be shown, or `None` for each that must be hidden. A secret may be in
    /// one text, or in pieces in several.
    #[must_use]
    pub fn judge(&self, texts: &[(Kind, &str)]) -> Vec<Option<String>> {
        self.judge_while(texts, &|| true)
    }

    /// Like [`Redactor::judge`], as long as `goes_on` returns true. After that, all texts that may contain a secret are
    /// hidden.
    #[must_use]
    pub fn judge_while(&self, texts: &[(Kind, &str)], goes_on: &dyn Fn() -> bool) -> Vec<Option<String>> {
        self.left.set(MOST);
        let told: Vec<(Kind, Told)> = texts.iter().map(|(kind, text)| (*kind, Told::of(text))).collect();
        let mut shown: Vec<Option<String>> = told.iter().map(|(_, told)| Some(cap(&told.plain))).collect();
        let says_more = |(place, _): &(usize, &(Kind, Told))| !self.says_nothing_new(texts[*place].1);
        let open = told.iter().enumerate().filter(says_more);
        // Checked first: when the texts are joined, a secret that is also a common word no longer stands alone.
        let (alone, open): (Vec<_>, Vec<_>) =
            open.partition(|(_, (_, told))| told.each().any(|text| self.is_secret(text)));
        for (place, _) in alone {
            shown[place] = None;
        }
        // If the joined texts contain no secret, no single one does.
        let all = Told::joined(open.iter().map(|(_, (_, told))| told.clone()));
        let strictest = if open.iter().any(|(_, (kind, _))| *kind == Kind::Text) { Kind::Text } else { Kind::Name };
        let key = all.both();
        // A text may stop being harmless when a secret is learnt.
        let harmless = &self.learnt.as_ref().unwrap_or(&self.run).harmless;
        if harmless.has(strictest, &key) {
            return shown;
        }
        self.found.set(false);
        let short = strictest == Kind::Text && self.secrets().any(Secrets::has_words);
        let every = open.iter().flat_map(|(_, (kind, told))| told.each().map(|text| (*kind, text)));
        let forms = forms(every, &self.shown, short);
        if !self.leaks(&all, strictest, forms, goes_on) {
            if !self.found.get() && self.own.is_none() {
                harmless.add(strictest, &key);
            }
            return shown;
        }
        let (leaking, others): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(_, (kind, told))| self.leaks(told, *kind, forms, goes_on));
        let rest = Told::joined(others.iter().map(|(_, (kind, told))| match kind {
            Kind::Product => told.map(|text| remains(text, Fixed::Product)),
            Kind::Text | Kind::Name => told.map(|text| cut(text, CAP).to_owned()),
        }));
        let together = if self.leaks(&rest, Kind::Name, forms, goes_on) { others } else { Vec::new() };
        for (place, _) in leaking.into_iter().chain(together) {
            shown[place] = None;
        }
        shown
    }

    /// Whether the texts last judged were hidden because they exceeded the budget or the time.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        self.left.get() == 0
    }

    /// The number of bytes in all readings of the texts last judged.
    #[cfg(test)]
    pub(super) fn read(&self) -> usize {
        MOST - self.left.get()
    }

    /// Whether `text` is a fixed phrase, such as the name of a login method, or consists of what the result shows
    /// anyway, each part once: `etl@db.example.com`.
    fn says_nothing_new(&self, text: &str) -> bool {
        if text.is_empty() || is_phrase(text) || self.shown.iter().any(|shown| shown == text) {
            return true;
        }
        let (mut rest, mut is_shown) = (text.to_owned(), false);
        for word in self.shown.iter().filter(|word| word.len() >= SHORTEST) {
            if let Some(at) = rest.find(word.as_str()) {
                // The blank keeps the text on both sides from becoming one word.
                rest.replace_range(at..at + word.len(), " ");
                is_shown = true;
            }
        }
        // Other punctuation may be a secret by itself.
        is_shown && rest.len() <= SHORTEST && rest.chars().all(|letter| " @:/.".contains(letter))
    }

    /// Whether `told` contains a secret, with or without its invisible characters. Also true once the budget is used
    /// up.
    fn leaks(&self, told: &Told, kind: Kind, forms: Forms, goes_on: &dyn Fn() -> bool) -> bool {
        self.gave_up() || told.each().any(|text| self.is_read_in(text, kind, forms, goes_on))
    }

    /// Whether all of `text` is a secret.
    fn is_secret(&self, text: &str) -> bool {
        let mut symbols = Symbols::default();
        for letter in text.trim_matches(|letter: char| !letter.is_alphanumeric()).chars().take(WHOLE + 1) {
            push_of_whole(letter, &mut symbols);
        }
        (SHORTEST..=WHOLE).contains(&symbols.len()) && self.secrets().any(|secrets| secrets.is_whole(&symbols))
    }

    fn secrets(&self) -> impl Iterator<Item = &Secrets> {
        std::iter::once(&*self.run).chain(&self.own).chain(self.learnt.as_deref())
    }

    /// Whether any reading of `text` contains a secret. The text is also read without the common words of servers,
    /// which may separate the pieces of one.
    fn is_read_in(&self, text: &str, kind: Kind, forms: Forms, goes_on: &dyn Fn() -> bool) -> bool {
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
        let mut search = Search::new(secrets().collect(), &self.shown, forms, &self.found, &self.left, goes_on);
        let mut is_in = |text: &str, words: bool, fixed: Fixed| {
            read(text, wanted, |reading| search.look(&reading, words, fixed)).is_break()
        };
        is_in(text, words, fixed) || {
            let rest = remains(text, fixed);
            rest.len() < text.len() && rest.trim().len() >= SHORTEST && is_in(&rest, false, Fixed::Words)
        }
    }
}

/// The part of a text that is judged.
#[derive(Clone)]
struct Told {
    /// As it is shown, without invisible characters.
    plain: String,
    /// As received, if that differs.
    raw: Option<String>,
}

impl Told {
    fn of(text: &str) -> Self {
        let plain = cut(&strip_control(text), JUDGED).to_owned();
        let raw = Some(cut(text, JUDGED)).filter(|raw| *raw != plain).map(str::to_owned);
        Self { plain, raw }
    }

    /// Joins all texts to one.
    fn joined(all: impl Iterator<Item = Self>) -> Self {
        let all: Vec<Self> = all.collect();
        let raw = all.iter().any(|told| told.raw.is_some());
        let plain = in_both_orders(all.iter().map(|told| told.plain.as_str()));
        let raw = raw.then(|| in_both_orders(all.iter().map(|told| told.raw.as_deref().unwrap_or(&told.plain))));
        Self { plain, raw }
    }

    fn map(&self, change: impl Fn(&str) -> String) -> Self {
        Self { plain: change(&self.plain), raw: self.raw.as_deref().map(change) }
    }

    fn each(&self) -> impl Iterator<Item = &str> {
        [Some(self.plain.as_str()), self.raw.as_deref()].into_iter().flatten()
    }

    /// Both forms in one text.
    fn both(&self) -> String {
        self.each().collect::<Vec<_>>().join("\0")
    }
}

/// The number of texts of which every pair is compared.
const PAIRED: usize = 8;

/// The texts in order, then in reverse, so that each one precedes and follows each of its neighbours; then the same for
/// the pairs of the first few that are not neighbours. Only the part of a text that is shown can be next to another.
fn in_both_orders<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let texts: Vec<&str> = texts.collect();
    if let [alone] = texts[..] {
        return alone.to_owned();
    }
    let shown: Vec<&str> = texts.iter().map(|text| cut(text, CAP)).collect();
    let first = &shown[..shown.len().min(PAIRED)];
    let pairs = first
        .iter()
        .enumerate()
        .flat_map(|(at, text)| first.iter().skip(at + 2).flat_map(move |other| [*text, *other, *text]));
    let longer = texts.iter().zip(&shown).filter(|(text, shown)| text.len() > shown.len()).map(|(text, _)| *text);
    let chain = shown.iter().chain(shown.iter().rev().skip(1)).copied();
    chain.chain(pairs).chain(longer).collect::<Vec<_>>().join(" ")
}

/// The first `count` characters of `text`.
fn cut(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(end, _)| &text[..end])
}

fn cap(text: &str) -> String {
    let shown = cut(text, CAP);
    if shown.len() < text.len() { format!("{shown}…") } else { text.to_owned() }
}
