//! `Outcome`: what came of one group, and how a member's result is made of it. The one place
//! where foreign text is scrubbed.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::group::Member;
use super::second_look::refine_hint;
use crate::clock;
use crate::model::class::Status;
use crate::model::codes;
use crate::model::facts::Facts;
use crate::model::failure::Failure;
use crate::model::phase::PhaseTiming;
use crate::model::plain::HIDDEN;
use crate::model::redact::{Kind, Redactor, Secrets};
use crate::model::result::{Address, CheckResult, Held};
use crate::model::warning::Warning;

/// What came of one group.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) failure: Option<Failure>,
    pub(super) facts: Facts,
    pub(super) warnings: Vec<Warning>,
    pub(super) address: Option<Address>,
    pub(super) account: Option<String>,
    pub(super) held: Option<Held>,
    pub(super) shared_with: Vec<String>,
    pub(super) attempts: u32,
    pub(super) started_at: Timestamp,
    pub(super) queued: Duration,
    pub(super) elapsed: Duration,
    pub(super) phases: Vec<PhaseTiming>,
    /// Words from outside that may stand in our own texts.
    pub(super) heard: Vec<String>,
}

impl Outcome {
    /// A verdict that needed no probe.
    pub(super) fn untried(failure: Option<Failure>) -> Self {
        Self {
            failure,
            facts: Facts::default(),
            warnings: Vec::new(),
            address: None,
            account: None,
            held: None,
            shared_with: Vec::new(),
            attempts: 0,
            started_at: clock::now(),
            queued: Duration::ZERO,
            elapsed: Duration::ZERO,
            phases: Vec::new(),
            heard: Vec::new(),
        }
    }
}

/// The result of `member`, which rests on `outcome`, as those of the others do that it is `shared_with`; no text in it
/// holds one of the run's `secrets`.
pub(super) fn result(
    member: &Member,
    mut outcome: Outcome,
    mut shared_with: Vec<String>,
    secrets: &Arc<Secrets>,
) -> CheckResult {
    let connection = &member.connection;
    let driver = member.driver.map(|driver| driver.spec().name);
    if secrets.hides_all() {
        silence(&mut outcome, driver);
    } else {
        scrub(&mut outcome, driver, || member.redactor(secrets));
    }
    // A shorter piece may be part of any word.
    let view = member.view();
    for secret in view.misplaced().filter(|secret| secret.chars().count() >= 4) {
        replace(&mut outcome.failure, &mut outcome.warnings, secret, HIDDEN);
    }
    if let Some(failure) = &mut outcome.failure {
        refine_hint(failure, connection, member.driver);
    }
    shared_with.extend(outcome.shared_with.drain(..).filter(|id| *id != member.id).take(super::group::SHARED));
    let target = member.target.to_string();
    CheckResult {
        position: member.position,
        id: member.id.clone(),
        conn_id: view.name().map(str::to_owned),
        conn_type: view.conn_type().map(str::to_owned),
        driver,
        origin: connection.origin.to_string(),
        host: view.host().map(Cow::into_owned),
        port: member.target.port,
        database: member.target.database.clone(),
        target: Some(target).filter(|target| !target.is_empty() && member.driver.is_some()),
        address: outcome.address,
        login: member.login.clone(),
        account: outcome.account,
        held: outcome.held,
        status: outcome.failure.as_ref().map_or(Status::Ok, |failure| failure.status),
        failure: outcome.failure,
        warnings: member.warnings.iter().cloned().chain(outcome.warnings).collect(),
        facts: outcome.facts,
        shared_with,
        attempts: outcome.attempts,
        started_at: outcome.started_at,
        queued: outcome.queued,
        elapsed: outcome.elapsed,
        phases: outcome.phases,
    }
}

/// Takes out all foreign text, and codes that are in no table of ours.
fn silence(outcome: &mut Outcome, driver: Option<&str>) {
    let Outcome { failure, facts, warnings, heard, .. } = outcome;
    if let Some(failure) = failure {
        failure.detail = None;
        heard.extend(failure.code.take_if(|code| !driver.is_some_and(|driver| codes::is_known(driver, code))));
    }
    facts.without_foreign_texts();
    for word in heard.iter().filter(|word| !word.is_empty()) {
        replace(failure, warnings, word, HIDDEN);
    }
}

/// Scrubs what may hold foreign text, all of it together: pieces of a secret may stand in several texts. The redactor is
/// made only where there is something to scrub: most failures have nothing. A code that our table of `driver` has is our
/// own word.
fn scrub(outcome: &mut Outcome, driver: Option<&str>, redactor: impl FnOnce() -> Redactor) {
    let Outcome { failure, facts, warnings, heard, .. } = outcome;
    let is_foreign = |code: &String| !driver.is_some_and(|driver| codes::is_known(driver, code));
    let detail = failure.as_mut().and_then(|failure| failure.detail.take());
    let code = failure.as_mut().and_then(|failure| failure.code.take_if(|code| is_foreign(code)));
    let has_code = code.is_some();
    heard.extend(code);
    let mut told = facts.clone();
    let texts: Vec<(Kind, &str)> = (detail.iter().map(|text| (Kind::Text, text.as_str())))
        .chain(told.foreign_texts().map(|(kind, text)| (kind, text.as_str())))
        .chain(heard.iter().map(|word| (Kind::Name, word.as_str())))
        .collect();
    if texts.is_empty() {
        return;
    }
    let mut judged = redactor().judge(&texts).into_iter();
    let mut next = || judged.next().flatten();
    let shown_detail = detail.and_then(|_| next()).filter(|text| !text.is_empty());
    for (_, text) in facts.foreign_texts() {
        *text = next().unwrap_or_else(|| "[withheld]".to_owned());
    }
    let shown: Vec<Option<String>> = heard.iter().map(|_| next()).collect();
    if let Some(failure) = failure {
        failure.detail = shown_detail;
        if has_code {
            failure.code = shown.last().cloned().flatten();
        }
    }
    for (word, shown) in heard.iter().zip(shown).filter(|(word, _)| !word.is_empty()) {
        let shown = shown.unwrap_or_else(|| HIDDEN.to_owned());
        if shown != *word {
            replace(failure, warnings, word, &shown);
        }
    }
}

/// Replaces `word` by `shown` in our own texts.
fn replace(failure: &mut Option<Failure>, warnings: &mut [Warning], word: &str, shown: &str) {
    let of_failure =
        failure.iter_mut().flat_map(|failure| std::iter::once(&mut failure.message).chain(&mut failure.hint));
    for text in of_failure.chain(warnings.iter_mut().map(|warning| &mut warning.message)) {
        if let Some(replaced) = replaced(text, word, shown) {
            *text = replaced;
        }
    }
}

/// `text` with `shown` wherever `word` stands in it, in whatever case: names of hosts lose theirs.
fn replaced(text: &str, word: &str, shown: &str) -> Option<String> {
    let (lower, word) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    let mut places = lower.match_indices(&word).map(|(at, _)| at).peekable();
    places.peek()?;
    let (mut replaced, mut end) = (String::with_capacity(text.len()), 0);
    for at in places {
        replaced.push_str(&text[end..at]);
        replaced.push_str(shown);
        end = at + word.len();
    }
    Some(replaced + &text[end..])
}
