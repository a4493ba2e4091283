//! `connprobe store init|check|rotate-key`: manages the store itself, not its content.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::args::{BackupArguments, StateArguments, StoreArguments, StoreCommand, StoreCommandArguments};
use super::blocking_store::Opened;
use super::exit::Exit;
use super::output_file::{self, Taken};
use super::{diagnostics, file_name, ledger, open_store, source_settings};
use crate::driver::Policy;
use crate::model::redact::escape_control;
use crate::source;
use crate::store::{Access, Health, Rotation, StoreError, files_of_key};

pub(super) fn run(arguments: &StoreCommandArguments) -> Exit {
    let done = match &arguments.command {
        StoreCommand::Init(store) => init(store, arguments.timeout),
        StoreCommand::Check(store) => check(store, arguments.timeout),
        StoreCommand::RotateKey(store) => rotate_key(store, arguments.timeout),
        StoreCommand::Backup(backup) => self::backup(backup, arguments.timeout),
    };
    done.unwrap_or_else(|exit| exit)
}

fn init(arguments: &StoreArguments, limit: Duration) -> Result<Exit, Exit> {
    let mut settings = source_settings::of_store(arguments, limit, Policy::default());
    let Some(key_file) = arguments.key_file(&settings.environment) else {
        diagnostics::error(
            "it is not known where the key belongs: neither HOME nor XDG_CONFIG_HOME is set",
            Some("name its file with --key-file"),
        );
        return Err(Exit::Usage);
    };
    file_name::check("`--key-file`, or `CONNPROBE_KEY_FILE`,", &key_file.path)?;
    let key_was_there = key_file.path.exists();
    let shown_key = file_name::shown(&key_file.path);
    settings.key_file = Some(key_file.path);
    let settings = settings.into();
    let (location, options) = open_store::place(&settings)?;
    let store_was_there = match Opened::open(&location, &options, Access::Read) {
        Ok(_) => true,
        // It could not even be asked.
        Err(error @ StoreError::Server { .. }) => return Err(open_store::unusable(&error)),
        Err(_) => false,
    };
    Opened::create(&location, &options).map_err(|error| open_store::unusable(&error))?;
    let verb = |was_there: bool| if was_there { "there already" } else { "made" };
    tell(|out| {
        writeln!(out, "store: {location} ({})", verb(store_was_there))?;
        writeln!(out, "key:   {shown_key} ({})", verb(key_was_there))?;
        if store_was_there && key_was_there {
            return Ok(());
        }
        writeln!(
            out,
            "\nBack up both, and not together: who has both has every secret, and without the key nobody has."
        )?;
        writeln!(out, "Next: `connprobe add NAME`, or `connprobe import SOURCE`.")
    })
}

fn check(arguments: &StoreArguments, limit: Duration) -> Result<Exit, Exit> {
    let settings = source_settings::of_store(arguments, limit, Policy::default()).into();
    let (location, _) = open_store::place(&settings)?;
    let mut store = open_store::open_or(&settings, Access::Read, unchecked)?;
    let Health { connections, secrets, key, changes, rotation, faults, for_want_of_key } =
        store.check().map_err(|error| unchecked(&error))?;
    tell(|out| {
        writeln!(out, "store: {location}")?;
        let key = match &rotation {
            Some(Rotation { from, to, .. }) => Some(format!(" under the keys {from} and {to}")),
            None => key.map(|key| format!(" under the key {key}")),
        };
        let key = key.filter(|_| secrets > 0).unwrap_or_default();
        let changes = changes.map(|changes| format!(", after {}", count(changes, "change"))).unwrap_or_default();
        writeln!(out, "{}, {}{key}{changes}", count(connections, "connection"), count(secrets, "secret"))?;
        if let Some(Rotation { from, to, left }) = &rotation {
            let left = count(*left, "connection");
            writeln!(
                out,
                "unfinished: the change from the key {from} to {to}; {left} to go, and both key files are needed"
            )?;
            writeln!(out, "`connprobe store rotate-key` goes on with it")?;
        }
        if faults.is_empty() && rotation.is_none() {
            return writeln!(out, "everything is in order");
        }
        if faults.is_empty() {
            return Ok(());
        }
        for fault in &faults {
            writeln!(out, "fault: {}", escape_control(fault))?;
        }
        let way_out = if for_want_of_key == faults.len() {
            "name the file of the store's key with --key-file or CONNPROBE_KEY_FILE, or bring back its copy"
        } else {
            "bring back a copy of the store, or enter what is named here anew"
        };
        writeln!(out, "{}: {way_out}", count(faults.len(), "fault"))
    })?;
    Ok(if faults.is_empty() && rotation.is_none() { Exit::Success } else { Exit::NotOk })
}

fn rotate_key(arguments: &StoreArguments, limit: Duration) -> Result<Exit, Exit> {
    let settings = Arc::new(source_settings::of_store(arguments, limit, Policy::default()));
    let mut store = open_store::open(&settings, Access::Write)?;
    // A rotation seals the rows anew and hides faults that are not reported before.
    for fault in store.check().map_err(|error| open_store::unusable(&error))?.faults {
        diagnostics::warning(fault);
    }
    let done = store.rotate_key().map_err(|error| {
        let exit = unusable(&error);
        tell_of_both_keys(&error, settings.key_file.as_deref());
        exit
    })?;
    let key = store.check().map_err(|error| open_store::unusable(&error))?.key.unwrap_or_default();
    let file = settings.key_file.as_deref().map(file_name::shown).unwrap_or_default();
    tell(|out| {
        writeln!(out, "{} encrypted anew, under the key {key} in {file}", count(done, "connection"))?;
        writeln!(
            out,
            "\nBack up the new key. The old one is gone from here, and is needed only for copies of the store"
        )?;
        writeln!(out, "that were made before: keep its copy as long as those, then destroy it.")
    })
}

/// Reports that a rotation which ended with `error`, once begun, goes on with both keys.
fn tell_of_both_keys(error: &StoreError, key_file: Option<&Path>) {
    let has_begun = !matches!(
        error,
        StoreError::NoKey | StoreError::OtherKey { .. } | StoreError::NotNextKey { .. } | StoreError::Unvouched { .. }
    );
    if let Some([key, next]) = key_file.map(files_of_key)
        && has_begun
        && next.exists()
    {
        diagnostics::warning(format!(
            "the change of keys is not at its end: keep both `{}` and `{}` until `connprobe store rotate-key` has ended",
            file_name::shown(&key),
            file_name::shown(&next)
        ));
    }
}

/// Reports why the store cannot be checked.
fn unchecked(error: &StoreError) -> Exit {
    match error {
        StoreError::Damaged { .. } => {
            diagnostics::error(error, Some("bring back a copy of the store if there is one"));
            Exit::Source
        }
        error => open_store::unusable(error),
    }
}

fn backup(arguments: &BackupArguments, limit: Duration) -> Result<Exit, Exit> {
    let settings = Arc::new(source_settings::of_store(&arguments.store, limit, Policy::default()));
    let shown = file_name::shown(&arguments.file);
    let owned = source::files(&[], &settings);
    let taken = Taken::of(owned.into_iter().chain(ledger::files(&StateArguments::default())));
    output_file::judge_copy(&arguments.file, &taken).map_err(|reason| {
        diagnostics::error(format!("the store is not copied to `{shown}`: {reason}"), Some("name another file"));
        Exit::Usage
    })?;
    let mut store = open_store::open(&settings, Access::Read)?;
    let copied = store.backup(&arguments.file).map_err(|error| unusable(&error))?;
    tell(|out| {
        writeln!(out, "{} copied to {shown}", count(copied, "connection"))?;
        writeln!(out, "\nIt opens with the key of the store, which is not in it: keep a copy of that elsewhere.")
    })
}

/// Reports why the store cannot be used, or that a file to be written has the name of another file.
fn unusable(error: &StoreError) -> Exit {
    let exit = open_store::unusable(error);
    match error {
        StoreError::NotACopy { .. }
        | StoreError::NotEarlier { .. }
        | StoreError::Leftover { .. }
        | StoreError::NotNextKey { .. } => Exit::Usage,
        _ => exit,
    }
}

fn count(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn tell(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Exit, Exit> {
    let mut out = io::stdout().lock();
    let written = write(&mut out).and_then(|()| out.flush());
    written.map(|()| Exit::Success).map_err(|error| diagnostics::unwritten("the answer", &error))
}
