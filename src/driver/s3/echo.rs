//! Servers that repeat the signed request in their text: which part of it may be shown. The signature and its input
//! would be valid for the same request again; a key id is shortened as everywhere else.

/// The length of a signature, and of each digest in its input, in hexadecimal (SHA-256).
const DIGEST: usize = 64;

/// The last part of a credential's scope, as in `20261129/eu-west-1/s3/aws4_request`.
const SCOPE: &str = "aws4_request";

/// `text` as it may be shown, for a request signed with the key `id`, whose short form is `short`; `None` if it
/// contains a part of the signed request.
pub(super) fn shown(text: &str, id: &str, short: &str) -> Option<String> {
    (!has_request(text)).then(|| without(text, id, short))
}

/// Whether `text` contains the `Authorization` of a request (Signature Version 4 or 2), or the input of the signature:
/// the canonical request, and the string to sign.
fn has_request(text: &str) -> bool {
    let lower = text.to_ascii_lowercase().replace("%2f", "/");
    let is_digest = |word: &str| word.len() == DIGEST && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    // AWS's texts contain the form of a scope, without a date.
    let is_dated = |(at, _): (usize, &str)| {
        let date = lower[..at].trim_end_matches('/').rsplit('/').nth(2).unwrap_or_default();
        date.len() >= 8 && date.as_bytes()[date.len() - 8..].iter().all(u8::is_ascii_digit)
    };
    let headers = ["x-amz-date:", "x-amz-content-sha256:", "x-amz-security-token:", "signedheaders=", "signature="];
    lower.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_digest)
        || lower.match_indices(SCOPE).any(is_dated)
        || headers.iter().any(|header| lower.contains(header))
}

/// `text` with `short` in place of `id`, wherever `id` is a whole word.
fn without(text: &str, id: &str, short: &str) -> String {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(id).filter(|_| !id.is_empty()) {
        let is_word = !is_letter(before.chars().next_back()) && !is_letter(behind.chars().next());
        shown.push_str(before);
        shown.push_str(if is_word { short } else { id });
        rest = behind;
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_request_is_not_shown_and_a_key_id_is_short() {
        let hash = "9bc1b2a24f7e1a0b".repeat(4);
        for (text, expected) in [
            (
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261129/eu-west-1/s3/aws4_request, SignedHeaders=host",
                None,
            ),
            ("AKIAIOSFODNN7EXAMPLE%2F20261129%2Feu-west-1%2Fs3%2Faws4_request", None),
            (&*format!("signature {hash} is wrong"), None),
            (&*format!("AWS4-HMAC-SHA256\n20261129T160000Z\n20261129/eu-west-1/s3/aws4_request\n{hash}"), None),
            ("GET\n/lake\nhost:h\nx-amz-date:20261129T160000Z\n", None),
            ("x?X-Amz-Signature=abc", None),
            // Texts of Garage and of AWS.
            ("Forbidden: No such key: AKIAIOSFODNN7EXAMPLE", Some("Forbidden: No such key: AKIA…MPLE")),
            ("no key AKIAIOSFODNN7EXAMPLES", Some("no key AKIAIOSFODNN7EXAMPLES")),
            ("Please use AWS4-HMAC-SHA256.", Some("Please use AWS4-HMAC-SHA256.")),
            (
                "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"",
                Some("expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\""),
            ),
        ] {
            assert_eq!(shown(text, "AKIAIOSFODNN7EXAMPLE", "AKIA…MPLE").as_deref(), expected, "{text}");
        }
    }
}
