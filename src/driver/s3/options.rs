//! The parameters of a definition, read field by field.

use serde_json::Value;

use super::auth::{self, Keys};
use super::boto3;
use super::endpoint::{S3Service, Service, StsService, is_bucket, is_length_of_bucket, without_bucket};
use super::flaws::S3Flaw;
use super::notices::S3Notice;
use super::place;
use super::request::Request;
use super::services::{self, nested, renamed};
use super::variant::{self, Variant};
use super::verdict::is_region;
use crate::driver::aws::is_aws_region;
use crate::driver::kit::http::{Origin, Verify};
use crate::driver::tls_file::TlsFile;
use crate::driver::{Circumstances, Encryption, Fields, Target};
use crate::model::extra;
use crate::model::reason::Field;
use crate::net::tls::Verification;

/// AWS's default region, which other servers accept unless they are configured otherwise.
const DEFAULT_REGION: &str = "us-east-1";

/// All parameters of a check.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) keys: Keys,
    pub(super) region: String,
    pub(super) s3: S3Service,
    pub(super) sts: StsService,
    pub(super) bucket: Option<String>,
    pub(super) role: Option<Role>,
    pub(super) verification: Verification,
    pub(super) ca: Option<TlsFile>,
    /// The client certificate for a server that requests one.
    pub(super) certificate: Option<TlsFile>,
    /// The field that gives the endpoint of S3.
    pub(super) endpoint: Field,
    /// An extra that other tools use for the endpoint, and Airflow does not read.
    pub(super) misnamed_endpoint: Option<String>,
}

/// The names that other tools have for the endpoint.
const MISNAMED_ENDPOINTS: &[&str] = &[
    "endpoint",
    "endpoint-url",
    "endpointUrl",
    "endpoint_override",
    "aws_endpoint_url",
    "aws_endpoint_url_s3",
    "s3_endpoint",
    "s3_endpoint_url",
    "url",
];

/// A role to assume with the stored keys before the check.
#[derive(Debug)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session_name: String,
    pub(super) external_id: Option<String>,
    pub(super) seconds: Option<i32>,
}

impl Options {
    /// The cheapest request that proves the keys.
    pub(super) fn request(&self) -> Request<'_> {
        match (&self.bucket, &self.s3.service) {
            (Some(bucket), _) => Request::ListObjects(bucket),
            (None, Service::Aws) => Request::CallerIdentity,
            (None, Service::At(_)) => Request::ListBuckets,
        }
    }

    /// Whether the host of `request` is the endpoint's with the bucket before it.
    pub(super) fn bucket_is_in_host(&self, request: Request<'_>) -> bool {
        matches!(self.s3.service, Service::At(_)) && !self.s3.path_style && request.bucket().is_some()
    }

    /// The bucket of `request`, if the path of the endpoint also ends with it.
    pub(super) fn bucket_in_path<'a>(&self, request: Request<'a>) -> Option<&'a str> {
        let bucket = request.bucket()?;
        let Service::At(url) = &self.s3.service else { return None };
        (self.s3.path_style && url.path().rsplit('/').next() == Some(bucket)).then_some(bucket)
    }

    /// Whether `request` is sent unencrypted.
    pub(super) fn is_plain(&self, request: Request<'_>) -> bool {
        matches!(request.service(self), Service::At(url) if !url.origin().tls)
    }

    /// The origins of the role's request, if there is a role, and of the check itself.
    pub(super) fn origins(&self) -> Option<Vec<Origin>> {
        let mut origins = Vec::new();
        if self.role.is_some() {
            origins.push(self.sts.origin(&self.region)?);
        }
        let origin = self.origin(self.bucket.as_deref())?;
        // Whether the bucket is before the service's name or in the path, the keys are the same account.
        let bare = without_bucket(&origin.host, self.bucket.as_deref()).map(str::to_owned);
        origins.push(origin.clone());
        origins.extend(bare.map(|host| Origin { host, ..origin }));
        origins.dedup();
        Some(origins)
    }

    /// The target in results: the service, without the bucket's host name before it. Some buckets of AWS have a service
    /// with another name than that of all buckets.
    pub(super) fn target(&self) -> Option<Target> {
        let (all, own) = (self.origin(None)?, self.origin(self.bucket.as_deref())?);
        let bucket = self.bucket.as_deref().filter(|_| own.host != all.host);
        let bare = bucket.and_then(|bucket| own.host.strip_prefix(bucket)?.strip_prefix('.'));
        let host = bare.unwrap_or(&own.host).to_owned();
        Some(Target { host: Some(host), port: Some(own.port), database: self.bucket.clone() })
    }

    /// The two settings that exclude each other, where no address results from all of them together.
    pub(super) fn leading_nowhere(&self) -> S3Flaw {
        const ACCELERATE: &str = "config_kwargs.s3.use_accelerate_endpoint";
        const FIPS: &str = "config_kwargs.use_fips_endpoint";
        const DUAL_STACK: &str = "config_kwargs.use_dualstack_endpoint";
        let region = || Field::extra("region_name");
        let (one, other) = match (self.s3.variant, &self.bucket) {
            (Variant { accelerate: true, fips: true, .. }, Some(_)) => (ACCELERATE, Field::extra(FIPS)),
            (Variant { accelerate: true, .. }, Some(bucket)) if !place::is_label(bucket) => (ACCELERATE, Field::SCHEMA),
            (Variant { accelerate: true, .. }, Some(_)) => (ACCELERATE, region()),
            (Variant { fips: true, .. }, _) => (FIPS, region()),
            (Variant { dual_stack: true, .. }, _) => (DUAL_STACK, region()),
            _ => return S3Flaw::NoAddress,
        };
        S3Flaw::NoSuchHost { one, other }
    }

    fn origin(&self, bucket: Option<&str>) -> Option<Origin> {
        match self.request() {
            Request::CallerIdentity | Request::AssumeRole(_) => self.sts.origin(&self.region),
            Request::ListObjects(_) | Request::FindObject(..) | Request::ListBuckets => {
                self.s3.origin(&self.region, bucket)
            }
        }
    }
}

/// Reads `fields`; `None` after at least one problem was added to them.
pub(super) fn read(fields: &mut Fields<'_>) -> Option<Options> {
    let keys = auth::read(fields);
    boto3::signature(fields);
    let region = region(fields);
    let service = services::s3(fields, &region).ok();
    let sts = service.as_ref().and_then(|s3| services::sts(fields, s3).ok());
    let bucket = bucket(fields, service.as_ref().is_none_or(Service::is_aws));
    let role = role(fields);
    let asks_aws = |service: Option<&Service>| service == Some(&Service::Aws);
    let aws = asks_aws(service.as_ref()) || (role.is_some() && asks_aws(sts.as_ref()));
    let (of_s3, of_sts) = if aws { variant::read(fields) } else { Default::default() };
    let s3 = service.map(|service| s3_service(fields, service, of_s3));
    let sts = sts.map(|service| sts_service(service, of_sts));
    let roles_sts = role.as_ref().and(sts.as_ref()).map(|sts| &sts.service);
    let tls = s3.as_ref().is_none_or(|s3| s3.service.is_tls()) || roles_sts.is_some_and(Service::is_tls);
    let plain = s3.as_ref().is_some_and(|s3| !s3.service.is_tls()) || roles_sts.is_some_and(|sts| !sts.is_tls());
    // boto3 reads none of these without TLS.
    let (verification, ca) = if tls { verify(fields) } else { (Verification::Full, None) };
    let certificate = if tls { boto3::certificate(fields) } else { None };
    let schemes: Vec<&str> = [tls.then_some("https"), plain.then_some("http")].into_iter().flatten().collect();
    boto3::proxies(fields, &schemes);
    boto3::session(fields);
    boto3::check(fields, s3.as_ref().is_some_and(|s3| s3.service != Service::Aws));
    let (s3, sts) = (s3?, sts?);
    if aws && region != "aws-global" && !is_aws_region(&region) {
        fields.problem(S3Flaw::NotOfAws { region: region.clone() });
    }
    let extras = fields.connection().extra.object();
    let misnamed_endpoint = MISNAMED_ENDPOINTS.iter().find(|name| extras.contains_key(**name));
    let misnamed_endpoint = misnamed_endpoint.map(|name| (*name).to_owned());
    let endpoint = services::endpoint(fields);
    Some(Options {
        keys: keys?,
        region,
        s3,
        sts,
        bucket,
        role,
        verification,
        ca,
        certificate,
        endpoint,
        misnamed_endpoint,
    })
}

/// The S3 service of a definition; `variant` is for AWS's own hosts. Accelerated ones have the bucket in their name.
fn s3_service(fields: &Fields<'_>, service: Service, variant: Variant) -> S3Service {
    let is_aws = service == Service::Aws;
    let variant = if is_aws { variant } else { Variant::default() };
    S3Service { path_style: boto3::path_style(fields, !is_aws) && !variant.accelerate, service, variant }
}

fn sts_service(service: Service, variant: Variant) -> StsService {
    let variant = if service == Service::Aws { variant } else { Variant::default() };
    StsService { service, variant }
}

impl Options {
    /// The circumstances: whether the keys are sent to STS, to assume a role. Which role does not matter to the keys.
    pub(super) fn circumstances(&self) -> Circumstances {
        // Requests are signed; the secret itself is not sent.
        Circumstances::of(Encryption::Irrelevant)
            .with(if self.role.is_some() { "role" } else { "" }.to_owned())
            .presenting(self.certificate.as_ref().map(TlsFile::identity))
    }
}

/// The region as boto3 reads it, else AWS's default.
fn region(fields: &mut Fields<'_>) -> String {
    let region = boto3::region(fields).or_else(|| {
        let region = renamed(fields, "region", "region_name")?;
        if !is_region(&region) {
            fields.problem(S3Flaw::BadRegion { field: Field::extra("region"), region: region.clone() });
        }
        Some(region)
    });
    region.unwrap_or_else(|| DEFAULT_REGION.to_owned())
}

fn bucket(fields: &mut Fields<'_>, aws: bool) -> Option<String> {
    let (bucket, field) = if let Some(schema) = fields.schema() {
        (schema.to_owned(), Field::SCHEMA)
    } else if let Some(name) = fields.text("bucket_name") {
        (name, Field::extra("bucket_name"))
    } else if let Some(name) = nested(fields, &["service_config", "s3", "bucket_name"]) {
        (name, Field::extra("service_config.s3.bucket_name"))
    } else {
        (renamed(fields, "bucket", "bucket_name")?, Field::extra("bucket"))
    };
    if bucket.starts_with("arn:") {
        fields.unsupported(S3Flaw::BucketArn { field });
    } else if !is_bucket(&bucket) {
        fields.problem(S3Flaw::BadBucket { field, bucket: bucket.clone() });
    } else if !is_length_of_bucket(&bucket, aws) {
        fields.problem(S3Flaw::BucketLength { field, bucket: bucket.clone() });
    }
    Some(bucket)
}

fn role(fields: &mut Fields<'_>) -> Option<Role> {
    if let Some(method) = fields.text("assume_role_method").filter(|method| method != "assume_role") {
        fields.unsupported(S3Flaw::RoleMethod { method });
    }
    let arn = fields.text("role_arn")?;
    if !arn.starts_with("arn:") || arn.contains(char::is_whitespace) {
        fields.problem(S3Flaw::BadRole { role: arn.clone() });
    }
    if fields.text("external_id").is_some() {
        fields.warn(S3Notice::ExternalId);
    }
    let mut role = Role { arn, session_name: "connprobe".to_owned(), external_id: None, seconds: None };
    let Some(Value::Object(more)) = fields.value("assume_role_kwargs") else { return Some(role) };
    for (name, value) in more.iter().filter(|(_, value)| !value.is_null()) {
        match (name.as_str(), extra::text(value)) {
            ("RoleSessionName", Some(text)) => role.session_name = text,
            ("ExternalId", Some(text)) => role.external_id = Some(text),
            ("DurationSeconds", Some(text)) => match text.parse() {
                Ok(seconds) => role.seconds = Some(seconds),
                Err(_) => {
                    fields.problem(S3Flaw::BadDuration);
                }
            },
            ("SerialNumber" | "TokenCode", _) => {
                fields.unsupported(S3Flaw::OneTimeCode);
            }
            _ => fields.warn(S3Notice::RoleArgument { name: name.clone() }),
        }
    }
    Some(role)
}

/// Reads `verify`: true, false, or the authorities to trust instead of the system's.
fn verify(fields: &mut Fields<'_>) -> (Verification, Option<TlsFile>) {
    let full = (Verification::Full, None);
    let Some(value) = fields.value("verify") else { return full };
    match Verify::read(value) {
        Some(Verify::Flag { checked, as_text }) => {
            if as_text {
                fields.warn(S3Notice::TextFlag { read: checked });
            }
            if checked { full } else { (Verification::None, None) }
        }
        Some(Verify::Authorities(text)) => {
            let directory = fields.connection().directory.as_deref();
            (Verification::Full, Some(TlsFile::new("verify", text, directory)))
        }
        None => {
            fields.problem(S3Flaw::BadVerify);
            full
        }
    }
}
