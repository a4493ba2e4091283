//! The names that other clients, older versions and other types have for an extra. A name of the same meaning is
//! suggested before one of similar spelling, which may mean something else (`sslca` is not `sslcrl`).

use super::Spec;

/// The extra of `spec` with the meaning of `written`, which `spec` does not have.
pub(super) fn meant(spec: &Spec, written: &str) -> Option<&'static str> {
    spec.synonyms.iter().find(|(synonym, _)| synonym.eq_ignore_ascii_case(written)).map(|(_, meant)| *meant)
}

#[cfg(test)]
mod tests {
    use crate::driver::{Driver, Registry};

    #[test]
    fn each_names_an_extra_that_there_is_and_is_none_itself() {
        for spec in Registry::builtin().drivers().map(Driver::spec) {
            assert!(!spec.synonyms.is_empty(), "{} has none", spec.name);
            for (written, meant) in spec.synonyms {
                assert!(spec.extra(meant).is_some(), "{} has no extra {meant}", spec.name);
                assert!(spec.extra(written).is_none(), "{} reads {written} itself", spec.name);
            }
        }
    }
}
