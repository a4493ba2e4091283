//! `Extra`: the free-form object of a connection, and its stored text. It is secret as a whole, and parsed leniently,
//! key by key.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::json;

/// The `extra` object. Its `Debug` shows key names only, and its text is wiped on drop.
#[derive(Clone, Default)]
pub struct Extra {
    object: Map<String, Value>,
    /// The text that the object was read from, which preserves the order of keys and the notation of numbers.
    text: Option<Zeroizing<String>>,
}

impl Extra {
    /// An object without a stored text.
    #[must_use]
    pub fn new(object: Map<String, Value>) -> Self {
        Self { object, text: None }
    }

    /// The object that was read from `text`, which is kept unchanged.
    #[must_use]
    pub fn stored(object: Map<String, Value>, text: &str) -> Self {
        Self { object, text: Some(Zeroizing::new(text.to_owned())) }
    }

    /// Whether there is neither an object nor a stored text.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.object.is_empty() && self.text.is_none()
    }

    /// The stored text: the one that the object was read from, or the object as Python writes it.
    #[must_use]
    pub fn written(&self) -> Option<Cow<'_, str>> {
        match &self.text {
            Some(text) => Some(Cow::Borrowed(text)),
            None if self.object.is_empty() => None,
            None => {
                let mut text = String::new();
                json::push_object(&self.object, &mut text);
                Some(Cow::Owned(text))
            }
        }
    }

    /// The keys, as written.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.object.keys().map(String::as_str)
    }

    /// The value of `key`; `null` counts as absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    /// The value of `key`, ignoring case, as for MongoDB's connection-string options.
    #[must_use]
    pub fn get_ignoring_case(&self, key: &str) -> Option<&Value> {
        self.object
            .iter()
            .find(|(name, value)| name.eq_ignore_ascii_case(key) && !value.is_null())
            .map(|(_, value)| value)
    }

    /// The value at a path of object keys, such as `["service_config", "s3", "endpoint_url"]`.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.get(first)?, |value, key| value.get(key)).filter(|value| !value.is_null())
    }

    /// The whole object, for the redactor and for comparing definitions.
    #[must_use]
    pub fn object(&self) -> &Map<String, Value> {
        &self.object
    }
}

/// The text of a scalar, as every stored format writes it (`5432` and `"5432"` alike). `None` for containers and
/// `null`.
#[must_use]
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A boolean in any of the spellings found in stored definitions.
#[must_use]
pub fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.object.keys()).finish()
    }
}

impl Drop for Extra {
    fn drop(&mut self) {
        for (_, value) in std::mem::take(&mut self.object) {
            wipe(value);
        }
    }
}

fn wipe(value: Value) {
    match value {
        Value::String(mut text) => text.zeroize(),
        Value::Array(values) => values.into_iter().for_each(wipe),
        Value::Object(object) => object.into_iter().for_each(|(_, value)| wipe(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn flags_are_read_in_every_spelling_in_use() {
        for (value, expected) in [
            (json!(true), Some(true)),
            (json!("True"), Some(true)),
            (json!("false"), Some(false)),
            (json!(0), Some(false)),
            (json!("no"), Some(false)),
            (json!("maybe"), None),
            (json!({}), None),
        ] {
            assert_eq!(flag(&value), expected, "{value}");
        }
    }

    #[test]
    fn debug_names_keys_and_no_values() {
        let Value::Object(object) = json!({"aws_secret_access_key": "hunter2"}) else { unreachable!() };
        assert_eq!(format!("{:?}", Extra::new(object)), r#"{"aws_secret_access_key"}"#);
    }
}
