//! The dialogue of a login after the greeting, packet by packet: what the server may send, and whether the driver crate
//! answers it. The crate gets only validated packets, because it panics, computes for hours, or sends the password on
//! some others. Where the server requests the password itself, the answer is made here: the crate would take its unix
//! socket for an encrypted channel.

use aws_lc_rs::error::Unspecified;
use zeroize::Zeroizing;

use super::method::Method;
use super::options::Options;
use super::refusal::Refusal;
use super::server_key::ServerKey;
use super::sniff::PROTOCOL;
use super::wire::nonsense;
use crate::model::failure::Failure;
use crate::model::reason::{Login, Machine, Tls};
use crate::net::fault;
use crate::net::guard::Tap;

/// parsec's work factor: 1024 << 6 rounds, as many as connprobe computes for SCRAM. The crate's own limit means hours.
const PARSEC_FACTOR: u8 = 6;

/// What follows a packet of the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The login succeeded; the crate gets the packet.
    Done,
    /// Another packet of the server.
    Listen,
    /// The crate gets the packet and answers it.
    Show,
    /// This answer is sent without the crate.
    Answer(Zeroizing<Vec<u8>>),
}

/// Why a dialogue ends.
#[derive(Debug)]
pub(super) enum DialogueError {
    /// The server refused.
    Refused(Refusal),
    /// connprobe gave up.
    Failed(Failure),
    /// The server sent what no MySQL server sends, or stopped sending.
    Nonsense(std::io::Error),
}

impl DialogueError {
    /// The failure of a login with `settings`, `encrypted` or not; `tap` has what the server sent.
    pub(super) fn into_failure(self, settings: &Options, encrypted: bool, tap: &Tap) -> Failure {
        match self {
            Self::Refused(refusal) => refusal.into_failure(settings, encrypted),
            Self::Failed(failure) => failure,
            Self::Nonsense(error) => fault::classify(&error, tap, &PROTOCOL),
        }
    }
}

/// How private the channel for a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Privacy {
    /// In clear: anybody on the way can read it.
    Open,
    /// In clear, but the definition accepts any key that the server sends for encrypting the password
    /// (`get_server_public_key`).
    OpenWithServerKey,
    /// Nobody can read it, but nothing proves the identity of the peer.
    Unheard,
    /// Encrypted, and the server was verified.
    Proved,
}

/// A login under way.
pub(super) struct Exchange<'a> {
    method: Method,
    nonce: Vec<u8>,
    password: &'a [u8],
    privacy: Privacy,
    switched: bool,
    key_requested: bool,
}

impl<'a> Exchange<'a> {
    /// A login that begins with `method` and `nonce`; the password may be empty.
    pub(super) fn new(method: Method, nonce: &[u8], password: &'a [u8], privacy: Privacy) -> Self {
        Self { method, nonce: nonce.to_vec(), password, privacy, switched: false, key_requested: false }
    }

    /// The method in use.
    pub(super) fn method(&self) -> Method {
        self.method
    }

    /// Whether the server chose the method.
    pub(super) fn is_switched(&self) -> bool {
        self.switched
    }

    /// Whether the server was asked for its RSA key, to send it the password: nothing proves whose key it is.
    pub(super) fn key_requested(&self) -> bool {
        self.key_requested
    }

    /// Validates a packet of the server, and corrects what the crate would misread.
    pub(super) fn hear(&mut self, payload: &mut Vec<u8>) -> Result<Next, DialogueError> {
        match payload.first() {
            Some(0x00) => Ok(Next::Done),
            Some(0xff) => {
                Err(Refusal::parse(payload).map_or_else(|| odd("an error without a code"), DialogueError::Refused))
            }
            Some(0xfe) => self.switch(payload),
            _ => self.proceed(payload),
        }
    }

    /// The server switches to another method: 254, a name, NUL, a nonce. The crate removes a NUL from the end of every
    /// nonce, so one is added for it: MariaDB's signature methods send none, and one in 256 of their nonces ends in a
    /// NUL of its own.
    fn switch(&mut self, payload: &mut Vec<u8>) -> Result<Next, DialogueError> {
        if std::mem::replace(&mut self.switched, true) {
            return Err(odd("a second change of the login method"));
        }
        let name = payload[1..].split(|byte| *byte == 0).next().unwrap_or_default();
        let start = payload.len().min(1 + name.len() + 1);
        self.method =
            Method::named(if name.is_empty() { b"mysql_old_password" } else { name }).map_err(DialogueError::Failed)?;
        let length = match self.method {
            Method::Native | Method::CachingSha2 => 20,
            Method::Parsec if self.password.is_empty() => return Err(DialogueError::Failed(no_password())),
            Method::Ed25519 | Method::Parsec => 32,
            Method::ClearPassword if self.privacy == Privacy::Proved => return Ok(Next::Show),
            Method::ClearPassword => return Err(DialogueError::Failed(clear_password())),
        };
        match payload[start..].split_at_checked(length) {
            Some((nonce, [] | [0])) => self.nonce = nonce.to_vec(),
            _ => return Err(odd("a challenge of the wrong length")),
        }
        payload.truncate(start + length);
        payload.push(0);
        Ok(Next::Show)
    }

    /// More data for the method in use.
    fn proceed(&mut self, payload: &[u8]) -> Result<Next, DialogueError> {
        match (self.method, payload) {
            (Method::CachingSha2, [1, 3]) => Ok(Next::Listen),
            (Method::CachingSha2, [1, 4]) if matches!(self.privacy, Privacy::Unheard | Privacy::Proved) => {
                Ok(answer([self.password, &[0]].concat()))
            }
            (Method::CachingSha2, [1, 4]) if self.privacy == Privacy::Open => Err(DialogueError::Failed(needs_tls())),
            (Method::CachingSha2, [1, 4]) if !self.key_requested => {
                self.key_requested = true;
                Ok(answer(vec![2]))
            }
            (Method::CachingSha2, [1, key @ ..]) if self.key_requested => self.encrypt(key),
            (Method::Parsec, [1, salt @ ..] | salt @ [b'P', ..]) => match salt {
                [b'P', 0..=PARSEC_FACTOR, salt @ ..] if salt.len() == 18 => Ok(Next::Show),
                _ => Err(odd("a salt that parsec cannot have")),
            },
            _ => Err(odd("a packet that does not belong to a login")),
        }
    }

    /// The answer with the password, encrypted with the key in `pem`.
    fn encrypt(&self, pem: &[u8]) -> Result<Next, DialogueError> {
        let key = ServerKey::from_pem(pem).ok_or_else(|| odd("a public key that nobody uses"))?;
        if !key.holds(self.password) {
            return Err(DialogueError::Failed(Failure::of(Login::PasswordTooLong {
                field: "extra.ssl_mode",
                hint: "set extra `ssl_mode` to `REQUIRED` or, better, `VERIFY_IDENTITY`",
            })));
        }
        key.encrypt(self.password, &self.nonce).map(answer).map_err(no_random_numbers)
    }
}

fn answer(payload: Vec<u8>) -> Next {
    Next::Answer(Zeroizing::new(payload))
}

fn no_random_numbers(_: Unspecified) -> DialogueError {
    DialogueError::Failed(Failure::of(Machine::NoRandomNumbers))
}

fn odd(what: &'static str) -> DialogueError {
    DialogueError::Nonsense(nonsense(what))
}

/// The failure if no password is given: the crate panics on a signature without one.
fn no_password() -> Failure {
    Failure::of(Login::PasswordMissing)
}

fn needs_tls() -> Failure {
    Failure::of(Tls::PasswordNeedsTls {
        field: "extra.ssl_mode",
        hint: "set extra `ssl_mode` to `REQUIRED` or, better, `VERIFY_IDENTITY`; or set extra `get_server_public_key` to true, which lets whoever sits between read it",
    })
}

fn clear_password() -> Failure {
    Failure::of(Login::PasswordExposed {
        field: "extra.ssl_mode",
        hint: "set extra `ssl_mode` to `VERIFY_IDENTITY`, with the server's authority as `ca` in extra `ssl`",
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::class::Class;
    use crate::model::reason::ReasonCode;

    /// RSA, 2048 bits.
    pub(in super::super) const KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwmAwk2KshBOQhMAk07jL\n\
        VhZFZuuBd3IeT1sidIThvw0sdEepSpxvhivU5KW8MCVJweqP295xD5OsFr3A2knt\n\
        ND9PEvsMksxycDYJI4CGb0env+jeOLh2+a2j+Vp3GWNl5c1af3ToDEnOtTL3jgOC\n\
        TPCS7EQLU1am/YZJtd0SXtJnfQoFT1HN+1yl3NXAzmtJFQd8DJZP6x0i/JkdSPN5\n\
        wGhLyCR1QTCB9T1RVMCkdi7iyIO5L9Jl/bsk1pplLA3rlkElKJHE6Q5wSsmmY11D\n\
        kI3XCe0oVGCto/khTIaXHEOJJ3N6OaCxOA/Qmyz6hWZeB25oz/f3TrCToYIvH1nB\n\
        PQIDAQAB\n\
        -----END PUBLIC KEY-----";

    /// RSA, 512 bits.
    const SMALL_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
        MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKY6HLalNia4e6GavWVXcMw2ytWHFFa3\n\
        9gHkyujMPWdeQpo2C3rfu9Ol4epe7cTmm55Iz9+QKwaxs63mnvz7UqkCAwEAAQ==\n\
        -----END PUBLIC KEY-----";

    const NONCE: &[u8] = b"a nonce of 20 bytes.";

    fn begin(method: Method) -> Exchange<'static> {
        Exchange::new(method, NONCE, b"password", Privacy::Open)
    }

    fn waiting_for_key(password: &[u8]) -> Exchange<'_> {
        let mut exchange = Exchange::new(Method::CachingSha2, NONCE, password, Privacy::OpenWithServerKey);
        assert_eq!(hear(&mut exchange, [1, 4]), Ok(answered(&[2])));
        exchange
    }

    fn answered(payload: &[u8]) -> Next {
        answer(payload.to_vec())
    }

    fn hear(exchange: &mut Exchange<'_>, payload: impl AsRef<[u8]>) -> Result<Next, String> {
        exchange.hear(&mut payload.as_ref().to_vec()).map_err(|error| match error {
            DialogueError::Refused(refusal) => format!("refused {}", refusal.code),
            DialogueError::Failed(failure) => format!("{} {}", failure.class.as_str(), failure.message),
            DialogueError::Nonsense(error) => format!("nonsense {error}"),
        })
    }

    fn switch(name: &str, nonce: &[u8]) -> Vec<u8> {
        [b"\xfe", name.as_bytes(), b"\0", nonce].concat()
    }

    /// As in the usual client, since an attacker on the way could send another key.
    #[test]
    fn the_servers_own_key_is_taken_only_where_the_definition_says_so() {
        let refused = begin(Method::CachingSha2).hear(&mut vec![1, 4]);
        let Err(DialogueError::Failed(failure)) = refused else { panic!("the key was asked for") };
        assert_eq!((failure.class, failure.reason), (Class::Tls, ReasonCode::TlsRequired));
        assert_eq!(failure.hint, needs_tls().hint);
    }

    #[test]
    fn the_methods_go_as_servers_make_them_go() {
        let mut native = begin(Method::Native);
        assert_eq!(hear(&mut native, b"\0\0\0\x02\0\0\0"), Ok(Next::Done));
        assert_eq!(hear(&mut native, b"\xff\x15\x04#28000Access denied"), Err("refused 1045".to_owned()));

        assert_eq!(hear(&mut begin(Method::CachingSha2), [1, 3]), Ok(Next::Listen));

        let mut cold = Exchange::new(Method::Native, NONCE, b"password", Privacy::OpenWithServerKey);
        assert_eq!(hear(&mut cold, switch("caching_sha2_password", b"another of 20 bytes.\0")), Ok(Next::Show));
        assert_eq!(cold.nonce, b"another of 20 bytes.");
        assert_eq!(hear(&mut cold, [1, 4]), Ok(answered(&[2])));
        assert!(cold.key_requested());
        let Ok(Next::Answer(encrypted)) = hear(&mut cold, format!("\x01{KEY}")) else { panic!("no answer to a key") };
        assert_eq!(encrypted.len(), 256);

        let mut parsec = begin(Method::Native);
        assert_eq!(hear(&mut parsec, switch("parsec", &[7; 32])), Ok(Next::Show));
        for escape in [b"\x01".as_slice(), b""] {
            assert_eq!(hear(&mut parsec, [escape, b"P\x02", &[7; 18]].concat()), Ok(Next::Show));
        }
    }

    #[test]
    fn every_nonce_ends_in_a_nul_for_the_crate_to_take() {
        for (name, sent, shown) in [
            ("caching_sha2_password", [7; 20].as_slice(), [[7; 20].as_slice(), &[0]].concat()),
            ("mysql_native_password", &[[7; 20].as_slice(), &[0]].concat(), [[7; 20].as_slice(), &[0]].concat()),
            ("client_ed25519", &[[7; 31].as_slice(), &[0]].concat(), [[7; 31].as_slice(), &[0, 0]].concat()),
        ] {
            let mut payload = switch(name, sent);
            assert_eq!(begin(Method::Native).hear(&mut payload).unwrap(), Next::Show);
            assert_eq!(payload, switch(name, &shown));
        }
    }

    #[test]
    fn what_breaks_the_crate_does_not_reach_it() {
        for (mut exchange, payload, expected) in [
            (begin(Method::Native), switch("caching_sha2_password", b""), "wrong length"),
            (begin(Method::Native), switch("caching_sha2_password", &[7; 40]), "wrong length"),
            (begin(Method::Native), switch("parsec", &[7; 31]), "wrong length"),
            (begin(Method::Native), b"\xfecaching_sha2_password".to_vec(), "wrong length"),
            (begin(Method::Native), b"\xfe".to_vec(), "mysql_old_password"),
            (begin(Method::Native), switch("dialog", b""), "dialog"),
            (begin(Method::Native), switch("mysql_clear_password", b""), "policy"),
            (Exchange::new(Method::Native, NONCE, b"", Privacy::Open), switch("parsec", &[7; 32]), "auth"),
            (begin(Method::Native), vec![], "does not belong"),
            (begin(Method::Native), vec![1, 4], "does not belong"),
            (begin(Method::Native), vec![0xff, 1], "without a code"),
            (begin(Method::CachingSha2), vec![1], "does not belong"),
            (begin(Method::CachingSha2), vec![1, 2], "does not belong"),
            (begin(Method::CachingSha2), format!("\x01{KEY}").into_bytes(), "does not belong"),
            (begin(Method::Parsec), [b"P\x07".as_slice(), &[7; 18]].concat(), "parsec"),
            (begin(Method::Parsec), b"P\x02short".to_vec(), "parsec"),
            (waiting_for_key(b"password"), vec![], "does not belong"),
            (waiting_for_key(b"password"), b"\x01".to_vec(), "nobody uses"),
            (
                waiting_for_key(b"password"),
                b"\x01-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----".to_vec(),
                "nobody uses",
            ),
            (waiting_for_key(b"password"), [b"\x01", SMALL_KEY.as_bytes()].concat(), "nobody uses"),
        ] {
            let said = hear(&mut exchange, &payload).unwrap_err();
            assert!(said.contains(expected), "{payload:?}: {said}");
        }
    }

    #[test]
    fn the_method_changes_once() {
        let mut exchange = begin(Method::Native);
        hear(&mut exchange, switch("caching_sha2_password", &[7; 20])).unwrap();
        assert!(hear(&mut exchange, switch("mysql_native_password", &[7; 20])).unwrap_err().contains("second change"));
    }

    #[test]
    fn the_password_itself_goes_where_it_may() {
        let clear = b"password\0".as_slice();
        for (privacy, cold, shows) in [
            (Privacy::OpenWithServerKey, [2].as_slice(), false),
            (Privacy::Unheard, clear, false),
            (Privacy::Proved, clear, true),
        ] {
            let begin = |method| Exchange::new(method, NONCE, b"password", privacy);
            assert_eq!(hear(&mut begin(Method::CachingSha2), [1, 4]), Ok(answered(cold)), "{privacy:?}");
            let asked = hear(&mut begin(Method::Native), switch("mysql_clear_password", b""));
            assert_eq!(asked == Ok(Next::Show), shows, "{privacy:?}");
        }
    }

    #[test]
    fn a_password_must_fit_into_the_key() {
        for (length, fits) in [(0, true), (213, true), (214, false)] {
            let password = vec![b'x'; length];
            assert_eq!(hear(&mut waiting_for_key(&password), format!("\x01{KEY}")).is_ok(), fits, "{length}");
        }
    }
}
