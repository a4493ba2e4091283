//! `Redactor`: the one judge of whether foreign text may be shown.

use std::cell::Cell;
use std::sync::Arc;

use super::excuse::{Fixed, WHOLE, is_phrase, push_of_whole, remains};
use super::foreign_part::{Forms, forms};
use super::hazard::strip_control;
use super::readings::{Wanted, read};
use super::search::Search;
use super::secrets::{SHORTEST, Secrets};
use super::skeleton::Symbols;

/// How many characters of foreign text are shown.
pub const CAP: usize = 512;

/// How many are judged: what stands behind what is shown may be the other half of a secret.
const JUDGED: usize = 3 * CAP;

/// So many bytes may be read of all the texts that are judged together, in all their readings; where there are more, the texts
/// go. The longest text of random letters has a third of it; where a secret has letters outside ASCII, one of 1,000 has more.
const MOST: usize = 4 << 20;

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
    /// Those of the result's own definition, where those of the run are looked for less closely.
    own: Option<Secrets>,
    /// Those that the run has learnt so far.
    learnt: Option<Arc<Secrets>>,
    /// What the result shows anyway.
    shown: Vec<String>,
    /// Whether a piece of a secret was found, excused or not.
    found: Cell<bool>,
    /// How much more may be read of the texts that are judged.
    left: Cell<usize>,
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
        let shown = shown.iter().map(|text| (*text).to_owned()).collect();
        let learnt = run.learnt();
        Self { run, own, learnt, shown, found: Cell::default(), left: Cell::new(MOST) }
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
        self.judge_while(texts, &|| true)
    }

    /// The same as long as it `goes_on`: then all texts go that may hold anything.
    #[must_use]
    pub fn judge_while(&self, texts: &[(Kind, &str)], goes_on: &dyn Fn() -> bool) -> Vec<Option<String>> {
        self.left.set(MOST);
        let told: Vec<(Kind, Told)> = texts.iter().map(|(kind, text)| (*kind, Told::of(text))).collect();
        let mut shown: Vec<Option<String>> = told.iter().map(|(_, told)| Some(cap(&told.plain))).collect();
        let says_more = |(place, _): &(usize, &(Kind, Told))| !self.says_nothing_new(texts[*place].1);
        let open = told.iter().enumerate().filter(says_more);
        // Beside others, a word that servers use anyway no longer stands alone.
        let (alone, open): (Vec<_>, Vec<_>) =
            open.partition(|(_, (_, told))| told.each().any(|text| self.is_secret(text)));
        for (place, _) in alone {
            shown[place] = None;
        }
        // What stands in none of them stands in no single one either.
        let all = Told::joined(open.iter().map(|(_, (_, told))| told.clone()));
        let strictest = if open.iter().any(|(_, (kind, _))| *kind == Kind::Text) { Kind::Text } else { Kind::Name };
        let key = all.both();
        // What was harmless may be so no longer once there are more secrets.
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

    /// Whether the texts that were judged last went because there was too much to read in them, or no time.
    #[must_use]
    pub fn gave_up(&self) -> bool {
        self.left.get() == 0
    }

    /// How many bytes the texts that were judged last came to, in all their readings.
    #[cfg(test)]
    pub(super) fn read(&self) -> usize {
        MOST - self.left.get()
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

    /// Whether a secret stands in what was `told`, as it is or without what may be hidden; or nothing is left to find out
    /// with.
    fn leaks(&self, told: &Told, kind: Kind, forms: Forms, goes_on: &dyn Fn() -> bool) -> bool {
        self.gave_up() || told.each().any(|text| self.is_read_in(text, kind, forms, goes_on))
    }

    /// Whether `text` is a secret and nothing else.
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

    /// Whether a secret stands in any reading of `text`, or of what is left of it without the words that servers use
    /// anyway: those may part the pieces of one.
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

/// As much of a text as is judged.
#[derive(Clone)]
struct Told {
    /// Without what may be hidden, as it is shown.
    plain: String,
    /// As it came, where that is different.
    raw: Option<String>,
}

impl Told {
    fn of(text: &str) -> Self {
        let plain = cut(&strip_control(text), JUDGED).to_owned();
        let raw = Some(cut(text, JUDGED)).filter(|raw| *raw != plain).map(str::to_owned);
        Self { plain, raw }
    }

    /// All of them as one.
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

    /// Both in one text.
    fn both(&self) -> String {
        self.each().collect::<Vec<_>>().join("\0")
    }
}

/// So many texts are paired, each with each.
const PAIRED: usize = 8;

/// The texts one after the other, and then back, so that each stands before and behind each of its neighbours; and those of
/// the first few that are no neighbours likewise. What of them is not shown stands beside none.
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
