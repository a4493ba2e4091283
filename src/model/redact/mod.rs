//! Redaction: foreign text is shown only if it contains no secret, in any spelling or encoding, and always without
//! characters that control a terminal or hide the text around them.
//!
//! [`Secrets`] holds what to search for, [`Redactor`] judges a text. This module must not depend on where texts come
//! from.

mod alone;
mod base85;
mod bases;
mod digests;
mod escapes;
mod excuse;
mod foreign_part;
mod grams;
mod harmless;
mod hazard;
mod markup;
mod packed;
mod readings;
mod redactor;
mod remembered;
mod search;
mod secrets;
mod skeleton;
mod spread;
#[cfg(test)]
mod tests;
mod wording;

pub use self::excuse::is_fixed_wording;
pub use self::hazard::{escape_control, is_hazard, strip_control};
pub use self::redactor::{CAP, Kind, Redactor};
pub use self::secrets::{Gathering, Secrets};
