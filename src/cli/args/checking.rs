//! The arguments as a whole, and those of the commands that log in, list or explain.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use super::managing::{AddArguments, ExportArguments, ImportArguments, RemoveArguments, StoreCommandArguments};
use super::waiting::WaitArguments;
use crate::cli::format::{FormatArgument, ListFormat};
use crate::model::limit::Limit;
use crate::model::select::Selection;
use crate::net::dns;
use crate::net::egress::{Egress, Rule};
use crate::report::nagios::Range;

/// Attempts a real login with every stored connection, and says which work and why the others do not.
#[derive(Parser)]
#[command(name = "connprobe", version, max_term_width = 100, disable_help_subcommand = true)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

#[derive(Subcommand)]
pub(in crate::cli) enum Command {
    /// Log in with every connection and report
    Check(CheckArguments),
    /// Wait until every connection accepts logins, then run a command
    Wait(WaitArguments),
    /// Show what the sources hold, without a packet
    List(ListArguments),
    /// Save a connection in the store
    Add(AddArguments),
    /// Remove connections from the store
    Remove(RemoveArguments),
    /// Bring the store to what other sources say
    Import(ImportArguments),
    /// Write connections in Airflow's own formats
    Export(ExportArguments),
    /// Show what is remembered of accounts, or forget one
    State(StateCommandArguments),
    /// Make the store, look after it, change its key
    Store(StoreCommandArguments),
    /// Show the supported connection types, or what one of them reads
    Types(TypesArguments),
    /// Explain a class (`auth`) or a server's code (`28P01`, `mysql:1045`)
    Explain(ExplainArguments),
    /// Write what a shell needs to complete commands and options
    Completions(CompletionsArguments),
    /// Write the manual pages
    Man(ManArguments),
}

/// Where connections come from, and what reading them needs.
#[derive(Args)]
pub(in crate::cli) struct SourceArguments {
    /// Where connections are stored: a file (.json, .yaml, .env), - (standard input), env:, airflow:,
    /// a database's URL (url-env:NAME with a password), vault:PATH, aws-sm:, aws-ssm:; NAME=SOURCE gives
    /// it a label [default: store:]
    #[arg(value_name = "SOURCE")]
    pub(in crate::cli) sources: Vec<String>,
    /// Fernet keys of an Airflow database, instead of those of Airflow's configuration
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) fernet_key_file: Option<PathBuf>,
    /// Run the commands that Airflow's configuration names for its secrets (`_cmd`)
    #[arg(long)]
    pub(in crate::cli) allow_commands: bool,
    #[command(flatten)]
    pub(in crate::cli) store: StoreArguments,
}

/// connprobe's own store, which is the source where none is given.
#[derive(Args)]
pub(in crate::cli) struct StoreArguments {
    /// connprobe's own store: a file, postgresql://…, url-env:NAME or url-file:PATH
    /// [default: `$XDG_DATA_HOME/connprobe/connections.db`]
    #[arg(long, value_name = "STORE")]
    pub(in crate::cli) store: Option<String>,
    /// The key of the store [default: `$CONNPROBE_KEY_FILE`, or `$XDG_CONFIG_HOME/connprobe/store.key`]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) key_file: Option<PathBuf>,
}

/// Which connections.
#[derive(Args)]
pub(in crate::cli) struct SelectArguments {
    #[command(flatten)]
    pub(in crate::cli) from: SourceArguments,
    /// Only connections whose name matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    select: Vec<String>,
    /// Not the connections whose name matches; may be repeated
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Only connections of this type or driver; may be repeated
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
}

impl SelectArguments {
    pub(in crate::cli) fn selection(&self) -> Selection {
        Selection { select: self.select.clone(), exclude: self.exclude.clone(), types: self.types.clone() }
    }
}

/// How logins are made.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub(in crate::cli) struct LoginArguments {
    /// Bound on one login, and on reading one source
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub(in crate::cli) timeout: Duration,
    /// Bound on the whole run
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(in crate::cli) deadline: Option<Duration>,
    /// Logins at once, in all
    #[arg(long, value_name = "N", default_value = "64", value_parser = at_least_one)]
    pub(in crate::cli) concurrency: usize,
    /// Logins at once to one host
    #[arg(long, value_name = "N", default_value = "4", value_parser = at_least_one)]
    pub(in crate::cli) per_host: usize,
    /// More attempts after a failure that may pass (never after refused credentials)
    #[arg(long, value_name = "N", default_value = "0")]
    pub(in crate::cli) retries: u32,
    /// Send no credential unencrypted to another machine
    #[arg(long)]
    pub(in crate::cli) require_tls: bool,
    /// Send no credential to another machine whose certificate was not verified
    #[arg(long)]
    pub(in crate::cli) verify_tls: bool,
    /// Authorities (PEM) to trust where a definition names none, instead of the system's
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) tls_ca: Option<PathBuf>,
    /// What may be connected to although something wider is denied: a network (CIDR[:PORT]), unix or
    /// all; may be repeated
    #[arg(long, value_name = "RULE")]
    egress_allow: Vec<Rule>,
    /// What nothing is sent to, besides cloud metadata: a network (CIDR[:PORT]), unix (sockets), or
    /// all (every address, sockets and name lookups); may be repeated
    #[arg(long, value_name = "RULE")]
    egress_deny: Vec<Rule>,
    /// Ask this DNS server for every name, instead of this machine's resolver and hosts file
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = dns_server)]
    pub(in crate::cli) dns_server: Option<SocketAddr>,
    /// Show no text of a server's: no `detail`, version, session user or certificate name [also where
    /// `$CONNPROBE_NO_DETAIL` is set]
    #[arg(long)]
    pub(in crate::cli) no_detail: bool,
    /// Say on standard error what each check is doing: names, addresses, attempts, phases
    #[arg(short, long)]
    pub(in crate::cli) verbose: bool,
    /// Overlook what earlier runs left of refused logins; within the run two refusals hold an account all the same
    #[arg(long)]
    pub(in crate::cli) force: bool,
    #[command(flatten)]
    pub(in crate::cli) state: StateArguments,
}

/// Where the ledger of accounts is.
#[derive(Args, Clone, Default)]
pub(in crate::cli) struct StateArguments {
    /// Where refused logins are remembered, so that no account is locked; `none`: nowhere
    /// [default: `$CONNPROBE_STATE`, or `$XDG_STATE_HOME/connprobe/accounts`]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<String>,
}

/// `connprobe state`
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct StateCommandArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<StateCommand>,
    #[command(flatten)]
    pub(in crate::cli) state: StateArguments,
}

#[derive(Subcommand)]
pub(in crate::cli) enum StateCommand {
    /// Forget an account: its next login is made at once
    Forget {
        /// The `account` of a result, or its id
        #[arg(value_name = "ACCOUNT")]
        account: String,
        #[command(flatten)]
        state: StateArguments,
    },
}

impl LoginArguments {
    pub(in crate::cli) fn egress(&self) -> Egress {
        Egress::of(&self.egress_allow, &self.egress_deny)
    }
}

/// `connprobe check`
#[derive(Args)]
#[command(override_usage = "connprobe check [OPTIONS] [SOURCE]...")]
pub(in crate::cli) struct CheckArguments {
    #[command(flatten)]
    pub(in crate::cli) select: SelectArguments,
    #[command(flatten)]
    pub(in crate::cli) login: LoginArguments,
    /// Exit with 1 for skipped connections too
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    /// table, json, ndjson, junit, prometheus, openmetrics, nagios or github, to standard output or to a file; may be
    /// repeated
    #[arg(long = "format", value_name = "FORMAT[=FILE]", default_value = "table")]
    pub(in crate::cli) formats: Vec<FormatArgument>,
    /// With `--format nagios`: WARNING if the slowest login took seconds outside of this range (`2`, `0.5:2`, `@3:9`)
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
    pub(in crate::cli) warning: Option<Range>,
    /// With `--format nagios`: CRITICAL, the same
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
    pub(in crate::cli) critical: Option<Range>,
    /// Judge the definitions, send nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// Exit with 0 when there is nothing to probe
    #[arg(long)]
    pub(in crate::cli) allow_empty: bool,
}

/// `connprobe list`
#[derive(Args)]
#[command(override_usage = "connprobe list [OPTIONS] [SOURCE]...")]
pub(in crate::cli) struct ListArguments {
    #[command(flatten)]
    pub(in crate::cli) select: SelectArguments,
    /// Bound on reading a source
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub(in crate::cli) timeout: Duration,
    /// table, json or ndjson
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(in crate::cli) format: ListFormat,
}

/// `connprobe types`
#[derive(Args)]
pub(in crate::cli) struct TypesArguments {
    /// A connection type or alias
    #[arg(value_name = "TYPE")]
    pub(in crate::cli) conn_type: Option<String>,
}

/// `connprobe explain`
#[derive(Args)]
pub(in crate::cli) struct ExplainArguments {
    /// A class, a reason, a warning, a product (`pgbouncer`), or a server's code, where needed with its type:
    /// `auth`, `28P01`, `mysql:1045`
    #[arg(value_name = "WORD | [TYPE:]CODE")]
    pub(in crate::cli) word: String,
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if !duration.is_zero() => Ok(Limit::new(duration).get()),
        Ok(_) => Err("must be more than zero".to_owned()),
        Err(_) => Err("write a number with its unit, as 500ms, 10s or 2m".to_owned()),
    }
}

fn dns_server(text: &str) -> Result<SocketAddr, String> {
    let address = text.parse().or_else(|_| text.parse::<IpAddr>().map(|address| (address, dns::PORT).into()));
    address.map_err(|_| "write an address, as 10.0.0.53, 127.0.0.1:5353 or [fd00::53]:53".to_owned())
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "must be a whole number from 1".to_owned())
}

pub(super) fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port > 0).ok_or_else(|| "must be a whole number from 1 to 65535".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::cli::args::Arguments;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}

/// `connprobe completions`
#[derive(Args)]
pub(in crate::cli) struct CompletionsArguments {
    #[arg(value_name = "SHELL")]
    pub(in crate::cli) shell: clap_complete::Shell,
}

/// `connprobe man`
#[derive(Args)]
pub(in crate::cli) struct ManArguments {
    /// Where the pages go, one for each command
    #[arg(value_name = "DIRECTORY")]
    pub(in crate::cli) directory: PathBuf,
}
