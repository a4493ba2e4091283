//! `Wire`: commands and replies in RESP2. Every reply is read completely, within the bounds of [`Lines`], and without
//! recursion.
//!
//! Source: <https://redis.io/docs/latest/develop/reference/protocol-spec>.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::driver::kit::lines::{Lines, malformed};

/// The first bytes of replies.
const KINDS: &[u8] = b"+-:$*";
/// The most values of one reply.
const MOST: usize = 1024;
/// How long closing the session may take.
const FAREWELL: Duration = Duration::from_millis(200);

/// The reply to a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// One value.
    Text(String),
    /// The values of an array and of the arrays in it, flattened.
    Values(Vec<String>),
    /// An error.
    Refused(String),
}

/// A dialogue with a server.
pub(super) struct Wire<S>(Lines<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self(Lines::new(stream))
    }

    async fn send(&mut self, commands: &[Vec<&str>]) -> io::Result<()> {
        let length: usize = commands.iter().flatten().map(|word| word.len() + 32).sum();
        let mut bytes = Zeroizing::new(Vec::with_capacity(length + 32));
        for words in commands {
            bytes.extend(format!("*{}\r\n", words.len()).bytes());
            for word in words {
                bytes.extend(format!("${}\r\n", word.len()).bytes());
                bytes.extend_from_slice(word.as_bytes());
                bytes.extend_from_slice(b"\r\n");
            }
        }
        self.0.send(&bytes).await
    }

    /// Sends `commands`, all at once, and reads the reply to the first. The reply is read even if sending fails: a
    /// server may have sent the reason for closing before it has received a command.
    pub(super) async fn ask(&mut self, commands: &[Vec<&str>]) -> io::Result<Reply> {
        let sent = self.send(commands).await;
        let reply = self.reply().await;
        if reply.is_err() { sent.and(reply) } else { reply }
    }

    /// The next reply.
    pub(super) async fn reply(&mut self) -> io::Result<Reply> {
        let mut values = Vec::new();
        let mut awaited = 1;
        let mut is_array = false;
        while awaited > 0 {
            awaited -= 1;
            let kind = self.0.kind(KINDS).await?;
            let line = self.0.line().await?;
            let text = String::from_utf8_lossy(&line[1..]).into_owned();
            match kind {
                b'-' if values.is_empty() && awaited == 0 => return Ok(Reply::Refused(text)),
                b':' if text.parse::<i64>().is_err() => return Err(malformed("a number that is none")),
                b'$' => values.push(self.text(length(&text)?).await?),
                b'*' => {
                    awaited += length(&text)?.unwrap_or_default();
                    is_array = true;
                }
                _ => values.push(text),
            }
            if values.len() + awaited > MOST {
                return Err(malformed("a reply of too many values"));
            }
        }
        match values.pop() {
            Some(text) if !is_array => Ok(Reply::Text(text)),
            last => {
                values.extend(last);
                Ok(Reply::Values(values))
            }
        }
    }

    /// Reads a text of `length` bytes, and the end of its line.
    async fn text(&mut self, length: Option<usize>) -> io::Result<String> {
        let Some(length) = length else { return Ok(String::new()) };
        let bytes = self.0.bytes(length).await?;
        if !self.0.line().await?.is_empty() {
            return Err(malformed("a text that is longer than it says"));
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Sends QUIT, and does not wait for the reply.
    pub(super) async fn leave(mut self) {
        let leaving = async {
            self.send(&[vec!["QUIT"]]).await?;
            self.0.close().await
        };
        let _gone_already = timeout(FAREWELL, leaving).await;
    }
}

/// The length of a text or an array; `None` for a null value.
fn length(text: &str) -> io::Result<Option<usize>> {
    match text.parse::<i64>() {
        Ok(-1) => Ok(None),
        Ok(length) => usize::try_from(length).map(Some).map_err(|_| malformed("a negative length")),
        Err(_) => Err(malformed("a length that is none")),
    }
}
