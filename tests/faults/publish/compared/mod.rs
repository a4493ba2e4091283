//! The same peers, met by the tools that people use today: `docs/faults/compared.md`. Written on request
//! (`make faults-compared`), for it needs those tools.

mod answer;
mod comparison;
mod score;
mod tool;
