//! Lookups with a scripted resolver.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::io::Errno;

use super::*;
use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::{ReasonCode, Resolve};

const LONG: Duration = Duration::from_secs(9);

/// A resolver that answers every name with `answer`, and the count of its queries.
fn scripted(
    answer: impl Fn() -> Result<Vec<IpAddr>, LookupError> + Send + Sync + 'static,
) -> (Resolver, Arc<AtomicUsize>) {
    let asked = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&asked);
    let resolver = Resolver::with(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        answer()
    });
    (resolver, asked)
}

fn addresses(count: u8) -> Vec<IpAddr> {
    (0..count).map(|n| IpAddr::from([10, 0, 0, n])).collect()
}

#[tokio::test]
async fn half_an_address_is_a_mistake_of_the_definition() {
    let failure = Resolver::new().resolve("127.1", LONG, Asked::First).await.unwrap_err();
    assert_eq!((failure.class, failure.phase), (Class::Definition, Some(Phase::Resolve)));
}

#[tokio::test]
async fn a_name_is_looked_up_once_for_all_who_ask() {
    let (resolver, asked) = scripted(|| {
        thread::sleep(Duration::from_millis(50));
        Ok(addresses(2))
    });
    let all =
        (0..50).map(|n| resolver.resolve(if n % 2 == 0 { "db1.example" } else { "DB1.example" }, LONG, Asked::First));
    for found in futures_util::future::join_all(all).await {
        let found = found.unwrap();
        assert_eq!(found.addresses, addresses(2));
        assert!(found.elapsed >= Duration::from_millis(50));
    }
    resolver.resolve("db1.example", LONG, Asked::First).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_failure_is_remembered_for_a_moment() {
    let (resolver, asked) = scripted(|| Ok(Vec::new()));
    let clock = Clock::standing_at(Clock::default().now());
    let resolver = resolver.by_clock(&clock);
    for _ in 0..3 {
        let failure = resolver.resolve("db1", LONG, Asked::First).await.unwrap_err();
        assert_eq!(failure.class, Class::Resolve);
        assert_eq!(failure, Failure::of(Resolve::NameNotFound { name: "db1".to_owned() }).at(Phase::Resolve));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    clock.set(clock.now().after(JUST_NOW));
    resolver.resolve("db1", LONG, Asked::First).await.unwrap_err();
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    resolver.resolve("db1", LONG, Asked::Again).await.unwrap_err();
    assert_eq!(asked.load(Ordering::Relaxed), 2, "a retry looks again");
    clock.set(clock.now().after(2 * FAILURE_KEPT));
    resolver.resolve("db1", LONG, Asked::First).await.unwrap_err();
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

/// For containers that are made anew.
#[tokio::test]
async fn whoever_waits_for_a_server_looks_its_name_up_once_a_second() {
    let answers = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&answers);
    let resolver = Resolver::with(move |_| Ok(vec![addresses(9)[count.fetch_add(1, Ordering::Relaxed)]]));
    let clock = Clock::standing_at(Clock::default().now());
    let resolver = resolver.by_clock(&clock);
    for (milliseconds, expected) in [(0, 0), (900, 0), (200, 1), (900, 1), (200, 2)] {
        clock.set(clock.now().after(Duration::from_millis(milliseconds)));
        let found = resolver.resolve("db1.example", LONG, Asked::InWait).await.unwrap();
        assert_eq!(found.addresses, [addresses(9)[expected]], "{milliseconds} ms later");
    }
}

/// For servers whose failover changes the DNS record.
#[tokio::test]
async fn a_name_that_leads_elsewhere_is_noticed_in_half_a_minute() {
    let answers = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&answers);
    let resolver = Resolver::with(move |_| Ok(vec![addresses(9)[count.fetch_add(1, Ordering::Relaxed)]]));
    let clock = Clock::standing_at(Clock::default().now());
    let resolver = resolver.by_clock(&clock);
    for (seconds, expected) in [(0, 0), (29, 0), (2, 1), (29, 1), (2, 2)] {
        clock.set(clock.now().after(Duration::from_secs(seconds)));
        let found = resolver.resolve("db1.example", LONG, Asked::Again).await.unwrap();
        assert_eq!(found.addresses, [addresses(9)[expected]], "{seconds} s later");
    }
}

#[tokio::test]
async fn sixteen_different_addresses_are_enough() {
    let (resolver, _) = scripted(|| Ok([addresses(10), addresses(200)].concat()));
    assert_eq!(resolver.resolve("many.example", LONG, Asked::First).await.unwrap().addresses, addresses(16));
}

#[tokio::test]
async fn why_a_lookup_failed_decides_the_class() {
    let emfile = || io::Error::from_raw_os_error(Errno::MFILE.raw_os_error());
    let table: [(&dyn Fn() -> io::Error, Class, ReasonCode); 3] = [
        (
            &|| io::Error::other("failed to lookup address information: Name or service not known"),
            Class::Resolve,
            ReasonCode::NameNotFound,
        ),
        (
            &|| io::Error::other("failed to lookup address information: Temporary failure in name resolution"),
            Class::Resolve,
            ReasonCode::ResolverFailed,
        ),
        (&emfile, Class::Local, ReasonCode::OutOfDescriptors),
    ];
    for (error, class, reason) in table {
        let failure = failure("db1.example", error().into());
        assert_eq!((failure.class, failure.reason), (class, reason));
        assert!(failure.message.contains("`db1.example`"), "{}", failure.message);
    }
}

/// The clock's own runtime has no I/O driver, and a lookup that hangs must not block its shutdown.
#[test]
fn a_lookup_that_hangs_costs_its_asker_the_limit_and_nobody_else_anything() {
    let resolver = Resolver::with(|name| match name {
        "hung.example" => loop {
            thread::park();
        },
        _ => Ok(addresses(1)),
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let since = Instant::now();
    runtime.block_on(async {
        let (hung, fine) = tokio::join!(
            resolver.resolve("hung.example", Duration::from_millis(100), Asked::First),
            resolver.resolve("fine.example", LONG, Asked::First)
        );
        let failure = hung.unwrap_err();
        assert_eq!((failure.class, failure.phase), (Class::Timeout, Some(Phase::Resolve)));
        let silent = Failure::of(Resolve::ResolverSilent { name: "hung.example".to_owned() });
        assert_eq!((failure.reason, failure.message), (silent.reason, silent.message));
        assert_eq!(fine.unwrap().addresses, addresses(1));
    });
    drop(runtime);
    assert!(since.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn so_many_lookups_run_at_once_and_the_rest_wait() {
    let running = Arc::<AtomicUsize>::default();
    let most = Arc::<AtomicUsize>::default();
    let (now, peak) = (Arc::clone(&running), Arc::clone(&most));
    let lookup = move |_: &str| {
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(5));
        now.fetch_sub(1, Ordering::SeqCst);
        Ok(addresses(1))
    };
    let resolver = Resolver::limited(Answerer::System(Box::new(lookup)), Limits { fresh: 32, all: 32 });
    let names: Vec<String> = (0..200).map(|n| format!("h{n}.example")).collect();
    let all = futures_util::future::join_all(names.iter().map(|name| resolver.resolve(name, LONG, Asked::First))).await;
    assert!(all.iter().all(Result::is_ok));
    assert!((2..=32).contains(&most.load(Ordering::SeqCst)));
}

/// A resolver that never answers names that begin with `silent`.
fn partly_silent(limits: Limits) -> Resolver {
    let lookup = |name: &str| {
        while name.starts_with("silent") {
            thread::park();
        }
        Ok(addresses(1))
    };
    Resolver::limited(Answerer::System(Box::new(lookup)), limits)
}

/// The classes of concurrent lookups of `names`, started in that order.
async fn classes(resolver: &Resolver, names: Vec<String>, limit: Duration) -> Vec<Option<Class>> {
    let all =
        futures_util::future::join_all(names.iter().map(|name| resolver.resolve(name, limit, Asked::First))).await;
    all.into_iter().map(|found| found.err().map(|failure| failure.class)).collect()
}

#[tokio::test]
async fn silent_names_starve_nobody_whatever_their_zones() {
    for (silent, good) in [
        ("silent{}.example.org", "good{}.example.org"),
        ("silent{}.dead.example", "good{}.alive.example"),
        ("silent.zone{}.example", "good.zone{}.example"),
    ] {
        let names = |pattern: &str, count: usize| (0..count).map(|n| pattern.replace("{}", &n.to_string())).collect();
        let (first, then): (Vec<String>, Vec<String>) = (names(silent, 200), names(good, 100));
        let resolver = partly_silent(Limits { fresh: 32, all: 512 });
        tokio::select! {
            biased;
            ends = classes(&resolver, first, LONG) => panic!("{silent}: {ends:?}"),
            ends = classes(&resolver, then, LONG) => assert!(ends.iter().all(Option::is_none), "{good}: {ends:?}"),
        }
    }
}

#[tokio::test]
async fn another_zone_does_not_wait_for_all_of_the_first() {
    let slow = |_: &str| {
        thread::sleep(Duration::from_millis(20));
        Ok(addresses(1))
    };
    let resolver = Resolver::limited(Answerer::System(Box::new(slow)), Limits { fresh: 2, all: 2 });
    let names: Vec<String> = (0..60).map(|n| format!("h{n}.a.example")).collect();
    let many = futures_util::future::join_all(names.iter().map(|name| resolver.resolve(name, LONG, Asked::First)));
    let other = async { resolver.resolve("h.b.example", LONG, Asked::First).await.map(|_| Instant::now()) };
    let (_, other) = tokio::join!(many, other);
    assert!(other.unwrap().elapsed() > Duration::from_millis(200), "the other zone was answered last");
}

#[tokio::test]
async fn what_was_never_asked_says_nothing_of_the_target() {
    let resolver = partly_silent(Limits { fresh: 2, all: 2 });
    let names = (0..4).map(|n| format!("silent{n}.example.org")).collect();
    let ends = classes(&resolver, names, Duration::from_millis(150)).await;
    assert_eq!(ends, [Class::Timeout, Class::Timeout, Class::Local, Class::Local].map(Some));
}

#[tokio::test]
async fn who_asks_after_others_gave_up_waiting_is_answered() {
    let resolver = partly_silent(Limits { fresh: 1, all: 1 });
    let first = ["silent.example.org", "good.example.org"].map(str::to_owned).to_vec();
    let ends = classes(&resolver, first, Duration::from_millis(50)).await;
    assert_eq!(ends, [Class::Timeout, Class::Local].map(Some));
    // Its queue entry was abandoned, so the name is queued again.
    let again = classes(&resolver, vec!["good.example.org".to_owned()], Duration::from_millis(50)).await;
    assert_eq!(again, [Some(Class::Local)]);
}

#[tokio::test]
async fn an_answer_is_kept_as_long_as_it_holds() {
    let now = Instant::now();
    let found = |seconds| Found { addresses: addresses(1), until: Some(now + Duration::from_secs(seconds)) };
    for (case, found, least, most) in [
        ("a server that says 5 s", Ok(found(5)), 4, 5),
        ("a server that says an hour", Ok(found(3600)), 29, 31),
        ("a server that says 0 s", Ok(found(0)), 0, 1),
        ("the system, which says nothing", Ok(Found { until: None, ..found(0) }), 29, 31),
        ("no such name", Err(LookupError::NoSuchName), 1, 1),
    ] {
        let kept = answer("db1", found, Duration::ZERO, now).kept.as_secs();
        assert!((least..=most).contains(&kept), "{case}: {kept} s");
    }
}

#[tokio::test]
async fn localhost_is_known_everywhere() {
    let found = Resolver::new().resolve("localhost", LONG, Asked::First).await.unwrap();
    assert!(found.addresses.iter().all(IpAddr::is_loopback));
}
