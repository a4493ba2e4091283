//! `Problem`: what makes a definition unusable, with its message and hint. A `Problem` is made only from a `Flaw`, its
//! data. Each other file owns one area: an enum, and its messages. No message quotes a secret.

mod column;
mod entry;
pub(crate) mod field;
mod flaw;
mod given;
pub(crate) mod host;
pub(crate) mod option;
mod plan;
#[expect(clippy::module_inception, reason = "the struct that gives the module its name has a file of its own")]
mod problem;
mod row;
mod secret;
mod secret_in_plain_field;
mod taken;
mod uri;

pub use self::column::ColumnFlaw;
pub use self::entry::{BadLine, EntryFlaw};
pub use self::flaw::Flaw;
pub use self::given::GivenFlaw;
pub use self::host::{BadHosts, HostFlaw};
pub use self::option::OptionFlaw;
pub use self::plan::PlanFlaw;
pub use self::problem::Problem;
pub use self::row::RowFlaw;
pub use self::secret::SecretFlaw;
pub use self::secret_in_plain_field::{Misplaced, Part};
pub use self::taken::Taken;
pub use self::uri::UriFlaw;
