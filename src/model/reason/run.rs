//! What was not tried, or not to the end, and the words for it.

use jiff::Timestamp;

use super::{ReasonCode as Code, Words};

/// Why a check was withheld or cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Run {
    /// Other secrets of the account were refused in this run.
    AccountWithheld {
        /// How many.
        refusals: usize,
    },
    /// The account was refused in earlier runs.
    AccountHeld {
        /// The definition that was refused, where it is another one.
        other: Option<String>,
        /// How often in a row.
        refusals: u64,
        /// When last.
        since: Timestamp,
        /// When it is tried again.
        until: Timestamp,
    },
    /// Handshakes with the server were interrupted.
    ServerProtected {
        /// The server's address.
        address: String,
        /// How many in a row.
        interrupted: usize,
    },
    /// The run's deadline passed.
    DeadlinePassed,
    /// A signal ended the run.
    Interrupted,
}

const NOTHING_KNOWN: &str = "nothing is known about the target; run again, with a longer `--deadline` if there was one";

impl Run {
    pub(super) fn words(&self) -> Words {
        match self {
            Self::AccountWithheld { refusals } => Words::new(
                Code::AccountWithheld,
                format!("not tried: {refusals} different secrets of this account were refused, and another could lock it"),
            )
            .hint("correct the refused definitions of this account, then run again"),
            Self::AccountHeld { other, refusals, since, until } => {
                let whose = other
                    .as_ref()
                    .map_or_else(|| "the login".to_owned(), |name| format!("the login of `{name}`, the same account,"));
                Words::new(
                    Code::AccountHeld,
                    format!("{whose} was refused {refusals} times in a row, last at {since:.0}; not tried again before {until:.0}"),
                )
                .hint("correct the definition, which is tried at once then; or try it as it is with --force")
            }
            Self::ServerProtected { address, interrupted } => Words::new(
                Code::ServerProtected,
                format!("not tried: {interrupted} handshakes in a row with `{address}` were interrupted, and the server counts them"),
            )
            .hint("find out why that server does not finish its handshake; it blocks hosts at `max_connect_errors` (`FLUSH HOSTS` unblocks)"),
            Self::DeadlinePassed => {
                Words::new(Code::DeadlinePassed, "the run's deadline passed before this check finished").hint(NOTHING_KNOWN)
            }
            Self::Interrupted => {
                Words::new(Code::Interrupted, "the run was interrupted before this check finished").hint(NOTHING_KNOWN)
            }
        }
    }
}
