//! Refusals of a login by number and text.

use super::*;

/// Texts of Babelfish 4.3 and of Azure SQL, scripted.
#[tokio::test]
async fn a_number_that_stands_for_anything_means_what_its_text_says() {
    use ReasonCode::{
        AccountDisabled, AddressDenied, DatabaseNotFound, LoginRefused, PasswordMissing, ServerError, ServerNotFound,
        ShuttingDown, StartingUp, TooManyConnections, Unavailable,
    };
    for (number, text, class, reason) in [
        (
            33_557_097,
            "Cannot open database \"sales\" requested by the login. The login failed",
            Class::NotFound,
            DatabaseNotFound,
        ),
        (33_557_097, "could not find default database for user \"etl\"", Class::NotFound, DatabaseNotFound),
        (33_557_097, "role \"etl\" is not permitted to log in", Class::Auth, AccountDisabled),
        (33_557_097, "invalid TDS authentication request", Class::Auth, PasswordMissing),
        (33_557_097, "password authentication failed for user \"etl\"", Class::Auth, LoginRefused),
        (33_557_097, "no pg_hba.conf entry for host \"10.0.0.7\"", Class::Denied, AddressDenied),
        (33_557_097, "sorry, too many clients already", Class::Busy, TooManyConnections),
        (33_557_097, "the database system is starting up", Class::Busy, StartingUp),
        (33_557_097, "the database system is in recovery mode", Class::Busy, StartingUp),
        (33_557_097, "the database system is shutting down", Class::Busy, ShuttingDown),
        (33_557_097, "something else", Class::Server, ServerError),
        // Azure SQL behind its gateway: microsoft/microsoft-sql
        // plugins/microsoft-sql-vscode/skills/diagnose-connection-errors names the layer that sends each number;
        // learn.microsoft.com, "Troubleshoot connection issues", has the texts.
        (
            40531,
            "Server name cannot be determined. It must appear as the first segment of the server's dns name.",
            Class::Definition,
            ServerNotFound,
        ),
        (
            40532,
            "Cannot open server \"db9\" requested by the login. The login failed.",
            Class::Definition,
            ServerNotFound,
        ),
        (
            40615,
            "Cannot open server 'db1' requested by the login. Client with IP address '192.0.2.7' is not allowed to access the server.",
            Class::Denied,
            AddressDenied,
        ),
        // An error for administrators of firewall rules, which no login gets: learn.microsoft.com, "Connectivity
        // settings".
        (
            42101,
            "Unable to create or modify firewall rules when public network interface for the server is disabled.",
            Class::Server,
            ServerError,
        ),
        (
            47073,
            "The public network interface on this server is not accessible. To connect to this server, use the Private Endpoint from inside your virtual network.",
            Class::Denied,
            AddressDenied,
        ),
        (
            40613,
            "Database 'sales' on server 'db1' is not currently available. Please retry the connection later.",
            Class::Busy,
            Unavailable,
        ),
        // The texts are those in Microsoft's Transient Fault Handling block
        // (`SqlDatabaseTransientErrorDetectionStrategy`).
        (
            40540,
            "The service has encountered an error processing your request. Please try again.",
            Class::Busy,
            Unavailable,
        ),
        (18456, "Login failed for user 'sa'.", Class::Auth, LoginRefused),
        (
            911,
            "Database 'audit' does not exist. Make sure that the name is entered correctly.",
            Class::NotFound,
            DatabaseNotFound,
        ),
    ] {
        let script = vec![Read, prelogin(2), Read, refusal(number, text)];
        let (verdict, trace, _) = probe(json!({}), script).await;
        let failure = verdict.expect_err(text);
        assert_eq!((failure.class, failure.reason), (class, reason), "{text}: {failure:?}");
        assert_eq!(failure.code, Some(number.to_string()), "{text}");
        assert_eq!((failure.detail.as_deref(), failure.speaker), (Some(text), Speaker::Server));
        assert!(trace.credential_sent, "{text}");
    }
}

/// 911 names a database, which may be another than the definition's.
#[tokio::test]
async fn the_database_that_does_not_exist_is_named() {
    for (name, text) in [
        ("audit", "Database 'audit' does not exist. Make sure that the name is entered correctly."),
        ("sales", "Database 'SALES' does not exist. Make sure that the name is entered correctly."),
    ] {
        let script = vec![Read, prelogin(2), Read, refusal(911, text)];
        let (verdict, trace, _) = probe(json!({"database": "sales"}), script).await;
        let failure = verdict.expect_err(text);
        assert_eq!((failure.class, failure.reason), (Class::NotFound, ReasonCode::DatabaseNotFound), "{text}");
        assert!(failure.message.to_lowercase().contains(name), "{failure:?}");
        assert!(trace.heard.iter().any(|word| word.eq_ignore_ascii_case(name)), "{text}");
    }
}
