//! The check: a request to STS for the role, if there is one, then the one that proves the keys.

use std::sync::Arc;

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_sdk_s3::config::{
    BehaviorVersion, IdentityCache, Region, RequestChecksumCalculation, ResponseChecksumValidation, SharedHttpClient,
    StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::connector::Connector;
use super::endpoint::{Service, sts_place};
use super::keys::shorten;
use super::options::{Check, Options, Role};
use super::verdict::{Asked, Refusal};
use crate::driver::http1::{Opener, Outward, Place};
use crate::driver::tls_file::TlsFile;
use crate::driver::{Attempt, Probe};
use crate::model::codes::Context;
use crate::model::failure::Failure;
use crate::model::redact::Redactor;
use crate::model::warning::WarningCode;

/// What to do about by far the likeliest reason why an S3 endpoint does not shake hands.
const PLAIN: &str = "write the endpoint as `http://host:port` in extra `endpoint_url` if that is what it should speak";

/// What the clients of both services have in common: our connector, one try, stored keys. The
/// builders are two types without a common trait.
macro_rules! careful {
    ($builder:expr, $http:expr, $region:expr, $keys:expr) => {
        $builder
            .behavior_version(BehaviorVersion::latest())
            .http_client($http)
            .region(Region::new($region.to_owned()))
            .credentials_provider($keys.clone())
            .identity_cache(IdentityCache::no_cache())
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .disable_clock_skew_correction(true)
    };
}

/// A login attempt at S3.
pub(super) struct S3Probe {
    options: Options,
    login: String,
    target: String,
}

impl S3Probe {
    /// A probe of what `options` ask for; messages call it `target`.
    pub(super) fn new(options: Options, target: String) -> Self {
        Self { login: shorten(&options.keys.id), options, target }
    }
}

#[async_trait]
impl Probe for S3Probe {
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        let ca = self.options.ca.as_ref().map(TlsFile::read).transpose()?;
        let roots = attempt.roots(ca.map(|pem| pem.expose().as_bytes().to_vec()));
        let outward =
            Outward { attempt: attempt.clone(), verification: self.options.verification, roots, plain_hint: PLAIN };
        Session { probe: self, attempt, opener: Arc::new(outward) }.check().await
    }
}

/// One run of a probe, through whatever `opener` opens.
pub(super) struct Session<'a> {
    pub(super) probe: &'a S3Probe,
    pub(super) attempt: &'a Attempt,
    pub(super) opener: Arc<dyn Opener>,
}

impl Session<'_> {
    pub(super) async fn check(&self) -> Result<(), Failure> {
        let stored = self.probe.options.keys.credentials();
        let Some(role) = &self.probe.options.role else { return self.prove(&stored).await };
        let lent = self.assume(role, &stored).await.map_err(|refusal| self.explain(refusal, "STS", true))?;
        self.prove(&lent).await.map_err(|failure| without(failure, &lent))
    }

    /// Proves `keys`, and as much of their rights as the definition needs.
    async fn prove(&self, keys: &Credentials) -> Result<(), Failure> {
        let (proved, service) = match self.probe.options.check() {
            Check::ListObjects(bucket) => (self.list_objects(bucket, keys).await, "S3"),
            Check::ListBuckets => (self.list_buckets(keys).await, "S3"),
            Check::CallerIdentity => (self.caller_identity(keys).await, "STS"),
        };
        proved.map_err(|refusal| self.explain(refusal, service, false))
    }

    async fn list_objects(&self, bucket: &str, keys: &Credentials) -> Result<(), Refusal> {
        let options = &self.probe.options;
        let listed = match self.list_objects_in(&options.region, bucket, keys).await {
            Err(refusal) if options.s3.service == Service::Aws => match refusal.elsewhere(&options.region) {
                Some(region) => {
                    let message =
                        format!("the bucket is in `{region}`, not in `{}`: set extra `region_name`", options.region);
                    self.attempt.warn(WarningCode::RegionRedirected, message);
                    self.list_objects_in(region, bucket, keys).await
                }
                None => Err(refusal),
            },
            listed => listed,
        };
        let name = listed?;
        self.attempt.learn(|facts| facts.database = name);
        Ok(())
    }

    /// The bucket's name, as the server has it.
    async fn list_objects_in(&self, region: &str, bucket: &str, keys: &Credentials) -> Result<Option<String>, Refusal> {
        let client = self.s3(region, Some(bucket), keys)?;
        Ok(client.list_objects_v2().bucket(bucket).max_keys(1).send().await?.name)
    }

    async fn list_buckets(&self, keys: &Credentials) -> Result<(), Refusal> {
        let client = self.s3(&self.probe.options.region, None, keys)?;
        match client.list_buckets().max_buckets(1).send().await.map_err(Refusal::from) {
            Err(refusal) if refusal.is_denied() => {
                let message =
                    "the keys are good, but may not list buckets: name a bucket in `schema` to check their right to it";
                self.attempt.warn(WarningCode::CannotList, message);
                Ok(())
            }
            listed => listed.map(drop),
        }
    }

    async fn caller_identity(&self, keys: &Credentials) -> Result<(), Refusal> {
        let caller = self.sts(keys)?.get_caller_identity().send().await?;
        self.attempt.learn(|facts| facts.user = caller.arn);
        Ok(())
    }

    /// The keys that STS lends to who plays `role`.
    async fn assume(&self, role: &Role, keys: &Credentials) -> Result<Credentials, Refusal> {
        let assumed = self
            .sts(keys)?
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(&role.session_name)
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.seconds)
            .send()
            .await?;
        let lent = assumed.credentials.ok_or_else(Refusal::empty)?;
        self.attempt.learn(|facts| facts.user = assumed.assumed_role_user.map(|user| user.arn));
        let token = Some(lent.session_token);
        Ok(Credentials::new(lent.access_key_id, lent.secret_access_key, token, None, "connprobe"))
    }

    fn explain(&self, refusal: Refusal, service: &'static str, role: bool) -> Failure {
        let probe = self.probe;
        let context = Context {
            login: Some(&probe.login),
            database: probe.options.bucket.as_deref(),
            host: None,
            target: Some(&probe.target),
        };
        refusal.into_failure(Asked { service, role, context })
    }

    fn s3(&self, region: &str, bucket: Option<&str>, keys: &Credentials) -> Result<aws_sdk_s3::Client, Refusal> {
        let service = &self.probe.options.s3;
        let place = service.place(region, bucket).ok_or(Refusal::Lost)?;
        let mut config = careful!(aws_sdk_s3::Config::builder(), self.http(place), region, keys)
            .force_path_style(service.path_style)
            .use_arn_region(false)
            .disable_multi_region_access_points(true)
            .disable_s3_express_session_auth(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        config.set_endpoint_url(service.service.url());
        Ok(aws_sdk_s3::Client::from_conf(config.build()))
    }

    fn sts(&self, keys: &Credentials) -> Result<aws_sdk_sts::Client, Refusal> {
        let Options { sts, region, .. } = &self.probe.options;
        let place = sts_place(sts, region).ok_or(Refusal::Lost)?;
        let mut config = careful!(aws_sdk_sts::Config::builder(), self.http(place), region, keys);
        config.set_endpoint_url(sts.url());
        Ok(aws_sdk_sts::Client::from_conf(config.build()))
    }

    fn http(&self, place: Place) -> SharedHttpClient {
        let connector = Connector { attempt: self.attempt.clone(), opener: Arc::clone(&self.opener), place };
        let connector = SharedHttpConnector::new(connector);
        http_client_fn(move |_settings, _components| connector.clone())
    }
}

/// The text of a server that was told lent keys, without them: the engine knows the stored ones only.
fn without(mut failure: Failure, lent: &Credentials) -> Failure {
    if let Some(detail) = &failure.detail {
        let secrets = [lent.secret_access_key(), lent.session_token().unwrap_or_default()];
        failure.detail = Redactor::new(secrets, &[]).scrub(detail);
    }
    failure
}
