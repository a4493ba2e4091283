//! Outcomes of mysql.
