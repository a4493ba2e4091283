//! Where requests go: URLs as definitions give them, and the hosts of AWS.
//!
//! Hosts are asked of the SDK's own rules, so that what a plan announces is what the request
//! reaches. Must not do any I/O.

use aws_sdk_s3::config::endpoint::ResolveEndpoint as _;
use aws_sdk_sts::config::endpoint::ResolveEndpoint as _;
use futures_util::FutureExt as _;
use http::Uri;

use crate::net::dial::Endpoint;

/// One origin: the only thing that the connector of a request dials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// `https`.
    pub(super) tls: bool,
    /// A name or address, the latter without brackets.
    pub(super) host: String,
    /// 1 to 65535.
    pub(super) port: u16,
}

impl Place {
    /// The origin of an absolute `http` or `https` URL.
    pub(super) fn of(uri: &Uri) -> Option<Self> {
        let (tls, default) = match uri.scheme_str()? {
            "https" => (true, 443),
            "http" => (false, 80),
            _ => return None,
        };
        let (authority, host) = (uri.authority()?.as_str(), uri.host()?);
        let port = if authority.len() == host.len() { default } else { uri.port_u16().filter(|port| *port != 0)? };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then(|| Self { tls, host: host.to_owned(), port })
    }

    /// What to dial.
    pub(super) fn endpoint(&self) -> Endpoint {
        Endpoint::Tcp { host: self.host.clone(), port: self.port }
    }
}

/// A service's address as a definition gives it, checked: `https://minio.example:9000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServiceUrl(String);

impl ServiceUrl {
    /// Reads `text`.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as the end of a sentence; never the text, which may hold a password.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if !text.contains("://") {
            return Err("has no scheme: write `https://host:port` or `http://host:port`");
        }
        let uri: Uri = text.parse().map_err(|_invalid| "is not a URL of the form `https://host:port`")?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err("holds a user or password: keys belong into `login` and `password`");
        }
        if uri.query().is_some() || text.contains('#') {
            return Err("has a query or fragment, which an endpoint cannot have");
        }
        match Place::of(&uri) {
            Some(_) => Ok(Self(text.trim_end_matches('/').to_owned())),
            None => Err("is not a URL of the form `https://host:port`"),
        }
    }
}

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
            Self::At(ServiceUrl(url)) => Some(url.clone()),
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

/// Whether `region` has the form of AWS's region names, `eu-central-1` or `us-gov-west-1`: only
/// such a word may become part of a host name.
pub(super) fn is_aws_region(region: &str) -> bool {
    let mut parts = region.split('-');
    let number = parts.next_back().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    region.len() <= 32
        && words.len() >= 2
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        && matches!(number.len(), 1 | 2)
        && number.bytes().all(|byte| byte.is_ascii_digit())
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
        assert_eq!(place("https://[::1]:9000").host, "::1");
    }

    #[test]
    fn what_is_no_endpoint_is_refused_without_being_repeated() {
        for text in [
            "minio:9000",
            "ftp://minio",
            "https://",
            "https://:9000",
            "https://minio:port",
            "https://minio:99999",
            "https://minio:0",
            "https://key:hunter2@minio",
            "https://minio/?x=1",
            "https://minio/#x",
            "https://mi nio",
        ] {
            let problem = ServiceUrl::parse(text).expect_err(text);
            assert!(!problem.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn only_words_of_the_right_form_become_regions_or_buckets() {
        for region in ["us-east-1", "ap-southeast-12", "us-gov-west-1", "us-isob-east-1", "eusc-de-east-1"] {
            assert!(is_aws_region(region), "{region}");
        }
        for region in [
            "",
            "us-east",
            "us_east_1",
            "US-EAST-1",
            "us-east-1.evil.example",
            "us-east-1/",
            "a-1",
            "us--1",
            "us-east-123",
        ] {
            assert!(!is_aws_region(region), "{region}");
        }
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
