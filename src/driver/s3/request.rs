//! The requests that prove keys, and how each is sent through the SDK: connprobe's connector, one try, no redirect.
//! Must not judge an answer.

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sdk_s3::config::{
    BehaviorVersion, IdentityCache, Region, RequestChecksumCalculation, ResponseChecksumValidation, SharedHttpClient,
    StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::answer::Refusal;
use super::endpoint::Service;
use super::options::{Options, Role};
use super::place::Placed;
use super::product;
use super::wire::SdkConnector;
use crate::driver::Attempt;
use crate::driver::kit::http::{Connector, Origin};

/// The common settings of both clients. A macro, since the builders are two types without a common trait.
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

/// A request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Request<'a> {
    /// One key name of this bucket, which is discarded.
    ListObjects(&'a str),
    /// The first key of a bucket that begins so: a key itself, if it exists.
    FindObject(&'a str, &'a str),
    /// For servers other than AWS, without a bucket.
    ListBuckets,
    /// For AWS without a bucket: needs no permission at all.
    CallerIdentity,
    /// The keys of a role.
    AssumeRole(&'a Role),
}

/// The data of a successful answer.
#[derive(Debug)]
pub(super) enum Reply {
    /// The bucket's name, as the server returns it.
    Objects(Option<String>),
    /// The key that was found.
    Found(Option<String>),
    Buckets,
    /// The caller's ARN.
    Caller(Option<String>),
    /// The keys that STS issues for a role, and the ARN of the assumed role.
    Lent(Credentials, Option<String>),
}

impl<'a> Request<'a> {
    /// `S3` or `STS`.
    pub(super) fn service_name(self) -> &'static str {
        match self {
            Self::ListObjects(_) | Self::FindObject(..) | Self::ListBuckets => "S3",
            Self::CallerIdentity | Self::AssumeRole(_) => "STS",
        }
    }

    /// The service that it is sent to.
    pub(super) fn service(self, options: &Options) -> &Service {
        match self {
            Self::ListObjects(_) | Self::FindObject(..) | Self::ListBuckets => &options.s3.service,
            Self::CallerIdentity | Self::AssumeRole(_) => &options.sts.service,
        }
    }

    /// The name of the question for `Controls`: what this request asks for, and where. Requests with the same name get
    /// the same answer to keys that do not exist. The bucket is part of it, since a server may list one bucket for
    /// everybody, and check the keys for another.
    pub(super) fn question(self, options: &Options, token: bool) -> String {
        let asked = match self {
            Self::ListObjects(bucket) => format!("the bucket {bucket}"),
            Self::FindObject(bucket, key) => format!("the object {key} of the bucket {bucket}"),
            Self::ListBuckets => "all buckets".to_owned(),
            Self::CallerIdentity => "the caller".to_owned(),
            Self::AssumeRole(role) => format!("the role {}", role.arn),
        };
        let url = self.service(options).url().unwrap_or_default();
        format!("{} {url} {}{asked}", self.service_name(), if token { "with a token " } else { "" })
    }

    pub(super) fn bucket(self) -> Option<&'a str> {
        match self {
            Self::ListObjects(bucket) | Self::FindObject(bucket, _) => Some(bucket),
            Self::ListBuckets | Self::CallerIdentity | Self::AssumeRole(_) => None,
        }
    }
}

/// Sends requests on behalf of one attempt.
pub(super) struct Sender<'a> {
    pub(super) options: &'a Options,
    pub(super) attempt: Attempt,
    pub(super) opener: Arc<dyn Connector>,
    /// Whether the keys are the definition's own, not issued or made up.
    pub(super) stored: bool,
}

impl Sender<'_> {
    /// Sends `request` once, signed with `keys` for `region`.
    pub(super) async fn send(&self, request: Request<'_>, region: &str, keys: &Credentials) -> Result<Reply, Refusal> {
        let mut answer = self.exchange(request, region, keys).await;
        if let Err(Refusal::Answered(answer)) = &mut answer {
            match request.service(self.options) {
                service if service.is_aws() => answer.product = Some(product::AWS),
                Service::At(url) => answer.product = answer.product.or_else(|| product::of_host(&url.origin().host)),
                Service::Aws => {}
            }
        }
        answer
    }

    async fn exchange(&self, request: Request<'_>, region: &str, keys: &Credentials) -> Result<Reply, Refusal> {
        match request {
            Request::ListObjects(bucket) => {
                let client = self.s3(region, Some(bucket), keys).ok_or(Refusal::Lost)?;
                Ok(Reply::Objects(client.list_objects_v2().bucket(bucket).max_keys(1).send().await?.name))
            }
            Request::FindObject(bucket, key) => {
                let client = self.s3(region, Some(bucket), keys).ok_or(Refusal::Lost)?;
                let found = client.list_objects_v2().bucket(bucket).prefix(key).max_keys(1).send().await?;
                Ok(Reply::Found(found.contents.unwrap_or_default().into_iter().next().and_then(|object| object.key)))
            }
            Request::ListBuckets => {
                self.s3(region, None, keys).ok_or(Refusal::Lost)?.list_buckets().max_buckets(1).send().await?;
                Ok(Reply::Buckets)
            }
            Request::CallerIdentity => {
                let client = self.sts(region, keys).ok_or(Refusal::Lost)?;
                Ok(Reply::Caller(client.get_caller_identity().send().await?.arn))
            }
            Request::AssumeRole(role) => self.assume(role, region, keys).await,
        }
    }

    async fn assume(&self, role: &Role, region: &str, keys: &Credentials) -> Result<Reply, Refusal> {
        let assumed = self
            .sts(region, keys)
            .ok_or(Refusal::Lost)?
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(&role.session_name)
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.seconds)
            .send()
            .await?;
        let lent = assumed.credentials.ok_or_else(Refusal::empty)?;
        let token = Some(lent.session_token);
        let lent = Credentials::new(lent.access_key_id, lent.secret_access_key, token, None, "connprobe");
        Ok(Reply::Lent(lent, assumed.assumed_role_user.map(|user| user.arn)))
    }

    fn s3(&self, region: &str, bucket: Option<&str>, keys: &Credentials) -> Option<aws_sdk_s3::Client> {
        let service = &self.options.s3;
        let origin = service.origin(region, bucket)?;
        let mut config = careful!(aws_sdk_s3::Config::builder(), self.http(origin), region, keys)
            .endpoint_resolver(Placed::at(service.url(region, bucket)?))
            .force_path_style(service.path_style)
            .use_fips(service.variant.fips)
            .use_dual_stack(service.variant.dual_stack)
            .accelerate(service.variant.accelerate)
            .use_arn_region(false)
            .disable_multi_region_access_points(true)
            .disable_s3_express_session_auth(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        config.set_endpoint_url(service.bare_url());
        Some(aws_sdk_s3::Client::from_conf(config.build()))
    }

    fn sts(&self, region: &str, keys: &Credentials) -> Option<aws_sdk_sts::Client> {
        let sts = &self.options.sts;
        let origin = sts.origin(region)?;
        let mut config = careful!(aws_sdk_sts::Config::builder(), self.http(origin), region, keys)
            .use_fips(sts.variant.fips)
            .use_dual_stack(sts.variant.dual_stack);
        config.set_endpoint_url(sts.service.url());
        Some(aws_sdk_sts::Client::from_conf(config.build()))
    }

    fn http(&self, origin: Origin) -> SharedHttpClient {
        let connector = SdkConnector {
            attempt: self.attempt.clone(),
            opener: Arc::clone(&self.opener),
            origin,
            stored: self.stored,
        };
        let connector = SharedHttpConnector::new(connector);
        http_client_fn(move |_settings, _components| connector.clone())
    }
}
