//! The published matrix: `docs/faults.md` and a page for each driver, with the time and memory of each cell in a run of
//! its own.

mod compared;
mod document;
mod measure;
