//! PRELOGIN (MS-TDS 2.2.6.5): negotiates how much is encrypted.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::encryption::Level;
use super::wire::{self, frame, malformed};
use crate::model::failure::Failure;
use crate::model::reason::{Field, Tls};

/// Options of the message.
const VERSION: u8 = 0;
const ENCRYPTION: u8 = 1;
const INSTANCE: u8 = 2;
const THREAD: u8 = 3;
const MARS: u8 = 4;
const TERMINATOR: u8 = 0xff;

/// Values of ENCRYPTION.
const OFF: u8 = 0;
const ON: u8 = 1;
const NOT_SUPPORTED: u8 = 2;
const REQUIRED: u8 = 3;

/// The server's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The version, as `16.0.1000`.
    pub(super) version: String,
    /// One of the values of ENCRYPTION.
    encryption: u8,
    /// Whether it is the requested instance.
    pub(super) right_instance: bool,
}

/// What is encrypted, in a dialogue that began in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agreed {
    /// Nothing.
    Nothing,
    /// The login only.
    Login,
    /// Everything from the login on.
    Everything,
}

/// Sends PRELOGIN, and reads the answer.
pub(super) async fn exchange<S>(stream: &mut S, level: Level, instance: Option<&str>) -> io::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(&frame(&request(level, instance.unwrap_or_default()))).await?;
    stream.flush().await?;
    let answer = wire::read_answer(stream).await?;
    Answer::parse(&answer).ok_or_else(|| malformed("an answer to PRELOGIN that cannot be read"))
}

fn request(level: Level, instance: &str) -> Vec<u8> {
    let encryption = match level {
        Level::Off => NOT_SUPPORTED,
        Level::Request => OFF,
        Level::Require => ON,
        Level::Strict => REQUIRED,
    };
    let version = [0; 6];
    let instance: Vec<u8> = instance.bytes().chain([0]).collect();
    let options: [(u8, &[u8]); 5] =
        [(VERSION, &version), (ENCRYPTION, &[encryption]), (INSTANCE, &instance), (THREAD, &[0; 4]), (MARS, &[0])];
    let mut offset = options.len() * 5 + 1;
    let mut message = Vec::new();
    for (token, value) in options {
        let place =
            |number: usize| u16::try_from(number).unwrap_or_else(|_| unreachable!("PRELOGIN is short")).to_be_bytes();
        message.push(token);
        message.extend(place(offset));
        message.extend(place(value.len()));
        offset += value.len();
    }
    message.push(TERMINATOR);
    message.extend(options.iter().flat_map(|(_, value)| *value));
    message
}

impl Answer {
    pub(super) fn parse(message: &[u8]) -> Option<Self> {
        let [major, minor, high, low] = *option(message, VERSION)?.first_chunk()?;
        let encryption = *option(message, ENCRYPTION)?.first()?;
        Some(Self {
            version: format!("{major}.{minor}.{}", u16::from_be_bytes([high, low])),
            encryption: Some(encryption).filter(|encryption| *encryption <= REQUIRED)?,
            right_instance: option(message, INSTANCE).is_none_or(|value| value.first() != Some(&1)),
        })
    }

    /// What is encrypted for a definition with this `level`.
    pub(super) fn agree(&self, level: Level) -> Result<Agreed, Failure> {
        match (level, self.encryption) {
            // With TDS 8.0 the whole session already runs inside TLS.
            (Level::Strict, _) | (Level::Off | Level::Request, NOT_SUPPORTED) | (Level::Off, OFF) => {
                Ok(Agreed::Nothing)
            }
            (Level::Request, OFF) => Ok(Agreed::Login),
            // FreeTDS accepts a server that forces encryption even where its definition turns encryption off.
            (Level::Off | Level::Request | Level::Require, ON | REQUIRED) => Ok(Agreed::Everything),
            (Level::Require, encryption) => {
                let field = Field::named("extra.encryption");
                Err(Failure::of(Tls::LessOffered { login_only: encryption == OFF, field }))
            }
            (Level::Off | Level::Request, _) => unreachable!("`parse` knows no other value"),
        }
    }
}

fn option(message: &[u8], wanted: u8) -> Option<&[u8]> {
    let mut options = message;
    while let [token, offset_high, offset_low, length_high, length_low, rest @ ..] = options
        && *token != TERMINATOR
    {
        if *token == wanted {
            let start = usize::from(u16::from_be_bytes([*offset_high, *offset_low]));
            let length = usize::from(u16::from_be_bytes([*length_high, *length_low]));
            return message.get(start..start + length);
        }
        options = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::Class;

    fn answer(encryption: u8) -> Vec<u8> {
        vec![VERSION, 0, 11, 0, 6, ENCRYPTION, 0, 17, 0, 1, TERMINATOR, 16, 0, 0x03, 0xe8, 0, 0, encryption]
    }

    #[test]
    fn answer_is_read_as_the_specification_lays_it_out() {
        // An answer of SQL Server, from the example in MS-TDS 4.2.
        let example = [
            0x00, 0x00, 0x1a, 0x00, 0x06, 0x01, 0x00, 0x20, 0x00, 0x01, 0x02, 0x00, 0x21, 0x00, 0x01, 0x03, 0x00, 0x22,
            0x00, 0x00, 0x04, 0x00, 0x22, 0x00, 0x01, 0xff, 0x09, 0x00, 0x0d, 0x89, 0x00, 0x00, 0x00, 0x00, 0x00,
        ];
        let answer = Answer::parse(&example).unwrap();
        assert_eq!(answer, Answer { version: "9.0.3465".to_owned(), encryption: OFF, right_instance: true });
    }

    #[test]
    fn request_is_read_back_as_it_was_meant() {
        let message = request(Level::Require, "SALES");
        assert_eq!(option(&message, ENCRYPTION), Some(&[ON][..]));
        assert_eq!(option(&message, INSTANCE), Some(&b"SALES\0"[..]));
        assert_eq!(option(&message, VERSION).map(<[u8]>::len), Some(6));
    }

    #[test]
    fn damaged_answers_are_refused() {
        let good = answer(ON);
        for length in 0..good.len() {
            assert_eq!(Answer::parse(&good[..length]), None, "cut to {length}");
        }
        assert_eq!(Answer::parse(&answer(4)), None);
        let mut outside = answer(ON);
        outside[7] = 200;
        assert_eq!(Answer::parse(&outside), None);
    }

    #[test]
    fn nothing_weaker_than_the_definition_s_wish_is_agreed_on() {
        use Agreed::{Everything, Login, Nothing};
        for (level, encryption, agreed) in [
            (Level::Off, NOT_SUPPORTED, Some(Nothing)),
            (Level::Off, OFF, Some(Nothing)),
            (Level::Off, ON, Some(Everything)),
            (Level::Off, REQUIRED, Some(Everything)),
            (Level::Request, NOT_SUPPORTED, Some(Nothing)),
            (Level::Request, OFF, Some(Login)),
            (Level::Request, ON, Some(Everything)),
            (Level::Request, REQUIRED, Some(Everything)),
            (Level::Require, NOT_SUPPORTED, None),
            (Level::Require, OFF, None),
            (Level::Require, ON, Some(Everything)),
            (Level::Require, REQUIRED, Some(Everything)),
        ] {
            let result = Answer::parse(&answer(encryption)).unwrap().agree(level);
            assert_eq!(result.as_ref().ok().copied(), agreed, "{level:?} and {encryption}");
            assert!(result.is_ok() || result.is_err_and(|failure| failure.class == Class::Tls));
        }
    }
}
