//! `Outcome`: the outcome of one group, and the results of its members. The one place where foreign text is scrubbed.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::group::{Member, SHARED};
use super::scan_time::ScanTime;
use super::second_look::refine_hint;
use crate::driver::Driver;
use crate::model::class::Status;
use crate::model::facts::Facts;
use crate::model::failure::Failure;
use crate::model::managed::say_where_the_log_is;
use crate::model::notice::TextNotice;
use crate::model::phase::PhaseTiming;
use crate::model::plain::{HIDDEN, replace_word};
use crate::model::redact::{Kind, Redactor, Secrets};
use crate::model::result::{Address, CheckResult, Held, Place, Waited};
use crate::model::warning::Warning;

/// The outcome of one group.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) failure: Option<Failure>,
    pub(super) facts: Facts,
    pub(super) warnings: Vec<Warning>,
    pub(super) address: Option<Address>,
    pub(super) account: Option<String>,
    pub(super) held: Option<Held>,
    pub(super) waited: Option<Waited>,
    pub(super) shared_with: Vec<String>,
    pub(super) attempts: u32,
    pub(super) started_at: Timestamp,
    pub(super) queued: Duration,
    pub(super) elapsed: Duration,
    pub(super) phases: Vec<PhaseTiming>,
    /// Words from outside that may stand in connprobe's own texts.
    pub(super) heard: Vec<String>,
}

impl Outcome {
    /// A verdict that needed no probe, at `started_at`.
    pub(super) fn untried(failure: Option<Failure>, started_at: Timestamp) -> Self {
        Self {
            failure,
            facts: Facts::default(),
            warnings: Vec::new(),
            address: None,
            account: None,
            held: None,
            waited: None,
            shared_with: Vec::new(),
            attempts: 0,
            started_at,
            queued: Duration::ZERO,
            elapsed: Duration::ZERO,
            phases: Vec::new(),
            heard: Vec::new(),
        }
    }

    /// Whether it may contain text from a server.
    fn has_foreign_text(&mut self) -> bool {
        let said = |failure: &Failure| failure.detail.is_some() || failure.foreign_code().is_some();
        self.failure.as_ref().is_some_and(said) || !self.heard.is_empty() || self.facts.foreign_texts().next().is_some()
    }
}

/// The result of `member`, made from `outcome`, which the results in `shared_with` rest on too. No text in it contains
/// one of the run's `secrets`. Texts are searched while there is `scan_time`; text that was not searched is not shown.
pub(super) fn result(
    member: &Member,
    mut outcome: Outcome,
    mut shared_with: Arc<[String]>,
    secrets: &Arc<Secrets>,
    scan_time: &ScanTime,
) -> CheckResult {
    let connection = &member.connection;
    let driver = member.driver.as_ref().map(|driver| driver.spec().name);
    if secrets.hides_all() {
        silence(&mut outcome);
    } else if !scan_time.is_left() {
        if outcome.has_foreign_text() && silence(&mut outcome) {
            outcome.warnings.push(TextNotice::TooLate.into());
        }
    } else {
        scrub(&mut outcome, scan_time, || member.redactor(secrets));
    }
    let view = member.view();
    if !view.is_plain() {
        if let Some(failure) = &mut outcome.failure {
            for text in std::iter::once(&mut failure.message).chain(&mut failure.hint) {
                view.conceal(text);
            }
            view.conceal_fields(&mut failure.fields);
        }
        for warning in &mut outcome.warnings {
            view.conceal(&mut warning.message);
        }
    }
    if let Some(failure) = &mut outcome.failure {
        refine_hint(failure, connection, member.driver.as_deref());
        let spec = member.driver.as_deref().map(Driver::spec);
        let service = spec.zip(member.target.host.as_deref()).and_then(|(spec, host)| (spec.service_at)(host));
        if let (Some(spec), Some(service)) = (spec, service) {
            say_where_the_log_is(failure, spec.sends_to_log, service);
        }
    }
    if !outcome.shared_with.is_empty() {
        let more = outcome.shared_with.drain(..).filter(|id| *id != member.id).take(SHARED);
        shared_with = shared_with.iter().cloned().chain(more).collect();
    }
    let target = member.target.to_string();
    CheckResult {
        position: member.position,
        id: member.id.clone(),
        conn_id: view.name().map(str::to_owned),
        conn_type: view.conn_type().map(str::to_owned),
        driver: driver.map(Into::into),
        origin: connection.origin.to_string(),
        place: connection.file.clone().map(|file| Place { file, line: connection.origin.line }),
        host: view.host().map(Cow::into_owned),
        port: member.target.port,
        database: member.target.database.clone(),
        target: Some(target).filter(|target| !target.is_empty() && member.driver.is_some()),
        address: outcome.address,
        login: member.login.clone(),
        account: outcome.account,
        held: outcome.held,
        waited: outcome.waited,
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

/// Removes all foreign text, and codes that are in none of connprobe's tables. Returns whether there was any.
fn silence(outcome: &mut Outcome) -> bool {
    let Outcome { failure, facts, warnings, heard, .. } = outcome;
    let told = (facts.clone(), failure.clone());
    heard.extend(failure.iter_mut().flat_map(Failure::take_spoken));
    heard.extend(failure.as_ref().and_then(Failure::foreign_code).map(str::to_owned));
    facts.without_foreign_texts();
    failure.iter_mut().for_each(Failure::silence);
    for word in heard.iter() {
        replace(failure, warnings, word, HIDDEN);
    }
    !heard.is_empty() || (&*facts, &*failure) != (&told.0, &told.1)
}

/// Scrubs everything that may hold foreign text, all of it together: the pieces of a secret may stand in several texts.
/// The redactor is made only if there is text to scrub, which most failures do not have. A code that is in one of
/// connprobe's tables is not foreign.
fn scrub(outcome: &mut Outcome, scan_time: &ScanTime, redactor: impl FnOnce() -> Redactor) {
    let Outcome { failure, facts, warnings, heard, .. } = outcome;
    let detail = failure.as_mut().and_then(|failure| failure.detail.take());
    let code = failure.as_ref().and_then(Failure::foreign_code).map(str::to_owned);
    let has_code = code.is_some();
    heard.extend(failure.iter_mut().flat_map(Failure::take_spoken));
    heard.extend(code);
    let mut told = facts.clone();
    let texts: Vec<(Kind, &str)> = (detail.iter().map(|text| (Kind::Text, &**text)))
        .chain(told.foreign_texts().map(|(kind, text)| (kind, text.as_str())))
        .chain(heard.iter().map(|word| (Kind::Name, word.as_str())))
        .collect();
    if texts.is_empty() {
        return;
    }
    let redactor = redactor();
    let mut judged = redactor.judge_while(&texts, &|| scan_time.is_left()).into_iter();
    if redactor.gave_up() {
        let why = if scan_time.is_left() { TextNotice::TooMuch } else { TextNotice::TooLate };
        warnings.push(why.into());
    }
    let mut next = || judged.next().flatten();
    let shown_detail = detail.and_then(|_| next()).filter(|text| !text.is_empty());
    for (_, text) in facts.foreign_texts() {
        *text = next().unwrap_or_else(|| "[withheld]".to_owned());
    }
    let shown: Vec<Option<String>> = heard.iter().map(|_| next()).collect();
    if let Some(failure) = failure {
        failure.detail = shown_detail.map(Into::into);
        if has_code {
            failure.code = shown.last().cloned().flatten();
        }
    }
    for (word, shown) in heard.iter().zip(shown) {
        let shown = shown.unwrap_or_else(|| HIDDEN.to_owned());
        if shown != *word {
            replace(failure, warnings, word, &shown);
        }
    }
}

/// Replaces `word` with `shown` in connprobe's own texts.
fn replace(failure: &mut Option<Failure>, warnings: &mut [Warning], word: &str, shown: &str) {
    if let Some(failure) = failure {
        failure.replace(word, shown);
    }
    for warning in warnings {
        replace_word(&mut warning.message, word, shown);
    }
}
