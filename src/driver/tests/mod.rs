//! Requirements for every driver.

mod codes;
mod hints;
