//! Random bytes, from the provider of the store's cryptography.

use super::error::StoreError;

/// Fills `bytes` with random numbers.
///
/// # Errors
///
/// `Local` if the provider supplies none.
pub(super) fn fill(bytes: &mut [u8]) -> Result<(), StoreError> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| StoreError::Local { reason: "random numbers".to_owned() })
}

/// `N` random bytes in hexadecimal digits.
pub(super) fn hex<const N: usize>() -> Result<String, StoreError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    Ok(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
}
