//! The answers of servers to made-up keys, kept in the ledger beside the accounts: each question is asked once a day.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::accounts::Accounts;
use crate::driver::controls::{Control, Memory};

/// The ledger as a memory for controls.
pub(super) struct Remembered(pub(super) Arc<Accounts>);

#[async_trait]
impl Memory for Remembered {
    fn recall(&self, question: &str) -> Option<(Timestamp, Control)> {
        let (at, control) = self.0.ledger().control(question)?;
        Some((at.timestamp(), control))
    }

    async fn keep(&self, question: &str, control: &Control) {
        self.0.ledger().keep_control(question, control).await;
    }
}
