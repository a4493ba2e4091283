//! Redaction: foreign text is shown only where no secret stands in it, in whatever spelling or encoding; and never
//! with characters that steer a terminal or hide what stands around them.
//!
//! [`Secrets`] are what is looked for, [`Redactor`] judges a text. Must not know where texts come from.

mod bases;
mod escapes;
mod excuse;
mod grams;
mod hazard;
mod readings;
mod redactor;
mod secrets;
mod skeleton;
#[cfg(test)]
mod tests;
mod wording;

pub use self::hazard::{escape_control, is_hazard, strip_control};
pub use self::redactor::{CAP, Redactor};
pub use self::secrets::{Gathering, Secrets};
