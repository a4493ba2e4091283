//! Opens connprobe's own store, and says what is wrong where it cannot be used.

use super::exit::Exit;
use super::say;
use crate::source::{self, Settings};
use crate::store::{Access, Location, Options, Store, StoreError};

/// Where the store of `settings` is, and what opening it needs.
pub(super) fn place(settings: &Settings) -> Result<(Location, Options), Exit> {
    let location = source::store_location(settings).map_err(|error| {
        say::error(&error, error.hint().as_deref());
        Exit::Usage
    })?;
    Ok((location, source::store_options(settings)))
}

/// Opens the store of `settings`.
pub(super) fn open(settings: &Settings, access: Access) -> Result<Store, Exit> {
    open_or(settings, access, unusable)
}

/// The same with other words for what is wrong.
pub(super) fn open_or(
    settings: &Settings,
    access: Access,
    unusable: impl FnOnce(&StoreError) -> Exit,
) -> Result<Store, Exit> {
    let (location, options) = place(settings)?;
    Store::open(&location, &options, access).map_err(|error| unusable(&error))
}

/// Says why the store cannot be used.
pub(super) fn unusable(error: &StoreError) -> Exit {
    say::error(error, error.hint().as_deref());
    Exit::Source
}

/// Says why a change was not made.
pub(super) fn unchanged(error: &StoreError) -> Exit {
    match error {
        StoreError::Duplicate { .. } => {
            say::error(error, Some("choose another name, or give --allow-duplicate to have both"));
            Exit::NotOk
        }
        StoreError::Changed { .. } | StoreError::Unstorable { .. } => {
            say::error(error, error.hint().as_deref());
            Exit::NotOk
        }
        StoreError::NoKey | StoreError::OtherKey { .. } => unusable(error),
        _ => {
            unusable(error);
            Exit::Broken
        }
    }
}
