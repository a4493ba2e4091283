//! The warning about an extra that takes the place of a field.

use super::notices::PostgresNotice;
use crate::driver::Fields;

/// Warns that extra `key`, which is `own`, takes the place of `field`, which is `stored`, where the two differ.
pub(super) fn overrides(fields: &mut Fields<'_>, key: &str, field: &str, stored: Option<&str>, own: &str) {
    if let Some(stored) = stored.filter(|stored| *stored != own) {
        let [key, own, field, stored] = [key, own, field, stored].map(str::to_owned);
        fields.warn(PostgresNotice::Overrides { key, own, field, stored });
    }
}
