//! Which texts are hidden and which are shown.

mod digests;
mod encodings;
mod judgement;
mod packed;
mod together;

use super::Redactor;

const SECRET: &str = "s3cr/t+Ky N0=%w9";

fn shows(secret: &str, text: &str) -> bool {
    Redactor::new([secret], &["etl"]).scrub(text).is_some()
}
