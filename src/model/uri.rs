//! Airflow's URI grammar → the fields of a connection.
