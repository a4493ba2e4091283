//! The warning about an extra that overrides a field.

use super::notices::PostgresNotice;
use crate::driver::Fields;

/// Warns that the extra `key`, with the value `own`, overrides `field`, with the value `stored`, if they differ.
pub(super) fn overrides(fields: &mut Fields<'_>, key: &str, field: &str, stored: Option<&str>, own: &str) {
    if let Some(stored) = stored.filter(|stored| *stored != own) {
        let [key, own, field, stored] = [key, own, field, stored].map(str::to_owned);
        fields.warn(PostgresNotice::Overrides { key, own, field, stored });
    }
}
