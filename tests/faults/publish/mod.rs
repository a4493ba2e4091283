//! The matrix as people read it: `docs/faults.md`, with what each cell took in a run of its own.

mod compared;
mod document;
mod measure;
