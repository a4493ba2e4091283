//! Outcomes of mssql.
