//! `aws-sm:PREFIX` and `aws-ssm:PREFIX`: connections in AWS Secrets Manager and in the Parameter Store, in Airflow's
//! names and formats. Keys and region come from AWS's own environment variables. No profile and no metadata service is
//! used.

mod account;
mod call;
#[cfg(any(fuzzing, test))]
pub(super) mod fuzzing;
mod load;
mod naming;
mod pages;
mod parameter_store;
mod refusal;
mod secrets_manager;
mod shape;

pub(super) use self::load::{load_parameters, load_secrets};
