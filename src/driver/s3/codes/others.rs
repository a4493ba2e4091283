//! Codes of S3 without a row of their own: they add nothing to their HTTP status, which determines the class. They are
//! listed here for `connprobe explain` only; no verdict depends on them.
//!
//! Source: AWS, `Error responses` of the S3 API reference, and `Common error types` of STS; codes of Ceph and MinIO
//! where named.

use crate::model::codes::Other;

const fn s3(code: &'static str, status: u16, explanation: &'static str) -> Other {
    Other { code, service: "S3", status, explanation }
}

const fn sts(code: &'static str, status: u16, explanation: &'static str) -> Other {
    Other { code, service: "STS", status, explanation }
}

/// All codes.
pub(super) const OTHERS: &[Other] = &[
    s3(
        "AuthorizationQueryParametersError",
        400,
        "The server found fault with the signature in the query of the URL. connprobe signs in headers only, so something between has rewritten the request.",
    ),
    s3(
        "BadDigest",
        400,
        "The body of the request was not the one that was announced. connprobe sends none, so something between has changed the request.",
    ),
    s3(
        "BucketNotInSameRegion",
        400,
        "The bucket is in another region than the request was signed for. Correct extra `region_name`.",
    ),
    s3("BadRequest", 400, "The server could not make sense of the request, and does not say why; its log does."),
    s3(
        "CredentialsNotSupported",
        400,
        "The server takes no keys for this request. Nothing is known about whether they are good.",
    ),
    s3(
        "InvalidArgument",
        400,
        "The server does not accept a part of the request; the detail names it. Some servers say so of keys whose form is not theirs, which have explanations of their own.",
    ),
    s3("InvalidHostHeader", 400, "The server does not know the host name that it was asked under. Check the endpoint."),
    s3(
        "InvalidObjectName",
        400,
        "The server took the request for one of an object. Check the path in the endpoint's URL.",
    ),
    s3("InvalidRequest", 400, "The server does not accept the request; the detail says why."),
    s3(
        "InvalidURI",
        400,
        "The server could not read the address of the request. Check the endpoint, and the bucket's name.",
    ),
    s3(
        "KeyTooLongError",
        400,
        "The server took the request for one of an object with too long a name. Check the endpoint.",
    ),
    s3(
        "MissingSecurityHeader",
        400,
        "A header is missing that the server needs: something between may have removed it.",
    ),
    s3(
        "RequestHeaderSectionTooLarge",
        400,
        "The server takes no request with that many headers: something between adds to them.",
    ),
    s3(
        "RequestTimeout",
        400,
        "The server did not receive the whole request in time: the network between is slow or broken.",
    ),
    s3(
        "UnexpectedContent",
        400,
        "The server wants no body with this request, and connprobe sends none: something between adds one.",
    ),
    s3(
        "XAmzContentSHA256Mismatch",
        400,
        "The body of the request was not the one that was signed: something between has changed it.",
    ),
    s3(
        "UnauthorizedAccess",
        401,
        "Regions of AWS in China let an account in only after its owner has been registered (ICP).",
    ),
    s3(
        "InvalidObjectState",
        403,
        "The object is archived. connprobe asks for no object, so something else answers at the endpoint.",
    ),
    s3("InvalidPayer", 403, "The owner of the bucket has turned off that others pay for its requests."),
    s3("NoSuchAccessPoint", 404, "There is no access point of that name."),
    s3(
        "NoSuchKey",
        404,
        "The server took the request for one of an object, which does not exist. connprobe asks for no object: the path of the endpoint may be too long, or the server expects the bucket in the host name, or in the path (`addressing_style`).",
    ),
    s3("NoSuchUser", 404, "A server of Ceph's or another kind knows no such user."),
    s3(
        "NoSuchVersion",
        404,
        "The server took the request for one of a version of an object. Check the path of the endpoint.",
    ),
    s3("NoSuchWebsiteConfiguration", 404, "The endpoint is that of a website in a bucket, not that of the API."),
    s3("OperationAborted", 409, "Something else was being done to the bucket at the moment. Try again."),
    s3(
        "MissingContentLength",
        411,
        "The server wants to know how long the body is: something between may have removed the header.",
    ),
    s3(
        "PreconditionFailed",
        412,
        "The server applied a condition that connprobe did not set: something between adds it.",
    ),
    s3("TooManyRequests", 429, "The server asks for fewer requests."),
    s3("Busy", 503, "The server takes no requests at the moment."),
    sts(
        "IncompleteSignature",
        400,
        "STS could not read the signature: something between may have changed the `Authorization` header.",
    ),
    sts(
        "InvalidAction",
        400,
        "The server at the address of STS does not know what was asked for. It may be another service.",
    ),
    sts("InvalidIdentityToken", 400, "The token of the identity provider is not accepted."),
    sts("MalformedPolicyDocument", 400, "The policy in `assume_role_kwargs` cannot be read."),
    sts(
        "MissingAction",
        400,
        "The server at the address of STS read no action in the request. It may be another service.",
    ),
    sts("PackedPolicyTooLarge", 400, "The policies in `assume_role_kwargs` are too long together."),
    sts(
        "MissingAuthenticationToken",
        403,
        "STS found no keys in the request: something between may have removed the `Authorization` header.",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::CODES;
    use super::*;

    #[test]
    fn a_code_stands_in_one_table() {
        for (at, other) in OTHERS.iter().enumerate() {
            assert!(CODES.lookup(other.code).is_none(), "{}", other.code);
            assert!(OTHERS[at + 1..].iter().all(|later| later.code != other.code), "{}", other.code);
            assert!(other.explanation.ends_with('.'), "{}", other.code);
        }
    }
}
