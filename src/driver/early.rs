//! Answers that come before a login has begun: a refusal that cannot be the answer to a credential, since none was
//! sent, and other bytes in place of the TLS handshake that the server has just agreed to. Nothing proves who sent
//! them. Must not depend on a protocol.

use crate::model::class::Class;
use crate::model::failure::Failure;
use crate::model::reason::{Field, Login, ReasonCode, Tls};

/// Replaces a `failure` that a server sent before the client had sent a login. If it refers to a user, a password or a
/// database, these are not the definition's, so only the server's code and text are kept.
#[must_use]
pub fn premature(failure: Failure) -> Failure {
    let of_login = [Field::LOGIN, Field::PASSWORD, Field::SCHEMA];
    let speaks_of_login = match failure.class {
        Class::Auth | Class::NotFound => true,
        Class::Denied => failure.fields.iter().any(|field| of_login.contains(field)),
        _ => false,
    };
    if !speaks_of_login {
        return failure;
    }
    let Failure { phase, code, known_code, detail, speaker, .. } = failure;
    Failure { phase, code, known_code, detail, speaker, ..Failure::of(Login::Premature) }
}

/// Replaces the `failure` of a handshake that the server has agreed to: a server that agreed to TLS does not lack it.
#[must_use]
pub fn after_offer(failure: Failure) -> Failure {
    match failure.reason {
        ReasonCode::TlsNotSpoken => {
            Failure { detail: failure.detail, speaker: failure.speaker, ..Failure::of(Tls::OfferBroken) }
        }
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reason::Dialogue;

    #[test]
    fn nobody_can_refuse_a_login_that_was_not_sent() {
        let refused = |class, fields: &[Field]| {
            let mut failure = Failure { class, ..Failure::of(Dialogue::ClosedDuringLogin) }.code("28P01").detail("no");
            failure.fields = fields.to_vec().into();
            failure
        };
        for (class, fields, changed) in [
            (Class::Auth, &[Field::LOGIN, Field::PASSWORD][..], true),
            (Class::NotFound, &[Field::SCHEMA], true),
            (Class::Denied, &[Field::SCHEMA], true),
            (Class::Denied, &[Field::HOST], false),
            (Class::Busy, &[], false),
            (Class::Tls, &[], false),
        ] {
            let said = refused(class, fields);
            let failure = premature(said.clone());
            assert_eq!(failure != said, changed, "{class:?}");
            if changed {
                assert_eq!((failure.class, failure.reason), (Class::Server, ReasonCode::ServerError));
                assert!(failure.fields.is_empty(), "{class:?}");
                assert_eq!((failure.code, failure.detail), (said.code, said.detail));
            }
        }
    }
}
