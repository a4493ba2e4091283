//! Why nothing could be connected to, in our words.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;

use rustix::io::Errno;

use crate::model::class::Class;
use crate::model::failure::Failure;

/// How many addresses a message names.
const NAMED: usize = 3;

/// What kept one address from being connected to; in the order in which one of several is worth
/// telling about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Obstacle {
    /// Somebody is there, and said no.
    Refused,
    /// The kernel gave up waiting.
    Silent,
    /// This machine could not even try.
    Short,
    /// A packet filter of this machine.
    Forbidden,
    /// A packet filter on the way.
    Prohibited,
    /// Nobody knows the way there.
    NoRoute,
    /// Something else.
    Other,
}

/// The failure of a target none of whose addresses could be connected to; `failures` is not empty.
pub(super) fn tcp(failures: &[(SocketAddr, Error)]) -> Failure {
    let Some((first, error, obstacle)) = failures
        .iter()
        .map(|(address, error)| (address, error, obstacle(address, error)))
        .min_by_key(|(_, _, obstacle)| *obstacle)
    else {
        return Failure::new(Class::Internal, "nothing was connected to");
    };
    let alike = failures.iter().filter(|(address, error)| self::obstacle(address, error) == obstacle);
    let at = names(alike.map(|(address, _)| address));
    let (class, message, hint) = match obstacle {
        Obstacle::Refused if first.ip().to_canonical().is_loopback() => (
            Class::Unreachable,
            format!("nothing accepts connections at {at}"),
            "this is connprobe's own machine or container: check that the server runs and its port is published, or name the server's own host (in a container network, its service name)",
        ),
        Obstacle::Refused => (
            Class::Unreachable,
            format!("nothing accepts connections at {at}"),
            "check that the server runs and listens on that address, not only on its own localhost, and that the port is right",
        ),
        Obstacle::Silent => return silence(&[*first]),
        Obstacle::NoRoute => (
            Class::Unreachable,
            format!("there is no way to {at} from here"),
            "check the address, and that this machine is in the right network (VPN, IPv6)",
        ),
        Obstacle::Prohibited => (
            Class::Unreachable,
            format!("a firewall on the way forbids connections to {at}"),
            "ask whoever runs the firewall to allow this machine, or run from one that is allowed",
        ),
        Obstacle::Forbidden => (
            Class::Local,
            format!("this machine does not let connprobe connect to {at}"),
            "look at its firewall and at the sandbox that connprobe runs in",
        ),
        Obstacle::Short => (
            Class::Local,
            format!("this machine could not open a connection to {at}: {}", shortage(error)),
            "lower `--concurrency`, or raise the limit (`ulimit -n`, local ports)",
        ),
        Obstacle::Other => (
            Class::Unreachable,
            format!("could not connect to {at}: {}", error.kind()),
            "check host, port and the network between",
        ),
    };
    Failure::new(class, message).hint(hint)
}

/// The failure of a target that did not answer in time at any of `addresses`.
pub(super) fn silence(addresses: &[SocketAddr]) -> Failure {
    Failure::new(Class::Timeout, format!("no answer to the connection request from {}", names(addresses.iter())))
        .hint("a firewall or a wrong network drops packets silently: check host, port and the way there")
}

/// The failure of the socket `path`.
pub(super) fn unix(path: &Path, error: &Error) -> Failure {
    let path = path.display();
    let (class, message, hint) = match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => (
            Class::Unreachable,
            format!("there is no socket `{path}`"),
            "check the path, and that the server runs on this machine and in the same container",
        ),
        ErrorKind::ConnectionRefused => (
            Class::Unreachable,
            format!("nothing accepts connections at the socket `{path}`"),
            "the server is not running, or left a stale socket behind",
        ),
        ErrorKind::WouldBlock => (
            Class::Unreachable,
            format!("the queue of the socket `{path}` is full"),
            "the server runs, but does not accept connections: look at its load",
        ),
        ErrorKind::PermissionDenied => (
            Class::Local,
            format!("this user may not connect to the socket `{path}`"),
            "run as a user who may, or change the permissions of the socket and its directories",
        ),
        ErrorKind::InvalidInput => (
            Class::Definition,
            format!("the socket path `{path}` cannot be used"),
            "shorten it: about 100 bytes is the limit",
        ),
        _ if is_short(error) => (
            Class::Local,
            format!("this machine could not open a connection to the socket `{path}`: {}", shortage(error)),
            "lower `--concurrency`, or raise the limit (`ulimit -n`)",
        ),
        kind => (
            Class::Unreachable,
            format!("could not connect to the socket `{path}`: {kind}"),
            "check that it is the server's stream socket",
        ),
    };
    Failure::new(class, message).hint(hint)
}

fn obstacle(address: &SocketAddr, error: &Error) -> Obstacle {
    match (error.kind(), Errno::from_io_error(error)) {
        (ErrorKind::ConnectionRefused, _) => Obstacle::Refused,
        (ErrorKind::TimedOut, _) => Obstacle::Silent,
        (ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown, _)
        | (_, Some(Errno::AFNOSUPPORT)) => Obstacle::NoRoute,
        // IPv6 reports a prohibiting router as EACCES; for IPv4 that is always our own filter.
        (_, Some(Errno::ACCESS)) if address.is_ipv6() => Obstacle::Prohibited,
        (ErrorKind::PermissionDenied, _) => Obstacle::Forbidden,
        _ if is_short(error) => Obstacle::Short,
        _ => Obstacle::Other,
    }
}

fn is_short(error: &Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(
            Errno::MFILE
                | Errno::NFILE
                | Errno::NOBUFS
                | Errno::NOMEM
                | Errno::ADDRNOTAVAIL
                | Errno::ADDRINUSE
                | Errno::AGAIN
        )
    )
}

fn shortage(error: &Error) -> &'static str {
    match Errno::from_io_error(error) {
        Some(Errno::MFILE | Errno::NFILE) => "too many open files",
        Some(Errno::ADDRNOTAVAIL | Errno::ADDRINUSE | Errno::AGAIN) => "no local address or port is free",
        _ => "out of memory",
    }
}

fn names<'a>(addresses: impl Iterator<Item = &'a SocketAddr>) -> String {
    let mut names: Vec<String> = addresses.map(|address| format!("`{address}`")).collect();
    if names.len() > NAMED {
        let more = names.len() - NAMED;
        names.truncate(NAMED);
        names.push(format!("{more} more"));
    }
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.join(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DB: &str = "10.0.0.7:5432";

    fn failure(failures: &[(&str, Errno)]) -> Failure {
        let failures: Vec<_> = failures
            .iter()
            .map(|(address, errno)| (address.parse().unwrap(), Error::from_raw_os_error(errno.raw_os_error())))
            .collect();
        tcp(&failures)
    }

    #[test]
    fn every_errno_has_its_class_and_names_the_address() {
        for (errno, class) in [
            (Errno::CONNREFUSED, Class::Unreachable),
            (Errno::HOSTUNREACH, Class::Unreachable),
            (Errno::NETUNREACH, Class::Unreachable),
            (Errno::AFNOSUPPORT, Class::Unreachable),
            (Errno::CONNRESET, Class::Unreachable),
            (Errno::TIMEDOUT, Class::Timeout),
            (Errno::MFILE, Class::Local),
            (Errno::NFILE, Class::Local),
            (Errno::ADDRNOTAVAIL, Class::Local),
            (Errno::NOBUFS, Class::Local),
            (Errno::ACCESS, Class::Local),
            (Errno::PERM, Class::Local),
        ] {
            let failure = failure(&[(DB, errno)]);
            assert_eq!(failure.class, class, "{errno:?}: {}", failure.message);
            assert!(failure.message.contains("`10.0.0.7:5432`"), "{}", failure.message);
            assert!(failure.hint.is_some(), "{errno:?}");
        }
        assert_eq!(failure(&[("[fd00::7]:5432", Errno::ACCESS)]).class, Class::Unreachable);
    }

    #[test]
    fn of_several_addresses_the_most_telling_is_told() {
        let failure = failure(&[("[fd00::7]:5432", Errno::NETUNREACH), (DB, Errno::CONNREFUSED)]);
        assert_eq!(failure.message, "nothing accepts connections at `10.0.0.7:5432`");
    }

    #[test]
    fn a_silence_and_a_way_that_is_missing_are_told_apart() {
        for (errno, message) in [
            (Errno::TIMEDOUT, "no answer to the connection request from `10.0.0.7:5432`"),
            (Errno::HOSTUNREACH, "there is no way to `10.0.0.7:5432` from here"),
            (Errno::AFNOSUPPORT, "there is no way to `10.0.0.7:5432` from here"),
            (Errno::ACCESS, "this machine does not let connprobe connect to `10.0.0.7:5432`"),
            (Errno::CONNRESET, "could not connect to `10.0.0.7:5432`: connection reset"),
        ] {
            assert_eq!(failure(&[(DB, errno)]).message, message, "{errno:?}");
        }
        let filtered = failure(&[("[fd00::7]:5432", Errno::ACCESS)]).message;
        assert_eq!(filtered, "a firewall on the way forbids connections to `[fd00::7]:5432`");
    }

    #[test]
    fn a_refusal_on_this_machine_is_explained_as_such() {
        let hint = |address| failure(&[(address, Errno::CONNREFUSED)]).hint.unwrap();
        assert!(hint("127.0.0.1:5432").contains("container"));
        assert!(hint("[::1]:5432").contains("container"));
        assert!(!hint(DB).contains("container"));
    }

    #[test]
    fn what_this_machine_is_short_of_is_named() {
        for (errno, short) in [
            (Errno::MFILE, "too many open files"),
            (Errno::NFILE, "too many open files"),
            (Errno::ADDRNOTAVAIL, "no local address or port is free"),
            (Errno::ADDRINUSE, "no local address or port is free"),
            (Errno::AGAIN, "no local address or port is free"),
            (Errno::NOBUFS, "out of memory"),
            (Errno::NOMEM, "out of memory"),
        ] {
            let expected = format!("this machine could not open a connection to `{DB}`: {short}");
            assert_eq!(failure(&[(DB, errno)]).message, expected, "{errno:?}");
        }
    }

    #[test]
    fn every_errno_of_a_socket_has_its_class() {
        for (errno, class, message) in [
            (Errno::NOENT, Class::Unreachable, "there is no socket `/run/db`"),
            (Errno::NOTDIR, Class::Unreachable, "there is no socket `/run/db`"),
            (Errno::CONNREFUSED, Class::Unreachable, "nothing accepts connections at the socket `/run/db`"),
            (Errno::AGAIN, Class::Unreachable, "the queue of the socket `/run/db` is full"),
            (Errno::ACCESS, Class::Local, "this user may not connect to the socket `/run/db`"),
            (Errno::INVAL, Class::Definition, "the socket path `/run/db` cannot be used"),
            (
                Errno::MFILE,
                Class::Local,
                "this machine could not open a connection to the socket `/run/db`: too many open files",
            ),
            (Errno::CONNRESET, Class::Unreachable, "could not connect to the socket `/run/db`: connection reset"),
        ] {
            let failure = unix(Path::new("/run/db"), &Error::from_raw_os_error(errno.raw_os_error()));
            assert_eq!((failure.class, failure.message.as_str()), (class, message), "{errno:?}");
            assert!(failure.hint.is_some(), "{errno:?}");
        }
    }

    #[test]
    fn few_of_many_addresses_are_named() {
        let addresses: Vec<SocketAddr> = (1..=9).map(|n| SocketAddr::from(([10, 0, 0, n], 1))).collect();
        assert_eq!(names(addresses.iter()), "`10.0.0.1:1`, `10.0.0.2:1`, `10.0.0.3:1` and 6 more");
        assert_eq!(names(addresses[..4].iter()), "`10.0.0.1:1`, `10.0.0.2:1`, `10.0.0.3:1` and 1 more");
        assert_eq!(names(addresses[..3].iter()), "`10.0.0.1:1`, `10.0.0.2:1` and `10.0.0.3:1`");
        assert_eq!(names(addresses[..2].iter()), "`10.0.0.1:1` and `10.0.0.2:1`");
        assert_eq!(names(addresses[..1].iter()), "`10.0.0.1:1`");
    }
}
