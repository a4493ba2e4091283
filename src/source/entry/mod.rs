//! Converts one entry to one [`Connection`] with all its problems, so that a bad entry hides neither its other faults
//! nor other entries. A message quotes a value only if it cannot be a secret.

mod extra;
mod given;
mod masks;
mod names;
mod object;
mod port;
mod uri;
mod value;
mod warn;

#[cfg(feature = "airflow")]
pub(super) use self::extra::read_text as read_extra;
pub(super) use self::given::{is_blank, is_definition, is_named, likeness};
pub(super) use self::masks::MASK;
use self::names::SHOWN;
pub(super) use self::names::name;
#[cfg(feature = "airflow")]
pub(super) use self::port::read as read_port;
pub(super) use self::value::{extra, read, text_in_file, value};
use self::warn::warn;
