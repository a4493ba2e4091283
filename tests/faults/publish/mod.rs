//! The matrix as people read it: `docs/faults.md` and a page for each driver, with what each cell took in a run of its own.

mod compared;
mod document;
mod measure;
