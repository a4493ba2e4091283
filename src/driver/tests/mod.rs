//! What must hold of every driver.

mod codes;
mod hints;
