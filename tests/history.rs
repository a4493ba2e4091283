//! Tests a history as its users see it: what is on disk when, what comes back after the process has ended, what is pruned,
//! and which files are refused.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use connprobe::history::{Bounds, Changed, History, HistoryError, Mark, Span};
use connprobe::model::class::{Class, Status};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn open(path: &Path) -> History {
    History::open(path, Bounds::default(), || 0).unwrap()
}

fn ok(milliseconds: u64) -> Mark {
    Mark { status: Status::Ok, class: None, took: Duration::from_millis(milliseconds) }
}

fn refused() -> Mark {
    Mark { status: Status::Failed, class: Some(Class::Auth), took: Duration::from_millis(3) }
}

fn change(at: i64, status: &str, class: Option<&str>) -> Changed {
    let failure = class.map(|class| format!("{{\"message\":\"it is {class}\"}}"));
    Changed {
        at,
        from: Some(("ok".to_owned(), None)),
        status: status.to_owned(),
        class: class.map(str::to_owned),
        failure,
    }
}

#[tokio::test]
async fn checks_are_there_at_once_and_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let history = open(&path);
    for at in 0..70 {
        history.note("a", ok(2), at * 60_000);
    }
    history.note("a", refused(), 70 * 60_000);
    let (ring, checked) = history.ring("a").unwrap();
    assert_eq!((ring.marks().count(), ring.marks().next_back(), checked), (60, Some(refused()), 70 * 60_000));
    assert!(history.ring("b").is_none());
    history.flush().await.unwrap();
    history.note("a", ok(20), 71 * 60_000);
    drop(history);

    // The thread writes the rest when the last handle is gone.
    let mut history = open(&path);
    for _ in 0..250 {
        if history.ring("a").is_some_and(|(_, checked)| checked == 71 * 60_000) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        history = open(&path);
    }
    let hours = history.tallies("a", Span::Hour, (0, DAY)).await.unwrap();
    let numbers: Vec<(i64, u32, u32)> = hours.iter().map(|(at, tally)| (*at, tally.checks, tally.ok)).collect();
    assert_eq!(numbers, [(0, 60, 60), (HOUR, 12, 11)]);
    let [(0, day)] = history.tallies("a", Span::Day, (0, DAY)).await.unwrap()[..] else { panic!("one day") };
    assert_eq!((day.checks, day.ok, day.buckets[1], day.buckets[4]), (72, 71, 70, 1));
}

#[tokio::test]
async fn a_change_is_on_disk_when_it_is_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let history = open(&path);
    let changes = [change(1, "failed", Some("auth")), change(2, "ok", None), change(3, "failed", Some("tls"))];
    for change in &changes {
        history.change("a", change.clone()).await.unwrap();
    }
    let other = rusqlite::Connection::open(&path).unwrap();
    let count: i64 = other.query_row("SELECT count(*) FROM change", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 3);
    let [first, second, third] = changes;
    assert_eq!(history.changes("a", (0, 10), 10).await.unwrap(), [third.clone(), second, first]);
    assert_eq!(history.changes("a", (2, 10), 1).await.unwrap(), [third]);
    assert_eq!(history.changes("b", (0, 10), 10).await.unwrap(), []);
}

#[tokio::test]
async fn old_rows_go_and_failures_are_kept_longest() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let history = open(&path);
    for day in [0, 100, 420] {
        history.note("a", ok(2), day * DAY);
        history.change("a", change(day * DAY, "failed", Some("auth"))).await.unwrap();
    }
    history.flush().await.unwrap();
    drop(history);
    let now = Arc::new(AtomicI64::new(430 * DAY));
    let clock = Arc::clone(&now);
    let history = History::open(&path, Bounds::default(), move || clock.load(Ordering::Relaxed)).unwrap();
    // The first request makes the thread prune.
    history.flush().await.unwrap();
    let all = (0, i64::MAX);
    let changes = history.changes("a", all, 10).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.at / DAY).collect::<Vec<_>>(), [420, 100]);
    let hours = history.tallies("a", Span::Hour, all).await.unwrap();
    assert_eq!(hours.iter().map(|(at, _)| at / DAY).collect::<Vec<_>>(), [420]);
    let days = history.tallies("a", Span::Day, all).await.unwrap();
    assert_eq!(days.iter().map(|(at, _)| at / DAY).collect::<Vec<_>>(), [0, 100, 420]);
}

#[tokio::test]
async fn what_cannot_be_written_for_days_is_dropped_and_counted() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let history = open(&path);
    for hour in 0..60 {
        history.note("a", ok(2), hour * HOUR);
    }
    assert_eq!(history.dropped(), 12);
    history.flush().await.unwrap();
    assert_eq!(history.tallies("a", Span::Hour, (0, i64::MAX)).await.unwrap().len(), 48);
}

#[tokio::test]
async fn beyond_its_size_the_oldest_hours_go() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let history = History::open(&path, Bounds { size: 400_000, ..Bounds::default() }, || 0).unwrap();
    for hour in 0..100 {
        for id in 0..100 {
            history.note(&format!("{id:016x}"), ok(2), hour * HOUR);
        }
        if hour % 40 == 39 {
            history.flush().await.unwrap();
        }
    }
    history.flush().await.unwrap();
    for _ in 0..50 {
        // Each request lets the thread prune another slice.
        history.size().await.unwrap();
    }
    assert!(history.size().await.unwrap() <= 400_000, "{}", history.size().await.unwrap());
    let last = history.tallies(&format!("{:016x}", 1), Span::Day, (0, i64::MAX)).await.unwrap();
    assert_eq!(last.iter().map(|(_, tally)| tally.checks).sum::<u32>(), 100);
}

#[test]
fn other_files_are_refused_and_left_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let text = home.path().join("text");
    std::fs::write(&text, "x".repeat(5000)).unwrap();
    let foreign = home.path().join("foreign");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let newer = home.path().join("newer");
    drop(open(&newer));
    let edit = rusqlite::Connection::open(&newer).unwrap();
    edit.pragma_update(None, "user_version", 99).unwrap();
    drop(edit);
    let refused = |path: &Path| History::open(path, Bounds::default(), || 0).err();
    assert!(matches!(refused(&text), Some(HistoryError::Unusable { .. })));
    assert!(matches!(refused(&foreign), Some(HistoryError::Foreign { .. })));
    assert!(matches!(refused(&newer), Some(HistoryError::Newer { found: 99, known: 1, .. })));
    assert!(matches!(refused(&home.path().join("no/such/folder")), Some(HistoryError::Unusable { .. })));
    assert_eq!(std::fs::read(&text).unwrap(), "x".repeat(5000).into_bytes());
}
