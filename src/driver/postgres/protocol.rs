//! The version of the protocol: which ones a definition admits, and how the later one differs on the wire. libpq 18
//! requests 3.0 unless the definition asks for more (`min_protocol_version`, `max_protocol_version`).
//!
//! The driver crate implements 3.0. In a login 3.2 differs in three points: the number in the startup message, a server
//! that offers less (`NegotiateProtocolVersion`), and longer keys for cancelling a query (PostgreSQL 18,
//! "Frontend/Backend Protocol", "Message Formats").

use std::io;

use super::flaws::PostgresFlaw;
use super::libpq;
use super::wire::{HEADER, nonsense};
use crate::driver::Fields;
use crate::model::class::{Class, Status};
use crate::model::failure::Failure;
use crate::model::reason::Definition;

/// A version that libpq 18 supports; 3.1 was never used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    V3_0,
    V3_2,
}

impl Version {
    const WORDS: [(&str, Self); 3] = [("3.0", Self::V3_0), ("3.2", Self::V3_2), ("latest", Self::V3_2)];

    /// The number that messages use.
    fn number(self) -> u32 {
        match self {
            Self::V3_0 => 0x0003_0000,
            Self::V3_2 => 0x0003_0002,
        }
    }
}

/// The versions that a definition admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Versions {
    least: Version,
    most: Version,
}

/// The lengths of a key for cancelling a query.
const KEYS: std::ops::RangeInclusive<usize> = 4..=256;
/// The length of the server's process number before the key.
const PROCESS: usize = 4;

/// Reads `min_protocol_version` and `max_protocol_version`.
pub(super) fn read(fields: &mut Fields<'_>) -> Versions {
    const LEAST: &str = "min_protocol_version";
    const MOST: &str = "max_protocol_version";
    let least = libpq::choice(fields, LEAST, &Version::WORDS).unwrap_or(Version::V3_0);
    // As in libpq: if the lowest is above 3.0, the highest defaults to the latest.
    let most = libpq::choice(fields, MOST, &Version::WORDS).unwrap_or(least);
    if least > most {
        fields.problem(PostgresFlaw::ProtocolsCrossed);
    }
    Versions { least, most }
}

impl Versions {
    /// Whether more than 3.0 is requested.
    pub(super) fn beyond_first(self) -> bool {
        self.most > Version::V3_0
    }

    /// Whether 3.0 does not suffice.
    pub(super) fn demands_more(self) -> bool {
        self.least > Version::V3_0
    }

    /// The driver crate's startup message, changed to request the highest version. `None` if it needs no change.
    pub(super) fn startup(self, message: &[u8]) -> Option<Vec<u8>> {
        const NUMBER: std::ops::Range<usize> = 4..8;
        let asks = message.get(NUMBER)? == Version::V3_0.number().to_be_bytes();
        (self.beyond_first() && asks).then(|| {
            let mut changed = message.to_vec();
            changed[NUMBER].copy_from_slice(&self.most.number().to_be_bytes());
            changed
        })
    }

    /// Reads the version that the server offers instead of the requested one.
    ///
    /// # Errors
    ///
    /// The failure if the definition does not admit it; the outer error for what no server sends (libpq's
    /// `pqGetNegotiateProtocolVersion3`, `src/interfaces/libpq/fe-protocol3.c`).
    pub(super) fn negotiated(self, message: &[u8]) -> io::Result<Result<(), Failure>> {
        let words: Vec<u32> =
            message[HEADER..].chunks_exact(4).map_while(|word| word.try_into().ok()).map(u32::from_be_bytes).collect();
        // Protocol options could follow, but none were requested.
        let &[offered, 0] = words.as_slice() else {
            return Err(nonsense("an offer of another version of the protocol that cannot be read"));
        };
        if !self.beyond_first() || offered != Version::V3_0.number() {
            return Err(nonsense("an offer of a version that was not asked for"));
        }
        Ok(if self.demands_more() { Err(too_old()) } else { Ok(()) })
    }

    /// The server's message with the key for cancelling a query, shortened to what the driver crate can read. No query
    /// is cancelled.
    pub(super) fn key(self, message: &[u8]) -> io::Result<Vec<u8>> {
        let length = message.len().saturating_sub(HEADER + PROCESS);
        if !self.beyond_first() || !KEYS.contains(&length) {
            return Ok(message.to_vec());
        }
        let kept = &message[HEADER..HEADER + PROCESS + KEYS.start()];
        let Ok(size) = u32::try_from(4 + kept.len()) else { return Err(nonsense("a key without end")) };
        Ok([&message[..1], &size.to_be_bytes(), kept].concat())
    }
}

fn too_old() -> Failure {
    let problems = vec![PostgresFlaw::ProtocolTooOld.into()];
    // The real clients fail as well.
    Failure::of(Definition::Problems { class: Class::Definition, problems }).status(Status::Failed)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::driver::postgres::Postgres;
    use crate::driver::postgres::spec::SPEC;
    use crate::driver::postgres::tests::connection;
    use crate::driver::{Driver, Refusal};
    use crate::model::reason::{Field, ReasonCode};

    fn versions(extra: &Value) -> Versions {
        let connection = connection(&json!({"host": "db", "extra": extra}));
        read(&mut Fields::new(&SPEC, &connection))
    }

    fn plan(extra: &Value) -> Result<(), Refusal> {
        Postgres
            .plan(&connection(&json!({"host": "db", "login": "etl", "password": "hunter2", "extra": extra})))
            .map(|_| ())
    }

    /// PostgreSQL 18, "Database Connection Control Functions"; checked with libpq 18.6.
    #[test]
    fn versions_are_those_of_libpq() {
        for (extra, least, most) in [
            (json!({}), "3.0", "3.0"),
            (json!({"min_protocol_version": "3.2"}), "3.2", "3.2"),
            (json!({"max_protocol_version": "latest"}), "3.0", "3.2"),
            (json!({"max_protocol_version": 3.2}), "3.0", "3.2"),
            (json!({"min_protocol_version": "3.0", "max_protocol_version": "3.0"}), "3.0", "3.0"),
        ] {
            let word = |version| Version::WORDS.iter().find(|(_, known)| *known == version).unwrap().0;
            let read = versions(&extra);
            assert_eq!((word(read.least), word(read.most)), (least, most), "{extra}");
            assert!(plan(&extra).is_ok());
        }
        for key in ["min_protocol_version", "max_protocol_version"] {
            for word in ["3.1", "3.3", "LATEST", "", " 3.2", "4"] {
                let refusal = plan(&json!({key: word})).unwrap_err();
                assert_eq!(refusal.class.as_str(), "definition", "{key} {word}");
                assert_eq!(refusal.problems[0].fields, [Field::extra(key)], "{key} {word}");
            }
        }
        let crossed = plan(&json!({"min_protocol_version": "3.2", "max_protocol_version": "3.0"})).unwrap_err();
        assert_eq!(crossed.problems[0].reason, ReasonCode::ContradictingFields);
    }

    #[test]
    fn only_a_definition_that_asks_for_more_changes_a_message() {
        let startup = b"\0\0\0\x10\0\x03\0\0user\0e\0\0";
        assert_eq!(versions(&json!({})).startup(startup), None);
        let later = versions(&json!({"max_protocol_version": "3.2"}));
        assert_eq!(later.startup(startup).as_deref(), Some(&b"\0\0\0\x10\0\x03\0\x02user\0e\0\0"[..]));
        assert_eq!(later.startup(b"p\0\0\0\x08abcd\0"), None);
        assert_eq!(later.startup(b"Q"), None);
    }

    #[test]
    fn offers_that_libpq_refuses_are_nonsense() {
        let later = versions(&json!({"max_protocol_version": "3.2"}));
        for body in [
            b"\0\x03\0\x02\0\0\0\0".as_slice(),
            b"\0\x03\0\x01\0\0\0\0",
            b"\0\x02\0\0\0\0\0\0",
            b"\0\x03\0\x09\0\0\0\0",
            b"\0\x03\0\0\0\0\0\x01_pq_.x\0\0",
            b"\0\x03\0\0",
            b"",
        ] {
            let message = [b"v\0\0\0\0", body].concat();
            assert!(later.negotiated(&message).is_err(), "{}", body.escape_ascii());
        }
        let good = b"v\0\0\0\x0c\0\x03\0\0\0\0\0\0";
        assert_eq!(later.negotiated(good).unwrap(), Ok(()));
        assert!(versions(&json!({})).negotiated(good).is_err(), "nobody asked for more than 3.0");
        let refused = versions(&json!({"min_protocol_version": "3.2"})).negotiated(good).unwrap().unwrap_err();
        assert_eq!((refused.class.as_str(), refused.status.as_str()), ("definition", "failed"));
    }

    #[test]
    fn a_key_is_cut_to_what_the_driver_crate_reads() {
        let later = versions(&json!({"max_protocol_version": "3.2"}));
        let message = |key: usize| {
            let size = u32::try_from(8 + key).unwrap().to_be_bytes();
            [b"K", &size[..], b"\0\0\0\x07", &vec![b'k'; key]].concat()
        };
        for length in [4, 32, 256] {
            assert_eq!(later.key(&message(length)).unwrap(), b"K\0\0\0\x0c\0\0\0\x07kkkk", "{length}");
        }
        for length in [0, 3, 257] {
            assert_eq!(later.key(&message(length)).unwrap(), message(length), "{length}");
        }
        assert_eq!(versions(&json!({})).key(&message(32)).unwrap(), message(32), "3.0 has no longer keys");
    }
}
