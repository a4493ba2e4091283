//! Tests that need no server: the command line, the sources, hostile servers in this process, and rules for documents
//! and code.

#[macro_use]
#[path = "../drivers/list.rs"]
mod list;

#[path = "../support/metadata.rs"]
mod airflow;
#[path = "../support/events.rs"]
mod events;
#[path = "../support/process.rs"]
mod process;
#[path = "../support/schema.rs"]
mod published;
#[path = "../support/snapshot.rs"]
mod snapshot;
#[path = "../support/state.rs"]
mod state;
#[path = "../support/waiting.rs"]
mod waiting;

#[path = "../drivers"]
mod drivers {
    of_every_driver! { words: crate::words::Samples }
}

mod circles;
mod cli;
mod hints;
mod hostile;
mod readme;
mod reports;
mod schema;
mod sources;
mod tidy;
mod words;
