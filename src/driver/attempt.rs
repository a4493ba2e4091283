//! `Attempt`: what a probe is lent for one login, and the `Recorder` in which it leaves its traces.
//!
//! The recorder belongs to the engine: when a deadline drops the probe, the open phase tells where
//! it stood.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::circumstances::Met;
use super::controls::Controls;
use super::credential::{Answer, Credential, Evidence, Track};
use crate::model::facts::Facts;
use crate::model::failure::Failure;
use crate::model::notice::{ChannelNotice, Notice, ReadablePassword};
use crate::model::phase::{Phase, PhaseTiming};
use crate::model::reason::{Run, Tls, Weakness};
use crate::model::redact::Secrets;
use crate::model::result::Address;
use crate::model::warning::Warning;
use crate::net::Network;
use crate::net::dial::{Endpoint, Wire};
use crate::net::egress::Egress;
use crate::net::guard::{Budget, Tap};
use crate::net::tls::{Roots, Verification};

/// What the run demands of every login.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// No credential may leave over an unencrypted way to another machine.
    pub require_tls: bool,
    /// Nor over one whose far end is not verified; implies `require_tls`.
    pub verify_tls: bool,
    /// What may be connected to.
    pub egress: Egress,
    /// The DNS server to ask for names, instead of the system's resolver.
    pub dns_server: Option<SocketAddr>,
    /// PEM certificates to trust where a definition names none of its own.
    pub tls_ca: Option<Arc<Vec<u8>>>,
}

impl Policy {
    /// The way out that the run allows, for connections that may carry `budget`.
    #[must_use]
    pub fn network(&self, budget: Budget) -> Network {
        let network = Network::with_budget(budget).restricted_to(self.egress.clone());
        match self.dns_server {
            Some(server) => network.asking(server, None),
            None => network,
        }
    }

    /// As [`Policy::network`]; a DNS server is asked on `runtime`, whoever asks.
    #[must_use]
    pub fn network_on(&self, runtime: &Handle, budget: Budget) -> Network {
        let network = self.network(budget);
        match self.dns_server {
            Some(server) => network.asking(server, Some(runtime.clone())),
            None => network,
        }
    }
}

/// How well the way to the server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Not encrypted.
    Plain,
    /// Encrypted; who is at the other end was not checked.
    Unverified,
    /// Encrypted, chain and name checked.
    Verified,
}

/// What a probe is lent for one login.
#[derive(Clone)]
pub struct Attempt {
    /// The only way out.
    pub network: Arc<Network>,
    /// What the run demands.
    pub policy: Policy,
    /// When the probe is over, whatever it is doing.
    pub deadline: Instant,
    /// Where it leaves its traces.
    pub recorder: Arc<Recorder>,
    /// What endpoints are known to answer to credentials that nobody has.
    pub controls: Arc<Controls>,
}

impl Attempt {
    /// Opens `phase` and runs `future` in it. The phase stays open until the next one begins or
    /// the probe returns.
    pub async fn phase<F: Future>(&self, phase: Phase, future: F) -> F::Output {
        self.recorder.enter(phase);
        future.await
    }

    /// The time left.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Resolves and connects, in the phases of those names.
    ///
    /// # Errors
    ///
    /// `resolve`, `unreachable`, `timeout`, `policy` or `local`.
    pub async fn dial(&self, endpoint: &Endpoint) -> Result<Wire, Failure> {
        let addresses = match endpoint {
            Endpoint::Tcp { host, .. } => {
                self.phase(Phase::Resolve, self.network.resolve(host, self.remaining())).await?.addresses.clone()
            }
            Endpoint::Unix(_) => Vec::new(),
        };
        let wire = self.phase(Phase::Connect, self.network.connect(endpoint, &addresses, self.deadline)).await?;
        self.recorder.reached(&wire);
        self.recorder.lock().named_elsewhere = !names_this_machine(endpoint);
        Ok(wire)
    }

    /// Whether `address` is on this machine because the definition says so. What leads there by way of a name that
    /// DNS could give another address tomorrow is not.
    fn is_this_machine(&self, address: &Address) -> bool {
        address.is_local() && !self.recorder.look(|trace| trace.named_elsewhere)
    }

    /// Whether a credential may go to `address` over any channel, because it does not leave this machine. Under
    /// `--require-tls` and `--verify-tls` that holds only where the definition, not DNS, says so.
    #[must_use]
    pub fn is_here(&self, address: &Address) -> bool {
        let demanded = self.policy.require_tls || self.policy.verify_tls;
        if demanded { self.is_this_machine(address) } else { address.is_local() }
    }

    /// To be asked before the first credential byte leaves: is this channel good enough for the
    /// run, and was the credential not refused over such a channel? Over unix sockets and loopback everything is good
    /// enough; elsewhere a weak channel is a warning, or a failure under `--require-tls` and `--verify-tls`, as it is on
    /// loopback where only DNS led there.
    ///
    /// # Errors
    ///
    /// Class `tls`, or what the engine knows better.
    pub fn admit(&self, address: &Address, channel: Channel) -> Result<(), Failure> {
        self.demand(address, channel)?;
        self.recorder.track.admit(channel > Channel::Plain)
    }

    /// To be asked once more where the server chose `method` among several, before the credential leaves.
    ///
    /// # Errors
    ///
    /// What the engine knows better.
    pub fn admit_method(&self, method: &str) -> Result<(), Failure> {
        self.recorder.track.admit_method(method)
    }

    fn demand(&self, address: &Address, channel: Channel) -> Result<(), Failure> {
        if self.is_here(address) || channel == Channel::Verified {
            return Ok(());
        }
        let (refuse, weakness) = match channel {
            Channel::Plain => (self.policy.require_tls || self.policy.verify_tls, Weakness::Plain),
            _ => (self.policy.verify_tls, Weakness::Unverified),
        };
        if refuse {
            let option = if self.policy.verify_tls { "--verify-tls" } else { "--require-tls" };
            return Err(Failure::of(Tls::Demanded { weakness, option }).at(Phase::Tls));
        }
        self.warn(ChannelNotice::Weak(weakness));
        Ok(())
    }

    /// To be said of a login that carries the password itself, or what it can be made of again: over
    /// `channel`, to `address`, whoever listens could have it.
    pub fn warn_of_readable_password(&self, address: &Address, channel: Channel, how: ReadablePassword) {
        if channel == Channel::Plain && !address.is_local() {
            self.warn(ChannelNotice::PasswordInClear(how));
        }
    }

    /// The verification to use where the definition asks for `wanted`: what the run demands may
    /// raise it for servers on other machines.
    #[must_use]
    pub fn verification(&self, wanted: Verification, address: &Address) -> Verification {
        if self.policy.verify_tls && !self.is_this_machine(address) { Verification::Full } else { wanted }
    }

    /// The certificates to trust: the definition's own, else the run's, else the system's.
    #[must_use]
    pub fn roots(&self, own: Option<Vec<u8>>) -> Roots {
        match (own, &self.policy.tls_ca) {
            (Some(pem), _) => Roots::Pem(pem),
            (None, Some(pem)) => Roots::Pem(pem.as_ref().clone()),
            (None, None) => Roots::System,
        }
    }

    /// To be given every word from outside (a DNS record's, a server's) that may come to stand in a message, a hint
    /// or a warning: the engine shows there what may be shown of it.
    pub fn heard(&self, word: &str) {
        self.recorder.lock().heard.push(word.to_owned());
    }

    /// To be given every secret that a server lends, before it is used: no result of the run shows it.
    pub fn lent(&self, secret: &str) {
        self.recorder.lent(secret);
    }

    /// To be called right before a credential leaves: from here on nothing else is tried in this login, and its
    /// end is one of the account.
    pub fn credential_sent(&self) {
        self.recorder.track.leaves();
        let mut trace = self.recorder.lock();
        trace.credential_sent = true;
        trace.credential_accepted = false;
        if let Some(tap) = &trace.tap {
            tap.extend(self.recorder.track.read_on());
        }
    }

    /// The server has asked for the credential and taken it: what it says from here on comes after the check.
    pub fn credential_accepted(&self) {
        self.recorder.track.note(|credential| credential.answer = Some(Answer::Accepted));
        self.recorder.lock().credential_accepted = true;
    }

    /// To be called when the server's answer shows that it did not look at the credential that has left: what comes of
    /// the login says nothing of it.
    pub fn credential_ignored(&self) {
        self.recorder.track.note(|credential| credential.answer = Some(Answer::Ignored));
        let mut trace = self.recorder.lock();
        trace.credential_sent = false;
        trace.credential_accepted = false;
    }

    /// To be called where the server's silence from here on would have a likely cause: `hint` then stands first.
    pub fn if_silent(&self, hint: &'static str) {
        self.recorder.lock().if_silent = Some(hint);
    }

    /// The server's answer says no to the credential, or is no proof that it was taken, whatever its code says.
    pub fn credential_refused(&self) {
        self.recorder.track.note(|credential| credential.answer = Some(Answer::Refused));
    }

    /// Whether nothing but [`Attempt::evidence`] is asked for: no credential may leave.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        self.recorder.track.only_looks()
    }

    /// The end of a dialogue in which no credential leaves. No report shows it.
    #[must_use]
    pub fn looked() -> Failure {
        Failure::of(Run::Interrupted)
    }

    /// Notes what the server shows of itself.
    pub fn evidence(&self, evidence: Evidence) {
        self.recorder.track.note(|credential| credential.evidence = Some(evidence));
    }

    /// Adds to the facts.
    pub fn learn(&self, add: impl FnOnce(&mut Facts)) {
        add(&mut self.recorder.lock().facts);
    }

    /// Adds a warning, each code and text once.
    pub fn warn(&self, notice: impl Into<Notice>) {
        self.recorder.warn(notice.into().warning());
    }
}

/// The traces of one probe.
#[derive(Debug, Default)]
pub struct Recorder {
    trace: Mutex<Trace>,
    track: Track,
    secrets: Mutex<Option<Arc<Secrets>>>,
}

/// What a probe has left so far.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    finished: Vec<(Phase, Duration)>,
    open: Option<(Phase, Instant)>,
    /// What it was connected to last.
    pub address: Option<Address>,
    /// The definition names something else than this machine there.
    named_elsewhere: bool,
    tap: Option<Tap>,
    /// A credential has left.
    pub credential_sent: bool,
    /// What to do if the server says nothing.
    pub if_silent: Option<&'static str>,
    /// The server has said that it takes the credential that has left.
    pub credential_accepted: bool,
    /// What was learnt.
    pub facts: Facts,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
    /// Words from outside that may stand in messages.
    pub heard: Vec<String>,
}

impl Recorder {
    fn lock(&self) -> MutexGuard<'_, Trace> {
        // A probe that panicked while holding the lock leaves data that is still whole.
        self.trace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What servers lend is one of `secrets`.
    pub fn lends_to(&self, secrets: Arc<Secrets>) {
        *self.secrets.lock().unwrap_or_else(PoisonError::into_inner) = Some(secrets);
    }

    fn lent(&self, secret: &str) {
        if let Some(secrets) = &*self.secrets.lock().unwrap_or_else(PoisonError::into_inner) {
            secrets.learn(secret);
        }
    }

    /// Does `this` right before the credential leaves.
    pub fn before_leaving(&self, this: impl FnOnce() + Send + 'static) {
        self.track.before_leaving(this);
    }

    /// Asks `gate`, once it is known whether the way is encrypted and which method the server chose, whether the credential
    /// may leave.
    pub fn before_admitting(&self, gate: impl FnMut(Met<'_>) -> Result<(), Failure> + Send + 'static) {
        self.track.set_gate(Box::new(gate));
    }

    /// Nothing but [`Attempt::evidence`] is asked for.
    pub fn only_look(&self) {
        self.track.only_look();
    }

    /// Once the credential has left, its stream may be read for so much longer than its deadline.
    pub fn read_on(&self, longer: Duration) {
        self.track.set_read_on(longer);
    }

    /// How far the credential has come; known even after the traces were taken.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.track.credential()
    }

    /// Closes the open phase and opens `phase`; opening it again adds to its time.
    pub fn enter(&self, phase: Phase) {
        let mut trace = self.lock();
        if trace.open.is_some_and(|(open, _)| open == phase) {
            return;
        }
        trace.close();
        trace.open = Some((phase, Instant::now()));
    }

    /// Credits `elapsed` to `phase`, for work that was done before the probe began.
    pub fn credit(&self, phase: Phase, elapsed: Duration) {
        add(&mut self.lock().finished, phase, elapsed);
    }

    /// Notes what the probe is connected to, and listens to whether anything is said there.
    pub fn reached(&self, wire: &Wire) {
        let mut trace = self.lock();
        trace.address = Some(wire.address.clone());
        trace.tap = Some(wire.tap.clone());
    }

    /// Notes what the probe is connected to.
    pub fn connected(&self, address: Address) {
        self.lock().address = Some(address);
    }

    /// Adds a warning, each once.
    pub fn warn(&self, warning: Warning) {
        let mut trace = self.lock();
        if !trace.warnings.contains(&warning) {
            trace.warnings.push(warning);
        }
    }

    /// The trace as it stands.
    #[cfg(any(fuzzing, test))]
    #[must_use]
    pub fn snapshot(&self) -> Trace {
        self.look(Trace::clone)
    }

    /// The trace, to which nothing is added any more.
    #[must_use]
    pub fn take(&self) -> Trace {
        std::mem::take(&mut self.lock())
    }

    /// What `see` makes of the trace as it stands.
    pub fn look<T>(&self, see: impl FnOnce(&Trace) -> T) -> T {
        see(&self.lock())
    }
}

/// Whether an endpoint, as the definition writes it, can be nowhere but on this machine.
fn names_this_machine(endpoint: &Endpoint) -> bool {
    match endpoint {
        Endpoint::Unix(_) => true,
        Endpoint::Tcp { host, .. } => {
            let host = host.trim_start_matches('[').trim_end_matches(']');
            host.trim_end_matches('.').eq_ignore_ascii_case("localhost")
                || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
        }
    }
}

/// Adds to the time of `phase`.
fn add(finished: &mut Vec<(Phase, Duration)>, phase: Phase, elapsed: Duration) {
    match finished.iter_mut().find(|(finished, _)| *finished == phase) {
        Some((_, total)) => *total += elapsed,
        None => finished.push((phase, elapsed)),
    }
}

impl Trace {
    fn close(&mut self) {
        if let Some((phase, since)) = self.open.take() {
            add(&mut self.finished, phase, since.elapsed());
        }
    }

    /// The phase that the probe is in, or ended in.
    #[must_use]
    pub fn phase(&self) -> Option<Phase> {
        self.open.map(|(phase, _)| phase).or_else(|| self.finished.last().map(|(phase, _)| *phase))
    }

    /// Whether somebody accepted the connection and has not said a word.
    #[must_use]
    pub fn is_unanswered(&self) -> bool {
        self.tap.as_ref().is_some_and(|tap| tap.received() == 0)
    }

    /// The phases in order; `ended` closes the open one, which otherwise is marked open.
    #[must_use]
    pub fn timings(&self, ended: bool) -> Vec<PhaseTiming> {
        let mut phases = self.finished.clone();
        let open = self.open.map(|(phase, since)| {
            add(&mut phases, phase, since.elapsed());
            phase
        });
        phases.sort_by_key(|(phase, _)| *phase);
        let timing = |(phase, elapsed)| PhaseTiming { phase, elapsed, open: open == Some(phase) && !ended };
        phases.into_iter().map(timing).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_what_the_definition_writes_as_such() {
        for (host, here) in [
            ("localhost", true),
            ("LocalHost.", true),
            ("127.0.0.1", true),
            ("127.8.9.10", true),
            ("::1", true),
            ("[::1]", true),
            ("::ffff:127.0.0.1", true),
            ("db.example", false),
            ("localhost.example", false),
            ("localhost.localdomain", false),
            ("10.0.0.1", false),
            ("127.1", false),
            ("", false),
        ] {
            assert_eq!(names_this_machine(&Endpoint::Tcp { host: host.to_owned(), port: 1 }), here, "{host}");
        }
        assert!(names_this_machine(&Endpoint::Unix("/run/db".into())));
    }

    #[test]
    fn a_name_that_dns_led_to_loopback_is_another_machine_where_more_is_demanded() {
        for (require_tls, verify_tls, named_elsewhere, admitted) in [
            (false, false, true, true),
            (true, false, true, false),
            (false, true, true, false),
            (true, true, false, true),
        ] {
            let attempt = Attempt {
                network: Arc::new(Network::new()),
                policy: Policy { require_tls, verify_tls, ..Policy::default() },
                deadline: Instant::now() + Duration::from_secs(1),
                recorder: Arc::new(Recorder::default()),
                controls: Arc::default(),
            };
            attempt.recorder.lock().named_elsewhere = named_elsewhere;
            let loopback = Address::Ip(([127, 0, 0, 1], 5432).into());
            assert_eq!(attempt.admit(&loopback, Channel::Plain).is_ok(), admitted, "{require_tls} {verify_tls}");
            assert_eq!(attempt.is_here(&loopback), admitted, "{require_tls} {verify_tls}");
            let wanted = attempt.verification(Verification::None, &loopback);
            assert_eq!(wanted == Verification::Full, verify_tls && named_elsewhere);
            assert!(attempt.admit(&loopback, Channel::Verified).is_ok());
        }
    }
}
