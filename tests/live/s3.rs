//! Outcomes of s3.
