//! Where requests go: to the endpoint that a definition names, or to the hosts of AWS.
//!
//! Hosts are asked of the SDK's own rules, so that what a plan announces is what the request
//! reaches. Must not do any I/O.

use aws_sdk_s3::config::endpoint::ResolveEndpoint as _;
use aws_sdk_sts::config::endpoint::ResolveEndpoint as _;
use futures_util::FutureExt as _;

use crate::driver::http1::{Place, ServiceUrl};

/// Whose service it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// AWS, in the region of the definition.
    Aws,
    /// Somebody else's, or AWS through an address that the definition names.
    At(ServiceUrl),
}

impl Service {
    /// What the SDK calls its endpoint override.
    pub(super) fn url(&self) -> Option<String> {
        match self {
            Self::Aws => None,
            Self::At(url) => Some(url.as_str().to_owned()),
        }
    }
}

/// Where S3 is, and how buckets are addressed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct S3Service {
    pub(super) service: Service,
    /// The bucket goes into the path, not into the host name.
    pub(super) path_style: bool,
}

impl S3Service {
    /// Where requests for `bucket`, or for none, go; `None` where no rule leads anywhere.
    pub(super) fn place(&self, region: &str, bucket: Option<&str>) -> Option<Place> {
        let params = aws_sdk_s3::config::endpoint::Params::builder()
            .region(region)
            .set_endpoint(self.service.url())
            .force_path_style(self.path_style)
            .set_bucket(bucket.map(str::to_owned))
            .disable_s3_express_session_auth(true)
            .disable_multi_region_access_points(true)
            .build()
            .ok()?;
        let resolver = aws_sdk_s3::config::endpoint::DefaultResolver::new();
        let endpoint = resolver.resolve_endpoint(&params).now_or_never()?.ok()?;
        Place::of(&endpoint.url().parse().ok()?)
    }
}

/// Where requests to the STS of `service` go.
pub(super) fn sts_place(service: &Service, region: &str) -> Option<Place> {
    let params =
        aws_sdk_sts::config::endpoint::Params::builder().region(region).set_endpoint(service.url()).build().ok()?;
    let resolver = aws_sdk_sts::config::endpoint::DefaultResolver::new();
    let endpoint = resolver.resolve_endpoint(&params).now_or_never()?.ok()?;
    Place::of(&endpoint.url().parse().ok()?)
}

/// Whether `name` can be a bucket's: the old, wider rule of us-east-1, which other servers share.
pub(super) fn is_bucket(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
        && !name.contains("..")
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws() -> S3Service {
        S3Service { service: Service::Aws, path_style: false }
    }

    fn place(url: &str) -> Place {
        Place::of(&url.parse().unwrap()).unwrap()
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
            assert_eq!(aws().place(region, bucket), Some(place(expected)), "{region} {bucket:?}");
        }
        assert_eq!(sts_place(&Service::Aws, "us-east-1"), Some(place("https://sts.us-east-1.amazonaws.com")));
        assert_eq!(sts_place(&Service::Aws, "cn-north-1"), Some(place("https://sts.cn-north-1.amazonaws.com.cn")));
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
            let service = S3Service { service: Service::At(ServiceUrl::parse(url).unwrap()), path_style };
            assert_eq!(service.place("us-east-1", Some("lake")), Some(place(expected)), "{url}");
        }
    }

    #[test]
    fn only_words_of_the_right_form_become_buckets() {
        for bucket in ["lake", "my.lake-2", "Old_Bucket"] {
            assert!(is_bucket(bucket), "{bucket}");
        }
        for bucket in
            ["", "ab", "lake/raw", "s3://lake", "arn:aws:s3:::lake", "a..b", ".lake", "my lake", &"x".repeat(256)]
        {
            assert!(!is_bucket(bucket), "{bucket}");
        }
    }
}
