//! The facts of a certificate, for reports.

use std::net::IpAddr;

use jiff::Timestamp;
use x509_parser::prelude::{ASN1Time, FromDer, GeneralName, X509Certificate};

use crate::model::facts::Certificate;

/// The maximum number of subject alternative names that are kept.
const NAMES: usize = 10;

/// The facts of the certificate `der`. A field that cannot be parsed stays empty, so that it does not hide the others.
#[must_use]
pub fn describe(der: &[u8]) -> Certificate {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return Certificate::default() };
    Certificate {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        names: names(&certificate),
        not_before: rfc3339(certificate.validity().not_before),
        not_after: rfc3339(certificate.validity().not_after),
    }
}

/// DNS names and IP addresses: no other kind of name makes a certificate valid for a server.
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(octets) => address(octets).map(|address| address.to_string()),
        _ => None,
    };
    extension.value.general_names.iter().filter_map(name).take(NAMES).collect()
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = || <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let v6 = || <[u8; 16]>::try_from(octets).map(IpAddr::from);
    v4().or_else(|_| v6()).ok()
}

fn rfc3339(time: ASN1Time) -> String {
    Timestamp::from_second(time.timestamp()).map(|time| time.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use super::*;

    #[test]
    fn a_certificate_says_whose_it_is_and_until_when() {
        let mut params = CertificateParams::new(vec!["db1.example".to_owned(), "10.0.0.7".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "db1");
        (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 2), date_time_ymd(2027, 3, 4));
        let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let facts = describe(der.der());
        assert!(facts.subject.contains("CN=db1"), "{}", facts.subject);
        assert_eq!(facts.issuer, facts.subject);
        assert_eq!(facts.names, ["db1.example", "10.0.0.7"]);
        assert_eq!(
            (facts.not_before.as_str(), facts.not_after.as_str()),
            ("2026-01-02T00:00:00Z", "2027-03-04T00:00:00Z")
        );
    }

    #[test]
    fn few_of_many_names_are_kept() {
        let names: Vec<String> = (0..1000).map(|n| format!("h{n}.example")).collect();
        let der = CertificateParams::new(names).unwrap().self_signed(&KeyPair::generate().unwrap()).unwrap();
        assert_eq!(describe(der.der()).names.len(), NAMES);
    }

    #[test]
    fn a_damaged_certificate_does_no_damage() {
        let der = CertificateParams::new(vec!["db1.example".to_owned()])
            .unwrap()
            .self_signed(&KeyPair::generate().unwrap())
            .unwrap();
        let der = der.der();
        for at in 0..der.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut damaged = der.to_vec();
                damaged[at] = byte;
                assert!(describe(&damaged).names.len() <= NAMES);
                assert_eq!(describe(&damaged[..at]), Certificate::default());
            }
        }
    }

    #[test]
    fn what_is_no_certificate_has_no_facts() {
        for der in [&b""[..], b"\x30\x03\x02\x01\x01", &[0xff; 64]] {
            assert_eq!(describe(der), Certificate::default());
        }
    }
}
