//! The fields that a code's words name: a form marks them, beside the fields of the code's reason. What a hint names only
//! for a case that may not be this one is not at fault.

use crate::model::reason::Field;

/// One code of a driver, with the paths of the fields.
type Row = (&'static str, &'static str, &'static [&'static str]);

const TLS_OF_MYSQL: &[&str] = &["extra.ssl_mode"];
const ENCRYPTION: &[&str] = &["extra.encryption"];
const TOKEN: &[&str] = &["extra.aws_session_token"];
const ADDRESSING: &[&str] = &["extra.config_kwargs.s3.addressing_style"];
const REGION: &[&str] = &["extra.region_name"];

const ROWS: &[Row] = &[
    ("postgres", "28000/unencrypted", &["extra.sslmode"]),
    ("postgres", "28000/certificate", &["extra.sslcert", "extra.sslkey"]),
    ("mysql", "3159", TLS_OF_MYSQL),
    ("mysql", "1115", &["extra.charset"]),
    ("mssql", "40532", &["login"]),
    ("mssql", "978", &["extra.ApplicationIntent"]),
    ("mssql", "47072", ENCRYPTION),
    ("mssql", "17835", ENCRYPTION),
    ("mongodb", "334", &["extra.authMechanism"]),
    ("mongodb", "354", &["extra.loadBalanced"]),
    ("s3", "ExpiredToken", TOKEN),
    ("s3", "ExpiredTokenException", TOKEN),
    ("s3", "InvalidToken", TOKEN),
    ("s3", "InvalidTokenId", TOKEN),
    ("s3", "TokenRefreshRequired", TOKEN),
    ("s3", "SecondLevelDomainForbidden", ADDRESSING),
    ("s3", "VirtualHostDomainRequired", ADDRESSING),
    ("s3", "PathStyleDomainForbidden", ADDRESSING),
    ("s3", "InvalidBucketName", &["schema"]),
    ("s3", "OptInRequired", REGION),
    ("s3", "RegionDisabledException", REGION),
    ("s3", "ValidationError", &["extra.role_arn", "extra.assume_role_kwargs"]),
];

/// The fields that the words of `driver`'s row for `code` name, beside those of its reason.
pub(super) fn of(driver: &str, code: &str) -> impl Iterator<Item = Field> {
    let fields =
        ROWS.iter().find(|(of, row, _)| *of == driver && *row == code).map_or(&[][..], |(_, _, fields)| fields);
    fields.iter().map(|path| Field::named(path))
}

#[cfg(test)]
mod tests {
    use super::super::refinement::{From, Said, Text, refinements};
    use super::super::{Context, TABLES, failure, refusal};
    use crate::model::failure::Failure;
    use crate::model::reason::Field;

    /// Extras that a hint names only for a case that may not be this one: who reads it finds out first.
    const PERHAPS: &[(&str, &str, &str)] = &[
        ("postgres", "57014", "options"),
        ("mssql", "17892", "appname"),
        ("mongodb", "18", "authSource"),
        ("s3", "AccessDenied/Unproved", "aws_session_token"),
        ("postgres", "", "options"),
        ("postgres", "", "application_name"),
        ("postgres", "", "max_protocol_version"),
        ("mysql", "", "ssl_mode"),
    ];

    /// Extras in whose place a field of the form stands, which the engine changes into them.
    const STAND_INS: &[&str] = &["aws_access_key_id", "aws_secret_access_key", "bucket_name"];

    /// What follows `extra` in `text`.
    fn named(text: &str) -> impl Iterator<Item = &str> {
        text.split("extra `").skip(1).filter_map(|rest| rest.split('`').next())
    }

    fn held(driver: &str, code: &str, failure: &Failure) {
        let hint = failure.hint.as_deref().unwrap_or_default();
        for extra in named(&failure.message).chain(named(hint)) {
            let perhaps = PERHAPS.contains(&(driver, code, extra)) || STAND_INS.contains(&extra);
            let at_fault =
                |field: &Field| field.as_str().strip_prefix("extra.").is_some_and(|path| path.starts_with(extra));
            assert!(perhaps || failure.fields.iter().any(at_fault), "{driver} {code}: `{extra}` is named: {hint}");
        }
    }

    /// What PostgreSQL's settings come from its driver adds.
    #[test]
    fn an_extra_that_a_row_names_is_at_fault() {
        for (driver, rows) in TABLES {
            for row in *rows {
                let failure = failure(driver, row.code, Context::default()).unwrap();
                if (*driver, row.reason.as_str()) != ("postgres", "setting_refused") {
                    held(driver, row.code, &failure);
                }
            }
            for row in refinements(driver).filter(|row| row.entry.reason.as_str() != "setting_refused") {
                let From::Whom(_) = row.from else { continue };
                let text = match row.text {
                    Text::Starts(start) => start.to_owned(),
                    Text::Has(words) => words.join(" "),
                    Text::Empty | Text::Any => String::new(),
                };
                let said = Said { code: row.codes.first().copied().unwrap_or("1"), product: None, text: &text };
                held(driver, "", &refusal(driver, said, None, Context::default()).unwrap());
            }
        }
    }
}
