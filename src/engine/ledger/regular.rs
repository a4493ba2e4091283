//! Opens regular files by name. Anything else (a pipe without a writer, an endless device) is neither waited for nor
//! read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens the regular file at `path` with `options`.
pub(super) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // Opening a device may have an effect, so its type is checked first. `NONBLOCK` keeps the open from waiting for
    // whatever takes the file's place meanwhile.
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return Err(is_none());
    }
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
    let file = options.custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(is_none()) }
}

/// The first `most` bytes of the regular file at `path`.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path, OpenOptions::new().read(true))?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_none() -> io::Error {
    io::Error::other("it is no regular file")
}
