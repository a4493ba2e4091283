//! `Absent`: a driver whose cargo feature is off. Its types, extras and codes are known, so that its definitions are
//! distinguished from those of types that connprobe does not support.

use super::{Driver, Plan, Refusal, Spec};
use crate::model::class::Class;
use crate::model::connection::Connection;
use crate::model::problem::PlanFlaw;

/// A driver that is not built in.
pub(super) struct Absent(pub(super) &'static Spec);

impl Driver for Absent {
    fn spec(&self) -> &'static Spec {
        self.0
    }

    fn is_built_in(&self) -> bool {
        false
    }

    fn shown_login(&self, login: &str) -> String {
        self.0.key_forms.map_or_else(|| login.to_owned(), |forms| (forms.shown)(login))
    }

    fn plan(&self, _connection: &Connection) -> Result<Plan, Refusal> {
        let problems = vec![PlanFlaw::NotBuiltIn { driver: self.0.name }.into()];
        Err(Refusal { class: Class::Unsupported, problems, warnings: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Proof;
    use crate::model::connection::Origin;
    use crate::model::reason::{Field, ReasonCode};

    #[test]
    fn a_driver_that_is_not_built_in_is_known_by_name() {
        static SPEC: Spec = Spec::new("gone", "Gone", &[("gone", 1)], Proof::explicit("never"));
        let driver = Absent(&SPEC);
        let origin = Origin { source: String::new(), line: None, pointer: String::new(), occurrence: 0 };
        let refusal = driver.plan(&Connection::new(origin)).unwrap_err();
        assert_eq!(refusal.class, Class::Unsupported);
        assert_eq!(refusal.problems[0].reason, ReasonCode::NotBuiltIn);
        assert_eq!(refusal.problems[0].fields, [Field::CONN_TYPE]);
        assert!(!driver.is_built_in());
        assert_eq!(driver.spec().name, "gone");
    }
}
