//! Names to addresses: getaddrinfo (so that we agree with the real applications), on a bounded set
//! of threads of our own, each name looked up once a run for all who ask.
//!
//! The threads are never joined: a lookup that hangs costs its askers their time limit, and the
//! process nothing at its end.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use tokio::sync::watch;

use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::phase::Phase;

/// Lookups at once.
const THREADS: usize = 32;

/// Addresses kept of a name.
const ADDRESSES: usize = 16;

/// How long a failure is remembered: long enough for all who ask at once, short enough for a retry.
const FAILURE_KEPT: Duration = Duration::from_secs(1);

/// What a name resolved to, and how long the lookup took (zero for a literal address).
#[derive(Clone, Debug)]
pub struct Resolution {
    /// At most 16, in the order of the system's preference.
    pub addresses: Vec<IpAddr>,
    /// The time of the lookup that everybody shares.
    pub elapsed: Duration,
}

/// The cache and its threads.
pub struct Resolver(Arc<Desk>);

type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// What askers and threads share.
struct Desk {
    lookup: Box<Lookup>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answers: HashMap<String, watch::Receiver<Option<Answer>>>,
    waiting: VecDeque<(String, watch::Sender<Option<Answer>>)>,
    threads: usize,
}

#[derive(Clone)]
struct Answer {
    outcome: Result<Arc<Resolution>, Failure>,
    at: Instant,
}

impl Resolver {
    pub(super) fn new() -> Self {
        Self::with(|host| Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect()))
    }

    fn with(lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Desk { lookup: Box::new(lookup), state: Mutex::default() }))
    }

    pub(super) async fn resolve(&self, host: &str, limit: Duration) -> Result<Arc<Resolution>, Failure> {
        if let Some(address) = literal(host) {
            return Ok(Arc::new(Resolution { addresses: vec![address], elapsed: Duration::ZERO }));
        }
        if is_half_an_address(host) {
            return Err(Failure::new(
                Class::Definition,
                format!("`{host}` is neither a host name nor a complete address"),
            )
            .at(Phase::Resolve)
            .hint("write an address in full, as `127.0.0.1`"));
        }
        let mut answer = self.0.ask(host.to_lowercase());
        let answered = tokio::time::timeout(limit, answer.wait_for(Option::is_some)).await;
        match answered {
            Ok(Ok(answer)) => match &*answer {
                Some(answer) => answer.outcome.clone(),
                None => unreachable!("an answer was waited for"),
            },
            Ok(Err(_no_sender)) => {
                Err(Failure::new(Class::Internal, format!("the lookup of `{host}` broke")).at(Phase::Resolve))
            }
            Err(_elapsed) => Err(Failure::new(Class::Timeout, format!("no answer from the resolver about `{host}`"))
                .at(Phase::Resolve)
                .hint("check the DNS servers that this machine uses")),
        }
    }
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer about `name` that there is or will be.
    fn ask(self: &Arc<Self>, name: String) -> watch::Receiver<Option<Answer>> {
        let mut state = self.state();
        if let Some(answer) = state.answers.get(&name)
            && answer.borrow().as_ref().is_none_or(Answer::stands)
        {
            return answer.clone();
        }
        let (sender, answer) = watch::channel(None);
        state.answers.insert(name.clone(), answer.clone());
        state.waiting.push_back((name, sender));
        if state.threads < THREADS {
            let desk = Arc::clone(self);
            match thread::Builder::new().name("connprobe-resolve".to_owned()).spawn(move || desk.work()) {
                Ok(_detached) => state.threads += 1,
                Err(error) if state.threads == 0 => {
                    let failure =
                        Failure::new(Class::Local, format!("this machine gives connprobe no thread: {}", error.kind()));
                    for (_, sender) in state.waiting.drain(..) {
                        sender.send_replace(Some(Answer::new(Err(failure.clone()))));
                    }
                }
                Err(_others_do_it) => {}
            }
        }
        answer
    }

    /// Looks up whatever waits, then ends.
    fn work(&self) {
        loop {
            let (name, sender) = {
                let mut state = self.state();
                let Some(next) = state.waiting.pop_front() else {
                    state.threads -= 1;
                    return;
                };
                next
            };
            let since = Instant::now();
            let found = (self.lookup)(&name);
            sender.send_replace(Some(Answer::new(outcome(&name, found, since.elapsed()))));
        }
    }
}

impl Answer {
    fn new(outcome: Result<Arc<Resolution>, Failure>) -> Self {
        Self { outcome, at: Instant::now() }
    }

    fn stands(&self) -> bool {
        self.outcome.is_ok() || self.at.elapsed() < FAILURE_KEPT
    }
}

fn outcome(name: &str, found: io::Result<Vec<IpAddr>>, elapsed: Duration) -> Result<Arc<Resolution>, Failure> {
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found.map_err(|error| failure(name, &error))? {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
        if addresses.len() == ADDRESSES {
            break;
        }
    }
    if addresses.is_empty() {
        return Err(no_address(name));
    }
    Ok(Arc::new(Resolution { addresses, elapsed }))
}

fn failure(name: &str, error: &io::Error) -> Failure {
    if let Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) = Errno::from_io_error(error) {
        return Failure::new(
            Class::Local,
            format!("this machine could not look up `{name}`: it is out of file descriptors or memory"),
        )
        .at(Phase::Resolve)
        .hint("lower `--concurrency`, or raise the limit (`ulimit -n`)");
    }
    // The resolver's own trouble, as glibc and musl put it; it does not say that there is no such name.
    let text = error.to_string();
    if text.contains("Temporary failure") || text.contains("Try again") {
        return Failure::new(Class::Resolve, format!("the DNS servers gave no answer about `{name}`"))
            .at(Phase::Resolve)
            .hint("check that this machine's DNS servers work and are reachable");
    }
    no_address(name)
}

fn no_address(name: &str) -> Failure {
    let hint = if !name.is_ascii() {
        "write an internationalised name in its ASCII form, starting with `xn--`"
    } else if name.trim_end_matches('.').contains('.') {
        "check the spelling, and that this machine uses the same DNS servers as the applications do (private zones, VPN)"
    } else {
        "a container or service name resolves only inside its own network, and a short name only with the right search domain: run there, or use the full name"
    };
    Failure::new(Class::Resolve, format!("the host name `{name}` has no address")).at(Phase::Resolve).hint(hint)
}

/// The address that `host` is, also in brackets or with a zone. The zone is dropped: it matters
/// only for link-local addresses, which are never connected to.
fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    match bare.split_once('%') {
        Some((address, _zone)) => address.parse().ok().filter(IpAddr::is_ipv6),
        None => bare.parse().ok(),
    }
}

/// Whether getaddrinfo would take `host` for an address in one of the old numeric spellings
/// (`127.1`, `0x7f000001`, `010.0.0.1`): up to four numbers, decimal or hexadecimal.
fn is_half_an_address(host: &str) -> bool {
    let number = |label: &str| match label.strip_prefix("0x").or_else(|| label.strip_prefix("0X")) {
        Some(digits) => digits.len() <= 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => (1..=11).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_digit()),
    };
    host.split('.').count() <= 4 && host.split('.').all(number)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const LONG: Duration = Duration::from_secs(9);

    /// A resolver that answers every name with `answer`, and how often it was asked.
    fn scripted(answer: impl Fn() -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> (Resolver, Arc<AtomicUsize>) {
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

    #[test]
    fn literal_addresses_need_no_lookup() {
        for (host, address) in [
            ("127.0.0.1", Some("127.0.0.1")),
            ("::1", Some("::1")),
            ("[::1]", Some("::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("[fe80::1%2]", Some("fe80::1")),
            ("::ffff:10.0.0.7", Some("::ffff:10.0.0.7")),
            ("127.0.0.1%eth0", None),
            ("db1.example", None),
            ("[db1]", None),
        ] {
            assert_eq!(literal(host), address.map(|address| address.parse().unwrap()), "{host}");
        }
    }

    #[test]
    fn old_numeric_spellings_are_told_from_names() {
        for host in ["127.1", "0x7f000001", "2130706433", "010.0.0.1", "10.0.0.256", "0X7F.1", "0", "0xdb"] {
            assert!(literal(host).is_none() && is_half_an_address(host), "{host}");
        }
        for host in ["db1", "10.0.0.7.example", "1.2.3.4.5", "db.10", "123456789012", "", "a..b", "1e100.net"] {
            assert!(!is_half_an_address(host), "{host}");
        }
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
            assert_eq!(failure.message, "the host name `db1` has no address");
            assert!(failure.hint.unwrap().contains("container"));
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
        let table: [(&dyn Fn() -> io::Error, Class, &str); 3] = [
            (
                &|| io::Error::other("failed to lookup address information: Name or service not known"),
                Class::Resolve,
                "has no address",
            ),
            (
                &|| io::Error::other("failed to lookup address information: Temporary failure in name resolution"),
                Class::Resolve,
                "no answer",
            ),
            (&emfile, Class::Local, "could not look up"),
        ];
        for (error, class, message) in table {
            let failure = failure("db1.example", &error());
            assert_eq!(failure.class, class);
            assert!(
                failure.message.contains(message) && failure.message.contains("`db1.example`"),
                "{}",
                failure.message
            );
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
}
