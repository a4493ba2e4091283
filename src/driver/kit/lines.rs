//! `Lines`: a dialogue in lines of text, as in Redis, SMTP, IMAP, FTP and POP3. Owns the bounds of a line and of a
//! whole reply, and ensures that no text sent as part of a line ends it. The meaning of a line belongs to the driver.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// How long a peer that sends another protocol is read on, so that it can be recognised.
const LISTEN: Duration = Duration::from_millis(50);
/// How many bytes of it are read.
const STRANGE: usize = 64;

/// The longest line, without its end.
const LINE: usize = 8 << 10;
/// The longest reply to one command, all its lines together.
const REPLY: usize = 64 << 10;

/// A dialogue over a stream.
pub struct Lines<S> {
    stream: S,
    /// What has arrived and was not read yet.
    buffer: Vec<u8>,
    /// How much of the reply to the last command was read.
    replied: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Lines<S> {
    /// A new dialogue over `stream`.
    #[must_use]
    pub fn new(stream: S) -> Self {
        Self { stream, buffer: Vec::new(), replied: 0 }
    }

    /// Sends `bytes` as they are. What arrives from here on is the reply to them.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.replied = 0;
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Sends `command` as one line.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for more than one line; otherwise the errors of the stream.
    pub async fn command(&mut self, command: &str) -> io::Result<()> {
        if !is_within_line(command) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a command of more than one line"));
        }
        self.send(format!("{command}\r\n").as_bytes()).await
    }

    /// The first byte of the next line, which must be one of `kinds`. Any other byte is an error at once, without
    /// waiting for the line's end.
    pub async fn kind(&mut self, kinds: &[u8]) -> io::Result<u8> {
        if self.buffer.is_empty() {
            self.more().await?;
        }
        let kind = self.buffer[0];
        if kinds.contains(&kind) {
            return Ok(kind);
        }
        let listening = async { while self.buffer.len() < STRANGE && self.more().await.is_ok() {} };
        let _heard = timeout(LISTEN, listening).await;
        Err(malformed("a line of another protocol"))
    }

    /// The next line, without the CRLF or LF that ends it.
    pub async fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut searched = 0;
        loop {
            let end = self.buffer[searched..].iter().position(|byte| *byte == b'\n').map(|at| searched + at);
            searched = self.buffer.len();
            if end.unwrap_or(searched) > LINE + 1 {
                return Err(malformed("a line that is too long"));
            }
            let Some(end) = end else {
                self.more().await?;
                continue;
            };
            let mut line = self.take(end + 1)?;
            line.truncate(end);
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            if line.len() > LINE {
                return Err(malformed("a line that is too long"));
            }
            return Ok(line);
        }
    }

    /// The next `length` bytes.
    pub async fn bytes(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > REPLY {
            return Err(malformed("a reply that is too long"));
        }
        while self.buffer.len() < length {
            self.more().await?;
        }
        self.take(length)
    }

    /// The stream, for a TLS handshake.
    ///
    /// # Errors
    ///
    /// `InvalidData` if data has arrived already: an attacker between both ends could have inserted it, to be read as
    /// if it came over TLS.
    pub fn into_stream(self) -> io::Result<S> {
        if self.buffer.is_empty() { Ok(self.stream) } else { Err(malformed("words between the go-ahead and TLS")) }
    }

    /// Closes this side of the connection.
    pub async fn close(&mut self) -> io::Result<()> {
        self.stream.shutdown().await
    }

    async fn more(&mut self) -> io::Result<()> {
        let read = self.stream.read_buf(&mut self.buffer).await?;
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        self.replied += length;
        if self.replied > REPLY {
            return Err(malformed("a reply that is too long"));
        }
        Ok(self.buffer.drain(..length).collect())
    }
}

/// Whether `text` can be part of a line: no character in it ends a line for any server. A login with such a character
/// is a problem of its definition, and nothing is sent.
#[must_use]
pub fn is_within_line(text: &str) -> bool {
    !text.contains(['\r', '\n', '\0'])
}

/// The error for malformed data.
#[must_use]
pub fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use tokio::io::{duplex, join, sink};

    use super::*;

    fn hearing(bytes: &[u8]) -> Lines<impl AsyncRead + AsyncWrite + Unpin + use<>> {
        Lines::new(join(io::Cursor::new(bytes.to_vec()), sink()))
    }

    #[tokio::test]
    async fn a_line_ends_with_crlf_or_lf_and_bytes_are_counted() {
        let mut lines = hearing(b"+OK\r\nbare\n\r\n\n$5\r\na\r\nbc\r\nrest");
        for expected in ["+OK", "bare", "", "", "$5"] {
            assert_eq!(lines.line().await.unwrap(), expected.as_bytes());
        }
        assert_eq!(lines.bytes(5).await.unwrap(), b"a\r\nbc");
        assert_eq!(lines.line().await.unwrap(), b"");
        assert_eq!(lines.bytes(0).await.unwrap(), b"");
        assert_eq!(lines.line().await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn lines_and_replies_are_bounded() {
        for (length, fine) in [(LINE, true), (LINE + 1, false), (LINE + 2, false), (9 * LINE, false)] {
            for end in ["\n", "\r\n"] {
                let line = format!("{}{end}", "x".repeat(length));
                assert_eq!(hearing(line.as_bytes()).line().await.is_ok(), fine, "{length} {end:?}");
            }
        }
        // A line without an end fails as soon as it is too long.
        let error = hearing(&[b'x'; LINE + 2]).line().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(hearing(&vec![b'x'; REPLY]).bytes(REPLY).await.is_ok());
        assert_eq!(hearing(b"").bytes(REPLY + 1).await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        let mut lines = hearing("1234567\n".repeat(REPLY / 8 + 2).as_bytes());
        for _ in 0..REPLY / 8 {
            lines.line().await.unwrap();
        }
        assert_eq!(lines.line().await.unwrap_err().kind(), io::ErrorKind::InvalidData);
        // Each command has its own reply.
        lines.send(b"PING\r\n").await.unwrap();
        assert!(lines.line().await.is_ok());
    }

    #[tokio::test]
    async fn what_begins_no_line_is_given_up_before_it_ends() {
        let mut lines = hearing(b"+OK\r\n");
        assert_eq!(lines.kind(b"+-").await.unwrap(), b'+');
        assert_eq!(lines.line().await.unwrap(), b"+OK");
        assert_eq!(lines.kind(b"+-").await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let (near, mut far) = duplex(256);
        let mut lines = Lines::new(near);
        far.write_all(b"SSH-2.0").await.unwrap();
        let (strange, _) = tokio::join!(lines.kind(b"+-"), far.write_all(b"-OpenSSH"));
        assert_eq!(strange.unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert_eq!(lines.buffer, b"SSH-2.0-OpenSSH", "a few more bytes tell who it is");
    }

    #[tokio::test]
    async fn a_command_is_one_line() {
        let (near, mut far) = duplex(64);
        let mut lines = Lines::new(near);
        for command in ["USER a\r\nDELE 1", "USER a\nDELE 1", "USER a\rb", "USER a\0"] {
            assert_eq!(lines.command(command).await.unwrap_err().kind(), io::ErrorKind::InvalidInput, "{command:?}");
        }
        lines.command("USER a").await.unwrap();
        lines.close().await.unwrap();
        let mut heard = String::new();
        far.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "USER a\r\n");
    }

    #[tokio::test]
    async fn nothing_may_come_between_the_go_ahead_and_tls() {
        for (said, fine) in [("220 go\r\n", true), ("220 go\r\n250 more\r\n", false), ("220 go\r\n\r\n", false)] {
            let mut lines = hearing(said.as_bytes());
            lines.line().await.unwrap();
            assert_eq!(lines.into_stream().is_ok(), fine, "{said:?}");
        }
    }
}
