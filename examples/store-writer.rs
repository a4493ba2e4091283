//! Writes to a store for the tests, which kill it in the middle.
//!
//! ```text
//! store-writer PLACE KEY_FILE write NAME     changes of three definitions each, without end
//! store-writer PLACE KEY_FILE rotate COUNT   rotates the key, and ends itself (SIGKILL) at the COUNTth pause
//! ```
//!
//! PLACE has the same form as for `--store`. A writer prints `try +GROUP [-GROUP]` before each change and `done` when
//! it is acknowledged. The three definitions of a group have its name as their description.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use connprobe::model::connection::{Connection, Origin};
use connprobe::model::secret::Secret;
use connprobe::source::{self, Environment, Settings};
use connprobe::store::{Access, Change, RowId, Store};
use rustix::process::{Signal, getpid, kill_process};
use tokio::runtime::Runtime;

/// The number of groups that a writer leaves in the store.
const GROUPS: usize = 4;

/// The number of definitions in a group.
const MEMBERS: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, place, key_file, mode, argument] = arguments.as_slice() else {
        return Err("usage: store-writer PLACE KEY_FILE write NAME | rotate COUNT".into());
    };
    let settings = Settings {
        limit: Duration::from_secs(20),
        environment: Environment::of_process(),
        store: Some(place.clone()),
        key_file: Some(PathBuf::from(key_file)),
        ..Settings::default()
    };
    Runtime::new()?.block_on(run(&settings.into(), mode, argument))
}

async fn run(settings: &Arc<Settings>, mode: &str, argument: &str) -> Result<(), Box<dyn Error>> {
    let location = source::store_location(settings).await?;
    let mut store = Store::open(&location, &source::store_options(settings), Access::Write).await?;
    match mode {
        "write" => write(&mut store, argument).await,
        "rotate" => rotate(&mut store, argument.parse()?).await,
        _ => Err("the third argument is write or rotate".into()),
    }
}

async fn write(store: &mut Store, name: &str) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout();
    let mut groups: Vec<(String, Vec<RowId>)> = Vec::new();
    for number in 0.. {
        let group = format!("{name}-{number}");
        let oldest = if groups.len() < GROUPS { None } else { Some(groups.remove(0)) };
        write!(out, "try +{group}")?;
        if let Some((oldest, _)) = &oldest {
            write!(out, " -{oldest}")?;
        }
        writeln!(out)?;
        out.flush()?;
        let removed = oldest.iter().flat_map(|(_, ids)| ids).map(|id| Change::Remove { id: *id, version: 1 });
        let added = (0..MEMBERS).map(|member| {
            let connection = definition(&group, member).into();
            Change::Add { connection, failing: false, unique: true }
        });
        let ids = store.apply(removed.chain(added).collect()).await?;
        writeln!(out, "done")?;
        out.flush()?;
        groups.push((group, ids[ids.len() - MEMBERS..].to_vec()));
    }
    Ok(())
}

fn definition(group: &str, member: usize) -> Connection {
    let origin = Origin { source: "writer".to_owned(), line: None, pointer: String::new(), occurrence: 0 };
    Connection {
        conn_id: Some(format!("{group}.{member}")),
        conn_type: Some("postgres".to_owned()),
        description: Some(group.to_owned()),
        host: Some("db.example".to_owned()),
        password: Some(Secret::new(format!("secret of {group}.{member}"))),
        ..Connection::new(origin)
    }
}

async fn rotate(store: &mut Store, mut pauses: usize) -> Result<(), Box<dyn Error>> {
    let rotated = store.rotate_key(move |_resealed| {
        if pauses == 0 {
            // If this succeeds, there is no process left to use the result.
            let _dead = kill_process(getpid(), Signal::KILL);
        }
        pauses -= 1;
    });
    rotated.await?;
    Ok(())
}
