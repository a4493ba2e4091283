//! What the driver crate reports → failures in our words.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use super::frames::nonsense;
use super::hosts::Host;
use super::options::Options;
use super::tls_options::SslMode;
use super::watch::Stopped;
use crate::driver::Attempt;
use crate::driver::attempt::Channel;
use crate::model::codes::refinement::Said;
use crate::model::codes::{self, Context};
use crate::model::failure::Failure;
use crate::model::reason::{self, Field, ReasonCode};
use crate::model::result::Address;
use crate::net::fault::{classify, find};
use crate::net::guard::Tap;
use crate::net::sniff::Protocol;

/// The server's routine that goes through `pg_hba.conf`, before it asks for any proof.
const HBA: &str = "ClientAuthentication";

/// One login at one host.
#[derive(Clone)]
pub(super) struct Login<'a> {
    pub(super) attempt: &'a Attempt,
    pub(super) options: Arc<Options>,
    pub(super) host: Host,
    /// Whether the host was sent a credential.
    pub(super) sent: Arc<AtomicBool>,
}

/// Whom a login speaks to, and how: what it takes to say why it failed.
#[derive(Clone)]
pub(super) struct Peer<'a> {
    pub(super) login: Login<'a>,
    pub(super) address: Address,
    pub(super) channel: Channel,
    pub(super) tap: Tap,
}

impl Peer<'_> {
    /// What `error` of the driver crate means.
    pub(super) fn failure(&self, error: &Error) -> Failure {
        if let Some(Stopped(failure)) = find(error) {
            return failure.clone();
        }
        if let Some(refusal) = error.as_db_error() {
            return self.refusal(refusal);
        }
        // The crate keeps its kinds of error private; what it says of them is constant.
        match error.to_string().as_str() {
            "error parsing response from server" if is_incomplete_refusal(error) => {
                Failure::of(reason::Login::ServerError {
                    code: None,
                    hint: "its error message has no code or text; a pooler or proxy in front may be at fault: see its log",
                })
            }
            // A message that ends too early, though its frame was whole: nobody hung up.
            "error parsing response from server" => {
                classify(&nonsense("a message that contradicts itself"), &self.tap, Protocol::Postgres)
            }
            _ => {
                let cause = find::<io::Error>(error).map_or(error as &dyn StdError, |cause| cause);
                classify(cause, &self.tap, Protocol::Postgres)
            }
        }
    }

    /// The server said no.
    fn refusal(&self, refusal: &DbError) -> Failure {
        let Login { options, host, .. } = &self.login;
        let (host, target) = (host.to_string(), format!("{host}/{}", options.database));
        let context = Context {
            login: Some(&options.user),
            database: Some(&options.database),
            host: Some(&host),
            target: Some(&target),
        };
        let said = Said { code: refusal.code().code(), product: None, text: &text(refusal, "\n", "\n") };
        let mut failure = codes::refusal("postgres", said, self.variant(refusal), context)
            .unwrap_or_else(|| {
                let hint = "look the code up in the PostgreSQL manual, appendix A, and the moment in the server's log";
                Failure::of(reason::Login::ServerError { code: Some(said.code.to_owned()), hint }).code(said.code)
            })
            .detail(text(refusal, ". DETAIL: ", ". HINT: "));
        if failure.reason == ReasonCode::SettingRefused && options.settings.is_some() {
            failure.point_at([Field::extra("options")]);
        }
        failure
    }

    /// What tells apart the errors that share a code: the routine that raised it, which is never
    /// translated, and how we were connected.
    fn variant<'d>(&self, refusal: &'d DbError) -> Option<&'d str> {
        let chose_clear = self.login.options.tls.mode == SslMode::Disable && matches!(self.address, Address::Ip(_));
        match refusal.routine()? {
            HBA if chose_clear => Some("unencrypted"),
            // Servers that speak another language say it in other words, and get the routine's own row.
            HBA if refusal.message().contains("client certificate") => Some("certificate"),
            routine => Some(routine),
        }
    }

    /// Whether `pg_hba.conf` turned us away before anything was sent that is worth protecting: then
    /// another kind of channel may be tried.
    pub(super) fn turned_away(&self, error: &Error) -> bool {
        error.as_db_error().is_some_and(|refusal| refusal.routine() == Some(HBA)) && !self.login.was_sent()
    }
}

impl Login<'_> {
    /// Whether this host was sent a credential.
    pub(super) fn was_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }
}

/// All that the server says: its message, and what else it has to say of it.
fn text(refusal: &DbError, detail: &str, hint: &str) -> String {
    let mut text = refusal.message().to_owned();
    for (separator, part) in [(detail, refusal.detail()), (hint, refusal.hint())] {
        if let Some(part) = part {
            text.truncate(text.trim_end_matches(['.', ' ']).len());
            text.extend([separator, part]);
        }
    }
    text
}

/// An error message of the server's that lacks what every such message has.
fn is_incomplete_refusal(error: &Error) -> bool {
    error.source().is_some_and(|source| source.to_string().ends_with("field missing"))
}
