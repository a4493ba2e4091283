//! The probe: the two steps of a login, and the meaning of their last answer, which any kind of server may have sent.

use async_trait::async_trait;

use super::codes::CODES;
use super::options::Options;
use super::wire;
use crate::driver::kit::http::HttpNotice;
use crate::driver::kit::http::{Login, Outcome};
use crate::driver::{Attempt, Probe};
use crate::model::codes::Context;
use crate::model::failure::Failure;

pub(super) struct HttpProbe(pub(super) Options);

#[async_trait]
impl Probe for HttpProbe {
    async fn run(&self, attempt: &Attempt) -> Result<(), Failure> {
        let Options { url, headers, credential, .. } = &self.0;
        let connector = wire::connector(&self.0, attempt)?;
        let credential = credential.as_ref().map(|credential| &credential.lines);
        let (origin, path) = (&url.origin, &url.path);
        let login = Login { attempt, connector: &connector, origin, path, headers, credential, codes: &CODES };
        let Outcome { answer, demanded } =
            Box::pin(login.run()).await.map_err(|failure| wire::blame(&self.0, failure))?;
        // Many APIs have no page at their root.
        if answer.status == 404
            && !url.is_bare()
            && let Some(failure) = CODES.failure("404", Context::default())
        {
            return Err(failure);
        }
        if !demanded {
            attempt.warn(HttpNotice::LoginNotDemanded { status: answer.status, credential: credential.is_some() });
        }
        Ok(())
    }
}
