//! What rustls says about a handshake → a failure of class `tls` in our words.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, OtherError};

use super::expiry::AuthorityExpired;
use super::verifier::ChainTooLong;
use crate::model::class::Class;
use crate::model::failure::Failure;

/// How many of the names that a certificate presents are shown.
const NAMES: usize = 10;

/// The failure for a TLS error. The names that a certificate presents go into the detail.
#[must_use]
pub fn tls_failure(error: &Error) -> Failure {
    match error {
        Error::InvalidCertificate(error) => certificate_failure(error),
        Error::AlertReceived(alert) => alert_failure(*alert),
        Error::PeerIncompatible(_) => tls("the server offers no TLS version or cipher that connprobe accepts")
            .hint("connprobe speaks TLS 1.2 and 1.3 with current ciphers; update the server or its TLS settings"),
        Error::InvalidMessage(_) => tls("the server does not speak TLS on this port")
            .hint("turn off TLS in the definition, use the server's TLS port, or turn on TLS on the server"),
        Error::NoCertificatesPresented => {
            tls("the server presented no certificate").hint("configure one on the server")
        }
        error => tls("the TLS handshake broke").hint("the server's log usually says why").detail(error.to_string()),
    }
}

fn tls(message: impl Into<String>) -> Failure {
    Failure::new(Class::Tls, message)
}

fn certificate_failure(error: &CertificateError) -> Failure {
    match error {
        CertificateError::Expired => expired(None),
        CertificateError::ExpiredContext { time, not_after } => expired(Some((*time, *not_after))),
        CertificateError::NotValidYet => not_valid_yet(None),
        CertificateError::NotValidYetContext { time, not_before } => not_valid_yet(Some((*time, *not_before))),
        CertificateError::UnknownIssuer => tls("the server's certificate was issued by nobody who is trusted here").hint(
            "name the CA that issued it in the definition (or with `--tls-ca`), or have the server present its intermediate certificates",
        ),
        CertificateError::NotValidForName => wrong_name("the name that it was asked for", None),
        CertificateError::NotValidForNameContext { expected, presented } => {
            wrong_name(&format!("`{}`", expected.to_str()), Some(presented))
        }
        CertificateError::Revoked => tls("the server's certificate is revoked").hint("install a new one on the server"),
        CertificateError::BadEncoding => {
            tls("the server's certificate is damaged").hint("install a new one on the server")
        }
        CertificateError::BadSignature => tls("a signature in the server's certificate chain is wrong")
            .hint("the chain is damaged, or issued by another CA of the same name: install it anew, and check which CA is trusted"),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => outdated(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            tls("the server's certificate is not made for servers")
                .hint("issue one with the extended key usage `serverAuth`")
        }
        CertificateError::Other(OtherError(other)) => match other.downcast_ref::<AuthorityExpired>() {
            Some(expired) => authority_expired(expired),
            None => unusual(other.as_ref()),
        },
        error => {
            tls("the server's certificate cannot be accepted").hint("issue a new one (X.509 v3, SHA-256)").detail(error.to_string())
        }
    }
}

/// What has no word of its own in rustls.
fn unusual(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Failure {
    if error.is::<ChainTooLong>() {
        return tls(format!("the server's certificate chain is absurd: {ChainTooLong}"))
            .hint("this is not an honest server: check host and port");
    }
    match error.to_string().as_str() {
        "CaUsedAsEndEntity" => tls("the server presents a CA certificate as its own")
            .hint("issue it a certificate of its own, or name exactly this one as the trusted CA"),
        "UnsupportedCertVersion" => outdated(),
        text => {
            tls("the server's certificate cannot be accepted").hint("issue a new one (X.509 v3, SHA-256)").detail(text)
        }
    }
}

fn outdated() -> Failure {
    tls("the server's certificate is of an outdated kind that connprobe does not accept")
        .hint("issue a new one (X.509 v3, RSA of 2048 bits or more or ECDSA, SHA-256)")
}

fn expired(when: Option<(UnixTime, UnixTime)>) -> Failure {
    let mut message = "the server's certificate has expired".to_owned();
    if let Some((now, end)) = when {
        let ago = Duration::from_secs(now.as_secs().saturating_sub(end.as_secs()));
        let _infallible = write!(message, " {} ago, on {}", span(ago), day(end));
    }
    tls(message).hint("renew it on the server")
}

/// The authority's name is the server's word for it, so it goes into the detail.
fn authority_expired(expired: &AuthorityExpired) -> Failure {
    let AuthorityExpired { subject, now, end } = expired;
    let ago = Duration::from_secs(now.as_secs().saturating_sub(end.as_secs()));
    tls(format!(
        "the certificate of the authority that vouches for the server has expired {} ago, on {}",
        span(ago),
        day(*end)
    ))
    .hint("renew the authority's certificate, then install it where it comes from: on the server, if it sends it along, or in the definition's CA file (or that of `--tls-ca`)")
    .detail(format!("expired: {subject}"))
}

fn not_valid_yet(when: Option<(UnixTime, UnixTime)>) -> Failure {
    let mut message = "the server's certificate is not valid yet".to_owned();
    if let Some((now, start)) = when {
        let left = Duration::from_secs(start.as_secs().saturating_sub(now.as_secs()));
        let _infallible = write!(message, ": it will be in {}, on {}", span(left), day(start));
    }
    tls(message).hint("check the clock of this machine and of the one that issued the certificate")
}

fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

fn day(time: UnixTime) -> String {
    let time = i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "an unknown day".to_owned(), |time| time.strftime("%Y-%m-%d").to_string())
}

fn wrong_name(expected: &str, presented: Option<&Vec<String>>) -> Failure {
    let failure = tls(format!("the server's certificate is not valid for {expected}"));
    match presented.map(Vec::as_slice) {
        None => failure.hint("connect by a name that it is valid for"),
        Some([]) => failure
            .hint("it names no host in its `subjectAltName`, and the common name no longer counts: issue a new one"),
        Some(names) => {
            let mut detail = format!("valid for {}", names[..names.len().min(NAMES)].join(", "));
            if names.len() > NAMES {
                let _infallible = write!(detail, " and {} more", names.len() - NAMES);
            }
            failure.hint("connect by a name that it is valid for, or issue one that includes this name").detail(detail)
        }
    }
}

fn alert_failure(alert: AlertDescription) -> Failure {
    const CLIENT: &str = "check the client certificate and key of the definition, and which CA the server expects";
    let (message, hint) = match alert {
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => {
            ("the server demands a client certificate", "name one, with its key, in the definition")
        }
        AlertDescription::UnknownCA => ("the server does not trust the issuer of the client certificate", CLIENT),
        AlertDescription::CertificateExpired => ("the server says that the client certificate has expired", "renew it"),
        AlertDescription::CertificateRevoked => {
            ("the server says that the client certificate is revoked", "get a new one")
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied
        | AlertDescription::DecryptError => ("the server rejects the client certificate, or misses one", CLIENT),
        AlertDescription::ProtocolVersion => (
            "the server speaks no TLS version that connprobe accepts",
            "connprobe speaks TLS 1.2 and 1.3: update the server or its TLS settings",
        ),
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => (
            "the server broke off the TLS handshake",
            "there is no cipher that both sides accept, or the server demands a client certificate; its log says which",
        ),
        AlertDescription::UnrecognisedName => {
            ("the server does not know the host name that it was asked for (SNI)", "connect by a name that it serves")
        }
        AlertDescription::NoApplicationProtocol => (
            "the server speaks TLS there, but not the protocol that was asked for (ALPN)",
            "another service may own this port, or its version is too old for TLS from the first byte",
        ),
        _ => ("the server broke off the TLS handshake", "its log usually says why"),
    };
    tls(message).hint(hint).detail(format!("TLS alert {} ({alert:?})", u8::from(alert)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::OtherError;
    use rustls::pki_types::ServerName;

    use super::*;

    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;

    fn at(seconds: u64) -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(seconds))
    }

    fn other(text: &'static str) -> CertificateError {
        CertificateError::Other(OtherError(Arc::from(Box::<dyn std::error::Error + Send + Sync>::from(text))))
    }

    fn presented(count: usize) -> Failure {
        let expected = ServerName::try_from("db1.example").unwrap();
        let presented = (1..=count).map(|n| format!("n{n}")).collect();
        certificate_failure(&CertificateError::NotValidForNameContext { expected, presented })
    }

    #[test]
    fn every_fault_of_a_certificate_has_its_words() {
        let table = [
            (CertificateError::Expired, "the server's certificate has expired"),
            (
                CertificateError::ExpiredContext { time: at(100 * DAY), not_after: at(DAY) },
                "the server's certificate has expired 99 days ago, on 1970-01-02",
            ),
            (CertificateError::NotValidYet, "the server's certificate is not valid yet"),
            (
                CertificateError::NotValidYetContext { time: at(DAY), not_before: at(DAY + 90) },
                "the server's certificate is not valid yet: it will be in 90 seconds, on 1970-01-02",
            ),
            (CertificateError::UnknownIssuer, "the server's certificate was issued by nobody who is trusted here"),
            (
                CertificateError::NotValidForName,
                "the server's certificate is not valid for the name that it was asked for",
            ),
            (CertificateError::Revoked, "the server's certificate is revoked"),
            (CertificateError::BadEncoding, "the server's certificate is damaged"),
            (CertificateError::BadSignature, "a signature in the server's certificate chain is wrong"),
            (CertificateError::InvalidPurpose, "the server's certificate is not made for servers"),
            (
                CertificateError::Other(OtherError(Arc::new(ChainTooLong))),
                "the server's certificate chain is absurd: the chain has more than",
            ),
            (other("CaUsedAsEndEntity"), "the server presents a CA certificate as its own"),
            (
                other("UnsupportedCertVersion"),
                "the server's certificate is of an outdated kind that connprobe does not accept",
            ),
            (other("anything else"), "the server's certificate cannot be accepted"),
            (CertificateError::UnhandledCriticalExtension, "the server's certificate cannot be accepted"),
        ];
        for (error, message) in table {
            let failure = tls_failure(&Error::InvalidCertificate(error.clone()));
            assert_eq!(failure.class, Class::Tls, "{error:?}");
            assert!(failure.message.starts_with(message), "{error:?}: {}", failure.message);
            assert!(failure.hint.is_some(), "{error:?}");
        }
        assert_eq!(certificate_failure(&other("anything else")).detail.as_deref(), Some("anything else"));
    }

    #[test]
    fn a_time_is_told_in_the_unit_that_people_use_for_it() {
        for (seconds, text) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (2 * HOUR - 1, "119 minutes"),
            (2 * HOUR, "2 hours"),
            (2 * DAY - 1, "47 hours"),
            (2 * DAY, "2 days"),
            (400 * DAY, "400 days"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
        assert_eq!(day(at(0)), "1970-01-01");
        assert_eq!(day(at(u64::MAX)), "an unknown day");
    }

    #[test]
    fn the_names_that_a_certificate_presents_are_shown_up_to_ten() {
        let ten = "valid for n1, n2, n3, n4, n5, n6, n7, n8, n9, n10";
        for (count, detail) in [
            (0, None),
            (1, Some("valid for n1".to_owned())),
            (10, Some(ten.to_owned())),
            (11, Some(format!("{ten} and 1 more"))),
            (13, Some(format!("{ten} and 3 more"))),
        ] {
            let failure = presented(count);
            assert_eq!(failure.message, "the server's certificate is not valid for `db1.example`");
            assert_eq!(failure.detail, detail, "{count}");
        }
        assert!(presented(0).hint.unwrap().contains("subjectAltName"));
    }

    #[test]
    fn every_alert_says_what_the_server_means() {
        use AlertDescription as Alert;
        let rejected = "the server rejects the client certificate, or misses one";
        for (alert, message) in [
            (Alert::CertificateRequired, "the server demands a client certificate"),
            (Alert::NoCertificate, "the server demands a client certificate"),
            (Alert::UnknownCA, "the server does not trust the issuer of the client certificate"),
            (Alert::CertificateExpired, "the server says that the client certificate has expired"),
            (Alert::CertificateRevoked, "the server says that the client certificate is revoked"),
            (Alert::BadCertificate, rejected),
            (Alert::UnsupportedCertificate, rejected),
            (Alert::CertificateUnknown, rejected),
            (Alert::AccessDenied, rejected),
            (Alert::DecryptError, rejected),
            (Alert::ProtocolVersion, "the server speaks no TLS version that connprobe accepts"),
            (Alert::UnrecognisedName, "the server does not know the host name that it was asked for (SNI)"),
            (
                Alert::NoApplicationProtocol,
                "the server speaks TLS there, but not the protocol that was asked for (ALPN)",
            ),
            (Alert::InternalError, "the server broke off the TLS handshake"),
        ] {
            let failure = tls_failure(&Error::AlertReceived(alert));
            assert_eq!((failure.class, failure.message.as_str()), (Class::Tls, message), "{alert:?}");
        }
        let no_cipher = alert_failure(Alert::HandshakeFailure);
        assert_eq!(no_cipher.detail.as_deref(), Some("TLS alert 40 (HandshakeFailure)"));
        assert!(no_cipher.hint.unwrap().contains("no cipher"));
        assert!(alert_failure(Alert::InsufficientSecurity).hint.unwrap().contains("no cipher"));
    }

    #[test]
    fn what_is_no_matter_of_certificates_is_told_too() {
        for (error, message) in [
            (
                Error::PeerIncompatible(rustls::PeerIncompatible::NoCipherSuitesInCommon),
                "the server offers no TLS version",
            ),
            (Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType), "the server does not speak TLS"),
            (Error::NoCertificatesPresented, "the server presented no certificate"),
            (Error::DecryptError, "the TLS handshake broke"),
        ] {
            let failure = tls_failure(&error);
            assert!(failure.class == Class::Tls && failure.message.starts_with(message), "{error:?}: {failure:?}");
        }
    }
}
