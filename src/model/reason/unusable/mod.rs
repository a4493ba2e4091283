//! Problems that make an existing source unusable as a whole: one enum for each area, with its messages and hints. Of a
//! source's content, only names of files, settings, variables and tables are quoted.

mod backend;
mod configuration;
mod entries;
mod keys;
mod metadata;
mod setting_place;
mod sqlite;
mod store_place;
#[expect(clippy::module_inception, reason = "the enum that gives the module its name has a file of its own")]
mod unusable;

pub use self::backend::{Backend, BadServiceUrl};
pub use self::configuration::{BadSyntax, CommandFault, Configuration, Instead, Interpolation};
pub use self::entries::{Entries, UnreadLine};
pub use self::keys::Keys;
pub use self::metadata::Metadata;
pub use self::setting_place::SettingPlace;
pub use self::sqlite::Sqlite;
pub use self::store_place::StorePlace;
pub use self::unusable::Unusable;
