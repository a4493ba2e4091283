//! The arguments of `connprobe wait`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::ExpectArguments;
use super::checking::{LoginArguments, SelectArguments, at_least_one, duration};
use crate::cli::format::FormatArgument;

/// `connprobe wait`
#[derive(Args)]
#[command(
    override_usage = "connprobe wait [OPTIONS] [SOURCE]... [-- COMMAND [ARG]...]",
    mut_arg("deadline", |deadline| deadline.help("Bound on the whole wait [default: 60s]")),
    mut_arg("retries", |retries| retries.hide(true))
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub(in crate::cli) struct WaitArguments {
    #[command(flatten)]
    pub(in crate::cli) select: SelectArguments,
    #[command(flatten)]
    pub(in crate::cli) login: LoginArguments,
    /// The least pause between two attempts at one connection; without it the pause follows from what the last attempt
    /// met, from 50 ms where nothing listens to 2 s where the login is accepted and the database is missing
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) interval: Option<Duration>,
    /// Accepted logins in a row, at least 300 ms apart: images of databases start a temporary server first
    #[arg(long, value_name = "N", default_value = "1", value_parser = at_least_one, conflicts_with = "invert")]
    pub(in crate::cli) stable: usize,
    /// Wait until nothing answers any more; a refused login is an answer
    #[arg(long)]
    pub(in crate::cli) invert: bool,
    /// Wait for the others where one cannot become ready, and only then exit with 1
    #[arg(long)]
    pub(in crate::cli) keep_going: bool,
    /// Repeat a refused login, once a second, until its account has seen N refused logins, earlier ones included: for a
    /// user that a script makes a moment later; a server that locks accounts may lock this one
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(in crate::cli) retry_auth: Option<usize>,
    /// Write this file once everything is ready; it is removed when the wait begins
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ready_file: Option<PathBuf>,
    /// Exit with 1 for skipped connections too
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    /// Say nothing on standard error but errors and warnings
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
    /// table, json, ndjson, junit, prometheus, openmetrics, nagios or github, to standard output or to a file; may be
    /// repeated
    #[arg(long = "format", value_name = "FORMAT[=FILE]")]
    pub(in crate::cli) formats: Vec<FormatArgument>,
    /// Go on when there is nothing to wait for
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
    #[command(flatten)]
    pub(in crate::cli) expect: ExpectArguments,
    /// The command to become once everything is ready
    #[arg(last = true, value_name = "COMMAND")]
    pub(in crate::cli) command: Vec<OsString>,
}
