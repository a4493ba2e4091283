//! SASL (RFC 4422), as far as several protocols share it. Pure: the messages, not when they are sent. Must not depend
//! on a protocol.

/// The error with which a server ends a SCRAM dialogue in place of its proof (RFC 5802, section 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScramError(Option<&'static str>);

/// The server lacks the resources to go on: this says nothing about the credential.
const NO_RESOURCES: &str = "no-resources";

/// Every `server-error-value` of RFC 5802.
const ERRORS: &[&str] = &[
    "invalid-encoding",
    "extensions-not-supported",
    "invalid-proof",
    "channel-bindings-dont-match",
    "server-does-support-channel-binding",
    "channel-binding-not-supported",
    "unsupported-channel-binding-type",
    "unknown-user",
    "invalid-username-encoding",
    NO_RESOURCES,
    "other-error",
];

impl ScramError {
    /// Reads a message of the server; `None` if it is not an error.
    #[must_use]
    pub fn read(message: &[u8]) -> Option<Self> {
        let error = message.strip_prefix(b"e=")?.split(|byte| *byte == b',').next().unwrap_or_default();
        Some(Self(ERRORS.iter().find(|known| known.as_bytes() == error).copied()))
    }

    /// The name of the error, if the standard defines it.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.0
    }

    /// Whether it counts as a refusal of the credential.
    #[must_use]
    pub fn refuses(self) -> bool {
        self.0 != Some(NO_RESOURCES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_refusal_unless_the_server_has_trouble_of_its_own() {
        for (message, expected) in [
            ("e=invalid-proof", Some((Some("invalid-proof"), true))),
            ("e=unknown-user,x=1", Some((Some("unknown-user"), true))),
            ("e=no-resources", Some((Some("no-resources"), false))),
            ("e=some-other", Some((None, true))),
            ("e=", Some((None, true))),
            ("v=c2ln", None),
            ("", None),
        ] {
            let error = ScramError::read(message.as_bytes());
            assert_eq!(error.map(|error| (error.name(), error.refuses())), expected, "{message}");
        }
    }
}
