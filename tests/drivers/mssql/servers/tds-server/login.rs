//! LOGIN7 (MS-TDS 2.2.6.4): the client's login.

use crate::Error;

/// The fields of LOGIN7 that the server uses.
pub struct Login {
    pub user: String,
    pub password: String,
    pub database: String,
    /// The client's protocol version, little endian as received.
    pub tds_version: [u8; 4],
    /// Whether the client uses the extension that `FEATUREEXTACK` answers.
    pub features: bool,
}

impl Login {
    /// Reads the message.
    pub fn parse(message: &[u8]) -> Result<Self, Error> {
        let fixed: &[u8; 94] = message.first_chunk().ok_or("a LOGIN7 that is too short")?;
        let text = |at: usize| -> Result<Vec<u16>, Error> {
            let start = usize::from(u16::from_le_bytes([fixed[at], fixed[at + 1]]));
            let length = 2 * usize::from(u16::from_le_bytes([fixed[at + 2], fixed[at + 3]]));
            let bytes = message.get(start..start + length).ok_or("a LOGIN7 that points outside itself")?;
            Ok(bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect())
        };
        let password: Vec<u16> = text(44)?.into_iter().map(unscramble).collect();
        Ok(Self {
            user: String::from_utf16(&text(40)?)?,
            password: String::from_utf16(&password)?,
            database: String::from_utf16(&text(68)?)?,
            tds_version: [fixed[4], fixed[5], fixed[6], fixed[7]],
            features: fixed[27] & 0x10 != 0,
        })
    }
}

/// Reverses the encoding of a password: in each byte the halves are swapped, then it is combined with `0xA5` by XOR.
fn unscramble(unit: u16) -> u16 {
    u16::from_le_bytes(unit.to_le_bytes().map(|byte| (byte ^ 0xa5).rotate_left(4)))
}
