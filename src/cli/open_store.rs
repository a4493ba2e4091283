//! Opens connprobe's own store, and reports why it cannot be used.

use std::sync::Arc;

use super::blocking_store::Opened;
use super::exit::Exit;
use super::{diagnostics, preflight, runtime};
use crate::source::{self, Settings};
use crate::store::{Access, Location, Options, StoreError};

/// The location of the store of `settings`, and the options for opening it.
pub(super) fn place(settings: &Arc<Settings>) -> Result<(Location, Options), Exit> {
    let location = runtime::wait(source::store_location(settings)).map_err(|error| preflight::cannot_start(&error))?;
    let location = location.map_err(|error| {
        diagnostics::error(&error, error.hint().as_deref());
        Exit::Usage
    })?;
    Ok((location, source::store_options(settings)))
}

/// Opens the store of `settings`.
pub(super) fn open(settings: &Arc<Settings>, access: Access) -> Result<Opened, Exit> {
    open_or(settings, access, unusable)
}

/// Like [`open`], but reports errors with `unusable`.
pub(super) fn open_or(
    settings: &Arc<Settings>,
    access: Access,
    unusable: impl FnOnce(&StoreError) -> Exit,
) -> Result<Opened, Exit> {
    let (location, options) = place(settings)?;
    Opened::open(&location, &options, access).map_err(|error| unusable(&error))
}

/// Reports why the store cannot be used.
pub(super) fn unusable(error: &StoreError) -> Exit {
    diagnostics::error(error, error.hint().as_deref());
    Exit::Source
}

/// Reports why a change was not made.
pub(super) fn unchanged(error: &StoreError) -> Exit {
    match error {
        StoreError::Duplicate { .. } => {
            diagnostics::error(error, Some("choose another name, or give --allow-duplicate to have both"));
            Exit::NotOk
        }
        StoreError::Changed { .. } | StoreError::Unstorable { .. } => {
            diagnostics::error(error, error.hint().as_deref());
            Exit::NotOk
        }
        StoreError::NoKey | StoreError::OtherKey { .. } => unusable(error),
        _ => {
            unusable(error);
            Exit::Broken
        }
    }
}
