//! `Notice`: what deserves attention in an otherwise good result, as data. A `Warning` is made only from a `Notice`.
//! Each other file owns one area: an enum, and its messages. No message quotes a secret.

mod channel;
mod entry;
mod extra;
mod ledger;
#[expect(clippy::module_inception, reason = "the enum that gives the module its name has a file of its own")]
mod notice;
mod plan;
mod source;
mod store;
mod text;
mod uri;
mod variable;

pub use self::channel::{ChannelNotice, ReadablePassword};
pub use self::entry::EntryNotice;
pub use self::extra::ExtraNotice;
pub use self::ledger::LedgerNotice;
pub use self::notice::Notice;
pub use self::plan::PlanNotice;
pub use self::source::{Repeated, SourceNotice, UsedByAirflow};
pub use self::store::StoreNotice;
pub use self::text::TextNotice;
pub use self::uri::UriNotice;
pub use self::variable::VariableNotice;
