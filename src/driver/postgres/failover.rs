//! From a list of hosts to a session: the first host that is up and suitable, over the kinds of channel that `sslmode`
//! allows.

use std::pin::pin;
use std::sync::Arc;

use super::channel::ChannelKind;
use super::failure::Login;
use super::notices::PostgresNotice;
use super::options::{Options, SessionKind};
use super::session::{Ended, Session, Unopened};
use super::tls_options::SslMode;
use crate::driver::Attempt;
use crate::driver::attempt::Protection;
use crate::model::class::Class;
use crate::model::facts::Facts;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::{Deployment, ReasonCode, ServerRole, Timeout};
use crate::net::fault;

/// The session that a host gave.
enum Found<'a> {
    /// A session of the kind that the definition asks for.
    Fit(Session<'a>),
    /// A session of another kind, and the failure that says so.
    Misfit(Session<'a>, Failure),
}

/// Logs in at the first host that is up and gives the kind of session that the definition asks for. After a refusal no
/// other host is tried: it would be the same account.
pub(super) async fn open<'a>(attempt: &'a Attempt, options: &Arc<Options>) -> Result<Session<'a>, Failure> {
    let mut failures = Vec::new();
    let mut second_best: Option<(Session<'a>, Facts)> = None;
    for (index, host) in options.hosts.iter().enumerate() {
        // A server that is listed again is not tried again.
        if options.hosts[..index].iter().any(|before| before.endpoint == host.endpoint) {
            continue;
        }
        let login = Login { attempt, options: Arc::clone(options), host: host.clone(), sent: Arc::default() };
        match within_share(&login, options.hosts.len() - index).await {
            Ok(Found::Fit(session)) => {
                if let Some((other, _)) = second_best {
                    other.close().await;
                }
                return Ok(session);
            }
            Ok(Found::Misfit(session, _)) if options.session == SessionKind::PreferStandby => {
                second_best.get_or_insert((session, attempt.recorder.look(|trace| trace.facts.clone())));
            }
            Ok(Found::Misfit(session, failure)) => {
                session.close().await;
                failures.push((host.to_string(), failure));
            }
            Err(failure) => {
                let decides = !moves_on(&failure, &login);
                failures.push((host.to_string(), failure));
                if decides {
                    second_best = None;
                    break;
                }
            }
        }
    }
    match second_best {
        Some((session, facts)) => {
            attempt.recorder.connected(session.address().clone());
            attempt.learn(|learnt| *learnt = facts);
            Ok(session)
        }
        None => Err(sum_up(failures)),
    }
}

/// Whether `failure` says nothing about the account, so that the next host may be tried.
fn moves_on(failure: &Failure, login: &Login<'_>) -> bool {
    match failure.class {
        // Once the credential was sent nothing else is tried: a missing answer may be a refusal, and a server that
        // reports to be busy may have checked the secret.
        Class::Resolve | Class::Unreachable | Class::Busy | Class::Closed | Class::Timeout => !login.was_sent(),
        _ => false,
    }
}

/// Logs in within the host's share of the time: of several hosts each but the last gets one, so that one that does not
/// answer leaves time for the others.
async fn within_share<'a>(login: &Login<'a>, hosts_left: usize) -> Result<Found<'a>, Failure> {
    let Some(hosts_left) = u32::try_from(hosts_left).ok().filter(|left| *left > 1) else {
        return try_host(login).await;
    };
    let share = login.attempt.remaining() / hosts_left;
    let share = login.options.connect_timeout.map_or(share, |own| own.min(share));
    let mut trying = pin!(try_host(login));
    match tokio::time::timeout(share, &mut trying).await {
        Ok(found) => found,
        // A login whose credential was sent is not ended with its share: its answer counts for the account.
        Err(_elapsed) if login.was_sent() => trying.await,
        Err(_elapsed) => Err(Failure::of(Timeout::Host { share })),
    }
}

async fn try_host<'a>(login: &Login<'a>) -> Result<Found<'a>, Failure> {
    let mut session = over_any_channel(login).await?;
    let wanted = login.options.session;
    let Some(role) = other_role(&mut session, wanted).await? else { return Ok(Found::Fit(session)) };
    Ok(Found::Misfit(session, Failure::of(Deployment::Role { role, wanted: wanted.as_str() })))
}

/// Like libpq, `allow` goes on with TLS if the server refuses clear text, and `prefer` the other way round, and also
/// after a failed handshake (fe-connect.c, `connection_failed`). Unlike libpq, connprobe does so only while no
/// credential was sent.
async fn over_any_channel<'a>(login: &Login<'a>) -> Result<Session<'a>, Failure> {
    let mode = login.options.tls.mode;
    let demanded = login.attempt.policy.require_tls || login.attempt.policy.verify_tls;
    let first = match mode {
        SslMode::Disable => ChannelKind::Plain,
        SslMode::Allow if !demanded => ChannelKind::Plain,
        _ => ChannelKind::Tls,
    };
    let Unopened { failure, ended } = match Session::log_in(login.clone(), first).await {
        Ok(session) => return Ok(session),
        Err(unopened) => unopened,
    };
    let second = match (mode, ended) {
        (SslMode::Allow, Ended::TurnedAway(Protection::Plain)) => ChannelKind::Tls,
        (SslMode::Prefer, Ended::TurnedAway(Protection::Unverified | Protection::Verified)) if !demanded => {
            ChannelKind::Plain
        }
        // A peer that is not a PostgreSQL server is not one in clear either, and one that did not answer has used up
        // the time.
        (SslMode::Prefer, Ended::InHandshake)
            if !demanded && failure.class != Class::Protocol && !fault::is_late(&failure) =>
        {
            ChannelKind::Plain
        }
        _ => return Err(failure),
    };
    let learnt = login.attempt.recorder.look(|trace| trace.facts.clone());
    let verdict = Box::pin(Session::log_in(login.clone(), second)).await;
    match verdict {
        // The second channel did no better, so the first answer is the verdict.
        Err(Unopened { failure: second, ended: again }) if !is_better(ended, &second, again) => {
            login.attempt.learn(|facts| *facts = learnt);
            Err(if ended == Ended::InHandshake { failure.at(Phase::Tls) } else { failure })
        }
        verdict => {
            if ended == Ended::InHandshake {
                login.attempt.warn(PostgresNotice::TlsGivenUp { why: failure.message });
            }
            verdict.map_err(|unopened| unopened.failure)
        }
    }
}

/// Whether the failure on the second channel tells more than the first one, which `ended` like that.
fn is_better(ended: Ended, second: &Failure, again: Ended) -> bool {
    match (ended, again) {
        (Ended::TurnedAway(_), Ended::TurnedAway(_)) => false,
        // Only an answer of the server counts, and none that asks for the first channel again.
        (Ended::InHandshake, _) => {
            second.code.is_some() && second.class != Class::Tls && second.reason != ReasonCode::AddressDenied
        }
        _ => true,
    }
}

/// The role of the session's server, if it is not of the kind `wanted`.
async fn other_role(session: &mut Session<'_>, wanted: SessionKind) -> Result<Option<ServerRole>, Failure> {
    let (unwanted, role) = match wanted {
        SessionKind::Any => return Ok(None),
        SessionKind::ReadWrite => (session.is_read_only().await?, ServerRole::ReadOnly),
        SessionKind::ReadOnly => (!session.is_read_only().await?, ServerRole::Writable),
        SessionKind::Primary => (session.is_standby().await?, ServerRole::Standby),
        SessionKind::Standby | SessionKind::PreferStandby => (!session.is_standby().await?, ServerRole::Primary),
    };
    Ok(unwanted.then_some(role))
}

/// One failure for all hosts: the last one's, which names the outcome of each.
fn sum_up(mut failures: Vec<(String, Failure)>) -> Failure {
    // The message already names the host if its name has no address.
    let message = |(host, failure): &(String, Failure)| match failure.class {
        Class::Resolve => failure.message.clone(),
        _ => format!("`{host}`: {}", failure.message),
    };
    let messages: Vec<String> = failures.iter().map(message).collect();
    let several = failures.len() > 1;
    let Some((_, mut last)) = failures.pop() else { unreachable!("a plan has at least one host") };
    if several {
        last.message = messages.join("; ");
    }
    last
}
