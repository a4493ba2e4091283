//! What a definition asks for that connprobe does not support: other ways to log in, which do not matter where the
//! definition has a password that the server may request, and other kinds of session.

use super::flaws::PostgresFlaw;
use super::options::Options;
use crate::driver::Fields;
use crate::model::class::{Class, Status};
use crate::model::extra;
use crate::model::failure::Failure;
use crate::model::reason::{Definition, Login};
use crate::net::dial::Endpoint;

/// Keys with their harmless values; any other value asks for something that connprobe does not support.
const ONLY: [(&str, &[&str], &str); 1] = [("replication", &["false", "off", "no", "0"], "a replication session")];

/// Keys that libpq reads only if the server requests the login that they are for. If the definition also has a password
/// or a client certificate, the server's choice decides.
const OTHER_LOGINS: [(&str, &str); 7] = [
    ("krbsrvname", "a Kerberos (GSSAPI) login"),
    ("gsslib", "a Kerberos (GSSAPI or SSPI) login"),
    ("gssdelegation", "a Kerberos (GSSAPI) login"),
    ("oauth_issuer", "an OAuth login"),
    ("oauth_client_id", "an OAuth login"),
    ("oauth_client_secret", "an OAuth login"),
    ("oauth_scope", "an OAuth login"),
];

/// The SASL mechanism of an OAuth login (RFC 7628).
pub(super) const OAUTH: &str = "OAUTHBEARER";

/// Notes the kinds of session that connprobe does not support.
pub(super) fn sessions(fields: &mut Fields<'_>) {
    for (key, harmless, what) in ONLY {
        let Some(text) = fields.value(key).and_then(extra::text).filter(|text| !text.is_empty()) else { continue };
        if !harmless.iter().any(|value| value.eq_ignore_ascii_case(text.trim())) {
            fields.unsupported(PostgresFlaw::Lacking { key, what });
        }
    }
}

/// Notes the ways to log in that connprobe does not support.
pub(super) fn logins(options: &Options, fields: &mut Fields<'_>) {
    if options.password.is_none() && fields.text("passfile").is_some() {
        fields.unsupported(PostgresFlaw::PasswordFile);
    }
    if options.password.is_none() && options.tls.identity.is_none() {
        for (key, what) in OTHER_LOGINS {
            if fields.text(key).is_some_and(|text| text != "0") {
                fields.unsupported(PostgresFlaw::OtherLogin { key, what });
            }
        }
    }
    // libpq checks the owner of the server's process on a unix socket only.
    let has_socket = options.hosts.iter().any(|host| matches!(host.endpoint, Endpoint::Unix(_)));
    if has_socket && fields.text("requirepeer").is_some() {
        let what = "a check of who owns the server's process";
        fields.unsupported(PostgresFlaw::Lacking { key: "requirepeer", what });
    }
}

/// Whether the definition has what libpq needs for an OAuth login.
pub(super) fn has_oauth(fields: &mut Fields<'_>) -> bool {
    ["oauth_issuer", "oauth_client_id"].into_iter().all(|key| fields.text(key).is_some())
}

/// The failure if the server requests an OAuth token. Without its two extras libpq fails here as well ("server requires
/// OAuth authentication, but `oauth_issuer` and `oauth_client_id` are not both set",
/// `src/interfaces/libpq/fe-auth-oauth.c`).
pub(super) fn oauth(options: &Options) -> Failure {
    if options.oauth {
        return Failure::of(Login::MethodUnsupported {
            what: "an OAuth login".into(),
            hint: "use a role that logs in with a password or a client certificate",
        });
    }
    let problems = ["oauth_issuer", "oauth_client_id"].map(|key| PostgresFlaw::NoOauth { key }.into()).into();
    Failure::of(Definition::Problems { class: Class::Definition, problems }).status(Status::Failed)
}
