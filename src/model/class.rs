//! Status and class: the outcome of a check, and who or what is at fault.

use serde::{Deserialize, Serialize};

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The login works.
    Ok,
    /// The target refused, or did not answer.
    Failed,
    /// It could not be tried, or not to the end, because of the definition or of this machine.
    Error,
    /// No driver for this type, or the definition asks for a way to log in that connprobe lacks.
    Skipped,
}

impl Status {
    /// Every status.
    pub const ALL: &'static [Self] = &[Self::Ok, Self::Failed, Self::Error, Self::Skipped];

    /// The word used in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Skipped => "skipped",
        }
    }
}

macro_rules! classes {
    ($($variant:ident $word:literal $status:ident $retried:ident $meaning:literal $explanation:literal;)*) => {
        /// Who or what is at fault when a check is not ok.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Class { $(#[doc = $meaning] $variant,)* }

        impl Class {
            /// Every class, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word used in every output.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The status of a failure of this class, unless the failure has its own.
            #[must_use]
            pub fn status(self) -> Status {
                match self { $(Self::$variant => Status::$status,)* }
            }

            /// Whether `--retries` may try again after a failure of this class.
            #[must_use]
            pub fn retry(self) -> Retry {
                match self { $(Self::$variant => Retry::$retried,)* }
            }

            /// The meaning, in one line.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// A paragraph for `connprobe explain` on what to examine.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $explanation,)* }
            }
        }
    };
}

/// When a failure is worth another attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Another attempt within the same check may succeed.
    Yes,
    /// Only a command that waits for a server to become ready may try again.
    InWait,
    /// Another attempt gives the same answer, or does harm.
    No,
}

classes! {
    Definition "definition" Error No "the definition is wrong or incomplete"
        "A field of the stored connection is missing, malformed or contradicts another. The message lists every problem found; nothing was sent. Where only the server could tell (an S3 bucket in another region), the status is `failed`.";
    Secret "secret" Error No "its secret cannot be read: wrong or missing key, damaged token"
        "The stored secret is encrypted and could not be decrypted. The ciphertext is never sent as a password.";
    Unsupported "unsupported" Skipped No "no driver for this type, or a login method that connprobe lacks"
        "connprobe has no driver for the connection type, or the definition or the server asks for a way to log in that it lacks. Nothing is known about whether the connection works.";
    Policy "policy" Error No "connprobe refused: address, file, or a secret that would travel unencrypted"
        "connprobe itself declined: the address is one that credentials must not be sent to (link-local, cloud metadata), or a file named by the definition may not be read.";
    Resolve "resolve" Failed Yes "the host name has no address"
        "The name in `host` could not be turned into an address from this machine. Check the spelling, the search domain, and whether this machine uses the same DNS as the workers (a docker-compose service name resolves only inside its network).";
    Unreachable "unreachable" Failed Yes "refused, no route, reset or closed before a byte"
        "Nothing accepts connections at that address and port, or something on the way drops them. Check that the server runs, listens on that address (not only on localhost), and that the port and firewall are right.";
    Closed "closed" Failed Yes "reset or closed after the dialogue began"
        "The server or something between hung up in the middle of the login. Its own log usually says why; proxies and load balancers with no healthy backend do this too.";
    Timeout "timeout" Failed Yes "no answer within the limit; the phase says where"
        "No answer within `--timeout`. In `connect`: packets are dropped (firewall, wrong network). In `auth`: something accepted the connection but does not speak the protocol, or the server is overloaded or frozen.";
    Tls "tls" Failed No "expired, unknown issuer, wrong name, TLS demanded or missing, handshake"
        "The encrypted channel could not be established as the definition or the server demands it. The message says which side objected; the facts carry the certificate chain as it was presented.";
    Protocol "protocol" Failed No "something else answers there, or answers nonsense"
        "What answers on that port does not speak the protocol of the connection's type. Usually the port belongs to another service; the message names it where it could be recognised.";
    Auth "auth" Failed No "the server rejected the credentials"
        "The server answered and said no: wrong password, unknown login, locked or expired account. Servers deliberately do not tell a wrong password from an unknown user. It is never retried, so that no account gets locked.";
    Denied "denied" Failed InWait "this client address, or this login's right to the database or bucket"
        "The credentials may be right, but this client's address, or this login's rights, do not allow the database or bucket. An administrator of the server has to grant it.";
    NotFound "not_found" Failed InWait "the database or bucket does not exist"
        "The login was accepted, but the database (`schema`) or bucket does not exist on that server. Check the spelling and the environment.";
    Busy "busy" Failed Yes "up, but taking no logins: starting, stopping, too many connections, slow down"
        "The server is there but takes no logins at the moment. Try again later; if it stays, raise its connection limit or find who holds the connections.";
    Server "server" Failed InWait "any other error of the server's own"
        "The server reported an error that connprobe has no better word for. The code and the detail are the server's own.";
    Withheld "withheld" Error No "not tried, to protect the account or the server"
        "Other definitions of the same account were refused, or the server was about to block this host; one more attempt could lock it for everybody. Fix the refused definitions first.";
    Local "local" Error Yes "connprobe's machine: descriptors, ports, memory, clock"
        "This machine, not the target, is short of something: file descriptors, ports, memory, or its clock is wrong.";
    Cancelled "cancelled" Error No "the run ended first"
        "The run was interrupted or its deadline passed before this check finished. Nothing is known about the target.";
    Internal "internal" Error No "a bug in connprobe; please report it"
        "connprobe or a driver library broke. The target is not to blame. Please report it with the connection type and server version.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serialised_word_is_the_word_of_as_str() {
        for class in Class::ALL {
            assert_eq!(serde_json::to_value(class).unwrap(), class.as_str());
        }
    }

    #[test]
    fn every_class_has_its_status_and_says_when_it_is_worth_another_attempt() {
        let (failed, error, skipped) = (Status::Failed, Status::Error, Status::Skipped);
        let table = [
            ("definition", error, Retry::No),
            ("secret", error, Retry::No),
            ("unsupported", skipped, Retry::No),
            ("policy", error, Retry::No),
            ("resolve", failed, Retry::Yes),
            ("unreachable", failed, Retry::Yes),
            ("closed", failed, Retry::Yes),
            ("timeout", failed, Retry::Yes),
            ("tls", failed, Retry::No),
            ("protocol", failed, Retry::No),
            // A retry could lock the account.
            ("auth", failed, Retry::No),
            ("denied", failed, Retry::InWait),
            ("not_found", failed, Retry::InWait),
            ("busy", failed, Retry::Yes),
            ("server", failed, Retry::InWait),
            ("withheld", error, Retry::No),
            ("local", error, Retry::Yes),
            ("cancelled", error, Retry::No),
            ("internal", error, Retry::No),
        ];
        let classes: Vec<_> = Class::ALL.iter().map(|class| (class.as_str(), class.status(), class.retry())).collect();
        assert_eq!(classes, table);
    }

    #[test]
    fn every_class_is_explained_at_length() {
        for class in Class::ALL {
            let (meaning, explanation) = (class.meaning(), class.explanation());
            assert!(!meaning.contains('.') && explanation.ends_with('.'), "{}", class.as_str());
            assert!(meaning.len() > 10 && explanation.len() > meaning.len(), "{}", class.as_str());
        }
    }

    #[test]
    fn a_status_is_written_as_it_is_serialised() {
        for (status, word) in
            [(Status::Ok, "ok"), (Status::Failed, "failed"), (Status::Error, "error"), (Status::Skipped, "skipped")]
        {
            assert_eq!((status.as_str(), serde_json::to_value(status).unwrap().as_str()), (word, Some(word)));
        }
    }
}
