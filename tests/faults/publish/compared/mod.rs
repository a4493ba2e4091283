//! The same peers, met by the tools that people use today: `docs/faults/compared.md`. It is written on request only
//! (`make faults-compared`), because it needs those tools.

mod answer;
mod comparison;
mod score;
mod tool;
