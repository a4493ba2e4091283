//! `Failure`: why a probe did not succeed, as data.

use serde::{Deserialize, Serialize};

use super::class::{Class, Status};
use super::codes::{CheckedCredential, Spoken};
use super::phase::Phase;
use super::plain::{HIDDEN, replace_word};
use super::reason::{Field, Reason, ReasonCode};
use super::redact::{Kind, Redactor};

/// Whose words the detail of a failure is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(inline))]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The server's.
    #[default]
    Server,
    /// A library's, or the operating system's: the server has said nothing of the kind.
    Client,
}

/// Why a probe did not succeed.
///
/// `message` and `hint` are connprobe's words; `detail` is the server's own text, or a library's, raw until the engine has
/// scrubbed it (see [`super::redact`]): only what the engine hands out may be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(from = "Reported")]
#[non_exhaustive]
pub struct Failure {
    /// Who or what is at fault.
    pub class: Class,
    /// What happened, as a stable word.
    pub reason: ReasonCode,
    /// The form fields that reason, code and second look point at, as `host` or `extra.sslmode`.
    pub fields: Box<[Field]>,
    /// The class's own status unless a driver knows better.
    #[serde(skip)]
    pub status: Status,
    /// Where it stopped; the engine fills it from the recorder when a driver leaves it open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// The server's own code, as a string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The code has a meaning: it is in a table of ours, or is an HTTP status.
    #[serde(skip)]
    pub known_code: bool,
    /// A lower-case fragment with the value at fault in backticks.
    pub message: String,
    /// One sentence on what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Names that stand in `message` and are the server's words.
    #[serde(skip)]
    pub spoken: Option<Box<Spoken>>,
    /// The server's own text, or a library's: untrusted. In reports it is scrubbed of secrets and control characters, and
    /// capped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Box<str>>,
    /// Whose text that is.
    #[serde(rename = "detail_from", skip_serializing_if = "Speaker::is_server")]
    pub speaker: Speaker,
    /// When the server says so: before it has looked at the credential, or after.
    #[serde(skip)]
    pub checked: CheckedCredential,
}

/// A failure as it stands in a report: the result has its status, and nothing is left to be scrubbed.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Reported {
    class: Class,
    reason: ReasonCode,
    #[serde(default)]
    fields: Box<[Field]>,
    phase: Option<Phase>,
    code: Option<String>,
    message: String,
    hint: Option<String>,
    detail: Option<Box<str>>,
    #[serde(default)]
    detail_from: Speaker,
}

impl From<Reported> for Failure {
    fn from(reported: Reported) -> Self {
        let Reported { class, reason, fields, phase, code, message, hint, detail, detail_from } = reported;
        Self {
            class,
            reason,
            fields,
            status: class.status(),
            phase,
            code,
            known_code: true,
            message,
            hint,
            spoken: None,
            detail,
            speaker: detail_from,
            checked: CheckedCredential::Unknown,
        }
    }
}

impl Speaker {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_server(&self) -> bool {
        *self == Self::Server
    }
}

impl Failure {
    /// The failure for `reason`.
    #[must_use]
    pub fn of(reason: impl Into<Reason>) -> Self {
        let reason = reason.into();
        let words = reason.words();
        let (status, code) = match reason {
            // Only the server's answer shows that the definition is wrong, so the status is `failed`.
            Reason::Deployment(_) | Reason::Http(_) if words.class == Class::Definition => (Status::Failed, None),
            Reason::ServerCode(entry, _) if words.class == Class::Definition => (Status::Failed, Some(entry.shown())),
            Reason::ServerCode(entry, _) => (words.class.status(), Some(entry.shown())),
            _ => (words.class.status(), None),
        };
        Self {
            class: words.class,
            reason: words.code,
            fields: words.fields.into(),
            status,
            phase: None,
            known_code: code.is_some(),
            code: code.map(str::to_owned),
            message: words.message,
            hint: words.hint.map(Into::into),
            spoken: None,
            detail: None,
            speaker: Speaker::Server,
            checked: CheckedCredential::Unknown,
        }
    }

    /// A failure of `class`, for tests of how failures are handled.
    #[cfg(test)]
    pub(crate) fn made_up(reason: ReasonCode, class: Class, message: &str) -> Self {
        let fields = reason.fields().iter().map(|path| Field::named(path)).collect();
        let failure = Self::of(super::reason::Run::Interrupted);
        Self { reason, class, status: class.status(), fields, message: message.to_owned(), hint: None, ..failure }
    }

    /// What `reason` says of the refusal that this is; the server's code and text stay.
    #[must_use]
    pub fn because(self, reason: impl Into<Reason>) -> Self {
        let Self { phase, code, known_code, detail, speaker, checked, .. } = self;
        Self { phase, code, known_code, detail, speaker, checked, ..Self::of(reason) }
    }

    /// Adds form fields to those of the reason.
    pub fn point_at(&mut self, fields: impl IntoIterator<Item = Field>) {
        let mut all = std::mem::take(&mut self.fields).into_vec();
        for field in fields {
            if !all.contains(&field) {
                all.push(field);
            }
        }
        self.fields = all.into();
    }

    /// Removes foreign text that contains a secret. A code or name in the message is replaced there as well.
    pub fn scrub(&mut self, redactor: &Redactor) {
        let said = self.code.take_if(|_| !self.known_code);
        let spoken = self.take_spoken();
        let texts = [(Kind::Text, self.detail.as_deref()), (Kind::Name, said.as_deref())];
        let texts = texts.into_iter().map(|(kind, text)| (kind, text.unwrap_or_default()));
        let texts: Vec<(Kind, &str)> = texts.chain(spoken.iter().map(|name| (Kind::Name, name.as_str()))).collect();
        let judged = redactor.judge(&texts);
        let mut judged = judged.into_iter().map(|text| text.filter(|text| !text.is_empty()));
        self.detail = judged.next().flatten().map(Into::into);
        let shown = judged.next().flatten();
        for (name, shown) in spoken.iter().zip(judged) {
            if shown.as_ref() != Some(name) {
                self.replace(name, shown.as_deref().unwrap_or(HIDDEN));
            }
        }
        if let Some(said) = said {
            if shown.as_ref() != Some(&said) {
                self.replace(&said, HIDDEN);
            }
            self.code = shown;
        }
    }

    /// Returns and forgets the names in `message` that the server sent, so that the caller can scrub them.
    pub fn take_spoken(&mut self) -> Vec<String> {
        self.spoken.take().map(|spoken| spoken.into_names()).unwrap_or_default()
    }

    /// The code, if it is foreign text.
    #[must_use]
    pub fn foreign_code(&self) -> Option<&str> {
        self.code.as_deref().filter(|_| !self.known_code)
    }

    /// Removes all foreign text: the detail, and names and unknown codes, which a placeholder replaces in the message.
    pub fn silence(&mut self) {
        self.detail = None;
        for name in self.take_spoken() {
            self.replace(&name, HIDDEN);
        }
        if let Some(code) = self.code.take_if(|_| !self.known_code) {
            self.replace(&code, HIDDEN);
        }
    }

    /// Replaces `word` by `shown` in message and hint.
    pub fn replace(&mut self, word: &str, shown: &str) {
        for text in std::iter::once(&mut self.message).chain(&mut self.hint) {
            replace_word(text, word, shown);
        }
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the server's code, which is foreign text.
    #[must_use]
    pub fn code(self, code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), known_code: false, ..self }
    }

    /// Sets the server's code, which has a known meaning, such as an HTTP status, and therefore needs no scrubbing.
    #[must_use]
    pub fn known_code(self, code: impl Into<String>) -> Self {
        Self { code: Some(code.into()), known_code: true, ..self }
    }

    /// Sets the server's own text.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into().into());
        self
    }

    /// Sets the detail to the text of a library or of the operating system.
    #[must_use]
    pub fn remark(self, text: impl Into<String>) -> Self {
        Self { speaker: Speaker::Client, ..self.detail(text) }
    }

    /// The detail and its origin, for people.
    #[must_use]
    pub fn said(&self) -> Option<String> {
        let who = match self.speaker {
            Speaker::Server => "the server says",
            Speaker::Client => "in detail",
        };
        self.detail.as_ref().map(|detail| format!("{who}: {detail}"))
    }

    /// Sets the phase, if it is not the one that is open in the recorder.
    #[must_use]
    pub fn at(mut self, phase: Phase) -> Self {
        self.phase = Some(phase);
        self
    }

    /// Overrides the status that the class implies.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}

impl<R: Into<Reason>> From<R> for Failure {
    fn from(reason: R) -> Self {
        Self::of(reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::codes::CodeTable;
    use crate::model::codes::{CodeEntry, Context};
    use crate::model::reason::{Login, Run};

    const ROWS: &[CodeEntry] = &[CodeEntry {
        code: "28P01",
        name: "invalid_password",
        class: Class::Auth,
        reason: ReasonCode::LoginRefused,
        message: "refused",
        hint: "check `password`",
        explanation: "It was refused.",
    }];

    #[test]
    fn a_code_is_a_servers_word_unless_a_table_has_it() {
        let unknown = || Failure::of(Login::ServerError { code: Some("X1".to_owned()), hint: "" });
        let table = CodeTable::new(ROWS);
        let known = || table.failure("28P01", Context::default()).unwrap();
        for (failure, foreign, left) in [
            (Failure::of(Run::Interrupted), None, None),
            (unknown().code("X1"), Some("X1"), None),
            (Failure { code: Some("X1".to_owned()), ..unknown() }, Some("X1"), None),
            (unknown().known_code("403"), None, Some("403")),
            (unknown().code_of(&table, "X1"), Some("X1"), None),
            (unknown().code_of(&table, "28P01"), None, Some("28P01")),
            (known(), None, Some("28P01")),
            (known().code("X1"), Some("X1"), None),
        ] {
            let mut failure = failure.detail("said");
            assert_eq!(failure.foreign_code(), foreign);
            failure.silence();
            assert_eq!((failure.code.as_deref(), failure.detail), (left, None));
            assert!(!failure.message.contains("X1") || foreign.is_none(), "{}", failure.message);
        }
    }
}
