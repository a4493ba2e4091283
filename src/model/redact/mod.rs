//! Redaction: foreign text is shown only where no secret stands in it, in whatever spelling or encoding; and never
//! with characters that steer a terminal or hide what stands around them.
//!
//! [`Secrets`] are what is looked for, [`Redactor`] judges a text. Must not know where texts come from.

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
