//! Scripted poolers, proxies, clouds and other servers with PostgreSQL's protocol: each text is from the product's
//! source or manual, or from a public report. PgBouncer, Pgpool-II and HAProxy are real in `tests/live`.

use super::*;

/// When a peer refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// In place of a request for a password.
    AtOnce,
    /// After the password was sent.
    AfterPassword,
}
use When::{AfterPassword, AtOnce};

/// What a peer sends, when, and the expected class and reason.
type Case = (&'static str, When, &'static [&'static str], &'static str, &'static str);

/// The verdict on a peer that refuses with `fields`.
async fn refused(when: When, fields: &[&str]) -> (Failure, Trace) {
    let mut script = vec![say(refusal(fields))];
    if when == AfterPassword {
        script.insert(0, say(request(3, b"")));
    }
    let (port, _playing) = server(script).await;
    let (verdict, trace) = probe(&[port], json!({"sslmode": "disable", "options": "-c search_path=a"})).await;
    (verdict.unwrap_err(), trace)
}

async fn hold(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (source, when, fields, class, reason) in cases {
        let (failure, trace) = refused(*when, fields).await;
        let code = fields.iter().find_map(|field| field.strip_prefix('C'));
        let found = (failure.class.as_str(), failure.reason.as_str(), failure.code.as_deref());
        if found != (*class, *reason, code) || trace.credential_accepted {
            wrong.push(format!("{source}: {fields:?} gave {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), cases.len());
}

#[tokio::test]
async fn poolers() {
    hold(&[
        // The cases of public reports.
        ("PgBouncer 1.18, seen", AfterPassword, &["SFATAL", "C08P01", "MSASL authentication failed"], "auth", "login_refused"),
        ("PgBouncer 1.18, seen", AfterPassword, &["SFATAL", "C08P01", "Mpassword authentication failed"], "auth", "login_refused"),
        // What the server behind it sends about a user that PgBouncer's configuration sets.
        ("PgBouncer 1.18, seen", AfterPassword, &["SFATAL", "C08P01", "Mpassword authentication failed for user \"ghost\""], "server", "proxy_refused"),
        ("PgBouncer 1.18, seen", AfterPassword, &["SFATAL", "C08P01", "Mpermission denied for database \"restricted\""], "denied", "database_denied"),
        ("PgBouncer 1.18, seen", AfterPassword, &["SFATAL", "C08P01", "Mtoo many connections for role \"limited\""], "busy", "too_many_connections"),
        ("PgBouncer 1.18, seen", AtOnce, &["SFATAL", "C08P01", "Munsupported startup parameter: options"], "definition", "setting_refused"),
        ("PgBouncer 1.18, seen", AfterPassword, &["SFATAL", "C08P01", "Mquery_wait_timeout"], "busy", "backend_down"),
        ("PgBouncer 1.18, seen", AtOnce, &["SFATAL", "C08P01", "Mno more connections allowed (max_client_conn)"], "busy", "too_many_connections"),
        ("PgBouncer 1.18, seen", AtOnce, &["SFATAL", "C08P01", "MSSL required"], "tls", "tls_required"),
        ("PgBouncer 1.18, seen", AtOnce, &["SFATAL", "C08P01", "Mno such database: other"], "not_found", "database_not_found"),
        ("Pgpool-II 4.3, seen", AfterPassword, &["SERROR", "CXX000", "Mauthentication failed", "Dusername \"etl\" or password does not exist in backend"], "auth", "login_refused"),
        ("Pgpool-II 4.3, seen", AtOnce, &["SFATAL", "CXX000", "MSCRAM authentication failed", "Dpool_passwd file does not contain an entry for \"etl\""], "auth", "user_not_found"),
        ("Pgpool-II 4.3, seen", AtOnce, &["SFATAL", "CXX000", "Mclient authentication failed", "Dno pool_hba.conf entry for host \"127.0.0.1\", user \"etl\", database \"etl\", SSL off", "Hsee pgpool log for details"], "denied", "address_denied"),
        ("Pgpool-II 4.3, seen", AtOnce, &["SERROR", "CXX000", "Mall backend nodes are down, pgpool requires at least one valid node", "Hrepair the backend nodes and restart pgpool"], "busy", "backend_down"),
        ("Pgpool-II 4.3, seen", AfterPassword, &["SFATAL", "CXX000", "Mfailed to create a backend connection", "Dexecuting failover on backend"], "busy", "backend_down"),
        ("Supavisor lib/supavisor/client_handler/error.ex, 2024", AtOnce, &["SFATAL", "CXX000", "MMaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size"], "busy", "too_many_connections"),
        ("pgcat src/client.rs", AtOnce, &["SFATAL", "C58000", "MNo pool configured for database: \"app\", user: \"etl\""], "not_found", "database_not_found"),
        // Related texts: PgBouncer, src/client.c and src/objects.c of 2026.
        ("PgBouncer src/objects.c", AtOnce, &["SFATAL", "C08P01", "Mserver login has been failing, cached error: FATAL: password authentication failed for user \"etl\" (server_login_retry)"], "busy", "backend_down"),
        ("PgBouncer src/client.c", AtOnce, &["SFATAL", "C53300", "Mclient connections exceeded (max_user_client_connections)"], "busy", "too_many_connections"),
        ("PgBouncer src/client.c", AtOnce, &["SFATAL", "C08P01", "Munsupported startup parameter in options: search_path"], "definition", "setting_refused"),
        ("PgBouncer src/client.c", AtOnce, &["SFATAL", "C08P01", "Mlogin rejected"], "denied", "address_denied"),
        ("PgBouncer src/client.c", AtOnce, &["SFATAL", "C08P01", "Mdatabase \"app\" is disabled"], "busy", "under_maintenance"),
        ("PgBouncer src/client.c", AtOnce, &["SFATAL", "C08P01", "Mno such user"], "auth", "user_not_found"),
        ("PgBouncer src/client.c", AfterPassword, &["SFATAL", "C08P01", "MLDAP authentication failed"], "auth", "login_refused"),
        ("PgBouncer 1.18, seen", AfterPassword, &["SFATAL", "C08P01", "Mdatabase \"nodb\" does not exist"], "not_found", "database_not_found"),
        ("PgBouncer 1.18, seen", AfterPassword, &["SFATAL", "C08P01", "Mpermission denied for database \"restricted\""], "denied", "database_denied"),
        ("PgBouncer 1.18, seen", AfterPassword, &["SFATAL", "C08P01", "Mtoo many connections for role \"limited\""], "busy", "too_many_connections"),
        ("PgBouncer src/server.c", AfterPassword, &["SFATAL", "C08P01", "Mthe database system is starting up"], "busy", "starting_up"),
        ("PgBouncer src/server.c", AfterPassword, &["SFATAL", "C08P01", "Mno pg_hba.conf entry for host \"10.0.0.7\", user \"etl\", database \"app\", no encryption"], "denied", "address_denied"),
        ("PgBouncer src/server.c", AfterPassword, &["SFATAL", "C08P01", "Mrole \"etl\" is not permitted to log in"], "auth", "user_not_found"),
        // Odyssey, sources/auth.c and sources/frontend.c.
        ("Odyssey sources/auth.c", AfterPassword, &["SFATAL", "C28P01", "Modyssey: c0a1b2c3d4e5f: incorrect user"], "auth", "user_not_found"),
        ("Odyssey sources/frontend.c", AtOnce, &["SFATAL", "C3D000", "Modyssey: c0a1b2c3d4e5f: route for 'app.etl' is not found"], "not_found", "database_not_found"),
        ("Odyssey sources/frontend.c", AtOnce, &["SFATAL", "C53300", "Modyssey: c0a1b2c3d4e5f: too many client tcp connections (global client_max)"], "busy", "too_many_connections"),
        ("Odyssey sources/frontend.c", AtOnce, &["SFATAL", "C08P01", "Modyssey: c0a1b2c3d4e5f: SSL is required"], "tls", "tls_required"),
        ("Odyssey sources/hba.c", AtOnce, &["SFATAL", "C28P01", "Modyssey: c0a1b2c3d4e5f: host based authentication rejected"], "denied", "address_denied"),
        ("Odyssey sources/frontend.c", AfterPassword, &["SFATAL", "C08006", "Modyssey: c0a1b2c3d4e5f: failed to connect to remote server s0a1b2c3d4e5f"], "busy", "backend_down"),
        // Supavisor, lib/supavisor/errors of 2026.
        ("Supavisor tenant_or_user_not_found_error.ex", AtOnce, &["SFATAL", "CXX000", "M(ENOTFOUND) tenant/user etl.abc not found"], "auth", "user_not_found"),
        ("Supavisor client_handler/error.ex, 2024", AtOnce, &["SFATAL", "CXX000", "MTenant or user not found"], "auth", "user_not_found"),
        ("Supavisor address_not_allowed_error.ex", AtOnce, &["SFATAL", "CXX000", "M(EADDRNOTALLOWED) address not in tenant allow_list: {10, 0, 0, 7}"], "denied", "address_denied"),
        ("Supavisor circuit_breaker_error.ex", AtOnce, &["SFATAL", "CXX000", "M(ECIRCUITBREAKER) circuit breaker open for operation: auth_error, blocked until: 1790000000, too many authentication errors"], "denied", "address_blocked"),
        ("Supavisor session_max_clients_error.ex", AtOnce, &["SFATAL", "CXX000", "M(EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 15"], "busy", "too_many_connections"),
        ("Supavisor ssl_required_error.ex", AtOnce, &["SFATAL", "CXX000", "M(ESSLREQUIRED) SSL connection is required for user: etl"], "tls", "tls_required"),
        ("Supavisor auth_query_error.ex", AtOnce, &["SFATAL", "CXX000", "M(EAUTHQUERY) authentication query failed"], "server", "proxy_refused"),
        ("Supavisor db_handler_exited_error.ex", AfterPassword, &["SFATAL", "CXX000", "M(EDBHANDLEREXITED) connection to database closed. Check logs for more information"], "busy", "backend_down"),
        ("Supavisor pool_terminating_error.ex", AfterPassword, &["SFATAL", "CXX000", "M(EPOOLTERMINATING) pool terminating: pool is terminating"], "busy", "backend_down"),
        // Supavisor and MaxScale refuse a wrong password as PostgreSQL does, without a routine.
        ("Supavisor wrong_password_error.ex", AfterPassword, &["SFATAL", "VFATAL", "C28P01", "Mpassword authentication failed for user \"etl\""], "auth", "login_refused"),
        // pgcat, src/client.rs, src/messages.rs.
        ("pgcat src/messages.rs", AfterPassword, &["SFATAL", "VFATAL", "C28P01", "Mpassword authentication failed for user \"etl\""], "auth", "login_refused"),
        ("pgcat src/client.rs", AfterPassword, &["SFATAL", "C58000", "Mcould not get connection from the pool - AllServersDown"], "busy", "backend_down"),
    ])
    .await;
}

#[tokio::test]
async fn clouds() {
    const NEON: &str = "MEndpoint ID is not specified. Either please upgrade the postgres client library (libpq) for SNI support or pass the endpoint ID (first part of the domain name) as a parameter: '?options=endpoint%3D<endpoint-id>'.";
    const SINGLE: &str = "MInvalid Username specified. Please check the Username and retry connection. The Username should be in <username@hostname> format.";
    hold(&[
        ("neondatabase/neon proxy/src/auth/mod.rs", AtOnce, &["SERROR", "CXX000", NEON], "definition", "server_not_found"),
        ("neondatabase/neon proxy/src/proxy", AtOnce, &["SERROR", "CXX000", "Mconnection is insecure (try using `sslmode=require`)"], "tls", "tls_required"),
        ("Amazon RDS User Guide, RDS Proxy troubleshooting", AtOnce, &["SFATAL", "C28000", "MThis RDS Proxy requires TLS connections"], "tls", "tls_required"),
        ("Microsoft Learn, connection issues of single server", AtOnce, &["SFATAL", "C28000", SINGLE], "auth", "user_not_found"),
        // Related texts.
        ("neondatabase/neon proxy/src/auth/mod.rs", AtOnce, &["SERROR", "CXX000", "MThis IP address 10.0.0.7 is not allowed to connect to this endpoint. Please add it to the allowed list in the Neon console."], "denied", "address_denied"),
        ("neondatabase/neon, reports of 28000 and XX000", AtOnce, &["SERROR", "C28000", "MThe endpoint has been disabled. Enable it using the API and retry."], "busy", "under_maintenance"),
        ("neondatabase/neon, reports", AtOnce, &["SERROR", "CXX000", "MYour account or project has exceeded the compute time quota. Upgrade your plan to increase limits."], "denied", "service_not_enabled"),
        ("neondatabase/neon proxy/src/control_plane/errors.rs", AtOnce, &["SERROR", "CXX000", "MControl plane request failed"], "busy", "unavailable"),
        ("Amazon RDS User Guide, RDS Proxy troubleshooting", AtOnce, &["SFATAL", "C28P01", "MThis RDS proxy has no credentials for the role etl. Check the credentials for this role and try again."], "auth", "user_not_found"),
        ("Amazon RDS User Guide, RDS Proxy troubleshooting", AfterPassword, &["SFATAL", "C28P01", "MThe password that was provided for the role etl is wrong."], "auth", "login_refused"),
        ("Amazon RDS User Guide, RDS Proxy troubleshooting", AfterPassword, &["SFATAL", "C28P01", "MThe IAM authentication failed for the role etl. Check the IAM token for this role and try again."], "auth", "token_invalid"),
        ("Amazon RDS User Guide, RDS Proxy troubleshooting", AfterPassword, &["SFATAL", "C08P01", "MTimed-out waiting to acquire database connection"], "busy", "backend_down"),
        ("Amazon RDS User Guide, RDS Proxy troubleshooting", AtOnce, &["SFATAL", "C0A000", "MFeature not supported: RDS Proxy currently doesn't support the option search_path."], "definition", "setting_refused"),
        ("Amazon Redshift, dbt-labs/dbt-redshift and others", AfterPassword, &["SFATAL", "C28000", "MIAM Authentication token has expired"], "auth", "token_expired"),
        ("Amazon Aurora, knowledge center", AfterPassword, &["SFATAL", "C28000", "MPAM authentication failed for user \"etl\"", "Rauth_failed"], "auth", "password_not_taken"),
        ("Microsoft Learn, enforce SSL of single server", AtOnce, &["SFATAL", "C28000", "MSSL connection is required. Please specify SSL options and retry."], "tls", "tls_required"),
        ("Google Cloud SQL manual, IAM logins", AfterPassword, &["SFATAL", "C28000", "MCloud SQL IAM user authentication failed for user \"etl\"", "Rauth_failed"], "auth", "token_invalid"),
        ("cockroachdb/cockroach pkg/ccl/sqlproxyccl/proxy_handler.go", AtOnce, &["SFATAL", "C08004", "McodeParamsRoutingFailed: missing cluster identifier", "HEnsure that your cluster identifier is uniquely specified"], "definition", "server_not_found"),
        ("cockroachdb/cockroach pkg/ccl/sqlproxyccl/proxy_handler.go", AtOnce, &["SFATAL", "C08004", "McodeProxyRefusedConnection: connection attempt throttled", "HConnection throttling is triggered by repeated authentication failure."], "denied", "address_blocked"),
        ("cockroachdb/cockroach pkg/sql/pgwire", AtOnce, &["SERROR", "C08P01", "Mnode is running secure mode, SSL connection required"], "tls", "tls_required"),
    ])
    .await;
}

#[tokio::test]
async fn servers() {
    hold(&[
        ("HSQLDB 2.7, seen", AfterPassword, &["SFATAL", "C08006", "MLogin attempt rejected"], "auth", "login_refused"),
        (
            "QuestDB 8, seen",
            AfterPassword,
            &["SFATAL", "C00000", "Minvalid username/password"],
            "auth",
            "login_refused",
        ),
        (
            "Greenplum src/backend/postmaster",
            AtOnce,
            &["SFATAL", "C57P03", "Mthe database system is in reset/recovery mode"],
            "busy",
            "starting_up",
        ),
        (
            "Greenplum src/backend/tcop",
            AtOnce,
            &[
                "SFATAL",
                "CXX000",
                "Mconnections to primary segments are not allowed",
                "DThis database instance is running as a primary segment",
            ],
            "definition",
            "wrong_deployment",
        ),
        // PostgreSQL's own texts keep their own rows, even if other products use similar ones.
        (
            "PostgreSQL",
            AfterPassword,
            &["SFATAL", "C28P01", "Mpassword authentication failed for user \"etl\"", "Rauth_failed"],
            "auth",
            "login_refused",
        ),
        (
            "PostgreSQL",
            AtOnce,
            &["SFATAL", "C3D000", "Mdatabase \"SSL required\" does not exist", "RInitPostgres"],
            "not_found",
            "database_not_found",
        ),
        (
            "PostgreSQL",
            AtOnce,
            &["SFATAL", "C28000", "MLDAP authentication failed for user \"etl\"", "Rauth_failed"],
            "auth",
            "login_refused",
        ),
    ])
    .await;
}

#[tokio::test]
async fn detail_and_hint_of_the_server_are_shown() {
    let fields = ["SFATAL", "CXX000", "Mfailed", "Done node is gone.", "Hstart it"];
    let (failure, _) = refused(AtOnce, &fields).await;
    assert_eq!(failure.detail.as_deref(), Some("failed. DETAIL: one node is gone. HINT: start it"));
}
