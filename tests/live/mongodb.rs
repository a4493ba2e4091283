//! Outcomes of mongodb.
