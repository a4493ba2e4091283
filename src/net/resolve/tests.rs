//! Lookups with a scripted resolver.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::model::class::Class;
use crate::model::reason::ReasonCode;

const LONG: Duration = Duration::from_secs(9);

/// A resolver that answers every name with `answer`, and how often it was asked.
fn scripted(answer: impl Fn() -> Result<Vec<IpAddr>, Trouble> + Send + Sync + 'static) -> (Resolver, Arc<AtomicUsize>) {
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
    let failure = Resolver::new().resolve("127.1", LONG).await.unwrap_err();
    assert_eq!((failure.class, failure.phase), (Class::Definition, Some(Phase::Resolve)));
}

#[tokio::test]
async fn a_name_is_looked_up_once_for_all_who_ask() {
    let (resolver, asked) = scripted(|| {
        thread::sleep(Duration::from_millis(50));
        Ok(addresses(2))
    });
    let all = (0..50).map(|n| resolver.resolve(if n % 2 == 0 { "db1.example" } else { "DB1.example" }, LONG));
    for found in futures_util::future::join_all(all).await {
        let found = found.unwrap();
        assert_eq!(found.addresses, addresses(2));
        assert!(found.elapsed >= Duration::from_millis(50));
    }
    resolver.resolve("db1.example", LONG).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_failure_is_remembered_for_a_moment() {
    let (resolver, asked) = scripted(|| Ok(Vec::new()));
    for _ in 0..3 {
        let failure = resolver.resolve("db1", LONG).await.unwrap_err();
        assert_eq!(failure.class, Class::Resolve);
        assert_eq!(failure, Failure::of(Resolve::NameNotFound { name: "db1".to_owned() }).at(Phase::Resolve));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    tokio::time::sleep(FAILURE_KEPT).await;
    resolver.resolve("db1", LONG).await.unwrap_err();
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn sixteen_different_addresses_are_enough() {
    let (resolver, _) = scripted(|| Ok([addresses(10), addresses(200)].concat()));
    assert_eq!(resolver.resolve("many.example", LONG).await.unwrap().addresses, addresses(16));
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

/// The clock's own runtime has no I/O driver, and a lookup that hangs must not keep it.
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
            resolver.resolve("hung.example", Duration::from_millis(100)),
            resolver.resolve("fine.example", LONG)
        );
        let failure = hung.unwrap_err();
        assert_eq!((failure.class, failure.phase), (Class::Timeout, Some(Phase::Resolve)));
        assert!(failure.message.contains("`hung.example`"));
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
    let resolver = Resolver::with(move |_| {
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(5));
        now.fetch_sub(1, Ordering::SeqCst);
        Ok(addresses(1))
    });
    let names: Vec<String> = (0..200).map(|n| format!("h{n}.example")).collect();
    let all = futures_util::future::join_all(names.iter().map(|name| resolver.resolve(name, LONG))).await;
    assert!(all.iter().all(Result::is_ok));
    assert!((2..=THREADS).contains(&most.load(Ordering::SeqCst)));
}

#[tokio::test]
async fn localhost_is_known_everywhere() {
    let found = Resolver::new().resolve("localhost", LONG).await.unwrap();
    assert!(found.addresses.iter().all(IpAddr::is_loopback));
}
