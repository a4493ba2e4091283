//! The driver against a scripted peer: answers of AWS itself, and answers that no server should give.

mod answers;
mod paths;
mod plans;
mod proofs;
mod refusals;
mod scripted;
mod swift;
mod variants;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use self::scripted::{
    KEY, Peer, SILENCE, Told, answer, attempt, connection, error, identity, lake, lent, listing, run, run_attempt,
    run_knowing, run_through, sts_error,
};
pub(super) use self::scripted::{keyed, plan};
