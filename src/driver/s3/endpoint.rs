//! The target of requests: the endpoint that a definition names, or the hosts of AWS.
//!
//! Hosts come from the SDK's own rules, so that the request goes to the host in the plan. Must not do any I/O.

use aws_sdk_s3::config::endpoint::ResolveEndpoint as _;
use aws_sdk_sts::config::endpoint::ResolveEndpoint as _;
use futures_util::FutureExt as _;

use super::place;
use super::variant::Variant;
use crate::driver::kit::http::{Origin, ServiceUrl};

/// The provider of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// AWS, in the region of the definition.
    Aws,
    /// Another provider, or AWS at an address that the definition names.
    At(ServiceUrl),
}

/// The domains of AWS's services, in all its partitions.
const AWS_DOMAINS: &[&str] = &[
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".api.aws",
    ".api.amazonwebservices.com.cn",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
];

/// Labels in those domains that belong to machines and programs of customers.
const OF_CUSTOMERS: &[&str] = &["compute", "compute-1", "elb", "execute-api", "rds", "lambda-url", "awsapprunner"];

impl Service {
    /// Whether AWS itself answers there, at any address: its own endpoints, FIPS, dual-stack and private ones.
    pub(super) fn is_aws(&self) -> bool {
        match self {
            Self::Aws => true,
            Self::At(url) => is_aws_host(&url.origin().host),
        }
    }

    /// Whether it is reached over TLS.
    pub(super) fn is_tls(&self) -> bool {
        match self {
            Self::Aws => true,
            Self::At(url) => url.origin().tls,
        }
    }

    /// The SDK's endpoint override.
    pub(super) fn url(&self) -> Option<String> {
        match self {
            Self::Aws => None,
            Self::At(url) => Some(url.as_str().to_owned()),
        }
    }
}

/// The S3 service, and how buckets are addressed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct S3Service {
    pub(super) service: Service,
    /// Whether the bucket is part of the path, not of the host name.
    pub(super) path_style: bool,
    /// The kind of AWS's hosts, if it is at AWS.
    pub(super) variant: Variant,
}

impl S3Service {
    /// The origin of requests for `bucket`, or for none; `None` where the SDK has no rule.
    pub(super) fn origin(&self, region: &str, bucket: Option<&str>) -> Option<Origin> {
        Origin::of(&self.url(region, bucket)?.parse().ok()?)
    }

    /// The same as a URL, without the rest of the request's path, but with the bucket if that is part of it.
    pub(super) fn url(&self, region: &str, bucket: Option<&str>) -> Option<String> {
        let params = aws_sdk_s3::config::endpoint::Params::builder()
            .region(region)
            .set_endpoint(self.bare_url())
            .force_path_style(self.path_style)
            .use_fips(self.variant.fips)
            .use_dual_stack(self.variant.dual_stack)
            .accelerate(self.variant.accelerate)
            .set_bucket(bucket.map(str::to_owned))
            .disable_s3_express_session_auth(true)
            .disable_multi_region_access_points(true)
            .build()
            .ok()?;
        let resolver = aws_sdk_s3::config::endpoint::DefaultResolver::new();
        let endpoint = resolver.resolve_endpoint(&params).now_or_never()?.ok()?;
        match &self.service {
            Service::Aws => Some(endpoint.url().to_owned()),
            Service::At(url) => place::place(url, &endpoint.url().parse().ok()?, bucket, self.path_style),
        }
    }

    /// The SDK's endpoint override, without a path.
    pub(super) fn bare_url(&self) -> Option<String> {
        match &self.service {
            Service::Aws => None,
            Service::At(url) => Some(url.as_str().strip_suffix(url.path()).unwrap_or(url.as_str()).to_owned()),
        }
    }
}

/// The STS service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StsService {
    pub(super) service: Service,
    /// The kind of AWS's hosts, if it is at AWS.
    pub(super) variant: Variant,
}

impl StsService {
    /// The origin of requests; `None` where the SDK has no rule.
    pub(super) fn origin(&self, region: &str) -> Option<Origin> {
        let params = aws_sdk_sts::config::endpoint::Params::builder()
            .region(region)
            .set_endpoint(self.service.url())
            .use_fips(self.variant.fips)
            .use_dual_stack(self.variant.dual_stack)
            .build()
            .ok()?;
        let resolver = aws_sdk_sts::config::endpoint::DefaultResolver::new();
        let endpoint = resolver.resolve_endpoint(&params).now_or_never()?.ok()?;
        Origin::of(&endpoint.url().parse().ok()?)
    }
}

/// Whether `name` has the length of a bucket's name, at AWS or at servers without its minimum (rclone, s3proxy,
/// OpenStack Swift). The maximum is that of boto3 (botocore, `handlers.VALID_BUCKET`) and, formerly, of us-east-1.
pub(super) fn is_length_of_bucket(name: &str, aws: bool) -> bool {
    (if aws { 3 } else { 1 }..=255).contains(&name.len())
}

/// Whether `name` has the form of a bucket's name: by the old, wider rule of us-east-1, which other servers share.
pub(super) fn is_bucket(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && !name.contains("..")
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// The host of the service itself, if `host` has a bucket before it.
pub(super) fn without_bucket<'a>(host: &'a str, bucket: Option<&str>) -> Option<&'a str> {
    let of_bucket = bucket.and_then(|bucket| host.strip_prefix(bucket)?.strip_prefix('.'));
    of_bucket.or_else(|| {
        let bare = host.match_indices('.').map(|(dot, _)| &host[dot + 1..]);
        let mut bare = bare.filter(|rest| rest.split('.').next().is_some_and(is_service) && is_aws_host(rest));
        bare.next().filter(|_| is_aws_host(host))
    })
}

fn is_aws_host(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let Some(name) = AWS_DOMAINS.iter().find_map(|domain| host.strip_suffix(domain)) else { return false };
    let mut labels = name.split('.');
    labels.clone().any(is_service) && !labels.any(|label| OF_CUSTOMERS.contains(&label))
}

/// Whether `label` names S3 or STS: `s3`, `s3-fips`, `s3-eu-west-1`, `s3express-usw2-az1`, `sts`, `sts-fips`.
fn is_service(label: &str) -> bool {
    ["s3", "sts"]
        .iter()
        .any(|service| label.strip_prefix(service).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', 'e'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aws_is_told_from_what_its_customers_run_there() {
        for (host, expected) in [
            ("s3.amazonaws.com", true),
            ("s3.eu-central-1.amazonaws.com", true),
            ("s3-eu-west-1.amazonaws.com", true),
            ("s3-fips.us-gov-west-1.amazonaws.com", true),
            ("s3.dualstack.eu-west-1.amazonaws.com", true),
            ("lake.s3.cn-north-1.amazonaws.com.cn", true),
            ("bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com", true),
            ("sts.eu-west-1.amazonaws.com", true),
            ("S3.eu-west-1.AmazonAWS.com.", true),
            ("ec2-203-0-113-25.compute-1.amazonaws.com", false),
            ("s3-minio-123456.eu-west-1.elb.amazonaws.com", false),
            ("abc.execute-api.eu-west-1.amazonaws.com", false),
            ("s3.amazonaws.com.evil.example", false),
            ("s3.evilamazonaws.com", false),
            ("amazonaws.com", false),
            ("minio.example", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(is_aws_host(host), expected, "{host}");
        }
    }

    #[test]
    fn a_bucket_before_the_host_is_taken_off() {
        for (host, bucket, expected) in [
            ("lake.s3.eu-west-1.amazonaws.com", None, Some("s3.eu-west-1.amazonaws.com")),
            ("my.lake.s3.eu-west-1.amazonaws.com", None, Some("s3.eu-west-1.amazonaws.com")),
            ("lake.s3-eu-west-1.amazonaws.com", None, Some("s3-eu-west-1.amazonaws.com")),
            ("s3.eu-west-1.amazonaws.com", None, None),
            ("lake.oss.example", Some("lake"), Some("oss.example")),
            ("lake.oss.example", Some("other"), None),
            ("lakes.oss.example", Some("lake"), None),
            ("lake.oss.example", None, None),
        ] {
            assert_eq!(without_bucket(host, bucket), expected, "{host} {bucket:?}");
        }
    }

    fn aws() -> S3Service {
        S3Service { service: Service::Aws, path_style: false, variant: Variant::default() }
    }

    fn origin(url: &str) -> Origin {
        Origin::of(&url.parse().unwrap()).unwrap()
    }

    #[test]
    fn hosts_of_aws_are_those_of_the_sdk() {
        for (region, bucket, expected) in [
            ("us-east-1", None, "https://s3.us-east-1.amazonaws.com"),
            ("eu-west-1", Some("lake"), "https://lake.s3.eu-west-1.amazonaws.com"),
            ("eu-west-1", Some("dotted.lake"), "https://s3.eu-west-1.amazonaws.com"),
            ("us-east-1", Some("Old_Bucket"), "https://s3.us-east-1.amazonaws.com"),
            ("cn-north-1", Some("lake"), "https://lake.s3.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", None, "https://s3.us-gov-west-1.amazonaws.com"),
        ] {
            assert_eq!(aws().origin(region, bucket), Some(origin(expected)), "{region} {bucket:?}");
        }
        let sts = StsService { service: Service::Aws, variant: Variant::default() };
        assert_eq!(sts.origin("us-east-1"), Some(origin("https://sts.us-east-1.amazonaws.com")));
        assert_eq!(sts.origin("cn-north-1"), Some(origin("https://sts.cn-north-1.amazonaws.com.cn")));
    }

    #[test]
    fn own_endpoints_are_reached_as_written() {
        for (url, path_style, expected) in [
            ("http://127.0.0.1:9000", true, "http://127.0.0.1:9000"),
            ("https://minio.example", true, "https://minio.example"),
            ("https://[::1]:9000/", true, "https://[::1]:9000"),
            ("https://gate.example/s3", true, "https://gate.example"),
            ("https://oss.example", false, "https://lake.oss.example"),
        ] {
            let service = Service::At(ServiceUrl::parse(url).unwrap());
            let service = S3Service { service, path_style, variant: Variant::default() };
            assert_eq!(service.origin("us-east-1", Some("lake")), Some(origin(expected)), "{url}");
        }
    }

    #[test]
    fn only_words_of_the_right_form_become_buckets() {
        for bucket in ["lake", "my.lake-2", "Old_Bucket", "ab"] {
            assert!(is_bucket(bucket), "{bucket}");
        }
        for bucket in ["", "lake/raw", "s3://lake", "arn:aws:s3:::lake", "a..b", ".lake", "my lake"] {
            assert!(!is_bucket(bucket), "{bucket}");
        }
        for (length, at_aws, elsewhere) in [
            (0, false, false),
            (2, false, true),
            (3, true, true),
            (63, true, true),
            (255, true, true),
            (256, false, false),
        ] {
            let name = "x".repeat(length);
            assert_eq!(
                (is_length_of_bucket(&name, true), is_length_of_bucket(&name, false)),
                (at_aws, elsewhere),
                "{length}"
            );
        }
    }
}
