//! What a code means at whom: one table of (code, whose, text) → row of `model::codes`. A text refines what a code
//! means, and never makes a refusal an acceptance.

/// What AWS's own services are called here.
pub(super) const AWS: &str = "AWS";

/// Who uses a code for something else than its name says.
#[derive(Clone, Copy)]
enum Whose {
    Anybody,
    /// Every server but AWS's own.
    Other,
}

/// The code, who says it, what stands in the text (in lower case), and the row that it is. The first that fits counts.
/// Where each text was seen stands in `tests/refusals`.
const REFINEMENTS: &[(&str, Whose, &str, &str)] = &[
    ("SignatureDoesNotMatch", Whose::Anybody, "signature expired", "SignatureDoesNotMatch/Clock"),
    ("SignatureDoesNotMatch", Whose::Anybody, "signature not yet", "SignatureDoesNotMatch/Clock"),
    ("SignatureDoesNotMatch", Whose::Anybody, "scoped to a valid region", "SignatureDoesNotMatch/Region"),
    ("AuthorizationHeaderMalformed", Whose::Anybody, "access key (akid)", "AuthorizationHeaderMalformed/KeyId"),
    // Servers that are built on gofakes3.
    ("AccessDenied", Whose::Other, "the difference between the request time", "AccessDenied/Clock"),
    // Garage.
    ("AccessDenied", Whose::Other, "no such key", "AccessDenied/UnknownKey"),
    ("AccessDenied", Whose::Other, "invalid signature", "AccessDenied/Signature"),
    // MinIO's STS.
    ("AccessDenied", Whose::Other, "access key id you provided does not exist", "AccessDenied/UnknownKey"),
    ("AccessDenied", Whose::Other, "signature we calculated does not match", "AccessDenied/Signature"),
    ("AccessDenied", Whose::Other, "the region is wrong", "AccessDenied/Region"),
    // The port of MinIO's console, older and newer.
    ("AccessDenied", Whose::Other, "made to console port", "AccessDenied/Console"),
    ("InvalidArgument", Whose::Other, "must be made to api port", "InvalidArgument/Console"),
    // Cloudflare R2.
    ("InvalidArgument", Whose::Other, "credential access key has length", "InvalidArgument/KeyLength"),
    // Backblaze B2.
    ("InvalidAccessKeyId", Whose::Other, "malformed access key id", "InvalidAccessKeyId/Malformed"),
    // Alibaba Cloud OSS.
    ("AccessDenied", Whose::Other, "must be addressed using the specified endpoint", "AccessDenied/Endpoint"),
    // Oracle's S3 API.
    (
        "SignatureDoesNotMatch",
        Whose::Other,
        "secret key required to complete authentication",
        "SignatureDoesNotMatch/Oracle",
    ),
    // OpenStack Swift, among others, says the same of key ids that it does not know.
    ("SignatureDoesNotMatch", Whose::Other, "", "SignatureDoesNotMatch/Elsewhere"),
    // Servers that are built on s3s.
    ("NotSignedUp", Whose::Other, "", "NotSignedUp/Elsewhere"),
];

/// The row of `model::codes` for `code` with this `text`, said by `product`.
pub(super) fn row<'a>(code: &'a str, text: &str, product: Option<&str>) -> &'a str {
    let text = text.to_lowercase();
    REFINEMENTS
        .iter()
        .filter(|(of, ..)| *of == code)
        .filter(|(_, whose, ..)| matches!(whose, Whose::Anybody) || product != Some(AWS))
        .find(|(_, _, words, _)| text.contains(words))
        .map_or(code, |(.., row)| row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::codes;

    #[test]
    fn every_refinement_is_a_row_of_its_code() {
        for (code, _, words, row) in REFINEMENTS {
            assert!(row.starts_with(&format!("{code}/")), "{row}");
            assert!(codes::lookup("s3", row).is_some(), "{row}");
            assert_eq!(*words, words.to_lowercase(), "{row}");
        }
    }

    #[test]
    fn aws_means_what_it_says() {
        for (code, text) in [("AccessDenied", "No such key"), ("SignatureDoesNotMatch", ""), ("NotSignedUp", "")] {
            assert_eq!(row(code, text, Some(AWS)), code);
            assert_ne!(row(code, text, None), code);
        }
    }
}
