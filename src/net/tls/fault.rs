//! Converts rustls errors to failures of class `tls`.

use std::time::Duration;

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, OtherError};

use super::expiry::AuthorityExpired;
use super::verifier::ChainTooLong;
use crate::model::failure::Failure;
use crate::model::reason::Tls;
use crate::model::several;

/// The maximum number of a certificate's names that are shown.
const NAMES: usize = 10;

/// The failure for a TLS error. The names in the certificate go into the detail.
#[must_use]
pub fn tls_failure(error: &Error) -> Failure {
    match error {
        Error::InvalidCertificate(error) => certificate_failure(error),
        Error::AlertReceived(alert) => alert_failure(*alert),
        Error::PeerIncompatible(_) => Failure::of(Tls::VersionUnsupported),
        Error::InvalidMessage(_) => Failure::of(Tls::NotSpoken),
        Error::NoCertificatesPresented => Failure::of(Tls::NoCertificate),
        error => Failure::of(Tls::HandshakeFailed).remark(error.to_string()),
    }
}

fn certificate_failure(error: &CertificateError) -> Failure {
    match error {
        CertificateError::Expired => Failure::of(Tls::CertificateExpired { when: None }),
        CertificateError::ExpiredContext { time, not_after } => {
            Failure::of(Tls::CertificateExpired { when: Some((between(*not_after, *time), not_after.as_secs())) })
        }
        CertificateError::NotValidYet => Failure::of(Tls::CertificateNotYetValid { when: None }),
        CertificateError::NotValidYetContext { time, not_before } => {
            Failure::of(Tls::CertificateNotYetValid { when: Some((between(*time, *not_before), not_before.as_secs())) })
        }
        CertificateError::UnknownIssuer => Failure::of(Tls::UnknownIssuer),
        CertificateError::NotValidForName => Failure::of(Tls::WrongName { expected: None, names_any: None }),
        CertificateError::NotValidForNameContext { expected, presented } => wrong_name(&expected.to_str(), presented),
        CertificateError::Revoked => Failure::of(Tls::Revoked),
        CertificateError::BadEncoding => Failure::of(Tls::Damaged),
        CertificateError::BadSignature => Failure::of(Tls::BadSignature),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Failure::of(Tls::Outdated),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            Failure::of(Tls::NotForServers)
        }
        CertificateError::Other(OtherError(other)) => match other.downcast_ref::<AuthorityExpired>() {
            Some(expired) => authority_expired(expired),
            None => unusual(other.as_ref()),
        },
        error => Failure::of(Tls::Unacceptable).remark(error.to_string()),
    }
}

/// The failure for an error that rustls has no variant for.
fn unusual(error: &(dyn std::error::Error + Send + Sync + 'static)) -> Failure {
    if error.is::<ChainTooLong>() {
        return Failure::of(Tls::ChainTooLong { what: ChainTooLong.to_string() });
    }
    match error.to_string().as_str() {
        "CaUsedAsEndEntity" => Failure::of(Tls::AuthorityAsServer),
        "UnsupportedCertVersion" => Failure::of(Tls::Outdated),
        text => Failure::of(Tls::Unacceptable).remark(words(text)),
    }
}

/// The authority's name comes from the server, so it goes into the detail.
fn authority_expired(expired: &AuthorityExpired) -> Failure {
    let AuthorityExpired { subject, now, end } = expired;
    Failure::of(Tls::AuthorityExpired { ago: between(*end, *now), end: end.as_secs() })
        .detail(format!("expired: {subject}"))
}

fn between(earlier: UnixTime, later: UnixTime) -> Duration {
    Duration::from_secs(later.as_secs().saturating_sub(earlier.as_secs()))
}

fn wrong_name(expected: &str, presented: &[String]) -> Failure {
    let failure =
        Failure::of(Tls::WrongName { expected: Some(expected.to_owned()), names_any: Some(!presented.is_empty()) });
    if presented.is_empty() {
        return failure;
    }
    let names: Vec<String> = presented.iter().map(|name| bare(name).to_owned()).collect();
    failure.detail(format!("valid for {}", several::listed(&names, NAMES)))
}

/// A name as in the certificate, without the kind that rustls writes around it: `DnsName("db.example")`.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').and_then(|(_, inner)| inner.strip_suffix(')')).unwrap_or(name);
    inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(inner)
}

/// Splits an error whose only text is its Rust name into words: `UnsupportedCriticalExtension`.
fn words(text: &str) -> String {
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return text.to_owned();
    }
    let mut words = String::new();
    for (index, letter) in text.char_indices() {
        if index > 0 && letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

fn alert_failure(alert: AlertDescription) -> Failure {
    let reason = match alert {
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => Tls::ClientCertificateRequired,
        AlertDescription::UnknownCA => Tls::ClientIssuerRefused,
        AlertDescription::CertificateExpired => Tls::ClientCertificateExpired,
        AlertDescription::CertificateRevoked => Tls::ClientCertificateRevoked,
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied
        | AlertDescription::DecryptError => Tls::ClientCertificateRefused,
        AlertDescription::ProtocolVersion => Tls::VersionUnsupported,
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => Tls::HandshakeRefused,
        AlertDescription::UnrecognisedName => Tls::ServerNameUnknown,
        AlertDescription::NoApplicationProtocol => Tls::ProtocolRefused,
        _ => Tls::HandshakeFailed,
    };
    Failure::of(reason).detail(format!("TLS alert {} ({alert:?})", u8::from(alert)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::OtherError;
    use rustls::pki_types::ServerName;

    use super::*;
    use crate::model::class::Class;
    use crate::model::failure::Speaker;
    use crate::model::reason::ReasonCode as Code;

    const DAY: u64 = 24 * 60 * 60;

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
    fn every_fault_of_a_certificate_has_its_reason() {
        let table = [
            (CertificateError::Expired, Code::CertificateExpired),
            (CertificateError::ExpiredContext { time: at(100 * DAY), not_after: at(DAY) }, Code::CertificateExpired),
            (CertificateError::NotValidYet, Code::CertificateNotYetValid),
            (
                CertificateError::NotValidYetContext { time: at(DAY), not_before: at(DAY + 90) },
                Code::CertificateNotYetValid,
            ),
            (CertificateError::UnknownIssuer, Code::UnknownIssuer),
            (CertificateError::NotValidForName, Code::WrongName),
            (CertificateError::Revoked, Code::CertificateRevoked),
            (CertificateError::BadEncoding, Code::CertificateDamaged),
            (CertificateError::BadSignature, Code::CertificateDamaged),
            (CertificateError::InvalidPurpose, Code::CertificateUnacceptable),
            (CertificateError::Other(OtherError(Arc::new(ChainTooLong))), Code::CertificateUnacceptable),
            (other("CaUsedAsEndEntity"), Code::CertificateUnacceptable),
            (other("UnsupportedCertVersion"), Code::CertificateOutdated),
            (other("anything else"), Code::CertificateUnacceptable),
            (CertificateError::UnhandledCriticalExtension, Code::CertificateUnacceptable),
        ];
        for (error, reason) in table {
            let failure = tls_failure(&Error::InvalidCertificate(error.clone()));
            assert_eq!((failure.class, failure.reason), (Class::Tls, reason), "{error:?}");
            assert!(failure.hint.is_some(), "{error:?}");
        }
        assert_eq!(certificate_failure(&other("anything else")).detail.as_deref(), Some("anything else"));
        assert_eq!(certificate_failure(&other("anything else")).speaker, Speaker::Client);
    }

    #[test]
    fn when_a_certificate_ends_is_said() {
        let expired = CertificateError::ExpiredContext { time: at(100 * DAY), not_after: at(DAY) };
        let reason = Tls::CertificateExpired { when: Some((Duration::from_secs(99 * DAY), DAY)) };
        assert_eq!(certificate_failure(&expired), Failure::of(reason));
        let early = CertificateError::NotValidYetContext { time: at(DAY), not_before: at(DAY + 90) };
        let reason = Tls::CertificateNotYetValid { when: Some((Duration::from_secs(90), DAY + 90)) };
        assert_eq!(certificate_failure(&early), Failure::of(reason));
    }

    #[test]
    fn the_names_that_a_certificate_presents_are_shown_up_to_ten() {
        let ten = "valid for n1, n2, n3, n4, n5, n6, n7, n8, n9, n10";
        for (count, detail) in [
            (0, None),
            (1, Some("valid for n1".to_owned())),
            (10, Some(ten.to_owned())),
            (11, Some(format!("{ten}, n11"))),
            (13, Some(format!("{ten} and 3 more"))),
        ] {
            let failure = presented(count);
            assert_eq!((failure.reason, failure.detail.map(String::from)), (Code::WrongName, detail), "{count}");
        }
        assert_ne!(presented(0).hint, presented(1).hint, "a certificate that names no host");
    }

    #[test]
    fn details_have_no_words_of_rust() {
        for (presented, said) in [
            ("DnsName(\"wrong.invalid\")", "valid for wrong.invalid"),
            ("IpAddress(127.0.0.1)", "valid for 127.0.0.1"),
            ("plain.example", "valid for plain.example"),
        ] {
            assert_eq!(wrong_name("db1", &[presented.to_owned()]).detail.as_deref(), Some(said));
        }
        let odd = certificate_failure(&other("UnsupportedCriticalExtension"));
        assert_eq!(odd.detail.as_deref(), Some("unsupported critical extension"));
    }

    #[test]
    fn every_alert_says_what_the_server_means() {
        use AlertDescription as Alert;
        for (alert, reason) in [
            (Alert::CertificateRequired, Code::ClientCertificateRequired),
            (Alert::NoCertificate, Code::ClientCertificateRequired),
            (Alert::UnknownCA, Code::ClientCertificateRefused),
            (Alert::CertificateExpired, Code::ClientCertificateRefused),
            (Alert::CertificateRevoked, Code::ClientCertificateRefused),
            (Alert::BadCertificate, Code::ClientCertificateRefused),
            (Alert::UnsupportedCertificate, Code::ClientCertificateRefused),
            (Alert::CertificateUnknown, Code::ClientCertificateRefused),
            (Alert::AccessDenied, Code::ClientCertificateRefused),
            (Alert::DecryptError, Code::ClientCertificateRefused),
            (Alert::ProtocolVersion, Code::TlsVersionUnsupported),
            (Alert::UnrecognisedName, Code::ServerNameUnknown),
            (Alert::NoApplicationProtocol, Code::ProtocolNotNegotiated),
            (Alert::InternalError, Code::TlsHandshakeFailed),
        ] {
            let failure = tls_failure(&Error::AlertReceived(alert));
            assert_eq!((failure.class, failure.reason), (Class::Tls, reason), "{alert:?}");
        }
        let no_cipher = alert_failure(Alert::HandshakeFailure);
        assert_eq!(no_cipher.detail.as_deref(), Some("TLS alert 40 (HandshakeFailure)"));
        for alert in [Alert::HandshakeFailure, Alert::InsufficientSecurity] {
            assert_eq!(alert_failure(alert).message, Failure::of(Tls::HandshakeRefused).message, "{alert:?}");
        }
    }

    #[test]
    fn what_is_no_matter_of_certificates_is_told_too() {
        for (error, reason) in [
            (Error::PeerIncompatible(rustls::PeerIncompatible::NoCipherSuitesInCommon), Code::TlsVersionUnsupported),
            (Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType), Code::TlsNotSpoken),
            (Error::NoCertificatesPresented, Code::CertificateMissing),
            (Error::DecryptError, Code::TlsHandshakeFailed),
        ] {
            let failure = tls_failure(&error);
            assert_eq!((failure.class, failure.reason), (Class::Tls, reason), "{error:?}");
        }
    }
}
