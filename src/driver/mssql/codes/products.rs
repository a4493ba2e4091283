//! The refusals of servers that only use SQL Server's protocol, under one number: Babelfish sends every error of
//! PostgreSQL for which SQL Server has no number as 33557097.
//!
//! The rows were written with Babelfish 4.3; the tests replay its texts.

use crate::model::class::Class;
use crate::model::codes::CheckedCredential::Before;
use crate::model::codes::refinement::Text::Has;
use crate::model::codes::refinement::{Refinement, says};
use crate::model::reason::ReasonCode as Reason;

const BABELFISH: &str = "Babelfish";

/// The number of all errors without one of their own.
const ANY: &[&str] = &["33557097"];

pub(super) const ROWS: &[Refinement] = &[
    says(BABELFISH, ANY, Has(&["Cannot open database", "requested by the login"]))
        .means(Class::NotFound, Reason::DatabaseNotFound, "database `{database}` does not exist, or user `{login}` may not open it")
        .hint(
            "check `schema`, or create a user for the login in the database",
            "Babelfish does not tell a database that does not exist from one that the login has no user in. Its log, which is PostgreSQL's, does.",
        ),
    says(BABELFISH, ANY, Has(&["could not find default database"]))
        .means(Class::NotFound, Reason::DatabaseNotFound, "the default database of user `{login}` does not exist")
        .hint(
            "name a database in `schema`, or set another default with ALTER LOGIN … WITH DEFAULT_DATABASE",
            "The definition names no database, and the one that the login would get by itself is gone.",
        ),
    says(BABELFISH, ANY, Has(&["is not permitted to log in"]))
        .means(Class::Auth, Reason::AccountDisabled, "the account of user `{login}` is disabled")
        .hint(
            "an administrator enables it with ALTER LOGIN … ENABLE",
            "The login exists in Babelfish and may not log in: ALTER LOGIN … DISABLE, or a PostgreSQL role with NOLOGIN.",
        ),
    says(BABELFISH, ANY, Has(&["invalid TDS authentication request"]))
        .means(Class::Auth, Reason::PasswordMissing, "login refused for user `{login}`: the definition has no password")
        .hint(
            "add the `password` to the definition, or check that it was not lost when the definition was exported",
            "Babelfish refuses a login packet without a password in these words. None was sent, because the definition has none.",
        ),
    says(BABELFISH, ANY, Has(&["password authentication failed"]))
        .means(Class::Auth, Reason::LoginRefused, "login refused for user `{login}`")
        .hint("check `login` and `password`", "PostgreSQL, on which Babelfish runs, compared the password and refused it."),
    says(BABELFISH, ANY, Has(&["no pg_hba.conf entry"]))
        .checked(Before)
        .means(Class::Denied, Reason::AddressDenied, "the server does not let user `{login}` in from this machine")
        .hint(
            "add a line for this address, user and database to `pg_hba.conf`, or open the managed server's firewall or security group; the detail names them",
            "PostgreSQL, on which Babelfish runs, has no rule in pg_hba.conf that fits this client, and refuses before it looks at a password.",
        ),
    says(BABELFISH, ANY, Has(&["too many clients already"]))
        .checked(Before)
        .means(Class::Busy, Reason::TooManyConnections, "the server has no connection left")
        .hint("find who holds the connections, or raise max_connections", "All of PostgreSQL's max_connections are in use, which Babelfish shares."),
    says(BABELFISH, ANY, Has(&["too many connections"]))
        .means(Class::Busy, Reason::TooManyConnections, "the server has no connection left for this user or database")
        .hint("find who holds the connections, or have the limit raised", "A limit on connections of the role or of the database in PostgreSQL is reached."),
    says(BABELFISH, ANY, Has(&["remaining connection slots are reserved"]))
        .checked(Before)
        .means(Class::Busy, Reason::TooManyConnections, "the server has no connection left but for administrators")
        .hint("find who holds the connections, or raise max_connections", "The last of PostgreSQL's max_connections are kept for administrators."),
    says(BABELFISH, ANY, Has(&["is starting up"]))
        .checked(Before)
        .means(Class::Busy, Reason::StartingUp, "the server is starting")
        .hint("try again in a moment", "PostgreSQL, on which Babelfish runs, takes no logins yet."),
    says(BABELFISH, ANY, Has(&["is shutting down"]))
        .checked(Before)
        .means(Class::Busy, Reason::ShuttingDown, "the server is shutting down")
        .hint("try again when it is back", "PostgreSQL, on which Babelfish runs, is stopping and takes no logins."),
    says(BABELFISH, ANY, Has(&["in recovery mode"]))
        .checked(Before)
        .means(Class::Busy, Reason::StartingUp, "the server recovers from a crash")
        .hint("try again in a moment; if it stays, look at the server's log", "PostgreSQL, on which Babelfish runs, repeats what was not yet written before it takes logins."),
    says(BABELFISH, ANY, Has(&["terminating connection due to administrator command"]))
        .means(Class::Busy, Reason::ShuttingDown, "the server ended the connection")
        .hint("try again when it is back", "An administrator ended the session, or the server is stopping."),
];
