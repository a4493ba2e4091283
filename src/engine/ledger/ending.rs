//! What the end of a login proves about its credential. Pure.

use super::rules::Ending;
use crate::driver::{Answer, Credential, Spec};
use crate::model::class::Class;
use crate::model::codes::CheckedCredential;
use crate::model::failure::Failure;
use crate::model::phase::Phase;

/// What `verdict` proves about a credential whose progress is noted in `credential`.
pub(super) fn ending(spec: &Spec, verdict: &Result<(), Failure>, credential: &Credential) -> Ending {
    match credential.answer {
        answer if !credential.sent || answer == Some(Answer::Ignored) => return Ending::Untested,
        Some(Answer::Refused) => return Ending::Refused,
        Some(Answer::Accepted) => return Ending::Accepted,
        Some(Answer::NoDifference) => return Ending::NoDifference,
        Some(Answer::Ignored) | None => {}
    }
    let Err(failure) = verdict else { return Ending::Accepted };
    match failure.checked {
        // Where the protocol has an explicit acceptance, nothing else counts as one.
        CheckedCredential::After if !spec.proof.explicit => return Ending::Accepted,
        // Likewise, once the credential has left, a text that is known to come before the check does not count.
        CheckedCredential::Before if !spec.proof.explicit => return Ending::Untested,
        _ if failure.phase == Some(Phase::Query) => return Ending::Accepted,
        CheckedCredential::Instead => return Ending::Unclear,
        _ => {}
    }
    match failure.class {
        // The client gave up before the server had decided. The same class with a code is an answer of the server, and
        // is judged like any other.
        Class::Tls | Class::Policy | Class::Unsupported if failure.code.is_none() => Ending::Untested,
        Class::Resolve
        | Class::Unreachable
        | Class::Closed
        | Class::Timeout
        | Class::Busy
        | Class::Cancelled
        | Class::Internal
        | Class::Local => Ending::Unclear,
        Class::Protocol if failure.code.is_none() => Ending::Unclear,
        // The server refused the login, or sent an unknown answer.
        _ => Ending::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Registry;
    use crate::model::codes::Context;
    use crate::model::reason::ReasonCode;

    #[test]
    fn each_end_of_a_login_is_one_of_four() {
        use Ending::{Accepted, Refused, Unclear, Untested};
        let sent = || Credential { sent: true, ..Credential::default() };
        let answered = |answer| Credential { answer: Some(answer), ..sent() };
        let failed = |driver, class, code: &str| {
            let table = Registry::builtin().code_tables().find(|(name, _)| *name == driver);
            let known = table.and_then(|(_, table)| table.failure(code, Context::default()));
            let failure = known.unwrap_or_else(|| Failure::made_up(ReasonCode::ServerError, class, "x"));
            if code.is_empty() { failure } else { Failure { class, ..failure.code(code) } }
        };
        for (driver, class, code, expected) in [
            ("mysql", Class::Auth, "1045", Refused),
            ("mysql", Class::NotFound, "1049", Accepted),
            ("mysql", Class::NotFound, "1102", Accepted),
            ("mysql", Class::Denied, "1044", Accepted),
            ("mysql", Class::Busy, "1226", Accepted),
            ("mysql", Class::Tls, "3159", Untested),
            ("mysql", Class::Busy, "1040", Untested),
            ("mysql", Class::Busy, "3032", Unclear),
            ("mysql", Class::Server, "9999", Refused),
            ("mysql", Class::Timeout, "", Unclear),
            ("mysql", Class::Closed, "", Unclear),
            ("mysql", Class::Protocol, "", Unclear),
            ("mysql", Class::Unsupported, "", Untested),
            ("mysql", Class::Unsupported, "1251", Untested),
            // The entry of the code decides, not its class.
            ("mysql", Class::Tls, "9999", Refused),
            ("postgres", Class::Tls, "08P01", Refused),
            ("postgres", Class::Tls, "28000", Refused),
            ("postgres", Class::Policy, "28000", Refused),
            ("postgres", Class::Unsupported, "0A000", Refused),
            ("postgres", Class::Tls, "", Untested),
            ("mssql", Class::Tls, "17835", Untested),
            ("mssql", Class::Busy, "701", Unclear),
            ("mssql", Class::Server, "9002", Unclear),
            ("mssql", Class::Busy, "8645", Unclear),
            ("mongodb", Class::Unsupported, "334", Untested),
            ("postgres", Class::Auth, "28P01", Refused),
            ("postgres", Class::NotFound, "3D000", Refused),
            ("postgres", Class::Server, "XX000", Refused),
            ("postgres", Class::Denied, "42501", Refused),
            ("postgres", Class::Busy, "53300", Unclear),
            ("postgres", Class::Server, "53200", Unclear),
            ("postgres", Class::Server, "57014", Unclear),
            ("s3", Class::Server, "InternalError", Unclear),
            ("postgres", Class::Internal, "", Unclear),
            ("mssql", Class::NotFound, "4060", Accepted),
            ("mssql", Class::Denied, "17892", Accepted),
            ("mssql", Class::Denied, "40615", Untested),
            // Babelfish sends this one number for all errors that have no SQL Server number.
            ("mssql", Class::Auth, "33557097", Refused),
            ("mssql", Class::Server, "33557097", Refused),
            ("mssql", Class::Denied, "33557097", Refused),
            ("mssql", Class::Busy, "33557097", Unclear),
            ("mongodb", Class::Denied, "13", Accepted),
            // The S3 driver itself reports whether the keys were checked.
            ("s3", Class::NotFound, "NoSuchBucket", Refused),
            ("s3", Class::Auth, "SignatureDoesNotMatch", Refused),
        ] {
            let spec = Registry::builtin().drivers().find(|one| one.spec().name == driver).unwrap().spec();
            let failure = failed(driver, class, code);
            assert_eq!(ending(spec, &Err(failure.clone()), &sent()), expected, "{driver} {class:?} {code}");
            assert_eq!(ending(spec, &Err(failure.clone()), &Credential::default()), Untested, "not sent");
            assert_eq!(ending(spec, &Err(failure.clone()), &answered(Answer::Accepted)), Accepted);
            assert_eq!(ending(spec, &Err(failure.clone()), &answered(Answer::Refused)), Refused);
        }
        let spec = Registry::builtin().drivers().next().unwrap().spec();
        assert_eq!(ending(spec, &Ok(()), &sent()), Accepted);
        assert_eq!(ending(spec, &Ok(()), &Credential::default()), Untested);
        assert_eq!(ending(spec, &Ok(()), &answered(Answer::Ignored)), Untested);
        assert_eq!(ending(spec, &Ok(()), &answered(Answer::NoDifference)), Ending::NoDifference);
        let query = failed("", Class::Timeout, "").at(Phase::Query);
        assert_eq!(ending(spec, &Err(query), &sent()), Accepted);
    }
}
