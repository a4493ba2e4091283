//! The kind of AWS's own hosts: FIPS, dual-stack, accelerated. If a definition names an endpoint, boto3 ignores these
//! options, except for combinations that it refuses there.
//!
//! Source: botocore 1.44 `botocore/client.py` (`_resolve_use_dualstack_endpoint`,
//! `_resolve_endpoint_variant_config_var`) and the rules of its endpoints (`data/s3/*/endpoint-rule-set-1.json`); each
//! case of the tests was checked with boto3 1.44.8.

use serde_json::Value;

use super::boto3::{is_nothing, refuse};
use crate::driver::Fields;
use crate::model::problem::Taken;

/// A kind of AWS's hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Variant {
    pub(super) fips: bool,
    pub(super) dual_stack: bool,
    /// Only S3 has it.
    pub(super) accelerate: bool,
}

/// The variants of S3 and of STS at AWS. boto3's rules do not accept text as a flag, except below `s3`, where Python's
/// truth value counts.
pub(super) fn read(fields: &mut Fields<'_>) -> (Variant, Variant) {
    let fips = flag(fields, "use_fips_endpoint");
    let dual_stack = flag(fields, "use_dualstack_endpoint");
    let of_s3 = |key| fields.connection().extra.at(&["config_kwargs", "s3", key]);
    let accelerate = of_s3("use_accelerate_endpoint") == Some(&Value::Bool(true));
    let own = of_s3("use_dualstack_endpoint").map(|value| !is_nothing(value));
    let s3 = Variant { fips, dual_stack: own.unwrap_or(dual_stack), accelerate };
    (s3, Variant { fips, dual_stack, accelerate: false })
}

fn flag(fields: &mut Fields<'_>, key: &str) -> bool {
    match fields.connection().extra.at(&["config_kwargs", key]) {
        Some(Value::Bool(flag)) => *flag,
        Some(value) if !is_nothing(value) => {
            refuse(fields, &[key], Taken::Flag);
            false
        }
        _ => false,
    }
}
