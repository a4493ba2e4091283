//! Layer 6: the command line. Owns arguments, what goes to stdout and stderr, and exit statuses;
//! one file for each command.

mod add;
mod args;
mod blocking;
mod check;
mod command_line;
mod descriptors;
mod exit;
mod explain;
mod export;
mod file_name;
mod hardening;
mod import;
mod ledger;
mod list;
mod memory;
mod once;
mod opening;
mod output;
mod output_file;
mod patient;
mod prompt;
mod remove;
mod repeated;
mod say;
mod signals;
mod sources;
mod state;
mod stderr;
mod store;
mod store_place;
mod trial;
mod types;

use self::blocking::blocking;
pub use self::command_line::run;
pub use self::exit::Exit;
