//! A directory that only this user may enter, for one unix socket.

use std::fs::{DirBuilder, remove_dir, remove_file};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The longest socket path that all Unix systems accept.
const LONGEST: usize = 100;

/// The directory; it is removed with its socket on drop.
pub(super) struct SocketDir {
    dir: PathBuf,
    socket: PathBuf,
}

impl SocketDir {
    /// Creates the directory in the first usual place that works. In-memory file systems come first: on a journaled
    /// disk this costs more than a login. A container's file system may be read-only, and the path of a home directory
    /// too long for a socket.
    pub(super) fn new() -> io::Result<Self> {
        let name = format!("connprobe-{:016x}", RandomState::new().hash_one(std::process::id()));
        let mut problem = io::ErrorKind::InvalidFilename.into();
        for parent in ["/dev/shm".into(), std::env::temp_dir(), "/tmp".into(), "/run".into()] {
            let dir = parent.join(&name);
            let socket = dir.join("s");
            if socket.as_os_str().len() > LONGEST {
                continue;
            }
            match DirBuilder::new().mode(0o700).create(&dir) {
                Ok(()) => return Ok(Self { dir, socket }),
                Err(error) => problem = error,
            }
        }
        Err(problem)
    }

    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for SocketDir {
    fn drop(&mut self) {
        let _never_bound = remove_file(&self.socket);
        let _nothing_can_be_done = remove_dir(&self.dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_this_users_alone_and_goes_away() {
        use std::os::unix::fs::PermissionsExt;
        let place = SocketDir::new().unwrap();
        let (dir, socket) = (place.dir.clone(), place.socket().to_owned());
        std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(dir.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        drop(place);
        assert!(!socket.exists() && !dir.exists());
    }
}
