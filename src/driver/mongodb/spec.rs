//! The spec of the MongoDB driver: its types, its extras, and what makes a login `ok`.

use super::codes::CODES;
use super::extras;
use super::sniff::PROTOCOL;
use super::synonyms::SYNONYMS;
use crate::driver::extras::{StandIn, over};
use crate::driver::{Proof, Spec};
use crate::model::expected::ExpectedKind;

pub(in crate::driver) static SPEC: Spec = Spec::new("mongodb", "MongoDB", TYPES, PROOF)
    .schema("the authentication database, unless extra `authSource` names another")
    .extras(extras::EXTRAS)
    .stand_ins(STAND_INS)
    .synonyms(SYNONYMS)
    .codes(&CODES)
    .protocol(&PROTOCOL)
    .expects(&[ExpectedKind::Collection])
    .extras_ignore_case();

const TYPES: &[(&str, u16)] = &[("mongo", 27017), ("mongodb", 27017), ("mongodb+srv", 27017)];

const PROOF: Proof = Proof::by_code(
    "the end of the SASL dialogue, in which the server proves that it knows the password too, and a command that is answered",
);

const STAND_INS: &[StandIn] = &[over("login", "username"), over("password", "password"), over("schema", "authSource")];
