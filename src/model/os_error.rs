//! Errors of the operating system in plain words, without error numbers or the names that libraries use.

use std::io::{self, ErrorKind};

/// The reason in plain words, as a lower-case fragment.
#[must_use]
pub fn in_words(error: &io::Error) -> String {
    if let Some(words) = kind_in_words(error.kind()) {
        return words.to_owned();
    }
    let text = error.to_string();
    let mut text = text.split(" (os error").next().unwrap_or_default().to_owned();
    match error.raw_os_error() {
        Some(TOO_MANY_FILES | TOO_MANY_FILES_OF_ALL) => "too many files are open".clone_into(&mut text),
        // The system's messages begin with a capital.
        Some(_) => text.get_mut(..1).into_iter().for_each(str::make_ascii_lowercase),
        None => {}
    }
    text
}

/// EMFILE and ENFILE, which have no `ErrorKind` of their own.
const TOO_MANY_FILES: i32 = 24;
const TOO_MANY_FILES_OF_ALL: i32 = 23;

fn kind_in_words(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::NotFound => "there is no such file or directory",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::AlreadyExists => "it exists already",
        ErrorKind::NotADirectory => "a part of the path is a file, not a directory",
        ErrorKind::IsADirectory => "it is a directory",
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::QuotaExceeded => "the disk quota is used up",
        ErrorKind::FileTooLarge => "the file is too large",
        ErrorKind::InvalidFilename => "the name is too long, or not one that the file system allows",
        ErrorKind::BrokenPipe => "the reader of the pipe has closed it",
        ErrorKind::WouldBlock => "the limit on processes or threads is reached",
        ErrorKind::OutOfMemory => "there is no memory left",
        ErrorKind::TimedOut => "it took too long",
        ErrorKind::UnexpectedEof => "it ended too early",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_and_no_word_of_a_library_is_left() {
        for (error, words) in [
            (ErrorKind::NotFound.into(), "there is no such file or directory"),
            (io::Error::from_raw_os_error(2), "there is no such file or directory"),
            (io::Error::from_raw_os_error(20), "a part of the path is a file, not a directory"),
            (io::Error::from_raw_os_error(24), "too many files are open"),
            (io::Error::from_raw_os_error(6), "no such device or address"),
            (io::Error::other("its name is not UTF-8"), "its name is not UTF-8"),
        ] {
            assert_eq!(in_words(&error), words);
        }
    }
}
