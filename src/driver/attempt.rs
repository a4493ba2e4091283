//! `Attempt`: what the engine gives a probe for one login, and the methods by which the probe reports on it.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::controls::Controls;
use super::credential::{Answer, Evidence};
pub use super::policy::Policy;
pub use super::recorder::{Recorder, Trace};
use crate::model::expected::Expected;
use crate::model::facts::Facts;
use crate::model::failure::Failure;
use crate::model::notice::{ChannelNotice, Notice, ReadablePassword};
use crate::model::phase::Phase;
use crate::model::reason::{Run, Tls, Weakness};
use crate::model::result::Address;
use crate::model::step::StepKind;
use crate::net::Network;
use crate::net::dial::{Endpoint, Wire};
use crate::net::tls::{Roots, Verification};

/// How well the channel to the server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protection {
    /// Not encrypted.
    Plain,
    /// Encrypted; the server's certificate was not fully verified.
    Unverified,
    /// Encrypted; the certificate chain and the server's name were verified.
    Verified,
}

impl Protection {
    /// The protection of an encrypted stream whose server certificate was checked as far as `verification`.
    #[must_use]
    pub fn by(verification: Verification) -> Self {
        if verification == Verification::Full { Self::Verified } else { Self::Unverified }
    }
}

/// What the engine gives a probe for one login.
#[derive(Clone)]
pub struct Attempt {
    /// The only way to open a connection.
    pub network: Arc<Network>,
    /// The run's requirements for every login.
    pub policy: Policy,
    /// When the probe is ended, whatever it is doing.
    pub deadline: Instant,
    /// Where the probe records its phases, facts and warnings.
    pub recorder: Arc<Recorder>,
    /// The remembered answers of endpoints to credentials that do not exist.
    pub controls: Arc<Controls>,
    /// What the server must have besides the login. The probe looks for it once the login is proved.
    pub expected: Arc<[Expected]>,
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

    /// Resolves and connects to `endpoint`, in the phases `resolve` and `connect`.
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
        self.recorder.step(|| StepKind::Connecting(candidates(endpoint, &addresses)));
        let wire = self.phase(Phase::Connect, self.network.connect(endpoint, &addresses, self.deadline)).await?;
        self.recorder.reached(&wire);
        self.recorder.lock().named_elsewhere = !names_this_machine(endpoint);
        Ok(wire)
    }

    /// Whether `address` is on this machine and the definition itself says so. A name that DNS could resolve to another
    /// address tomorrow does not count.
    fn is_this_machine(&self, address: &Address) -> bool {
        address.is_local() && !self.recorder.look(|trace| trace.named_elsewhere)
    }

    /// Whether a credential may go to `address` over any channel, because it does not leave this machine. Under
    /// `--require-tls` and `--verify-tls` that holds only where the definition names this machine; a DNS answer does
    /// not count.
    #[must_use]
    pub fn is_here(&self, address: &Address) -> bool {
        if self.demands_tls() { self.is_this_machine(address) } else { address.is_local() }
    }

    /// Like [`Attempt::is_here`], for an `address` of `endpoint` that is not connected yet.
    #[must_use]
    pub fn would_be_here(&self, endpoint: &Endpoint, address: &Address) -> bool {
        address.is_local() && (!self.demands_tls() || names_this_machine(endpoint))
    }

    fn demands_tls(&self) -> bool {
        self.policy.require_tls || self.policy.verify_tls
    }

    /// Checks whether a credential may be sent to `endpoint` in clear. Call it before connecting: a server that would
    /// not be sent the credential is not connected to, since some servers count clients that disconnect and then block
    /// this machine.
    ///
    /// # Errors
    ///
    /// The same as those of [`Attempt::admit`].
    pub fn admit_in_clear(&self, endpoint: &Endpoint) -> Result<(), Failure> {
        if self.demands_tls() && !names_this_machine(endpoint) { Err(self.demanded(Weakness::Plain)) } else { Ok(()) }
    }

    /// Checks whether the channel is good enough for the run's policy, and whether the credential was already refused
    /// over such a channel. Call it before the first byte of a credential is sent. Unix sockets and loopback are always
    /// good enough. Elsewhere a weak channel is a warning, or a failure under `--require-tls` and `--verify-tls`; so is
    /// loopback under these options if only DNS led there.
    ///
    /// # Errors
    ///
    /// Class `tls`, or the failure with which the engine withholds the credential.
    pub fn admit(&self, address: &Address, channel: Protection) -> Result<(), Failure> {
        self.demand(address, channel)?;
        self.recorder.track.admit(channel > Protection::Plain)
    }

    /// Checks again, once the server has chosen `method` among several. Call it before the credential is sent.
    ///
    /// # Errors
    ///
    /// The failure with which the engine withholds the credential.
    pub fn admit_method(&self, method: &str) -> Result<(), Failure> {
        self.recorder.track.admit_method(method)
    }

    fn demand(&self, address: &Address, channel: Protection) -> Result<(), Failure> {
        if self.is_here(address) || channel == Protection::Verified {
            return Ok(());
        }
        let (refuse, weakness) = match channel {
            Protection::Plain => (self.demands_tls(), Weakness::Plain),
            _ => (self.policy.verify_tls, Weakness::Unverified),
        };
        if refuse {
            return Err(self.demanded(weakness));
        }
        self.warn(ChannelNotice::Weak(weakness));
        Ok(())
    }

    fn demanded(&self, weakness: Weakness) -> Failure {
        let option = if self.policy.verify_tls { "--verify-tls" } else { "--require-tls" };
        Failure::of(Tls::Demanded { weakness, option }).at(Phase::Tls)
    }

    /// Warns that the login sends the password itself, or a form from which it can be recovered, where an eavesdropper
    /// on `channel` to `address` could read it.
    pub fn warn_of_readable_password(&self, address: &Address, channel: Protection, how: ReadablePassword) {
        if channel == Protection::Plain && !address.is_local() {
            self.warn(ChannelNotice::PasswordInClear(how));
        }
    }

    /// The verification to use where the definition asks for `wanted`: the run's policy may raise it for servers on
    /// other machines.
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

    /// Registers text from outside (from a DNS record or a server) that may appear in a message, a hint or a warning:
    /// the engine decides what of it may be shown. Call it for every such text.
    pub fn heard(&self, word: &str) {
        self.recorder.lock().heard.push(word.to_owned());
    }

    /// Registers a secret that a server issued for this login, so that no result of the run shows it. Call it before
    /// using it.
    pub fn lent(&self, secret: &str) {
        self.recorder.lent(secret);
    }

    /// Records that a credential is about to be sent. Call it right before. From here on the login tries nothing else,
    /// and its outcome counts for the account.
    pub fn credential_sent(&self) {
        self.recorder.track.leaves();
        self.recorder.step(|| StepKind::CredentialSent);
        let mut trace = self.recorder.lock();
        trace.credential_sent = true;
        trace.credential_accepted = false;
        if let Some(tap) = &trace.tap {
            tap.extend(self.recorder.track.read_on());
        }
    }

    /// Records that the server has asked for the credential and accepted it: whatever it sends from here on comes after
    /// the check.
    pub fn credential_accepted(&self) {
        self.recorder.track.note(|credential| credential.answer = Some(Answer::Accepted));
        self.recorder.lock().credential_accepted = true;
        self.recorder.step(|| StepKind::CredentialAccepted);
    }

    /// Records that the server did not look at the credential that was sent: the outcome of the login says nothing
    /// about it.
    pub fn credential_ignored(&self) {
        self.recorder.track.note(|credential| credential.answer = Some(Answer::Ignored));
        let mut trace = self.recorder.lock();
        trace.credential_sent = false;
        trace.credential_accepted = false;
    }

    /// Records that the server answered the same with the credential as without it. If it has accepted a credential of
    /// the account before, that counts as no answer; otherwise it says nothing about the credential.
    pub fn credential_made_no_difference(&self) {
        self.credential_ignored();
        self.recorder.track.note(|credential| credential.answer = Some(Answer::NoDifference));
    }

    /// Sets the hint that is shown first if the server sends nothing from here on. Call it where such silence has a
    /// likely cause.
    pub fn if_silent(&self, hint: &'static str) {
        self.recorder.lock().if_silent = Some(hint);
    }

    /// Records that the server's answer refuses the credential, or does not prove that it was accepted, whatever its
    /// code means.
    pub fn credential_refused(&self) {
        self.recorder.track.note(|credential| credential.answer = Some(Answer::Refused));
    }

    /// Whether only [`Attempt::evidence`] is wanted: no credential may be sent.
    #[must_use]
    pub fn only_looks(&self) -> bool {
        self.recorder.track.only_looks()
    }

    /// The end of a dialogue in which no credential is sent. No report shows it.
    #[must_use]
    pub fn looked() -> Failure {
        Failure::of(Run::Interrupted)
    }

    /// Records what the server shows without a credential.
    pub fn evidence(&self, evidence: Evidence) {
        self.recorder.track.note(|credential| credential.evidence = Some(evidence));
    }

    /// Adds to the facts.
    pub fn learn(&self, add: impl FnOnce(&mut Facts)) {
        add(&mut self.recorder.lock().facts);
    }

    /// Adds a warning, each code and text once.
    #[expect(clippy::needless_pass_by_value, reason = "callers make it where they hand it over")]
    pub fn warn(&self, notice: impl Notice) {
        self.recorder.warn(notice.warning());
    }
}

/// What a connection to `endpoint`, whose host has these `addresses`, may be made to.
fn candidates(endpoint: &Endpoint, addresses: &[IpAddr]) -> Vec<Address> {
    match endpoint {
        Endpoint::Tcp { port, .. } => addresses.iter().map(|ip| Address::Ip((*ip, *port).into())).collect(),
        Endpoint::Unix(path) => vec![Address::Unix(path.clone())],
    }
}

/// Whether an endpoint, as the definition writes it, can only be on this machine.
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
                expected: Arc::default(),
            };
            attempt.recorder.lock().named_elsewhere = named_elsewhere;
            let loopback = Address::Ip(([127, 0, 0, 1], 5432).into());
            assert_eq!(attempt.admit(&loopback, Protection::Plain).is_ok(), admitted, "{require_tls} {verify_tls}");
            assert_eq!(attempt.is_here(&loopback), admitted, "{require_tls} {verify_tls}");
            let wanted = attempt.verification(Verification::None, &loopback);
            assert_eq!(wanted == Verification::Full, verify_tls && named_elsewhere);
            assert!(attempt.admit(&loopback, Protection::Verified).is_ok());
        }
    }
}
