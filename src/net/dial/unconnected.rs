//! Classifies why no address could be connected to.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;

use rustix::io::Errno;

use crate::model::failure::Failure;
use crate::model::reason::{Connect, Machine, Shortage};

/// Why one address could not be connected to. Of several failed addresses, the obstacle that comes first in this order
/// is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Obstacle {
    /// The peer refused the connection.
    Refused,
    /// The kernel's own connect timeout passed.
    Silent,
    /// This machine lacks descriptors, ports or memory.
    Short,
    /// A packet filter on this machine.
    Forbidden,
    /// A packet filter on the way.
    Prohibited,
    /// There is no route to the address.
    NoRoute,
    /// Any other error.
    Other,
}

/// The failure of a target none of whose addresses could be connected to. `failures` must not be empty.
pub(super) fn tcp(failures: &[(SocketAddr, Error)]) -> Failure {
    let Some((error, obstacle)) =
        failures.iter().map(|(address, error)| (error, obstacle(address, error))).min_by_key(|(_, obstacle)| *obstacle)
    else {
        return Failure::of(Machine::Bug { what: "nothing was connected to".to_owned() });
    };
    let alike = failures.iter().filter(|(address, error)| self::obstacle(address, error) == obstacle);
    let addresses = alike.map(|(address, _)| *address).collect();
    Failure::of(match obstacle {
        Obstacle::Refused => Connect::Refused { addresses },
        Obstacle::Silent => Connect::Silent { addresses },
        Obstacle::NoRoute => Connect::NoRoute { addresses },
        Obstacle::Prohibited => Connect::Prohibited { addresses },
        Obstacle::Forbidden => Connect::Forbidden { addresses },
        Obstacle::Short => Connect::Short { addresses, shortage: shortage(error) },
        Obstacle::Other => Connect::Failed { addresses, kind: error.kind() },
    })
}

/// The failure to connect to the unix socket at `path`.
pub(super) fn unix(path: &Path, error: &Error) -> Failure {
    let path = path.to_owned();
    Failure::of(match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Connect::SocketMissing(path),
        ErrorKind::ConnectionRefused => Connect::SocketRefused(path),
        ErrorKind::WouldBlock => Connect::SocketBusy(path),
        ErrorKind::PermissionDenied => Connect::SocketForbidden(path),
        ErrorKind::InvalidInput => Connect::SocketPath(path),
        _ if is_short(error) => Connect::SocketShort(path, shortage(error)),
        kind => Connect::SocketFailed(path, kind),
    })
}

fn obstacle(address: &SocketAddr, error: &Error) -> Obstacle {
    match (error.kind(), Errno::from_io_error(error)) {
        (ErrorKind::ConnectionRefused, _) => Obstacle::Refused,
        (ErrorKind::TimedOut, _) => Obstacle::Silent,
        (ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown, _)
        | (_, Some(Errno::AFNOSUPPORT)) => Obstacle::NoRoute,
        // For IPv6, EACCES means that a router prohibits the traffic; for IPv4 it is always this machine's own filter.
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

fn shortage(error: &Error) -> Shortage {
    match Errno::from_io_error(error) {
        Some(Errno::MFILE | Errno::NFILE) => Shortage::Descriptors,
        Some(Errno::ADDRNOTAVAIL | Errno::ADDRINUSE | Errno::AGAIN) => Shortage::Ports,
        _ => Shortage::Memory,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::Class;
    use crate::model::reason::ReasonCode as Code;

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
            assert!(failure.message.contains(DB), "{}", failure.message);
            assert!(failure.hint.is_some(), "{errno:?}");
        }
        assert_eq!(failure(&[("[fd00::7]:5432", Errno::ACCESS)]).class, Class::Unreachable);
    }

    #[test]
    fn of_several_addresses_the_most_telling_is_told() {
        let failure = failure(&[("[fd00::7]:5432", Errno::NETUNREACH), (DB, Errno::CONNREFUSED)]);
        let addresses = vec![DB.parse().unwrap()];
        assert_eq!(failure.message, Failure::of(Connect::Refused { addresses }).message);
    }

    #[test]
    fn a_silence_and_a_way_that_is_missing_are_told_apart() {
        for (errno, reason) in [
            (Errno::CONNREFUSED, Code::ConnectionRefused),
            (Errno::TIMEDOUT, Code::ConnectTimeout),
            (Errno::HOSTUNREACH, Code::NoRoute),
            (Errno::AFNOSUPPORT, Code::NoRoute),
            (Errno::ACCESS, Code::ConnectForbidden),
            (Errno::CONNRESET, Code::ConnectFailed),
        ] {
            assert_eq!(failure(&[(DB, errno)]).reason, reason, "{errno:?}");
        }
        assert_eq!(failure(&[("[fd00::7]:5432", Errno::ACCESS)]).reason, Code::ConnectionProhibited);
    }

    #[test]
    fn a_refusal_on_this_machine_is_explained_as_such() {
        let hint = |address| failure(&[(address, Errno::CONNREFUSED)]).hint.unwrap();
        assert_eq!(hint("127.0.0.1:5432"), hint("[::1]:5432"));
        assert_ne!(hint("127.0.0.1:5432"), hint(DB));
    }

    #[test]
    fn what_this_machine_is_short_of_is_named() {
        for (errno, short) in [
            (Errno::MFILE, Code::OutOfDescriptors),
            (Errno::NFILE, Code::OutOfDescriptors),
            (Errno::ADDRNOTAVAIL, Code::OutOfPorts),
            (Errno::ADDRINUSE, Code::OutOfPorts),
            (Errno::AGAIN, Code::OutOfPorts),
            (Errno::NOBUFS, Code::OutOfMemory),
            (Errno::NOMEM, Code::OutOfMemory),
        ] {
            assert_eq!(failure(&[(DB, errno)]).reason, short, "{errno:?}");
        }
    }

    #[test]
    fn every_errno_of_a_socket_has_its_class() {
        for (errno, class, reason) in [
            (Errno::NOENT, Class::Unreachable, Code::SocketMissing),
            (Errno::NOTDIR, Class::Unreachable, Code::SocketMissing),
            (Errno::CONNREFUSED, Class::Unreachable, Code::ConnectionRefused),
            (Errno::AGAIN, Class::Unreachable, Code::SocketBusy),
            (Errno::ACCESS, Class::Local, Code::ConnectForbidden),
            (Errno::INVAL, Class::Definition, Code::BadField),
            (Errno::MFILE, Class::Local, Code::OutOfDescriptors),
            (Errno::CONNRESET, Class::Unreachable, Code::ConnectFailed),
        ] {
            let failure = unix(Path::new("/run/db"), &Error::from_raw_os_error(errno.raw_os_error()));
            assert_eq!((failure.class, failure.reason), (class, reason), "{errno:?}");
            assert!(failure.hint.is_some(), "{errno:?}");
        }
    }
}
