//! A server's answer, as a document without repeated fields.

use std::collections::BTreeSet;

use mongodb::bson::oid::ObjectId;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, RawBsonRef, RawDocument};

/// An answer (or a command), or a document in one.
///
/// Documents with repeated fields are not accepted: some readers take the first of them and some the last.
#[derive(Clone, Copy)]
pub(super) struct Reply<'a>(&'a RawDocument);

impl<'a> Reply<'a> {
    /// The document in `bytes`; `None` for one with unreadable or repeated fields.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        Self::of(RawDocument::from_bytes(bytes).ok()?)
    }

    fn of(document: &'a RawDocument) -> Option<Self> {
        let mut names = BTreeSet::new();
        for field in document {
            let (name, _) = field.ok()?;
            if !names.insert(name.as_str()) {
                return None;
            }
        }
        Some(Self(document))
    }

    fn get(self, name: &str) -> Option<RawBsonRef<'a>> {
        self.0.get(name).ok().flatten()
    }

    /// The name of the first field, which in a command is the command's.
    pub(super) fn first(self) -> Option<&'a str> {
        self.0.into_iter().next()?.ok().map(|(name, _)| name.as_str())
    }

    /// Whether the field exists.
    pub(super) fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The field as a whole number, in any of the types that servers use.
    pub(super) fn number(self, name: &str) -> Option<i64> {
        match self.get(name)? {
            RawBsonRef::Int32(number) => Some(number.into()),
            RawBsonRef::Int64(number) => Some(number),
            #[expect(clippy::cast_possible_truncation, reason = "saturates, and is out of any range then")]
            RawBsonRef::Double(number) if number.fract() == 0.0 => Some(number as i64),
            _ => None,
        }
    }

    /// Whether the field is true, or any number but 0.
    pub(super) fn flag(self, name: &str) -> bool {
        self.get(name)
            .and_then(RawBsonRef::as_bool)
            .unwrap_or_else(|| self.number(name).is_some_and(|number| number != 0))
    }

    /// The field as text.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str()
    }

    /// The field as generic binary data.
    pub(super) fn bytes(self, name: &str) -> Option<&'a [u8]> {
        self.get(name)?.as_binary().filter(|binary| binary.subtype == BinarySubtype::Generic).map(|binary| binary.bytes)
    }

    /// The texts in an array field.
    pub(super) fn texts(self, name: &str) -> Vec<&'a str> {
        let array = self.get(name).and_then(RawBsonRef::as_array);
        array.into_iter().flatten().filter_map(|value| value.ok()?.as_str()).collect()
    }

    /// The documents in an array field, without those that have unreadable or repeated fields.
    pub(super) fn documents(self, name: &str) -> Vec<Self> {
        let array = self.get(name).and_then(RawBsonRef::as_array);
        array.into_iter().flatten().filter_map(|value| Self::of(value.ok()?.as_document()?)).collect()
    }

    /// The field as an object id.
    pub(super) fn object_id(self, name: &str) -> Option<ObjectId> {
        self.get(name)?.as_object_id()
    }

    /// The field as a value of any type.
    pub(super) fn value(self, name: &str) -> Option<Bson> {
        self.get(name)?.try_into().ok()
    }

    /// The field as a document; `None` also for one with unreadable or repeated fields.
    pub(super) fn document(self, name: &str) -> Option<Self> {
        Self::of(self.get(name)?.as_document()?)
    }
}

/// Generic binary data, as a value.
pub(super) fn binary(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}

#[cfg(test)]
mod tests {
    use mongodb::bson::doc;

    use super::*;

    #[test]
    fn fields_are_read_in_every_type_in_use() {
        let bytes = doc! {
            "double": 1.0, "int": 18, "long": 8000_i64, "half": 0.5, "yes": true, "text": "x",
            "payload": binary(&[1]), "list": ["a", 1, "b"],
            "other": Binary { subtype: BinarySubtype::Uuid, bytes: vec![1] },
            "inner": { "a": 1 },
        }
        .to_vec()
        .unwrap();
        let reply = Reply::read(&bytes).unwrap();
        assert_eq!(reply.first(), Some("double"));
        assert_eq!(
            [reply.number("double"), reply.number("int"), reply.number("long")],
            [Some(1), Some(18), Some(8000)]
        );
        assert_eq!([reply.number("half"), reply.number("text"), reply.number("none")], [None; 3]);
        assert!(reply.flag("yes") && reply.flag("double") && !reply.flag("text") && !reply.flag("none"));
        assert_eq!((reply.text("text"), reply.text("int")), (Some("x"), None));
        assert_eq!((reply.bytes("payload"), reply.bytes("other")), (Some(&[1][..]), None));
        assert_eq!((reply.texts("list"), reply.texts("text")), (vec!["a", "b"], vec![]));
        assert_eq!(reply.document("inner").unwrap().number("a"), Some(1));
    }

    #[test]
    fn a_repeated_field_spoils_the_document() {
        let mut bytes = doc! { "a": 1, "b": 2 }.to_vec().unwrap();
        assert!(Reply::read(&bytes).is_some());
        let second = bytes.iter().position(|byte| *byte == b'b').unwrap();
        bytes[second] = b'a';
        assert!(Reply::read(&bytes).is_none());
    }
}
