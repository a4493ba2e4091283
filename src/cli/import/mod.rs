//! `connprobe import`: makes the store match the sources. Everything is read, judged, compared and, on request, tried
//! with a login before anything is saved; then all of it is saved, or nothing.

mod candidates;
mod command;
mod entries;
mod save;

pub(super) use self::command::run;
