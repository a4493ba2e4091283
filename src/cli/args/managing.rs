//! The arguments of the commands that manage the store: `add`, `remove`, `import`, `export`, `store`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use super::checking::{LoginArguments, SelectArguments, StoreArguments, duration, port};

/// `connprobe add`
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch of the command line")]
pub(in crate::cli) struct AddArguments {
    /// The name of the connection
    #[arg(value_name = "CONN_ID")]
    pub(in crate::cli) conn_id: String,
    /// A file with its URI, or with its JSON object
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from_stdin", "fields"])]
    pub(in crate::cli) uri_file: Option<PathBuf>,
    /// Read its URI, or its JSON object, from standard input
    #[arg(long, conflicts_with = "fields")]
    pub(in crate::cli) from_stdin: bool,
    #[command(flatten)]
    pub(in crate::cli) fields: FieldArguments,
    /// Text about it for people
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) description: Option<String>,
    /// Log in first, and save it only when that works
    #[arg(long)]
    pub(in crate::cli) check: bool,
    /// Save it although its check fails, marked as such
    #[arg(long, requires = "check")]
    pub(in crate::cli) save_failing: bool,
    /// Save it beside another connection of the same name
    #[arg(long)]
    pub(in crate::cli) allow_duplicate: bool,
    #[command(flatten)]
    pub(in crate::cli) login: LoginArguments,
    #[command(flatten)]
    pub(in crate::cli) store: StoreArguments,
}

/// A connection, field by field. The password is asked for on the terminal.
#[derive(Args)]
#[group(id = "fields", multiple = true)]
pub(in crate::cli) struct FieldArguments {
    /// Its type, see `connprobe types`
    #[arg(long, value_name = "TYPE")]
    pub(in crate::cli) conn_type: Option<String>,
    /// Host name or address
    #[arg(long, value_name = "HOST")]
    pub(in crate::cli) host: Option<String>,
    /// Port, unless it is the type's usual one
    #[arg(long, value_name = "PORT", value_parser = port)]
    pub(in crate::cli) port: Option<u16>,
    /// The user, or key id
    #[arg(long = "login", value_name = "USER")]
    pub(in crate::cli) user: Option<String>,
    /// The database to log in to (MongoDB: the authentication database; S3: a bucket)
    #[arg(long, value_name = "DATABASE")]
    pub(in crate::cli) schema: Option<String>,
    /// A file with its `extra`, a JSON object; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) extra_file: Option<PathBuf>,
    /// A file with its password, instead of asking for it; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "no_password")]
    pub(in crate::cli) password_file: Option<PathBuf>,
    /// It has no password
    #[arg(long)]
    pub(in crate::cli) no_password: bool,
}

/// `connprobe remove`
#[derive(Args)]
pub(in crate::cli) struct RemoveArguments {
    /// The names of the connections
    #[arg(value_name = "CONN_ID", required_unless_present = "rows")]
    pub(in crate::cli) names: Vec<String>,
    /// One connection by its place in the store, as `store#12`; may be repeated
    #[arg(long = "row", value_name = "store#N")]
    pub(in crate::cli) rows: Vec<String>,
    /// Remove all that share the name
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Bound on waiting for the store
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub(in crate::cli) timeout: Duration,
    #[command(flatten)]
    pub(in crate::cli) store: StoreArguments,
}

/// `connprobe import`
#[derive(Args)]
#[command(mut_arg("sources", |argument| argument.help("What to import, as FILE.json, or - for standard input")))]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent switch of the command line")]
pub(in crate::cli) struct ImportArguments {
    #[command(flatten)]
    pub(in crate::cli) select: SelectArguments,
    /// Log in first, and save only what works
    #[arg(long)]
    pub(in crate::cli) check: bool,
    /// Save what fails its check too, marked as such
    #[arg(long, requires = "check")]
    pub(in crate::cli) save_failing: bool,
    /// Replace stored definitions that differ: every field, a password that is gone too
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    /// Keep stored definitions that differ, which is the default; with --replace, those that share a name
    #[arg(long, conflicts_with = "replace_all")]
    pub(in crate::cli) keep: bool,
    /// Replace, and where several stored definitions share the name, all of them by the new one
    #[arg(long)]
    pub(in crate::cli) replace_all: bool,
    /// Remove stored definitions whose name is in no source any more
    #[arg(long, conflicts_with_all = ["select", "exclude", "types"])]
    pub(in crate::cli) prune: bool,
    /// The most that --prune may remove, of all that are stored: beyond it nothing is changed
    #[arg(long, value_name = "N|PERCENT%", default_value = "50%", requires = "prune")]
    pub(in crate::cli) prune_limit: PruneLimit,
    /// Take several definitions of one name from the sources
    #[arg(long)]
    pub(in crate::cli) allow_duplicate: bool,
    /// Save name by name what can be saved, instead of everything or nothing
    #[arg(long)]
    pub(in crate::cli) partial: bool,
    /// The type, and its port or another, of definitions that have none
    #[arg(long, value_name = "TYPE[:PORT]")]
    pub(in crate::cli) default_type: Option<String>,
    /// Show what would be done; save nothing, send nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(in crate::cli) format: ImportFormat,
    #[command(flatten)]
    pub(in crate::cli) login: LoginArguments,
}

/// How much `--prune` may remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum PruneLimit {
    /// So many definitions.
    Count(usize),
    /// So much of a hundred of those that are stored.
    Percent(usize),
}

impl PruneLimit {
    /// Whether `removed` of `stored` definitions are not too many.
    pub(in crate::cli) fn allows(self, removed: usize, stored: usize) -> bool {
        match self {
            Self::Count(most) => removed <= most,
            Self::Percent(most) => removed.saturating_mul(100) <= stored.saturating_mul(most),
        }
    }
}

impl FromStr for PruneLimit {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let limit = match text.strip_suffix('%') {
            Some(percent) => percent.parse().ok().filter(|percent| *percent <= 100).map(Self::Percent),
            None => text.parse().ok().map(Self::Count),
        };
        limit.ok_or("write a number of definitions, as 10, or a part of them, as 20%")
    }
}

impl fmt::Display for PruneLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(most) => most.fmt(f),
            Self::Percent(most) => write!(f, "{most}%"),
        }
    }
}

/// How `connprobe import` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ImportFormat {
    Table,
    Json,
}

/// `connprobe export`
#[derive(Args)]
pub(in crate::cli) struct ExportArguments {
    #[command(flatten)]
    pub(in crate::cli) select: SelectArguments,
    /// How [default: as the name of --output says, else json]
    #[arg(long, value_name = "FORMAT")]
    pub(in crate::cli) format: Option<ExportFormat>,
    /// Where to, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Passwords and extras too; only to a file that nobody else may read, or to a pipe
    #[arg(long)]
    pub(in crate::cli) with_secrets: bool,
    /// Bound on reading a source
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub(in crate::cli) timeout: Duration,
}

/// A format of `airflow connections export`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ExportFormat {
    /// An object of names and definitions
    Json,
    /// The same in YAML
    Yaml,
    /// Lines of name=URI
    Env,
    /// Lines of name={JSON object}
    EnvJson,
}

/// `connprobe store`
#[derive(Args)]
pub(in crate::cli) struct StoreCommandArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: StoreCommand,
    /// Bound on waiting for the store
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration, global = true)]
    pub(in crate::cli) timeout: Duration,
}

#[derive(Subcommand)]
pub(in crate::cli) enum StoreCommand {
    /// Make a store and its key; what is there stays as it is
    Init(StoreArguments),
    /// Look whether everything is in order and every secret can be read
    Check(StoreArguments),
    /// Encrypt every secret under a new key; when interrupted, run it again
    RotateKey(StoreArguments),
    /// Copy the store, as it is at one moment, into a file that is a store of its own; the key is not copied
    Backup(BackupArguments),
}

#[derive(Args)]
pub(in crate::cli) struct BackupArguments {
    /// Where to; a file that is there is replaced once the copy is whole
    #[arg(value_name = "FILE")]
    pub(in crate::cli) file: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) store: StoreArguments,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_or_a_part() {
        for (text, removed, stored, allowed) in [
            ("50%", 15, 30, true),
            ("50%", 16, 30, false),
            ("50%", 1, 1, false),
            ("100%", 30, 30, true),
            ("0%", 0, 30, true),
            ("0", 1, 30, false),
            ("2", 2, 2, true),
            ("2", 3, 1000, false),
        ] {
            let limit: PruneLimit = text.parse().unwrap();
            assert_eq!(limit.allows(removed, stored), allowed, "{text}: {removed} of {stored}");
            assert_eq!(limit.to_string(), text);
        }
        for text in ["", "%", "101%", "-1", "x", "1.5%"] {
            assert!(text.parse::<PruneLimit>().is_err(), "{text}");
        }
    }
}
