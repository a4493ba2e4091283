//! The probe: a login, the cheapest query that proves it, and an orderly close.

use std::sync::Arc;

use async_trait::async_trait;

use super::options::Options;
use super::{expected, failover};
use crate::driver::{Attempt, Probe, Shows};
use crate::model::failure::Failure;
use crate::model::phase::Phase;
use crate::model::reason::Dialogue;

/// Works through poolers, and returns the one fact that no server reports unasked.
const QUERY: &str = "SELECT current_database()";

pub(super) struct Login(pub(super) Arc<Options>);

#[async_trait]
impl Probe for Login {
    fn shows(&self) -> Shows {
        if self.0.password.is_some() { Shows::Password } else { Shows::Nothing }
    }

    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        let mut session = Box::pin(failover::open(attempt, &self.0)).await?;
        let verdict = attempt
            .phase(Phase::Query, async {
                let rows = session.rows(QUERY).await?;
                let Some(row) = rows.into_iter().next() else {
                    return Err(Failure::of(Dialogue::EmptyAnswer { product: "PostgreSQL" }));
                };
                attempt.learn(|facts| facts.database = row.into_iter().next().flatten());
                expected::look_for(&mut session, attempt).await
            })
            .await;
        session.close().await;
        verdict
    }
}
