//! PRELOGIN (MS-TDS 2.2.6.5): the client's request and the answer to it.

use crate::{Encryption, Error};

const VERSION: u8 = 0;
const ENCRYPTION: u8 = 1;
const INSTANCE: u8 = 2;
const TERMINATOR: u8 = 0xff;

/// The version that the server reports: major, minor, build.
pub const SERVER_VERSION: [u8; 4] = [16, 0, 0x03, 0xe8];

const OFF: u8 = 0;
const ON: u8 = 1;
const NOT_SUPPORTED: u8 = 2;
const REQUIRED: u8 = 3;

/// The part of the session that is encrypted inside TDS packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    Nothing,
    Login,
    Everything,
}

/// Returns the encryption byte of the answer to `request`, and the resulting encryption.
pub fn negotiate(server: Encryption, request: &[u8]) -> Result<(u8, Agreed), Error> {
    let client = option(request, ENCRYPTION).and_then(|value| value.first().copied()).unwrap_or(NOT_SUPPORTED);
    // The high bits concern client certificates.
    let client = client & 0x0f;
    if client > REQUIRED {
        return Err(format!("unknown encryption {client}").into());
    }
    Ok(match (server, client) {
        // With TDS 8.0 the whole session is already inside TLS.
        (Encryption::Strict | Encryption::None, _) | (Encryption::Off, NOT_SUPPORTED) => {
            (NOT_SUPPORTED, Agreed::Nothing)
        }
        (Encryption::Off, OFF) => (OFF, Agreed::Login),
        // A client that does not want encryption may continue all the same, as FreeTDS does.
        (Encryption::On | Encryption::Required, NOT_SUPPORTED) | (Encryption::Required, OFF) => {
            (REQUIRED, Agreed::Everything)
        }
        (Encryption::Off | Encryption::On | Encryption::Required, _) => (ON, Agreed::Everything),
    })
}

/// The answer to `request`: VERSION, ENCRYPTION, and whether a named instance is this one. Clients need no more. An
/// unrequested FEDAUTHREQUIRED makes Microsoft's own drivers hang up.
pub fn answer(request: &[u8], encryption: u8, instance: &str) -> Vec<u8> {
    let named = option(request, INSTANCE).map(|name| String::from_utf8_lossy(name).trim_end_matches('\0').to_owned());
    let wrong = named.is_some_and(|name| !name.is_empty() && !name.eq_ignore_ascii_case(instance));
    let mut answer = vec![VERSION, 0, 16, 0, 6, ENCRYPTION, 0, 22, 0, 1, INSTANCE, 0, 23, 0, 1, TERMINATOR];
    answer.extend(SERVER_VERSION);
    answer.extend([0, 0, encryption, u8::from(wrong)]);
    answer
}

fn option(message: &[u8], token: u8) -> Option<&[u8]> {
    let entries = message.chunks_exact(5).take_while(|entry| entry[0] != TERMINATOR);
    let entry = entries.into_iter().find(|entry| entry[0] == token)?;
    let start = usize::from(u16::from_be_bytes([entry[1], entry[2]]));
    let length = usize::from(u16::from_be_bytes([entry[3], entry[4]]));
    message.get(start..start + length)
}
