//! The second look: what in a definition may be the reason of its failure, found by looking at it again,
//! without another login. It makes the failure's hint sharper and points at fields; it changes no verdict.

mod observation;
mod refine;
#[cfg(test)]
mod tests;
mod text;

pub(super) use self::refine::refine_hint;
