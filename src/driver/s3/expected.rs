//! The objects that a wait expects: which bucket and key an expectation names. Must not read an object.

use crate::model::expected::{Expected, ExpectedKind};
use crate::model::failure::Failure;
use crate::model::reason::Expectation;

/// An object to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Object<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
}

impl<'a> Object<'a> {
    /// The object that `expected` names as `s3://BUCKET/KEY`, or as a key of `bucket`.
    pub(super) fn of(expected: &'a Expected, bucket: Option<&'a str>) -> Result<Self, Failure> {
        let named = expected.name.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")));
        match (named, bucket) {
            (Some((bucket, key)), _) => Ok(Self { bucket, key }),
            (None, Some(bucket)) => Ok(Self { bucket, key: &expected.name }),
            (None, None) => Err(Failure::of(Expectation::PlaceMissing { kind: expected.kind })),
        }
    }

    pub(super) fn missing(self) -> Failure {
        let Self { bucket, key } = self;
        let (kind, name, place) = (ExpectedKind::Object, key.to_owned(), Some(bucket.to_owned()));
        Failure::of(Expectation::Missing { kind, name, place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_by_the_object_or_by_the_definition() {
        for (name, own, expected) in [
            ("a/b", Some("demo"), Some(("demo", "a/b"))),
            ("s3://other/a/b", Some("demo"), Some(("other", "a/b"))),
            ("s3://other/a", None, Some(("other", "a"))),
            ("a", None, None),
        ] {
            let wanted = Expected { kind: ExpectedKind::Object, name: name.to_owned() };
            let found = Object::of(&wanted, own).ok();
            assert_eq!(found, expected.map(|(bucket, key)| Object { bucket, key }), "{name}");
        }
    }
}
