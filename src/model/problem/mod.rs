//! `Problem`: what makes a definition unusable; and `Flaw`, its data, from which alone its words are made. Each other
//! file owns one area: its enum and its words. Nothing here quotes a secret.

mod column;
mod entry;
pub(crate) mod field;
mod flaw;
mod given;
pub(crate) mod host;
mod misplaced;
pub(crate) mod option;
mod plan;
#[expect(clippy::module_inception, reason = "the struct that gives the module its name has a file of its own")]
mod problem;
mod row;
mod secret;
mod taken;
mod uri;

pub use self::column::ColumnFlaw;
pub use self::entry::{BadLine, EntryFlaw};
pub use self::flaw::Flaw;
pub use self::given::GivenFlaw;
pub use self::host::{BadHosts, HostFlaw};
pub use self::misplaced::{Misplaced, Part};
pub use self::option::OptionFlaw;
pub use self::plan::PlanFlaw;
pub use self::problem::Problem;
pub use self::row::RowFlaw;
pub use self::secret::SecretFlaw;
pub use self::taken::Taken;
pub use self::uri::UriFlaw;
