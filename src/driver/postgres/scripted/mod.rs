//! Logins against scripted servers: answers that a real server would send only when broken, or never.

mod dialogue;
mod encrypted;
mod fallback;
mod forms;
mod hosts;
mod probing;
mod products;
mod release_18;
mod remote;
mod server;
mod speech;

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::probing::{attempt, class, probe, probe_in_clear, probe_within, was_asked};
use self::server::{play, server};
use self::speech::{
    CANARY, Line, MECHANISMS, SSL_REQUEST, challenge, message, refusal, request, row, say, scram, scram_login, session,
    signature, welcome,
};
use super::tests::connection;
use super::{Postgres, connect};
use crate::driver::attempt::Trace;
use crate::driver::{Attempt, Driver, Policy};
use crate::model::failure::Failure;
use crate::model::warning::WarningCode;
use crate::net::Network;
