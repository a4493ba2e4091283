//! Reading the bytes of every kind of file. None of them makes connprobe hang or fill the memory.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use connprobe::model::reason::{ReasonCode, Source};
use connprobe::source::{self, Settings, SourceError};
use rustix::fs::{CWD, FileType, Mode};

use crate::sources::load;
use crate::waiting::wait;

const TEXT: &str = r#"{"a": "postgres://u:CANARY@h/db"}"#;

fn fifo(path: &Path) {
    rustix::fs::mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

fn load_within(path: &Path, limit: Duration) -> Result<usize, Source> {
    let started = Instant::now();
    let settings = Settings { limit, ..Settings::default() }.into();
    let loaded = wait(source::load(&path.to_str().unwrap().parse().unwrap(), &settings));
    assert!(started.elapsed() < limit + Duration::from_secs(5), "{:?}", started.elapsed());
    match loaded {
        Ok(loaded) => Ok(loaded.connections.len()),
        Err(SourceError::Own(source)) => Err(source),
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn what_is_no_readable_file_says_why() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("directory.json")).unwrap();
    symlink(at("loop.json"), at("loop.json")).unwrap();
    let load = |name: &str| load_within(&at(name), Duration::from_secs(10));
    assert!(matches!(load("missing.json"), Err(Source::Missing { .. })));
    assert!(matches!(load("directory.json"), Err(Source::Directory { .. })));
    assert!(matches!(load("loop.json"), Err(Source::Io { .. })));
}

#[test]
fn a_fifo_is_read_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fifo.json");
    fifo(&path);
    let writer = path.clone();
    let writing = std::thread::spawn(move || {
        let mut pipe = OpenOptions::new().write(true).open(writer).unwrap();
        let padding = " ".repeat(300_000);
        pipe.write_all(padding.as_bytes()).unwrap();
        pipe.write_all(TEXT.as_bytes()).unwrap();
    });
    assert_eq!(load_within(&path, Duration::from_secs(20)), Ok(1));
    writing.join().unwrap();
}

#[test]
fn a_fifo_that_nobody_writes_or_closes_is_given_up() {
    let directory = tempfile::tempdir().unwrap();
    let limit = Duration::from_millis(200);
    let path = directory.path().join("silent.json");
    fifo(&path);
    assert!(matches!(load_within(&path, limit), Err(Source::Endless { .. })));

    let path = directory.path().join("open.json");
    fifo(&path);
    let mut writer = OpenOptions::new().read(true).write(true).open(&path).unwrap();
    writer.write_all(TEXT.as_bytes()).unwrap();
    assert!(matches!(load_within(&path, limit), Err(Source::Endless { .. })));
}

#[test]
fn more_than_64_mib_is_refused_whatever_it_comes_from() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("large.json");
    File::create(&path).unwrap().set_len((64 << 20) + 1).unwrap();
    let limit = Duration::from_mins(1);
    assert!(matches!(load_within(&path, limit), Err(Source::TooLarge { .. })));
    assert!(matches!(load_within(Path::new("/dev/zero"), limit), Err(Source::TooLarge { .. })));
}

#[test]
fn nothing_is_empty() {
    assert!(matches!(load_within(Path::new("/dev/null"), Duration::from_secs(10)), Err(Source::Empty { .. })));
}

#[test]
fn the_content_tells_json_where_the_name_does_not() {
    let directory = tempfile::tempdir().unwrap();
    for (name, content, connections) in [
        ("plain", TEXT, Some(1)),
        ("list.txt", "\u{feff} [\"postgres://h\", \"mysql://h\"]", Some(2)),
        ("other", "a=postgres://u:CANARY@h", None),
    ] {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        let loaded = load(path.to_str().unwrap());
        match connections {
            Some(count) => assert_eq!(loaded.unwrap().connections.len(), count),
            None => assert!(matches!(loaded, Err(SourceError::Own(Source::UnknownFormat { .. })))),
        }
        let forced = load(&format!("json:{}", path.display()));
        assert_eq!(forced.is_ok(), connections.is_some());
    }
}

#[test]
fn a_source_is_named_as_it_was_given() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.json");
    fs::write(&path, TEXT).unwrap();
    let loaded = load(path.to_str().unwrap()).unwrap();
    assert_eq!(loaded.name, path.display().to_string());
    assert_eq!(loaded.connections[0].origin.to_string(), format!("{}:1#/a", path.display()));
    assert_eq!(loaded.connections[0].directory.as_deref(), Some(directory.path()));
}

/// Standard input belongs to the process, so this test runs itself once more as a child with another one.
#[test]
fn standard_input_is_a_source() {
    const CHILD: &str = "CONNPROBE_TEST_STDIN";
    if std::env::var_os(CHILD).is_some() {
        let loaded = load("-").unwrap();
        assert_eq!((loaded.name.as_str(), loaded.connections[0].directory.as_deref()), ("stdin", None));
        assert_eq!(loaded.connections[0].origin.to_string(), "stdin:1#/a");
        assert_eq!(load("json:-").unwrap_err().reason(), ReasonCode::SourceMalformed);
        return;
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "reading::standard_input_is_a_source"])
        .env(CHILD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(TEXT.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}
