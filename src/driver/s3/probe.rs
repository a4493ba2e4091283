//! The login: a request to STS for the role, if there is one, then the request that proves the keys; and the control
//! where the answer alone does not tell what it proves.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use aws_credential_types::Credentials;

use super::answer::Refusal;
use super::control::{Conclusion, Said, conclude};
use super::echo;
use super::expected::Object;
use super::made_up;
use super::notices::S3Notice;
use super::options::Options;
use super::refine::refine;
use super::request::{Reply, Request, Sender};
use super::verdict::Asked;
use crate::driver::aws::shorten;
use crate::driver::controls::Control;
use crate::driver::kit::http::{Connector, NetworkConnector};
use crate::driver::tls_file::TlsFile;
use crate::driver::{Attempt, Probe};
use crate::model::codes::Context;
use crate::model::expected::ExpectedKind;
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::ReasonCode;

/// The hint for by far the likeliest reason why an S3 endpoint does not complete the TLS handshake.
const PLAIN: &str = "write the endpoint as `http://host:port` in extra `endpoint_url` if that is what it should speak";

/// A login attempt to S3.
pub(super) struct S3Probe {
    options: Options,
    login: String,
    target: String,
}

impl S3Probe {
    /// A probe of the login with `options`; messages call it `target`.
    pub(super) fn new(options: Options, target: String) -> Self {
        Self { login: shorten(&options.keys.id), options, target }
    }
}

#[async_trait]
impl Probe for S3Probe {
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        let ca = self.options.ca.as_ref().map(TlsFile::read).transpose()?;
        let roots = attempt.roots(ca.map(|pem| pem.expose().as_bytes().to_vec()));
        let certificate = self.options.certificate.as_ref().map(TlsFile::read).transpose()?.map(Arc::new);
        let verification = self.options.verification;
        let open = move |attempt: &Attempt| -> Arc<dyn Connector> {
            let (attempt, roots, certificate) = (attempt.clone(), roots.clone(), certificate.clone());
            Arc::new(NetworkConnector { attempt, verification, roots, certificate, plain_hint: PLAIN })
        };
        Session { probe: self, attempt, open: &open }.check().await
    }

    fn second_look(&self, failure: Failure) -> Failure {
        refine(&self.options, self.options.request(), failure)
    }
}

/// One run of a probe, over the connector that `open` gives for an attempt.
pub(super) struct Session<'a> {
    pub(super) probe: &'a S3Probe,
    pub(super) attempt: &'a Attempt,
    pub(super) open: &'a (dyn Fn(&Attempt) -> Arc<dyn Connector> + Send + Sync),
}

impl Session<'_> {
    pub(super) async fn check(&self) -> Result<(), Failure> {
        let options = &self.probe.options;
        let stored = options.keys.credentials();
        let Some(role) = &options.role else {
            self.login(options.request(), &stored).await?;
            return self.look_for(&stored).await;
        };
        let Reply::Lent(lent, _) = self.login(Request::AssumeRole(role), &stored).await? else {
            unreachable!("who asks for a role is lent keys")
        };
        for secret in [lent.access_key_id(), lent.secret_access_key(), lent.session_token().unwrap_or_default()] {
            self.attempt.lent(secret);
        }
        // The outcome of the keys that STS issued proves nothing about the stored ones.
        let (answer, _) = self.ask(options.request(), &lent, false).await;
        let proved = self.attempt.recorder.look(|trace| trace.credential_accepted);
        // An STS that issues keys to everybody has not accepted the stored ones, whatever the issued ones are allowed.
        let is_denied = answer.as_ref().is_err_and(|refusal| matches!(refusal.said(), Some(Said::Denied(_))));
        let conclusion = if is_denied && !proved { Conclusion::Unproved } else { Conclusion::Proved };
        let listed = self.judge(options.request(), answer, conclusion);
        // A refusal concerns the issued keys; if STS has not proved the stored ones, nothing is known about those.
        if listed.is_err() && !proved {
            self.attempt.credential_ignored();
        }
        listed?;
        self.look_for(&lent).await
    }

    /// Looks for the objects that a wait expects, with `keys` that are proved.
    async fn look_for(&self, keys: &Credentials) -> Result<(), Failure> {
        let bucket = self.probe.options.bucket.as_deref();
        for expected in self.attempt.expected.iter().filter(|expected| expected.kind == ExpectedKind::Object) {
            let Object { bucket, key } = Object::of(expected, bucket)?;
            let request = Request::FindObject(bucket, key);
            let (answer, _) = self.attempt.phase(Phase::Query, self.ask(request, keys, false)).await;
            match self.judge(request, answer, Conclusion::Proved)? {
                Reply::Found(Some(found)) if found == key => {}
                _ => return Err(Object { bucket, key }.missing()),
            }
        }
        Ok(())
    }

    /// Sends `request`, and concludes from the answer what it proves about the stored `keys`.
    async fn login(&self, request: Request<'_>, keys: &Credentials) -> Result<Reply, Failure> {
        let (answer, region) = self.ask(request, keys, true).await;
        let said = match &answer {
            Ok(_) => Some(Said::Accepted),
            Err(refusal) => refusal.said(),
        };
        let conclusion = match (said, &answer) {
            (Some(_), Err(refusal)) if self.is_aws(request) && !refusal.is_known() => Conclusion::Unknown,
            (Some(_), _) if self.is_aws(request) => Conclusion::Proved,
            (Some(said), _) => conclude(said, self.control(request, &region, keys, said).await.as_ref()),
            (None, _) => Conclusion::Unknown,
        };
        match conclusion {
            Conclusion::Proved => self.attempt.credential_accepted(),
            Conclusion::NotChecked => self.attempt.credential_made_no_difference(),
            Conclusion::Unknown if answer.as_ref().is_err_and(Refusal::says_nothing_of_keys) => {
                self.attempt.credential_ignored();
            }
            Conclusion::Unproved | Conclusion::Unknown => {}
        }
        self.judge(request, answer, conclusion)
    }

    /// The answer to `request`, and the region that it was signed for: the definition's or, after one correction as in
    /// boto3, the one that the server names.
    async fn ask(
        &self,
        request: Request<'_>,
        keys: &Credentials,
        stored: bool,
    ) -> (Result<Reply, Refusal>, Cow<'_, str>) {
        let region = self.probe.options.region.as_str();
        let sender = Sender { stored, ..self.sender(self.attempt.clone()) };
        let first = sender.send(request, region, keys).await;
        let other = match (&first, request.bucket()) {
            (Err(refusal), Some(_)) => refusal.elsewhere(region, self.is_aws(request)).map(str::to_owned),
            _ => None,
        };
        let Some(other) = other else { return (first, Cow::Borrowed(region)) };
        self.attempt.heard(&other);
        self.attempt.warn(S3Notice::OtherRegion { wanted: other.clone(), given: region.to_owned() });
        self.attempt.learn(|facts| facts.region = Some(other.clone()));
        (sender.send(request, &other, keys).await, Cow::Owned(other))
    }

    /// The server's answer to the same request with made-up keys: the remembered one of the last day, or a new one.
    /// Servers may judge a session token before the keys, so with a token a denial is compared with the denial of the
    /// same token.
    async fn control(&self, request: Request<'_>, region: &str, keys: &Credentials, said: Said<'_>) -> Option<Control> {
        let ask = async {
            let made_up = made_up::keys(keys)?;
            // Its trace must not mix with that of the login.
            let sender = self.sender(Attempt { recorder: Arc::default(), ..self.attempt.clone() });
            let answer = sender.send(request, region, &made_up);
            // The login must have its verdict before its deadline.
            match tokio::time::timeout(self.attempt.remaining() / 2, answer).await.ok()? {
                Ok(_) => Some(Control::Taken),
                Err(refusal) => refusal.control(),
            }
        };
        let token = keys.session_token().is_some();
        if token && matches!(said, Said::Denied(_)) {
            return ask.await;
        }
        let question = request.question(&self.probe.options, token);
        self.attempt.controls.answer(&question, ask).await
    }

    /// The verdict on `answer`. Records the facts in it.
    fn judge(
        &self,
        request: Request<'_>,
        answer: Result<Reply, Refusal>,
        conclusion: Conclusion,
    ) -> Result<Reply, Failure> {
        let refusal = match answer {
            Ok(reply) => {
                self.warn(conclusion);
                self.learn(&reply);
                return Ok(reply);
            }
            Err(refusal) => refusal,
        };
        self.conclude(request, refusal, conclusion).map_err(|failure| self.shown(failure))
    }

    /// The verdict on `refusal`. Its text may still contain parts of the request.
    fn conclude(&self, request: Request<'_>, refusal: Refusal, conclusion: Conclusion) -> Result<Reply, Failure> {
        let asked = self.asked(request);
        match (request, conclusion, refusal.said()) {
            (Request::ListBuckets, Conclusion::Proved, Some(Said::Denied(meaning)))
                if meaning.reason == Some(ReasonCode::BucketDenied) && meaning.code == "AccessDenied" =>
            {
                self.attempt.warn(S3Notice::CannotList);
                return Ok(Reply::Buckets);
            }
            (_, Conclusion::Unproved, _) => {
                return Err(refine(&self.probe.options, request, refusal.into_unproved(asked)));
            }
            (_, _, Some(Said::Accepted)) => self.warn(conclusion),
            _ => {}
        }
        Err(refine(&self.probe.options, request, refusal.into_failure(asked)))
    }

    /// Removes from the failure what the server repeats of the signed request.
    fn shown(&self, mut failure: Failure) -> Failure {
        let id = &self.probe.options.keys.id;
        failure.detail = failure.detail.and_then(|text| echo::shown(&text, id, &self.probe.login)).map(Into::into);
        failure
    }

    /// Warns that an acceptance may not be one.
    fn warn(&self, conclusion: Conclusion) {
        match conclusion {
            Conclusion::NotChecked => self.attempt.warn(S3Notice::KeysNotChecked),
            Conclusion::Unknown => self.attempt.warn(S3Notice::ControlUnanswered),
            Conclusion::Proved | Conclusion::Unproved => {}
        }
    }

    fn learn(&self, reply: &Reply) {
        self.attempt.learn(|facts| match reply {
            Reply::Objects(bucket) => facts.database.clone_from(bucket),
            Reply::Caller(arn) | Reply::Lent(_, arn) => facts.user.clone_from(arn),
            Reply::Buckets | Reply::Found(_) => {}
        });
    }

    fn asked(&self, request: Request<'_>) -> Asked<'_> {
        let probe = self.probe;
        let context = Context {
            login: Some(&probe.login),
            database: probe.options.bucket.as_deref(),
            host: None,
            target: Some(&probe.target),
        };
        let role = matches!(request, Request::AssumeRole(_));
        Asked { service: request.service_name(), role, plain: probe.options.is_plain(request), context }
    }

    fn is_aws(&self, request: Request<'_>) -> bool {
        request.service(&self.probe.options).is_aws()
    }

    fn sender(&self, attempt: Attempt) -> Sender<'_> {
        Sender { options: &self.probe.options, opener: (self.open)(&attempt), attempt, stored: false }
    }
}
