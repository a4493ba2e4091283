//! `connprobe store init|check|rotate-key`: the store itself, not what is in it.

use std::io::{self, Write};
use std::time::Duration;

use super::args::{StoreArguments, StoreCommand, StoreCommandArguments};
use super::exit::Exit;
use super::{opening, say};
use crate::driver::Policy;
use crate::model::redact::escape_control;
use crate::store::{Access, Health, Store};

pub(super) fn run(arguments: &StoreCommandArguments) -> Exit {
    let done = match &arguments.command {
        StoreCommand::Init(store) => init(store, arguments.timeout),
        StoreCommand::Check(store) => check(store, arguments.timeout),
        StoreCommand::RotateKey(store) => rotate_key(store, arguments.timeout),
    };
    done.unwrap_or_else(|exit| exit)
}

fn init(arguments: &StoreArguments, limit: Duration) -> Result<Exit, Exit> {
    let mut settings = arguments.settings(limit, Policy::default());
    let Some(key_file) = arguments.key_file(&settings.environment) else {
        say::error(
            "it is not known where the key belongs: neither HOME nor XDG_CONFIG_HOME is set",
            Some("name its file with --key-file"),
        );
        return Err(Exit::Usage);
    };
    let key_was_there = key_file.path.exists();
    let shown_key = escape_control(&key_file.path.to_string_lossy());
    settings.key_file = Some(key_file.path);
    let (location, options) = opening::place(&settings)?;
    let store_was_there = Store::open(&location, &options, Access::Read).is_ok();
    Store::create(&location, &options).map_err(|error| opening::unusable(&error))?;
    let verb = |was_there: bool| if was_there { "there already" } else { "made" };
    let mut text = format!("store: {location} ({})\n", verb(store_was_there));
    text.push_str(&format!("key:   {shown_key} ({})\n", verb(key_was_there)));
    if !store_was_there || !key_was_there {
        text.push_str(
            "\nBack up both, and not together: who has both has every secret, and without the key nobody has.\n\
             Next: `connprobe add NAME`, or `connprobe import SOURCE`.\n",
        );
    }
    print(&text)
}

fn check(arguments: &StoreArguments, limit: Duration) -> Result<Exit, Exit> {
    let settings = arguments.settings(limit, Policy::default());
    let (location, _) = opening::place(&settings)?;
    let mut store = opening::open(&settings, Access::Read)?;
    let Health { connections, secrets, key, faults } = store.check().map_err(|error| opening::unusable(&error))?;
    let mut text = format!("store: {location}\n{}, {}", count(connections, "connection"), count(secrets, "secret"));
    text.push_str(
        &key.filter(|_| secrets > 0).map_or_else(|| "\n".to_owned(), |key| format!(" under the key {key}\n")),
    );
    if faults.is_empty() {
        text.push_str("everything is in order\n");
        return print(&text);
    }
    for fault in &faults {
        text.push_str(&format!("fault: {}\n", escape_control(fault)));
    }
    text.push_str(&format!(
        "{}: bring back a copy of the store, or enter what is named here anew\n",
        count(faults.len(), "fault")
    ));
    print(&text).map(|_| Exit::NotOk)
}

fn rotate_key(arguments: &StoreArguments, limit: Duration) -> Result<Exit, Exit> {
    let settings = arguments.settings(limit, Policy::default());
    let mut store = opening::open(&settings, Access::Write)?;
    let count_done = store.rotate_key(&mut |_| {}).map_err(|error| opening::unusable(&error))?;
    let key = store.check().map_err(|error| opening::unusable(&error))?.key.unwrap_or_default();
    let file = settings.key_file.as_deref().map(|file| escape_control(&file.to_string_lossy())).unwrap_or_default();
    print(&format!(
        "{} encrypted anew, under the key {key} in {file}\n\n\
         Back up the new key. The old one is gone from here, and is needed only for copies of the store\n\
         that were made before: keep its copy as long as those, then destroy it.\n",
        count(count_done, "connection")
    ))
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn print(text: &str) -> Result<Exit, Exit> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map(|()| Exit::Success).map_err(|error| say::unwritten("the answer", &error))
}
