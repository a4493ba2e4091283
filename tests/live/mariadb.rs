//! Outcomes of mariadb.
