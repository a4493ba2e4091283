//! `Controls`: the answers of servers to credentials that do not exist. Each is remembered for a day, so that each
//! question is asked once. A question says what is requested, and from which endpoint.
//!
//! Owns the answers of one process, the order of its logins there, and the use of a memory beyond the process. Must not
//! ask a server itself: the caller passes the request.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;

/// How long an answer is remembered.
const KEPT: Duration = Duration::from_hours(24);

/// How long a question without an answer is remembered, so that the waiting logins do not all wait for another try.
const SILENT: Duration = Duration::from_mins(1);

/// With this many questions, those that no login waits for are dropped: a memory beyond the process still has them.
const MANY: usize = 4096;

/// The answer of a server to a request that is signed with keys that do not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// The server did what was requested: it checks no key for that.
    Taken,
    /// A refusal, by the row of the code table that it matches.
    Refused(String),
}

/// A store for answers beyond the process.
#[async_trait]
pub trait Memory: Send + Sync {
    /// The answer to `question`, and when it was received.
    fn recall(&self, question: &str) -> Option<(Timestamp, Control)>;

    /// Stores the answer that was just received for `question`.
    async fn keep(&self, question: &str, control: &Control);
}

/// The answers to all questions.
#[derive(Default)]
pub struct Controls {
    questions: Mutex<HashMap<String, Arc<Question>>>,
    memory: Option<Box<dyn Memory>>,
    clock: Clock,
}

/// One question: the first login that needs its answer asks the server, and the others wait for the outcome.
#[derive(Debug, Default)]
struct Question(tokio::sync::Mutex<Option<(Timestamp, Option<Control>)>>);

impl Controls {
    /// Controls whose answers are also kept in `memory`.
    #[must_use]
    pub fn remembered_by(memory: impl Memory + 'static) -> Self {
        Self { memory: Some(Box::new(memory)), ..Self::default() }
    }

    /// Sets the `clock` by which answers expire.
    #[must_use]
    pub fn by_clock(self, clock: &Clock) -> Self {
        Self { clock: clock.clone(), ..self }
    }

    /// The answer to the question `name`: the remembered one, else the result of `ask`, which is `None` if the server
    /// gave none.
    pub async fn answer(&self, name: &str, ask: impl Future<Output = Option<Control>>) -> Option<Control> {
        let question = {
            let mut questions = self.questions();
            if questions.len() >= MANY {
                questions.retain(|_, question| Arc::strong_count(question) > 1);
            }
            Arc::clone(questions.entry(name.to_owned()).or_default())
        };
        let mut kept = question.0.lock().await;
        let now = self.clock.timestamp();
        if let (None, Some(memory)) = (&*kept, &self.memory) {
            *kept = memory.recall(name).map(|(since, control)| (since, Some(control)));
        }
        if let Some((_, control)) = kept.as_ref().filter(|(since, control)| is_fresh(*since, control.as_ref(), now)) {
            return control.clone();
        }
        let control = ask.await;
        *kept = Some((now, control.clone()));
        if let (Some(control), Some(memory)) = (&control, &self.memory) {
            memory.keep(name, control).await;
        }
        control
    }

    fn questions(&self) -> MutexGuard<'_, HashMap<String, Arc<Question>>> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Controls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Controls").field("questions", &self.questions).finish_non_exhaustive()
    }
}

fn is_fresh(since: Timestamp, control: Option<&Control>, now: Timestamp) -> bool {
    let limit = if control.is_some() { KEPT } else { SILENT };
    // Setting the clock back must not extend how long an answer is kept.
    Duration::try_from(now.duration_since(since)).is_ok_and(|age| age < limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_question_is_asked_once_by_all_who_wait() {
        let controls = Controls::default();
        let refused = || Some(Control::Refused("InvalidAccessKeyId".to_owned()));
        let asked = Mutex::new(0);
        let ask = || async {
            *asked.lock().unwrap() += 1;
            tokio::task::yield_now().await;
            refused()
        };
        let (first, second) = tokio::join!(controls.answer("a", ask()), controls.answer("a", ask()));
        assert_eq!((first, second), (refused(), refused()));
        assert_eq!(*asked.lock().unwrap(), 1);
        assert_eq!(controls.answer("b", async { Some(Control::Taken) }).await, Some(Control::Taken));
        assert_eq!(controls.answer("a", ask()).await, refused());
        assert_eq!(*asked.lock().unwrap(), 1);
    }

    #[tokio::test]
    async fn what_another_process_was_told_is_not_asked_again() {
        #[derive(Clone, Default)]
        struct Kept(Arc<Mutex<HashMap<String, (Timestamp, Control)>>>);
        #[async_trait]
        impl Memory for Kept {
            fn recall(&self, question: &str) -> Option<(Timestamp, Control)> {
                self.0.lock().unwrap().get(question).cloned()
            }
            async fn keep(&self, question: &str, control: &Control) {
                self.0.lock().unwrap().insert(question.to_owned(), (crate::clock::now(), control.clone()));
            }
        }
        let kept = Kept::default();
        let process = || Controls::remembered_by(kept.clone());
        assert_eq!(process().answer("a", async { None }).await, None, "silence is not kept");
        assert_eq!(process().answer("a", async { Some(Control::Taken) }).await, Some(Control::Taken));
        assert_eq!(process().answer("a", async { panic!("asked again") }).await, Some(Control::Taken));
        let yesterday = crate::clock::now() - Duration::from_hours(25);
        kept.0.lock().unwrap().insert("a".to_owned(), (yesterday, Control::Taken));
        let refused = Some(Control::Refused("InvalidAccessKeyId".to_owned()));
        assert_eq!(process().answer("a", async { refused.clone() }).await, refused);
    }

    #[test]
    fn an_answer_is_kept_for_a_day_and_silence_for_a_minute() {
        let since = Timestamp::from_second(1_000_000).unwrap();
        for (control, seconds, fresh) in [
            (Some(Control::Taken), 0, true),
            (Some(Control::Taken), 86_399, true),
            (Some(Control::Taken), 86_400, false),
            (Some(Control::Taken), -1, false),
            (None, 59, true),
            (None, 60, false),
        ] {
            let now = Timestamp::from_second(1_000_000 + seconds).unwrap();
            assert_eq!(is_fresh(since, control.as_ref(), now), fresh, "{control:?} after {seconds} s");
        }
    }
}
