//! Redis: tests of the hints in results.

use super::speech::OWN;
use crate::second_look::{assert_hint, refusing};

#[test]
fn what_to_do_about_a_refusal() {
    let server = refusing(&OWN);
    let definition = OWN.definition("127.0.0.1", server.port, None);
    assert_hint("Redis refuses a login", definition, "auth", &["login", "password"]);
}
