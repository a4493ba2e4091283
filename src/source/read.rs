//! Reads the bytes of a file or of standard input as text. Owns all bounds on them: size, time and encoding.
//!
//! A separate thread reads, because no deadline can be set for opening or reading a pipe, or for a file system that
//! hangs. Every buffer is wiped.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::sync::mpsc;
use std::time::Duration;

use zeroize::Zeroizing;

use super::error::SourceError;
use super::spec::Input;
use crate::model::os_error::in_words;
use crate::model::reason::Source;
use crate::threads;

/// The maximum size of a source, in bytes.
const LIMIT: usize = 64 << 20;

/// The size in bytes of the first buffer for a source of unknown size. The buffer grows fourfold.
const FIRST_BUFFER: usize = 64 << 10;

type Bytes = Zeroizing<Vec<u8>>;

/// The text of `input`, without a byte order mark. `name` is the name of the source, for errors.
pub(super) fn read(input: &Input, name: &str, limit: Duration) -> Result<Zeroizing<String>, SourceError> {
    let file = || name.to_owned();
    let (sender, done) = mpsc::channel();
    let input = input.clone();
    // After the time limit nothing receives the result any more.
    threads::spawn_or_do("source", move || drop(sender.send(open(&input).and_then(read_all))));
    let bytes = done.recv_timeout(limit).map_err(|_late| SourceError::Own(Source::Endless { file: file(), limit }))?;
    let bytes = bytes.map_err(|error| match error.kind() {
        ErrorKind::NotFound => SourceError::Own(Source::Missing { file: file() }),
        ErrorKind::PermissionDenied => SourceError::Own(Source::Denied { file: file() }),
        ErrorKind::IsADirectory => SourceError::Own(Source::Directory { file: file() }),
        ErrorKind::FileTooLarge => SourceError::Own(Source::TooLarge { file: file() }),
        _ => SourceError::Own(Source::Io { file: file(), why: in_words(&error) }),
    })?;
    decode(bytes, name)
}

fn open(input: &Input) -> io::Result<File> {
    match input {
        // Not through `Stdin`, whose buffer would keep a copy.
        Input::Stdin => Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?)),
        Input::File(path) => File::open(path),
    }
}

fn read_all(mut file: File) -> io::Result<Bytes> {
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    if size > LIMIT {
        return Err(ErrorKind::FileTooLarge.into());
    }
    // One byte more, so that the end is found without a larger buffer.
    let mut buffer = zeroed(if size == 0 { FIRST_BUFFER } else { size + 1 });
    let mut filled = 0;
    loop {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if filled > LIMIT {
            return Err(ErrorKind::FileTooLarge.into());
        }
        if filled == buffer.len() {
            let mut larger = zeroed((4 * filled).min(LIMIT + 1));
            larger[..filled].copy_from_slice(&buffer);
            buffer = larger;
        }
    }
    buffer.truncate(filled);
    Ok(buffer)
}

fn zeroed(length: usize) -> Bytes {
    Zeroizing::new(vec![0; length])
}

fn decode(mut bytes: Bytes, name: &str) -> Result<Zeroizing<String>, SourceError> {
    let file = name.to_owned();
    if is_utf16(&bytes) {
        return Err(SourceError::Own(Source::Utf16 { file }));
    }
    let mut text = match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Zeroizing::new(text),
        Err(error) => {
            let byte = error.utf8_error().valid_up_to();
            let bytes = Zeroizing::new(error.into_bytes());
            let line = bytes[..byte].split(|byte| *byte == b'\n').count();
            return Err(SourceError::Own(Source::NotUtf8 { file, line, byte }));
        }
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    if text.trim().is_empty() {
        return Err(SourceError::Own(Source::Empty { file }));
    }
    Ok(text)
}

/// Whether the bytes begin with a byte order mark, or with an ASCII character beside a zero byte. Every JSON text
/// begins with an ASCII character.
fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, 1..=0x7f, ..] | [1..=0x7f, 0, ..])
}
