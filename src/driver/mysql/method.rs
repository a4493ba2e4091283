//! The login methods: those that the driver crate supports, and the hints for the others.

use std::borrow::Cow;

use crate::model::failure::Failure;
use crate::model::reason::Login;

/// A login method that the driver crate supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// A scramble with SHA-1.
    Native,
    /// A scramble with SHA-256 for the server's cache; if that has no entry, the password itself.
    CachingSha2,
    /// A signature (MariaDB).
    Ed25519,
    /// A signature by a key derived from the password (MariaDB).
    Parsec,
    /// The password itself: PAM, LDAP, RDS tokens.
    ClearPassword,
}

impl Method {
    const ALL: [Self; 5] = [Self::Native, Self::CachingSha2, Self::Ed25519, Self::Parsec, Self::ClearPassword];

    /// Its name in the protocol.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Native => "mysql_native_password",
            Self::CachingSha2 => "caching_sha2_password",
            Self::Ed25519 => "client_ed25519",
            Self::Parsec => "parsec",
            Self::ClearPassword => "mysql_clear_password",
        }
    }

    /// The method called `name`.
    ///
    /// # Errors
    ///
    /// `unsupported`, with the hint for the method if it is known.
    pub(super) fn named(name: &[u8]) -> Result<Self, Failure> {
        let method = Self::ALL.into_iter().find(|method| method.name().as_bytes() == name);
        method.ok_or_else(|| lacking(&String::from_utf8_lossy(name)))
    }
}

/// Methods that connprobe does not support. A name that is not listed is the server's own text, which no message may
/// contain.
const LACKING: &[(&str, &str)] = &[
    (
        "sha256_password",
        "it is deprecated: move the account to `caching_sha2_password`; MySQL also asks it of logins that do not exist, so check `login` and `host` first",
    ),
    (
        "mysql_old_password",
        "it is broken: set the password again with ALTER USER, which stores it in the current format",
    ),
    (
        "dialog",
        "the account logs in through PAM with questions and answers; on the server, `pam_use_cleartext_plugin=ON` makes it a plain password over TLS",
    ),
    ("auth_gssapi_client", "the account logs in with a Kerberos ticket"),
    ("authentication_kerberos_client", "the account logs in with a Kerberos ticket"),
    ("authentication_ldap_sasl_client", "the account logs in through LDAP with SASL"),
    ("authentication_windows_client", "the account logs in as a Windows user"),
    ("authentication_fido_client", "the account logs in with a security key"),
    ("authentication_webauthn_client", "the account logs in with a security key"),
    ("authentication_oci_client", "the account logs in with an Oracle Cloud key"),
    ("authentication_openid_connect_client", "the account logs in with an OpenID Connect token"),
    ("tidb_sm3_password", "move the account to `caching_sha2_password`"),
    ("tidb_auth_token", "the account logs in with a token"),
];

fn lacking(name: &str) -> Failure {
    let failure = |what: Cow<'static, str>, hint| Failure::of(Login::MethodUnsupported { what, hint });
    match LACKING.iter().find(|(known, _)| *known == name) {
        Some((known, hint)) => {
            failure(format!("the login method `{known}`").into(), hint)
        }
        None => failure(
            "a login method of another name than any of MySQL's or MariaDB's".into(),
            "look at the plugin of the account on the server; one with `caching_sha2_password`, `ed25519` or `mysql_native_password` can be checked",
        )
        .detail(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::Class;

    #[test]
    fn a_method_that_we_lack_is_named_only_when_its_name_is_ours() {
        let known = Method::named(b"dialog").unwrap_err();
        assert_eq!((known.class, known.detail), (Class::Unsupported, None));
        assert!(known.message.contains("`dialog`"), "{}", known.message);

        let unknown = Method::named(b"\x1b[31mowned").unwrap_err();
        assert!(!unknown.message.contains("owned"), "{}", unknown.message);
        assert_eq!(unknown.detail.as_deref(), Some("\x1b[31mowned"));
    }
}
