//! The parts that both services share: the next page, and the failures for no secrets and for too many.

use crate::model::document::Value;
use crate::model::failure::Failure;
use crate::model::reason::Aws;
use crate::source::backend::SECRETS;

/// The token of the next page; `None` if there is none.
pub(super) fn next_token(page: Option<&Value<'_>>) -> Option<String> {
    page?.get("NextToken")?.scalar().filter(|token| !token.is_empty()).map(str::to_owned)
}

pub(super) fn nothing(prefix: &str, source: &str) -> Failure {
    Failure::of(Aws::Nothing { prefix: prefix.to_owned(), source: source.to_owned() })
}

pub(super) fn too_many() -> Failure {
    Failure::of(Aws::TooMany { most: SECRETS })
}
