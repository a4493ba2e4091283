//! Causes that are shown with the number of their connections: types without a driver, and keys that decrypt nothing.

use super::Cause;
use crate::model::reason::ReasonCode;
use crate::model::several;

/// The maximum number of types that are named.
const TYPES: usize = 12;

/// `39 connections of 27 types have no driver: http ×4, ftp, ssh`, the most frequent first.
pub(super) fn without_driver(causes: &[Cause]) -> String {
    let mut types: Vec<(&str, usize)> =
        causes.iter().map(|cause| (cause.target.as_deref().unwrap_or_default(), cause.ids.len())).collect();
    types.sort_by(|(one, few), (other, many)| many.cmp(few).then_with(|| one.cmp(other)));
    let all: usize = types.iter().map(|(_, count)| count).sum();
    let name =
        |(name, count): &(&str, usize)| if *count > 1 { format!("{name} ×{count}") } else { (*name).to_owned() };
    let names: Vec<String> = types.iter().map(name).collect();
    format!("{all} connections of {} types have no driver: {}", types.len(), several::listed(&names, TYPES))
}

/// Adds the number of connections to the message if a missing or wrong key affects several.
pub(super) fn of_key(cause: Cause) -> Cause {
    let of_key = matches!(cause.reason, ReasonCode::KeyMissing | ReasonCode::KeyWrong);
    if !of_key || cause.ids.len() < 2 {
        return cause;
    }
    Cause { message: format!("{} connections: {}", cause.ids.len(), cause.message), ..cause }
}
