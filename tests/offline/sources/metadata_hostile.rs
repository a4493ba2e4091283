//! A server in the place of Airflow's metadata database that accepts every login and then sends what the test wants.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use connprobe::model::phase::Phase;
use connprobe::model::reason::ReasonCode;
use connprobe::model::reason::unusable::Metadata;
use connprobe::source::{self, Environment, Settings, SourceError};

use crate::airflow::unusable;
use crate::waiting::wait;

const COLUMNS: [&str; 9] = ["id", "conn_id", "conn_type", "host", "schema", "login", "password", "port", "extra"];

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[tag], &length[..], body].concat()
}

fn description() -> Vec<u8> {
    let columns: Vec<u8> = COLUMNS.iter().flat_map(|name| [name.as_bytes(), &[0; 19]].concat()).collect();
    message(b'T', &[&[0, 9], &columns[..]].concat())
}

fn row(value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap().to_be_bytes();
    message(b'D', &[&[0, 9], &[&length[..], value].concat().repeat(9)[..]].concat())
}

/// The body of the next message, without its tag.
fn heard(stream: &mut TcpStream, tag: usize) -> Option<Vec<u8>> {
    let mut header = vec![0; tag + 4];
    stream.read_exact(&mut header).ok()?;
    let length = u32::from_be_bytes(header[tag..].try_into().unwrap());
    let mut body = vec![0; usize::try_from(length).unwrap() - 4];
    stream.read_exact(&mut body).ok()?;
    Some(body)
}

/// Plays the server once: a login, an empty answer to every statement, and for the query of the rows `times`
/// repetitions of `answer` without an end. Returns the error of loading, and the time that it took.
fn load(answer: Vec<u8>, times: usize) -> (SourceError, Duration) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let done = [message(b'C', b"DONE\0"), message(b'Z', b"I")].concat();
        heard(&mut stream, 0)?;
        stream.write_all(&[message(b'R', &[0; 4]), message(b'Z', b"I")].concat()).ok()?;
        while let Some(query) = heard(&mut stream, 1) {
            let query = String::from_utf8_lossy(&query).into_owned();
            if query.contains("SELECT") {
                stream.write_all(&description()).ok()?;
            }
            if query.contains("ORDER BY") {
                for _ in 0..times {
                    stream.write_all(&answer).ok()?;
                }
                continue;
            }
            stream.write_all(&done).ok()?;
        }
        Some(())
    });
    let url = format!("postgresql://airflow:CANARY@127.0.0.1:{port}/airflow?sslmode=disable");
    let environment = Environment::of([("METADATA".into(), url.into())]);
    let settings = Settings { limit: Duration::from_secs(8), environment, ..Settings::default() };
    let since = Instant::now();
    let loaded = wait(source::load(&"url-env:METADATA".parse().unwrap(), &settings.into()));
    (loaded.map(|loaded| loaded.connections.len()).unwrap_err(), since.elapsed())
}

#[test]
fn rows_without_end_are_not_kept() {
    let (error, _) = load(row(&vec![b'x'; 50_000]), usize::MAX);
    assert_eq!(unusable(&error), &Metadata::TooLarge.into());
}

#[test]
fn what_is_no_row_ends_the_reading_at_once() {
    for (answer, reason) in [
        (b"D\xff\xff\xff\xff".to_vec(), ReasonCode::NotUnderstood),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), ReasonCode::NotUnderstood),
        (message(b'D', &[0, 9, 0, 0, 0, 9]), ReasonCode::NotUnderstood),
        (message(b'E', b"SERROR\0C42501\0MCANARY denied\0\0"), ReasonCode::PrivilegeMissing),
    ] {
        let (error, elapsed) = load(answer, 1);
        assert_eq!((error.reason(), error.failure().phase), (reason, Some(Phase::Query)), "{error}");
        assert!(elapsed < Duration::from_secs(5), "{error}: {elapsed:?}");
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{error:?}");
    }
}

#[test]
fn rows_that_never_come_are_waited_for_no_longer_than_the_limit() {
    let (error, elapsed) = load(row(b"1"), 1);
    let expected = (ReasonCode::QueryTimeout, Some(Phase::Query));
    assert_eq!((error.reason(), error.failure().phase), expected, "{error}");
    assert!((7_900..8_200).contains(&elapsed.as_millis()), "{elapsed:?}");
}
