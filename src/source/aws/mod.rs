//! `aws-sm:PREFIX` and `aws-ssm:PREFIX`: connections in AWS Secrets Manager and in the Parameter
//! Store, with Airflow's names and shapes. Keys and region are those that AWS's own variables name;
//! no profile and no metadata service is asked.

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
