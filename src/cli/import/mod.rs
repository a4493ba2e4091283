//! `connprobe import`: brings the store to what sources say. Everything is read, judged, compared and,
//! on request, logged in with before anything is saved; then all of it is saved, or nothing.

mod candidates;
mod command;
mod save;
mod told;

pub(super) use self::command::run;
