//! Outcomes of postgres.
