//! Refusals in other forms than PostgreSQL's usual one: before protocol 3.0, without the name of a routine, in answer
//! to the request for TLS, to the test query. All are scripted; each names its source.

use super::*;

/// What the server sends, and the expected class, reason and code.
type Case = (&'static str, Vec<u8>, &'static str, &'static str, Option<&'static str>);

fn told(failure: &Failure) -> (&str, &str, Option<&str>) {
    (failure.class.as_str(), failure.reason.as_str(), failure.code.as_deref())
}

#[tokio::test]
async fn an_error_from_before_protocol_3_is_the_server_s_refusal() {
    let cases: Vec<Case> = vec![
        // `report_fork_failure_to_client`, src/backend/postmaster/postmaster.c: "E%s%s\\n" and a NUL.
        (
            "PostgreSQL 16",
            b"Ecould not fork new process for connection: Cannot allocate memory\n\0".to_vec(),
            "busy",
            "server_short",
            None,
        ),
        (
            "PostgreSQL 16, cut",
            b"Ecould not fork new process for connection: Resource temp".to_vec(),
            "busy",
            "server_short",
            None,
        ),
        // What PostgreSQL before 14 sends before it knows the client's protocol (src/backend/utils/error/elog.c).
        (
            "PostgreSQL 9",
            b"EFATAL:  sorry, too many clients already\n\0".to_vec(),
            "busy",
            "too_many_connections",
            None,
        ),
        ("PostgreSQL 9", b"EFATAL:  the database system is starting up\n\0".to_vec(), "busy", "starting_up", None),
        ("PostgreSQL 7.3", b"EFATAL:  unsupported frontend protocol\n\0".to_vec(), "protocol", "not_understood", None),
        ("any", b"EFATAL:  something that nobody knows\n\0".to_vec(), "server", "server_error", None),
        ("no server of PostgreSQL's", b"ERR unknown command\r\n".to_vec(), "protocol", "not_understood", None),
    ];
    for (who, bytes, class, reason, code) in cases {
        for (sslmode, phase) in [("disable", "auth"), ("require", "tls")] {
            let (port, _) = server(vec![say(bytes.clone())]).await;
            let (verdict, trace) = probe(&[port], json!({"sslmode": sslmode})).await;
            let failure = verdict.unwrap_err();
            assert_eq!(told(&failure), (class, reason, code), "{who}, {sslmode}");
            assert!(!trace.credential_sent && trace.phase().is_some_and(|open| open.as_str() == phase), "{who}");
            assert!(class == "protocol" || failure.detail.is_some(), "{who}");
        }
    }
}

#[tokio::test]
async fn an_error_in_answer_to_the_request_for_tls_is_read() {
    // libpq 17.1 stops there ("server sent an error response during SSL exchange", fe-connect.c).
    for (fields, class, reason) in [
        (&["SFATAL", "C53300", "Msorry, too many clients already"][..], "busy", "too_many_connections"),
        (&["SFATAL", "C57P03", "Mthe database system is starting up"], "busy", "starting_up"),
        (&["SFATAL", "C08P01", "Mno more connections allowed (max_client_conn)"], "busy", "too_many_connections"),
        (&["SFATAL", "C99999", "Mwho knows"], "server", "server_error"),
    ] {
        let (port, _) = server(vec![say(refusal(fields))]).await;
        let (verdict, trace) = probe(&[port], json!({"sslmode": "verify-full"})).await;
        let failure = verdict.unwrap_err();
        let code = fields[1].strip_prefix('C');
        assert_eq!(told(&failure), (class, reason, code), "{fields:?}");
        assert!(!trace.credential_sent);
    }
}

#[tokio::test]
async fn a_refusal_without_the_name_of_its_routine_means_the_same() {
    const HBA: &str = "no pg_hba.conf entry for host \"10.0.0.7\", user \"etl\", database \"etl\", no encryption";
    const CERTIFICATE: &str = "connection requires a valid client certificate";
    // The texts are from PostgreSQL (src/backend/libpq/auth.c, src/backend/utils/init/miscinit.c).
    for (text, routine) in [
        (HBA, "ClientAuthentication"),
        (
            "pg_hba.conf rejects connection for host \"10.0.0.7\", user \"etl\", database \"etl\", SSL encryption",
            "ClientAuthentication",
        ),
        (CERTIFICATE, "ClientAuthentication"),
        ("role \"etl\" is not permitted to log in", "InitializeSessionUserId"),
        ("role \"etl\" does not exist", "InitializeSessionUserId"),
        ("Ident authentication failed for user \"etl\"", "auth_failed"),
        ("Peer authentication failed for user \"etl\"", "auth_failed"),
        ("certificate authentication failed for user \"etl\"", "auth_failed"),
        ("RADIUS authentication failed for user \"etl\"", "auth_failed"),
    ] {
        let (message, routine) = (format!("M{text}"), format!("R{routine}"));
        let whole = refusal(&["SFATAL", "C28000", &message, &routine]);
        let bare = refusal(&["SFATAL", "C28000", &message]);
        let mut found = Vec::new();
        for bytes in [whole, bare] {
            let (verdict, _) = probe_in_clear(vec![say(bytes)]).await;
            let failure = verdict.unwrap_err();
            found.push((failure.class, failure.reason, failure.fields.clone(), failure.message));
        }
        assert_eq!(found[0], found[1], "{text}");
        assert_ne!(found[0].1.as_str(), "login_refused", "{text}");
    }
    // Amazon Redshift and CockroachDB refuse a wrong password in this form, without a routine.
    let bytes = refusal(&["SFATAL", "C28000", "Mpassword authentication failed for user \"etl\""]);
    let (verdict, _) = probe_in_clear(vec![say(request(3, b"")), say(bytes)]).await;
    assert_eq!(told(&verdict.unwrap_err()), ("auth", "login_refused", Some("28000")));
}

#[tokio::test]
async fn a_right_that_lacks_after_the_login_is_not_that_to_the_database() {
    let no = || refusal(&["SERROR", "C42501", "Mpermission denied for function current_database"]);
    let query = [no(), message(b'Z', b"I")].concat();
    let (verdict, trace) = probe_in_clear(vec![say(request(3, b"")), say(welcome()), say(query)]).await;
    assert_eq!(told(&verdict.unwrap_err()), ("denied", "privilege_missing", Some("42501")));
    assert!(trace.credential_accepted);
    let (verdict, _) = probe_in_clear(vec![say(request(3, b"")), say(no())]).await;
    assert_eq!(told(&verdict.unwrap_err()), ("denied", "database_denied", Some("42501")));
}

#[tokio::test]
async fn a_setting_that_is_refused_is_named_by_its_own_extra() {
    // PgBouncer src/client.c; neondatabase/neon issue 6291; PostgreSQL src/backend/utils/misc/guc.c.
    for (code, text, extra, fields) in [
        (
            "C08P01",
            "unsupported startup parameter: application_name",
            json!({"application_name": "etl"}),
            &["extra.application_name"][..],
        ),
        ("C08P01", "unsupported startup parameter: application_name", json!({}), &[]),
        (
            "C08P01",
            "unsupported startup parameter in options: search_path",
            json!({"options": "-c search_path=a"}),
            &["extra.options"],
        ),
        (
            "C08P01",
            "unsupported startup parameter: options",
            json!({"options": "-c search_path=a"}),
            &["extra.options"],
        ),
        (
            "C42501",
            "permission denied to set parameter \"log_statement\"",
            json!({"options": "-c log_statement=all"}),
            &["extra.options"],
        ),
    ] {
        let (port, _) = server(vec![say(refusal(&["SFATAL", code, &format!("M{text}")]))]).await;
        let mut extra = extra;
        extra["sslmode"] = json!("disable");
        let failure = probe(&[port], extra).await.0.unwrap_err();
        assert_eq!(told(&failure), ("definition", "setting_refused", code.strip_prefix('C')), "{text}");
        let named: Vec<&str> = failure.fields.iter().map(crate::model::reason::Field::as_str).collect();
        assert_eq!(named, fields, "{text}");
    }
}

/// A setting that the definition does not have comes from a pooler, or from the settings of the role.
#[tokio::test]
async fn a_setting_that_the_definition_does_not_name_is_the_servers() {
    for (code, text) in [
        ("C42704", "unrecognized configuration parameter \"search_pat\""),
        ("C22023", "invalid value for parameter \"TimeZone\": \"nowhere\""),
        ("C55P02", "parameter \"max_connections\" cannot be changed without restarting the server"),
        ("C08P01", "unsupported startup parameter: client_encoding"),
    ] {
        let script = vec![say(refusal(&["SFATAL", code, &format!("M{text}")]))];
        let failure = probe_in_clear(script).await.0.unwrap_err();
        assert_eq!(told(&failure), ("server", "server_error", code.strip_prefix('C')), "{text}");
        assert_eq!((&*failure.fields, failure.detail.as_deref()), (&[][..], Some(text)), "{text}");
    }
}

/// The server's names in connprobe's messages are redacted like its text.
#[tokio::test]
async fn a_name_that_the_server_speaks_of_is_its_word() {
    for (code, text, named) in [
        ("C3D000", "database \"other\" does not exist", Some("other")),
        ("C28000", "role \"ghost\" does not exist", Some("ghost")),
        ("C28P01", "password authentication failed for user \"ghost\"", Some("ghost")),
        ("C3D000", "no such thing", None),
    ] {
        let script = vec![say(refusal(&["SFATAL", code, &format!("M{text}")]))];
        let mut failure = probe_in_clear(script).await.0.unwrap_err();
        let shown = |failure: &Failure, name: &str| failure.message.contains(&format!("`{name}`"));
        assert!(named.is_none_or(|name| shown(&failure, name)), "{}", failure.message);
        assert_eq!(failure.spoken.is_some(), named.is_some(), "{text}");
        failure.silence();
        assert!(named.is_none_or(|name| !shown(&failure, name)), "{}", failure.message);
    }
}
