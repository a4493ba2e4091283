//! Checks that were withheld or not finished, and the messages and hints.

use jiff::Timestamp;

use super::{ReasonCode as Code, Words};

/// Why a check was withheld or cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Run {
    /// The secret was refused before, and is not sent again for a while.
    SecretHeld {
        /// The message of that refusal.
        said: String,
        /// When it was refused.
        since: Timestamp,
        /// When it may be sent again.
        until: Timestamp,
        /// The command that ends the hold; `None` if it lasts for this run only.
        ends: Option<String>,
    },
    /// The account is held.
    AccountHeld {
        /// Why.
        because: HeldBecause,
        /// When the last refusal that counts was.
        since: Timestamp,
        /// When the next login may be made.
        until: Timestamp,
        /// The command that ends the hold; `None` if it lasts for this run only.
        ends: Option<String>,
    },
    /// The server is protected, because handshakes with it were interrupted.
    ServerProtected {
        /// The server's address.
        address: String,
        /// The number of interrupted handshakes in a row.
        interrupted: u32,
        /// When the next login may be made.
        until: Timestamp,
        /// The command that ends the hold earlier.
        ends: Option<String>,
    },
    /// The run's deadline passed.
    DeadlinePassed,
    /// A signal ended the run.
    Interrupted,
    /// The wait was given up, because another connection cannot become ready.
    GivenUp,
}

/// Why an account is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBecause {
    /// This number of logins was refused or not answered.
    Refusals(u32),
    /// Too many different secrets were refused within a day.
    ManySecrets,
    /// The last login with this secret was not answered.
    NoAnswer,
    /// Another process logs in to the account, and this check cannot wait long enough.
    LoginUnderWay,
}

/// How to end a hold early.
fn earlier(ends: Option<&str>) -> String {
    match ends {
        Some(command) => format!("`{command}` ends this earlier"),
        None => "it is remembered for this run only".to_owned(),
    }
}

const NOTHING_KNOWN: &str = "nothing is known about the target; run again, with a longer `--deadline` if there was one";

impl Run {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::SecretHeld { said, since, until, ends } => Words::new(
                Code::LoginRefused,
                format!(
                    "{said}, as the server answered at {since:.0}; the same secret is not sent again before {until:.0}"
                ),
            )
            .hint(format!("correct the secret, which is tried at once then; {}", earlier(ends.as_deref()))),
            Self::AccountHeld { because, since, until, ends } => {
                let why = match because {
                    HeldBecause::Refusals(1) => {
                        format!(
                            "a login of this account was refused or not answered at {since:.0}, and another could lock it"
                        )
                    }
                    HeldBecause::Refusals(refusals) => format!(
                        "{refusals} logins of this account were refused or not answered, the last at {since:.0}, and another could lock it"
                    ),
                    HeldBecause::ManySecrets => {
                        format!("many secrets of this account were refused within a day, the last at {since:.0}")
                    }
                    HeldBecause::NoAnswer | HeldBecause::LoginUnderWay => {
                        format!("the last login with this secret was not answered, at {since:.0}")
                    }
                };
                if *because == HeldBecause::LoginUnderWay {
                    return Words::new(
                        Code::AccountHeld,
                        format!("not tried: another process has been logging in to this account, which may take until {until:.0}"),
                    )
                    .hint("run again when that process has its answer, or give this one a longer `--timeout`");
                }
                Words::new(Code::AccountHeld, format!("not tried before {until:.0}: {why}")).hint(format!(
                    "correct the definitions of this account that were refused; {}, and `--force` overlooks earlier runs",
                    earlier(ends.as_deref())
                ))
            }
            Self::ServerProtected { address, interrupted, until, ends } => {
                let hint = "find out why the handshakes with that server are not finished: a `--timeout` that is too short for it, a proxy that breaks off, a definition of another type; the server blocks hosts at `max_connect_errors` (`FLUSH HOSTS` unblocks)";
                let ends = ends.as_ref().map(|command| format!("; `{command}` ends this earlier"));
                Words::new(
                    Code::ServerProtected,
                    format!("not tried before {until:.0}: {interrupted} handshakes in a row with `{address}` were interrupted, and the server counts them"),
                )
                .hint(format!("{hint}{}", ends.unwrap_or_default()))
            }
            Self::DeadlinePassed => {
                Words::new(Code::DeadlinePassed, "the run's deadline passed before this check finished")
                    .hint(NOTHING_KNOWN)
            }
            Self::GivenUp => {
                Words::new(Code::GivenUp, "the wait was given up, because another connection cannot become ready")
                    .hint(NOTHING_KNOWN)
            }
            Self::Interrupted => {
                Words::new(Code::Interrupted, "the run was interrupted before this check finished").hint(NOTHING_KNOWN)
            }
        }
    }
}
