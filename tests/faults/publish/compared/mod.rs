//! The same peers, met by the tools that people use today: `compared.md`, a section of
//! `docs/faults.md`. Written on request (`make faults-compared`), for it needs those tools.

mod answer;
mod comparison;
mod score;
mod tool;

pub use self::comparison::section;
