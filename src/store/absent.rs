//! `Absent`: a kind of database that this connprobe was built without. No value of it exists.

use std::convert::Infallible;
use std::path::Path;

use super::error::StoreError;
use super::location::{Access, Options};
use super::transaction::Transaction;

/// A database that never exists.
pub(super) struct Absent(Infallible);

impl Absent {
    pub(super) fn create<P: ?Sized, H>(_place: &P, _options: &Options, _header: H) -> Result<Self, StoreError> {
        Err(StoreError::NotBuiltIn)
    }

    pub(super) fn open<P: ?Sized>(_place: &P, _options: &Options, _access: Access) -> Result<Self, StoreError> {
        Err(StoreError::NotBuiltIn)
    }

    pub(super) fn place(&self) -> &str {
        match self.0 {}
    }

    pub(super) fn read<T>(
        &mut self,
        _body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self.0 {}
    }

    pub(super) fn write<T>(
        &mut self,
        _body: impl FnOnce(&mut dyn Transaction) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self.0 {}
    }

    pub(super) fn faults(&mut self) -> Result<Vec<String>, StoreError> {
        match self.0 {}
    }

    pub(super) fn backup(&mut self, _target: &Path) -> Result<(), StoreError> {
        match self.0 {}
    }

    pub(super) fn sweep(&mut self) -> Result<(), StoreError> {
        match self.0 {}
    }
}
