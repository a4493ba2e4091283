//! The meanings of codes at S3 servers where they differ from AWS's, by product and by text. The source of each text is
//! given in `driver/s3/tests/refusals`.

use crate::model::class::Class;
use crate::model::codes::refinement::Text::{Any, Has};
use crate::model::codes::refinement::{Refinement, says};
use crate::model::reason::ReasonCode as Reason;

/// The name of AWS's own services, which are recognised by their host. Their codes have their documented meaning.
const AWS: &str = "AWS";

pub(super) const ROWS: &[Refinement] = &[
    says("Garage", &["InvalidRequest"], Has(&["date is too old"]))
        .elsewhere_than(AWS)
        .means(Class::Local, Reason::ClockSkew, "this machine's clock is too far from the server's")
        .hint(
            "set the clock of this machine (NTP), then try again; the keys were not judged",
            "Garage says so, under the code of a request that cannot be read, where the request is more than a day old (src/api/common/signature/payload.rs). See RequestTimeTooSkewed.",
        ),
    says("OpenStack Swift", &["InvalidRequest"], Has(&["could not parse the specified uri"]))
        .elsewhere_than(AWS)
        .means(Class::Busy, Reason::BackendDown, "the server could not ask the service that checks its keys (Keystone)")
        .hint(
            "try again later; if it stays, an administrator of the server has to look at Keystone, and at `auth_uri` of Swift's `s3token`",
            "OpenStack Swift's `s3token` says so (`InvalidURI`, inside the text of an InvalidRequest) where Keystone does not answer it. The address of the request is not at fault, and the keys were not judged.",
        ),
    says("MinIO", &["InvalidAccessKeyId"], Has(&["account is disabled"]))
        .elsewhere_than(AWS)
        .means(Class::Auth, Reason::AccountDisabled, "the account of the access key id `{login}` is disabled")
        .hint(
            "an administrator of the server enables it (`mc admin user enable`)",
            "MinIO knows the key id, and its user was disabled; it says so under the code of a key id that does not exist (cmd/api-errors.go, ErrAccessKeyDisabled). Nothing is said of the secret key.",
        ),
    says("STS", &["SignatureDoesNotMatch"], Has(&["signature expired"]))
        .means(Class::Local, Reason::ClockSkew, "this machine's clock is too far from the server's")
        .hint(
            "set the clock of this machine (NTP), then try again; the keys were not judged",
            "STS says SignatureDoesNotMatch for a wrong clock too; its text, `Signature expired` or `Signature not yet current`, tells the two apart.",
        ),
    says("STS", &["SignatureDoesNotMatch"], Has(&["signature not yet"]))
        .means(Class::Local, Reason::ClockSkew, "this machine's clock is too far from the server's")
        .hint(
            "set the clock of this machine (NTP), then try again; the keys were not judged",
            "STS says SignatureDoesNotMatch for a wrong clock too; its text, `Signature expired` or `Signature not yet current`, tells the two apart.",
        ),
    says("STS", &["SignatureDoesNotMatch"], Has(&["scoped to a valid region"]))
        .means(Class::Definition, Reason::WrongRegion, "the server expects requests to be signed for another region")
        .hint(
            "set extra `region_name` to the region that the detail names",
            "STS, and some servers besides AWS, say SignatureDoesNotMatch (`Credential should be scoped to a valid region`) where others say AuthorizationHeaderMalformed. The secret key was not judged.",
        ),
    says("S3", &["AuthorizationHeaderMalformed"], Has(&["access key (akid)"]))
        .means(Class::Auth, Reason::KeysUnknown, "the server does not take `{login}` for an access key id")
        .hint(
            "check `login` (or extra `aws_access_key_id`): the id alone, as it was shown when the keys were made",
            "The server took the request apart and found no access key id (AKID) in it: the id is empty, or has characters that no id has.",
        ),
    says("gofakes3", &["AccessDenied"], Has(&["the difference between the request time"]))
        .elsewhere_than(AWS)
        .means(Class::Local, Reason::ClockSkew, "this machine's clock is too far from the server's")
        .hint(
            "set the clock of this machine (NTP), then try again; the keys were not judged",
            "Some servers (those built on gofakes3, as rclone's) say AccessDenied for a wrong clock; the text tells it from missing rights.",
        ),
    says("Garage", &["AccessDenied"], Has(&["no such key"]))
        .elsewhere_than(AWS)
        .means(Class::Auth, Reason::KeysUnknown, "the server does not know the access key id `{login}`")
        .hint(
            "check `login` (or extra `aws_access_key_id`), and that the keys were made for this endpoint",
            "Garage (`No such key`) and the STS of MinIO say AccessDenied where others say InvalidAccessKeyId; their text tells the two apart. The key id is mistyped, deleted, or was made on another server.",
        ),
    says("Garage", &["AccessDenied"], Has(&["invalid signature"]))
        .elsewhere_than(AWS)
        .means(Class::Auth, Reason::SignatureMismatch, "the secret key is not the one that belongs to `{login}`")
        .hint(
            "check `password` (or extra `aws_secret_access_key`)",
            "Garage (`Invalid signature`) and the STS of MinIO say AccessDenied where others say SignatureDoesNotMatch; their text tells the two apart. See SignatureDoesNotMatch for what makes a signature wrong.",
        ),
    says("MinIO's STS", &["AccessDenied"], Has(&["access key id you provided does not exist"]))
        .elsewhere_than(AWS)
        .means(Class::Auth, Reason::KeysUnknown, "the server does not know the access key id `{login}`")
        .hint(
            "check `login` (or extra `aws_access_key_id`), and that the keys were made for this endpoint",
            "Garage (`No such key`) and the STS of MinIO say AccessDenied where others say InvalidAccessKeyId; their text tells the two apart. The key id is mistyped, deleted, or was made on another server.",
        ),
    says("MinIO's STS", &["AccessDenied"], Has(&["signature we calculated does not match"]))
        .elsewhere_than(AWS)
        .means(Class::Auth, Reason::SignatureMismatch, "the secret key is not the one that belongs to `{login}`")
        .hint(
            "check `password` (or extra `aws_secret_access_key`)",
            "Garage (`Invalid signature`) and the STS of MinIO say AccessDenied where others say SignatureDoesNotMatch; their text tells the two apart. See SignatureDoesNotMatch for what makes a signature wrong.",
        ),
    says("MinIO's STS", &["AccessDenied"], Has(&["the region is wrong"]))
        .elsewhere_than(AWS)
        .means(Class::Definition, Reason::WrongRegion, "the server expects requests to be signed for another region")
        .hint(
            "set extra `region_name` to the region that the server was given (MinIO: `MINIO_REGION`, or `site region`)",
            "MinIO's STS says AccessDenied (`the region is wrong`) where its S3 API says AuthorizationHeaderMalformed, and its text does not always name the right region. The keys were not judged.",
        ),
    says("MinIO's console", &["AccessDenied"], Has(&["made to console port"]))
        .elsewhere_than(AWS)
        .means(Class::Protocol, Reason::OtherProtocol, "the web console of MinIO answers there, not its S3 API")
        .hint(
            "use the port of the S3 API (9000 unless it was changed) instead of that of the console (often 9001)",
            "MinIO listens on two ports: one for the S3 API, one for its web console. The console recognises S3 requests and says so. The keys were not looked at.",
        ),
    says("MinIO's console", &["InvalidArgument"], Has(&["must be made to api port"]))
        .elsewhere_than(AWS)
        .means(Class::Protocol, Reason::OtherProtocol, "the web console of MinIO answers there, not its S3 API")
        .hint(
            "use the port of the S3 API (9000 unless it was changed) instead of that of the console (often 9001)",
            "The newer words of MinIO's console for a request that belongs to the S3 API (`S3 API Requests must be made to API port.`). The keys were not looked at.",
        ),
    says("Cloudflare R2", &["InvalidArgument"], Has(&["credential access key has length"]))
        .elsewhere_than(AWS)
        .means(Class::Auth, Reason::KeysUnknown, "`{login}` does not have the length of the server's access key ids")
        .hint(
            "store the `Access Key ID` of an R2 API token in `login` and its `Secret Access Key` in `password`; keys of AWS, and the token itself, are something else",
            "Cloudflare R2 answers so (`Credential access key has length 20, should be 32`) before it looks at anything else. Its access key ids have 32 characters, its secret keys 64; both are shown once, when an R2 API token is made. The value of the token, keys of AWS (20 characters), and key id and secret in each other's place give this answer.",
        ),
    says("Backblaze B2", &["InvalidAccessKeyId"], Has(&["malformed access key id"]))
        .elsewhere_than(AWS)
        .means(Class::Auth, Reason::KeysUnknown, "the server does not take `{login}` for an access key id of its S3 API")
        .hint(
            "use the key id of an application key (not the master key) in `login`, and its key in `password`",
            "Backblaze B2 says so (`Malformed Access Key Id`) for everything that does not have the form of an application key's id: most often for the master key of the account, which works with B2's own API and never with the S3 one, for the name of the key, or where key id and key were swapped.",
        ),
    says("Alibaba Cloud OSS", &["AccessDenied"], Has(&["must be addressed using the specified endpoint"]))
        .elsewhere_than(AWS)
        .means(Class::Definition, Reason::WrongRegion, "the bucket `{database}` must be asked for at another endpoint than `{target}`")
        .hint(
            "set the endpoint, and extra `region_name`, to those of the bucket's own region; the detail may name them",
            "Alibaba Cloud OSS says AccessDenied (`must be addressed using the specified endpoint`) where AWS says PermanentRedirect: the bucket is in another region than that of the endpoint. No redirect is followed, because a stored secret is used at the stored host only.",
        ),
    says("Oracle's S3 API", &["SignatureDoesNotMatch"], Has(&["secret key required to complete authentication"]))
        .elsewhere_than(AWS)
        .means(Class::Auth, Reason::KeysUnknown, "the server does not know the access key id `{login}`, or not in this region")
        .at(&["extra.region_name"])
        .hint(
            "check `login` against the customer secret keys of the user, set extra `region_name` to the region in the endpoint's name, and wait some minutes after a key was made",
            "Oracle's S3 API says SignatureDoesNotMatch (`The secret key required to complete authentication could not be found`) for key ids that it does not find: mistyped or deleted, made minutes ago and not yet copied from the home region, or signed for another region than that of the endpoint. It says nothing of the secret key.",
        ),
    says("OpenStack Swift and others", &["SignatureDoesNotMatch"], Any)
        .elsewhere_than(AWS)
        .means(Class::Auth, Reason::SignatureMismatch, "the server does not accept the signature of `{login}`: the secret key is wrong, or the key id is not known")
        .hint(
            "check `login` and `password` (or the extras `aws_access_key_id` and `aws_secret_access_key`)",
            "The server computed another signature than the one that it was sent. At AWS this means that the key id exists; OpenStack Swift and others say the same of key ids that they do not know. Nearly always the secret key is wrong: mistyped, cut off, with a line end, or mangled on its way through a URI. If the same keys work elsewhere, something on the way changes what was signed, usually a reverse proxy that rewrites the `Host` header or the path.",
        ),
    says("s3s", &["NotSignedUp"], Any)
        .elsewhere_than(AWS)
        .means(Class::Auth, Reason::KeysUnknown, "the server has no account for the access key id `{login}`")
        .hint(
            "check `login` (or extra `aws_access_key_id`), and that the keys were made for this endpoint",
            "Servers that are built on s3s say so for key ids that they do not know. At AWS it means that the account behind the keys is not signed up for the service.",
        ),
];
