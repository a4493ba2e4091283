//! Locates the store and its key: by the arguments, else by the environment, else in the default places.

use std::path::{Path, PathBuf};

use super::args::StoreArguments;
use crate::source::Environment;

/// The variable that names the key file if no argument does.
const KEY_FILE: &str = "CONNPROBE_KEY_FILE";

/// The path of the key file.
pub(super) struct KeyFile {
    pub(super) path: PathBuf,
    /// Whether it was named and must exist.
    pub(super) named: bool,
}

impl StoreArguments {
    /// The location of the store, as `source::store_location` reads it; `None` if there is no directory for it.
    pub(super) fn place(&self, environment: &Environment) -> Option<String> {
        let usual = || {
            let file = home(environment, "XDG_DATA_HOME", ".local/share")?.join("connprobe/connections.db");
            file.into_os_string().into_string().ok()
        };
        self.store.clone().or_else(usual)
    }

    /// The file of the store's key. By default it is in another directory than the store, so that a copy of the store's
    /// directory does not include the key.
    pub(super) fn key_file(&self, environment: &Environment) -> Option<KeyFile> {
        let named = self.key_file.clone().or_else(|| environment.get(KEY_FILE).map(PathBuf::from));
        if let Some(path) = named {
            return Some(KeyFile { path, named: true });
        }
        let path = home(environment, "XDG_CONFIG_HOME", ".config")?.join("connprobe/store.key");
        Some(KeyFile { path, named: false })
    }
}

/// The directory that `variable` names, else `usual` below the home directory. Relative paths do not count.
fn home(environment: &Environment, variable: &str, usual: &str) -> Option<PathBuf> {
    let absolute = |name: &str| environment.get(name).map(Path::new).filter(|path| path.is_absolute());
    absolute(variable).map(Path::to_owned).or_else(|| Some(absolute("HOME")?.join(usual)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_wins_then_the_environment_then_the_usual_place() {
        for (variables, store, key) in [
            (
                &[("HOME", "/home/u")][..],
                Some("/home/u/.local/share/connprobe/connections.db"),
                Some("/home/u/.config/connprobe/store.key"),
            ),
            (
                &[("HOME", "/home/u"), ("XDG_DATA_HOME", "/d"), ("XDG_CONFIG_HOME", "/c")],
                Some("/d/connprobe/connections.db"),
                Some("/c/connprobe/store.key"),
            ),
            (
                &[("HOME", "/home/u"), ("XDG_DATA_HOME", "d")],
                Some("/home/u/.local/share/connprobe/connections.db"),
                Some("/home/u/.config/connprobe/store.key"),
            ),
            (&[("CONNPROBE_KEY_FILE", "k")], None, Some("k")),
            (&[], None, None),
        ] {
            let environment = Environment::of(variables.iter().map(|(name, value)| (name.into(), value.into())));
            let none = StoreArguments { store: None, key_file: None };
            assert_eq!(none.place(&environment).as_deref(), store, "{variables:?}");
            assert_eq!(none.key_file(&environment).map(|file| file.path), key.map(PathBuf::from), "{variables:?}");
            let both = StoreArguments { store: Some("s".to_owned()), key_file: Some("f".into()) };
            assert_eq!(both.place(&environment).as_deref(), Some("s"));
            assert!(both.key_file(&environment).is_some_and(|file| file.named && file.path == Path::new("f")));
        }
    }
}
