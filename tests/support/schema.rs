//! A published schema, and the comparison of documents with it: a document must be valid, and must contain nothing that
//! the schema does not describe.

use jsonschema::Validator;
use serde_json::Value;

/// A schema of `docs/`.
pub struct Schema {
    text: Value,
    validator: Validator,
}

impl Schema {
    /// Parses the schema in `text`.
    pub fn of(text: &str) -> Self {
        let text: Value = serde_json::from_str(text).unwrap();
        let validator = jsonschema::validator_for(&text).unwrap();
        Self { text, validator }
    }

    /// The schema as a JSON value.
    pub fn text(&self) -> &Value {
        &self.text
    }

    /// Whether `document` is valid.
    pub fn admits(&self, document: &Value) -> bool {
        self.validator.is_valid(document)
    }

    /// Asserts that `document` is valid and that the schema describes all of it.
    #[track_caller]
    pub fn hold(&self, document: &Value) {
        let errors = self.validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path));
        let mut wrong: Vec<String> = errors.collect();
        self.undescribed(document, &self.applied(&self.text), "", &mut wrong);
        assert!(wrong.is_empty(), "{wrong:#?}\n{document:#}");
    }

    /// `schema` with all schemas that it refers to or combines.
    fn applied<'a>(&'a self, schema: &'a Value) -> Vec<&'a Value> {
        let mut all = vec![schema];
        if let Some(place) = schema["$ref"].as_str() {
            let named = self.text.pointer(place.trim_start_matches('#')).expect("what a $ref names");
            all.extend(self.applied(named));
        }
        for word in ["allOf", "anyOf", "oneOf"] {
            all.extend(schema[word].as_array().into_iter().flatten().flat_map(|part| self.applied(part)));
        }
        for word in ["then", "else"] {
            all.extend(schema.get(word).into_iter().flat_map(|part| self.applied(part)));
        }
        all
    }

    /// Adds the places in `document` that none of `schemas` describes.
    fn undescribed(&self, document: &Value, schemas: &[&Value], at: &str, wrong: &mut Vec<String>) {
        let below = |place: &str| -> Vec<&Value> {
            schemas.iter().filter_map(|schema| schema.pointer(place)).flat_map(|part| self.applied(part)).collect()
        };
        match document {
            Value::Array(values) => {
                let items = below("/items");
                for (n, value) in values.iter().enumerate() {
                    self.undescribed(value, &items, &format!("{at}/{n}"), wrong);
                }
            }
            // An object whose member names are data has no members to describe.
            Value::Object(members) if schemas.iter().any(|schema| schema.get("properties").is_some()) => {
                for (name, value) in members {
                    let described = below(&format!("/properties/{name}"));
                    if described.is_empty() {
                        wrong.push(format!("{at}/{name} is not described"));
                    }
                    self.undescribed(value, &described, &format!("{at}/{name}"), wrong);
                }
            }
            _ => {}
        }
    }
}
