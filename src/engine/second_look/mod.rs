//! The second look: searches a definition whose login failed for the likely reason, without another login. It makes the
//! failure's hint more specific and adds fields; it changes no verdict.

mod observation;
mod refine;
#[cfg(test)]
mod tests;
mod text;

pub(super) use self::refine::refine_hint;
