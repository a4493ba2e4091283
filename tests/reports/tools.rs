//! The validators: programs that `tests/servers/install` installs, or unpacks in its cache.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A program of the cache of `tests/servers/install`.
pub fn cached(path: &str) -> PathBuf {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = folder("CONNPROBE_CACHE")
        .or_else(|| Some(folder("XDG_CACHE_HOME")?.join("connprobe")))
        .or_else(|| Some(folder("HOME")?.join(".cache/connprobe")))
        .expect("a home directory");
    cache.join(path)
}

/// Runs a validator over `input`, and asserts that it accepts it. Returns what it prints.
#[track_caller]
pub fn accepts(mut validator: Command, input: &str) -> String {
    let name = validator.get_program().to_owned();
    validator.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = validator.spawn().unwrap_or_else(|error| {
        panic!("{} is missing ({error}): tests/servers/install installs it", name.display());
    });
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {said}\n{input}", name.display());
    String::from_utf8(output.stdout).unwrap()
}
