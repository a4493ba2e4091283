//! The spec of the HTTP driver: its types, its extras, and what makes a login `ok`.

use super::codes::CODES;
use super::synonyms::SYNONYMS;
use crate::driver::extras::{ExtraSpec, irrelevant, secret, unsupported, used};
use crate::driver::kit::http::PROTOCOL;
use crate::driver::{Proof, Spec};

pub(in crate::driver) static SPEC: Spec = Spec::new("http", "HTTP", &[("http", 80), ("https", 443)], PROOF)
    .schema("the scheme, `http` or `https`, where `host` is no URL")
    .extras(EXTRAS)
    .open_extras("a request header, and a secret")
    .synonyms(SYNONYMS)
    .codes(&CODES)
    .protocol(&PROTOCOL);

const PROOF: Proof = Proof::explicit(
    "a GET request that is refused without the credentials (401, 403) and answered with them, by no redirect and no page to log in at; where it is answered without them, or with 404 or 405 alike, warning `login_not_demanded`",
);

const EXTRAS: &[ExtraSpec] = &[
    used("verify", "false to accept any certificate, or a file of certificates to trust"),
    used("verify_ssl", "the same, where there is no `verify`"),
    secret("cert", "the client's certificate: a file that holds its key too, or a list of both files"),
    used("timeout", "bounds requests of tasks, and must be a number of seconds; `--timeout` bounds the check"),
    irrelevant("stream", "says how bodies are read"),
    irrelevant("allow_redirects", "redirects are answers here"),
    irrelevant("max_redirects", "redirects are answers here"),
    irrelevant("trust_env", "nothing of the environment is used"),
    irrelevant("check_response", "says what tasks make of an answer"),
    unsupported("srv_lookup", "the server by an SRV record: name it in `host` and `port`"),
];
