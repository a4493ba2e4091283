//! Turns what the driver crate reports into failures.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_postgres::Error;

use super::codes::CODES;
use super::hosts::Host;
use super::options::{Options, own_name};
use super::refused::Refused;
use super::sniff::PROTOCOL;
use super::tls_options::SslMode;
use super::watch::Stopped;
use super::wire::nonsense;
use crate::driver::Attempt;
use crate::driver::attempt::Protection;
use crate::model::class::Class;
use crate::model::codes::Context;
use crate::model::codes::refinement::Said;
use crate::model::failure::Failure;
use crate::model::reason::{self, Field, ReasonCode};
use crate::model::result::Address;
use crate::net::fault::{classify, find};
use crate::net::guard::Tap;

/// The server's routine that applies `pg_hba.conf`, before it requests any credential.
const HBA: &str = "ClientAuthentication";

/// One login at one host.
#[derive(Clone)]
pub(super) struct Login<'a> {
    pub(super) attempt: &'a Attempt,
    pub(super) options: Arc<Options>,
    pub(super) host: Host,
    /// Whether a credential was sent to the host.
    pub(super) sent: Arc<AtomicBool>,
}

/// The peer of a login and its channel, as far as a failure needs them.
#[derive(Clone)]
pub(super) struct Peer<'a> {
    pub(super) login: Login<'a>,
    pub(super) address: Address,
    pub(super) channel: Protection,
    pub(super) tap: Tap,
}

impl Peer<'_> {
    /// What `error` of the driver crate means.
    pub(super) fn failure(&self, error: &Error) -> Failure {
        if let Some(Stopped(failure)) = find(error) {
            return failure.clone();
        }
        if let Some(refusal) = error.as_db_error() {
            return self.login.refusal(&refusal.into(), self.stage());
        }
        // The crate's kinds of error are private, but their texts are constant.
        match error.to_string().as_str() {
            "error parsing response from server" if is_incomplete_refusal(error) => {
                Failure::of(reason::Login::ServerError {
                    code: None,
                    hint: "its error message has no code or text; a pooler or proxy in front may be at fault: see its log",
                })
            }
            // The frame was complete but its content ends too early, so the connection was not closed.
            "error parsing response from server" => {
                classify(&nonsense("a message that contradicts itself"), &self.tap, &PROTOCOL)
            }
            _ => {
                let cause = find::<io::Error>(error).map_or(error as &dyn StdError, |cause| cause);
                classify(cause, &self.tap, &PROTOCOL)
            }
        }
    }

    /// The meaning of a refused query, after the login was accepted.
    pub(super) fn query_failure(&self, error: &Error) -> Failure {
        match error.as_db_error() {
            Some(refusal) => {
                let failure = self.login.refusal(&refusal.into(), Stage::Query);
                // A pooler has passed the password on only now.
                if failure.class == Class::Auth {
                    self.login.attempt.credential_refused();
                }
                failure
            }
            None => self.failure(error),
        }
    }

    /// The failure of a refusal in the form before protocol 3.0; `None` for text that no PostgreSQL server sends in it.
    pub(super) fn old_refusal(&self, refused: &Refused<'_>) -> Option<Failure> {
        self.login.old_refusal(refused, self.stage())
    }

    fn stage(&self) -> Stage {
        let chose_clear = self.login.options.tls.mode == SslMode::Disable && matches!(self.address, Address::Ip(_));
        if chose_clear { Stage::Clear } else { Stage::Login }
    }

    /// Whether the server refused the client before a credential was sent, so that another kind of channel may be
    /// tried. A server that is full or starting up would refuse that too.
    pub(super) fn turned_away(&self, error: &Error) -> bool {
        error.as_db_error().is_some() && !self.login.was_sent() && self.failure(error).class != Class::Busy
    }
}

/// When in the dialogue the server refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// A login.
    Login,
    /// A login in clear, because the definition turns encryption off.
    Clear,
    /// A query, after the login.
    Query,
}

/// The routine that raises a text of PostgreSQL's, for refusals without its name. Poolers and proxies that create
/// errors of their own or pass them on omit it (PgBouncer `src/objects.c`, pgcat `src/messages.rs`).
const ROUTINES: &[(&str, &str)] = &[
    ("no pg_hba.conf entry for", HBA),
    ("pg_hba.conf rejects connection for", HBA),
    ("connection requires a valid client certificate", HBA),
    ("is not permitted to log in", "InitializeSessionUserId"),
    ("role \"", "InitializeSessionUserId"),
    ("Ident authentication failed for", "auth_failed"),
    ("Peer authentication failed for", "auth_failed"),
    ("RADIUS authentication failed for", "auth_failed"),
    ("GSSAPI authentication failed for", "auth_failed"),
    ("SSPI authentication failed for", "auth_failed"),
    ("certificate authentication failed for", "auth_failed"),
    ("OAuth bearer authentication failed for", "auth_failed"),
];

/// The answers of poolers and servers to a version of the protocol that they do not support.
const OTHER_VERSION: [&str; 2] = ["bad packet header", "unsupported frontend protocol"];

/// Distinguishes errors that share a code: by the routine that raised it, whose name is never translated, and by the
/// kind of channel.
fn variant<'a>(refused: &Refused<'a>, stage: Stage) -> Option<&'a str> {
    if stage == Stage::Query {
        return Some("query");
    }
    let by_text = || {
        let row = ROUTINES.iter().find(|(text, _)| refused.said.contains(text));
        row.filter(|_| refused.code == "28000").map(|(_, routine)| *routine)
    };
    match refused.routine.or_else(by_text)? {
        HBA if stage == Stage::Clear => Some("unencrypted"),
        // Servers with translated messages have other texts here, and get the routine's own row.
        HBA if refused.said.contains("client certificate") => Some("certificate"),
        routine => Some(routine),
    }
}

impl Login<'_> {
    /// Whether a credential was sent to this host.
    pub(super) fn was_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }

    /// The failure of a refusal.
    pub(super) fn refusal(&self, refused: &Refused<'_>, stage: Stage) -> Failure {
        self.known(refused, stage).unwrap_or_else(|| {
            let (code, hint) = match refused.code {
                "" => (None, "the server's own text, in the detail, says why; so does its log"),
                code => (
                    Some(code.to_owned()),
                    "look the code up in the PostgreSQL manual, appendix A, and the moment in the server's log",
                ),
            };
            let failure = Failure::of(reason::Login::ServerError { code: code.clone(), hint });
            let failure = match code {
                Some(code) => failure.code_of(&CODES, code),
                None => failure,
            };
            failure.detail(refused.text(". DETAIL: ", ". HINT: "))
        })
    }

    /// The failure of a refusal in the form before protocol 3.0; `None` for text that no PostgreSQL server sends in it.
    pub(super) fn old_refusal(&self, refused: &Refused<'_>, stage: Stage) -> Option<Failure> {
        self.known(refused, stage).or_else(|| refused.said.starts_with("FATAL:").then(|| self.refusal(refused, stage)))
    }

    /// The failure that the tables have for a refusal.
    fn known(&self, refused: &Refused<'_>, stage: Stage) -> Option<Failure> {
        let Login { options, host, .. } = self;
        let (host, target) = (host.to_string(), format!("{host}/{}", options.database));
        let context = Context {
            login: Some(&options.user),
            database: Some(&options.database),
            host: Some(&host),
            target: Some(&target),
        };
        let said = Said { code: refused.code, product: None, text: &refused.text("\n", "\n") };
        let failure = CODES.refusal(said, variant(refused, stage), context)?;
        let mut failure = failure.detail(refused.text(". DETAIL: ", ". HINT: "));
        if failure.reason == ReasonCode::SettingRefused {
            match self.setting(refused) {
                None if !is_about_name(refused) => {
                    let Failure { code, known_code, detail, checked, .. } = failure;
                    let foreign = Failure::of(reason::Login::ForeignSetting);
                    return Some(Failure { code, known_code, detail, checked, ..foreign });
                }
                setting => failure.point_at(setting.map(Field::extra)),
            }
        }
        Some(failure)
    }

    /// The extra that gave a refused setting, if the definition set it.
    fn setting(&self, refused: &Refused<'_>) -> Option<&'static str> {
        let Options { application_name, settings, versions, .. } = &*self.options;
        if versions.beyond_first() && OTHER_VERSION.iter().any(|text| refused.said.contains(text)) {
            let least = versions.demands_more();
            return Some(if least { "min_protocol_version" } else { "max_protocol_version" });
        }
        let named = is_about_name(refused) && *application_name != own_name();
        if named { Some("application_name") } else { settings.is_some().then_some("options") }
    }
}

/// Whether it concerns the name of the session, for which connprobe has a default.
fn is_about_name(refused: &Refused<'_>) -> bool {
    refused.said.contains("application_name")
}

/// Whether it is an error message that lacks a mandatory field.
fn is_incomplete_refusal(error: &Error) -> bool {
    error.source().is_some_and(|source| source.to_string().ends_with("field missing"))
}
