//! Requirements for every driver, and a helper that the drivers' own tests share.

mod codes;
pub(super) mod definition;
mod hints;
