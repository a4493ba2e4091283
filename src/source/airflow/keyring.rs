//! The Fernet keys that decrypt rows, and the problem of a value that none of them decrypts.

use std::path::Path;

use super::configuration::{Configuration, Found};
use super::fernet::{self, Fault, Key};
use crate::model::plain::shown_name;
use crate::model::problem::SecretFlaw;
use crate::model::reason::unusable::{Keys, SettingPlace};
use crate::model::secret::Secret;
use crate::source::error::SourceError;
use crate::source::read::read;
use crate::source::settings::Settings;
use crate::source::spec::Input;

/// The keys, each of which is tried, and where they were found.
#[derive(Default)]
pub(super) struct Keyring {
    keys: Vec<Key>,
    /// `None` if no keys were found.
    place: Option<SettingPlace>,
}

impl Keyring {
    /// The keys in a file: one or more, separated by commas or line ends.
    pub(super) fn of_file(path: &Path, source: &str, settings: &Settings) -> Result<Self, SourceError> {
        let name = shown_name(&path.to_string_lossy());
        let text = read(&Input::File(path.to_owned()), &name, settings.limit)?;
        let parts = text.split([',', '\n']).filter(|part| !part.trim().is_empty());
        Self::parse(parts, SettingPlace::File(name), source)
    }

    /// The keys of Airflow's configuration. Airflow encrypts with the first one.
    pub(super) fn of_configuration(configuration: &Configuration<'_>, source: &str) -> Result<Self, SourceError> {
        let Some(Found { value, place, .. }) = configuration.fernet_keys()? else { return Ok(Self::default()) };
        if value.expose().trim().is_empty() {
            return Ok(Self { keys: Vec::new(), place: Some(place) });
        }
        Self::parse(value.expose().split(','), place, source)
    }

    fn parse<'a>(
        parts: impl Iterator<Item = &'a str> + Clone,
        place: SettingPlace,
        source: &str,
    ) -> Result<Self, SourceError> {
        let count = parts.clone().count();
        let read = |(number, part): (usize, &str)| Key::parse(part).ok_or(number);
        match (1..).zip(parts).map(read).collect() {
            Ok(keys) => Ok(Self { keys, place: Some(place) }),
            Err(number) => Err(SourceError::unusable(source, Keys::NotAKey { place, number, count })),
        }
    }

    /// Decrypts the token in `field`. A problem with the keys has the same text for all fields and rows, so that it is
    /// reported as one cause.
    pub(super) fn decrypt(&self, token: &Secret, field: &'static str) -> Result<Secret, SecretFlaw> {
        if self.keys.is_empty() {
            return Err(SecretFlaw::NoFernetKey { place: self.place.clone(), field });
        }
        fernet::decrypt(token.expose(), &self.keys).map_err(|fault| self.flaw(fault, field))
    }

    /// Whether `text` is a token that one of the keys created.
    pub(super) fn wrote(&self, text: &Secret) -> bool {
        fernet::decrypt(text.expose(), &self.keys).is_ok()
    }

    fn flaw(&self, fault: Fault, field: &'static str) -> SecretFlaw {
        match fault {
            Fault::NotAToken => SecretFlaw::NotAToken { field },
            Fault::Damaged => SecretFlaw::Damaged { field },
            Fault::WrongKey => SecretFlaw::OtherFernetKey { place: self.place.clone(), count: self.keys.len(), field },
        }
    }
}

#[cfg(test)]
impl Keyring {
    /// A keyring of keys from a setting named `fernet_key`.
    pub(super) fn of_keys(keys: Vec<Key>) -> Self {
        Self { keys, place: Some(SettingPlace::Variable("fernet_key".to_owned())) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fernet::tests::{KEY, OTHER, encrypt};
    use super::*;
    use crate::model::reason::{Source, Unusable};

    fn of_text(text: &str) -> Result<Keyring, SourceError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("keys");
        std::fs::write(&path, text).unwrap();
        Keyring::of_file(&path, "airflow", &Settings::default())
    }

    #[test]
    fn a_file_holds_keys_with_commas_or_lines_between_them() {
        let token = Secret::new(encrypt("p", KEY));
        for text in [
            KEY.to_owned(),
            format!("{KEY}\n"),
            format!("\n  {OTHER}\r\n\n{KEY}"),
            format!("{OTHER},{KEY},"),
            format!("{OTHER} , {KEY}\n"),
        ] {
            assert_eq!(of_text(&text).unwrap().decrypt(&token, "password").unwrap().expose(), "p", "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_counted_and_not_quoted() {
        for (text, number, count) in [
            ("CANARY", 1, 1),
            (&KEY[1..], 1, 1),
            (&format!("{KEY},CANARY"), 2, 2),
            (&format!("{KEY}\nCANARY\n{KEY}\n"), 2, 3),
        ] {
            let error = of_text(text).err().unwrap();
            assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
            let SourceError::Own(Source::Unusable { why, .. }) = error else { panic!("{error:?}") };
            let Unusable::Keys(Keys::NotAKey { place: SettingPlace::File(file), number: found, count: of }) = *why
            else {
                panic!("{why:?}")
            };
            assert!(Path::new(&file).ends_with("keys"), "{file}");
            assert_eq!((found, of), (number, count), "{text}");
        }
        assert!(matches!(of_text(" \n"), Err(SourceError::Own(Source::Empty { .. }))));
        let missing = Keyring::of_file(Path::new("/nonexistent"), "airflow", &Settings::default());
        assert!(matches!(missing, Err(SourceError::Own(Source::Missing { .. }))));
    }
}
