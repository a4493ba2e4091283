//! Fields that are shown as they are, and that may contain a password or a whole connection string by mistake. Pure
//! functions; every report shows the plain fields of a connection through its [`View`].

mod file;
mod judgement;
mod keyed;
mod pasted;
mod problem;
mod reading;
mod unread;
mod view;
mod word;

pub use self::file::{holds_password, shown_name};
pub use self::judgement::{HIDDEN, Plain, has_secret, passwords, shown};
pub use self::problem::{problems, stored_in_clear};
pub use self::unread::secrets_in;
pub use self::view::View;
pub use self::word::replace_word;
