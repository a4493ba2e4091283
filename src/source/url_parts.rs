//! What the fields that a failure points at are called in a URL, where a source, or the store, was given as one.

use crate::model::failure::Failure;
use crate::model::reason::Field;

/// `failure` with a hint that also says where in the URL its fields are.
pub(super) fn named(mut failure: Failure) -> Failure {
    let parts: Vec<String> = failure.fields.iter().filter_map(part).collect();
    if parts.is_empty() {
        return failure;
    }
    let place = format!("in the URL {}", parts.join(", and "));
    failure.hint = Some(match failure.hint.take() {
        Some(hint) => format!("{hint}; {place}"),
        None => place,
    });
    failure
}

/// `None` where a URL has the same name for it.
fn part(field: &Field) -> Option<String> {
    if *field == Field::LOGIN {
        return Some("`login` is the user".to_owned());
    }
    if *field == Field::SCHEMA {
        return Some("`schema` is the database, behind the `/`".to_owned());
    }
    let key = field.as_str().strip_prefix("extra.")?;
    Some(format!("extra `{key}` is the parameter `{key}`, behind the `?`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::class::Class;
    use crate::model::reason::ReasonCode;

    #[test]
    fn only_what_is_called_otherwise_is_said() {
        for (fields, parts) in [
            (vec![Field::HOST, Field::PORT], 0),
            (vec![Field::LOGIN, Field::PASSWORD], 1),
            (vec![Field::SCHEMA, Field::extra("sslmode")], 2),
        ] {
            let mut failure = Failure::made_up(ReasonCode::ServerError, Class::Server, "no");
            failure.fields = fields.into();
            let hint = named(failure).hint.unwrap_or_default();
            assert_eq!(hint.matches(" is the ").count(), parts, "{hint}");
        }
    }
}
