//! What AWS's services have in common: the names of its regions, their domains, and the forms of its keys.

#[cfg(any(feature = "s3", feature = "aws-source"))]
use aws_sdk_sts::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
#[cfg(any(feature = "s3", feature = "aws-source"))]
use futures_util::FutureExt as _;
#[cfg(any(feature = "s3", feature = "aws-source"))]
use http::Uri;

use crate::model::plain::HIDDEN;

/// Whether `region` has the form of an AWS region name, such as `eu-central-1` or `us-gov-west-1`: only such a word may
/// become part of a host name.
#[must_use]
pub fn is_aws_region(region: &str) -> bool {
    let mut parts = region.split('-');
    let number = parts.next_back().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    region.len() <= 32
        && words.len() >= 2
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        && matches!(number.len(), 1 | 2)
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The lengths of AWS's secret keys and key ids, in characters.
const SECRET_KEY: usize = 40;
const KEY_ID: usize = 20;

/// Whether `text` has the form of an AWS secret key: this many base64 characters, with both upper and lower case. Other
/// servers' key ids of that length are hexadecimal.
#[must_use]
pub fn is_secret_key(text: &str) -> bool {
    text.len() == SECRET_KEY
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'))
        && text.bytes().any(|byte| byte.is_ascii_lowercase())
        && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Whether `text` has the form of an AWS key id, permanent or temporary.
#[must_use]
pub fn is_key_id(text: &str) -> bool {
    text.len() == KEY_ID
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The first and last four characters of a key id. Of a short id fewer are kept, so that part of it is always left out;
/// of text that looks like a secret key, none.
#[must_use]
pub fn shorten(id: &str) -> String {
    if is_secret_key(id.trim()) {
        return HIDDEN.to_owned();
    }
    let characters: Vec<char> = id.chars().collect();
    let shown = if characters.len() >= 12 { 4 } else { characters.len() / 4 };
    let (start, end) = (&characters[..shown], &characters[characters.len() - shown..]);
    start.iter().chain(&['…']).chain(end).collect()
}

/// The domain of the services of `region`, such as `us-east-1.amazonaws.com`; `None` where the SDK's rules have none.
#[cfg(any(feature = "s3", feature = "aws-source"))]
#[must_use]
pub fn domain(region: &str) -> Option<String> {
    let params = Params::builder().region(region).build().ok().filter(|_| is_aws_region(region))?;
    let endpoint = DefaultResolver::new().resolve_endpoint(&params).now_or_never()?.ok()?;
    let uri: Uri = endpoint.url().parse().ok()?;
    Some(uri.host()?.strip_prefix("sts.")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_and_a_secret_key_are_told_apart_by_their_form() {
        for (text, id, secret) in [
            ("AKIAIOSFODNN7EXAMPLE", true, false),
            ("ASIAIOSFODNN7EXAMPLE", true, false),
            ("AROAIOSFODNN7EXAMPLE", false, false),
            ("AKIAIOSFODNN7EXAMPL", false, false),
            ("AKIAiosfodnn7example", false, false),
            ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", false, true),
            ("0123456789abcdef0123456789abcdef01234567", false, false),
            ("wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_key_id(text), is_secret_key(text)), (id, secret), "{text}");
        }
    }

    #[test]
    fn only_words_of_the_right_form_become_regions() {
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
    }

    #[test]
    fn every_partition_has_a_domain_of_its_own() {
        for (region, expected) in [
            ("us-east-1", Some("us-east-1.amazonaws.com")),
            ("eu-central-1", Some("eu-central-1.amazonaws.com")),
            ("us-gov-west-1", Some("us-gov-west-1.amazonaws.com")),
            ("cn-north-1", Some("cn-north-1.amazonaws.com.cn")),
            ("us-iso-east-1", Some("us-iso-east-1.c2s.ic.gov")),
            ("evil.example", None),
        ] {
            assert_eq!(domain(region).as_deref(), expected, "{region}");
        }
    }
}
